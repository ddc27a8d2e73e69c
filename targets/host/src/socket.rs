//! A connected socket as a transport.

use std::io::{self, ErrorKind};
use std::marker::PhantomData;
use std::os::fd::AsRawFd;

use nix::sys::socket::{MsgFlags, recv, send};
use oncilla::framing::{Framing, RecordAhead};
use oncilla::{Beside, Received, Time, Transport};

use crate::log::Log;
use crate::patience::{Clock, Patience};

/// A connected socket, TCP, UDP or Unix, whose messages are framed by `F`: record marking unless said
/// otherwise. [`Serial`](oncilla::framing::Serial) speaks to firmware whose serial line QEMU offers as a
/// Unix socket, [`Datagram`](oncilla::framing::Datagram) is for UDP.
///
/// Made from any such socket of std by [`From`]. It blocks at most until the deadline that it is
/// given, to the precision of the system's timer (a few milliseconds). A message leaves in one system
/// call, and one that has come whole is received in one; time-outs cost none as long as calls have
/// about the same time.
#[derive(Debug)]
pub struct Socket<F = RecordAhead> {
    socket: socket2::Socket,
    clock: Clock,
    /// The time-outs that are set.
    reading: Option<Patience>,
    writing: Option<Patience>,
    /// Receiving nothing is a message of no bytes, not the end.
    datagrams: bool,
    log: Log,
    framing: PhantomData<F>,
}

impl<F: Framing, S: Into<socket2::Socket>> From<S> for Socket<F> {
    /// Takes over a connected socket and puts it in blocking mode.
    fn from(socket: S) -> Self {
        let socket = socket.into();
        // No system refuses this for a socket.
        let _ = socket.set_nonblocking(false);
        Self {
            datagrams: socket.r#type().is_ok_and(|kind| kind == socket2::Type::DGRAM),
            socket,
            clock: Clock::new(),
            reading: None,
            writing: None,
            log: Log::default(),
            framing: PhantomData,
        }
    }
}

impl<F> Socket<F> {
    /// The same socket, which shows `show` what comes beside messages, where it stands for a serial line that also
    /// carries logs ([`Beside`]). Without it that is dropped. It is called by whoever waits for a message on the
    /// link, while it waits, and keeps it waiting.
    #[must_use]
    pub fn with_log(self, show: impl FnMut(Beside<'_>) + Send + 'static) -> Self {
        Self { log: Log::to(show), ..self }
    }

    /// The socket itself, for its addresses and options. Its time-outs and mode are this transport's.
    pub const fn socket(&self) -> &socket2::Socket {
        &self.socket
    }

    /// Waits for the socket to take more, and hands over what it takes.
    fn send_patiently(&mut self, rest: &[u8], deadline: Time) -> io::Result<usize> {
        let patience = self.clock.patience(deadline);
        if patience == Patience::None {
            return Ok(0);
        }
        if let Some(timeout) = patience.change(&mut self.writing) {
            self.socket.set_write_timeout(timeout)?;
        }
        self.send_some(rest, MsgFlags::empty())
    }

    /// Hands over what the socket takes: nothing when it took too long or a signal came.
    fn send_some(&self, rest: &[u8], flags: MsgFlags) -> io::Result<usize> {
        match send(self.socket.as_raw_fd(), rest, flags | MsgFlags::MSG_NOSIGNAL).map_err(io::Error::from) {
            Err(error) if is_pause(&error) => Ok(0),
            result => result,
        }
    }
}

impl<F: Framing> Transport for Socket<F> {
    type Error = io::Error;
    type Framing = F;

    const BESIDE: bool = true;

    fn now(&mut self) -> Time {
        self.clock.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> io::Result<Received> {
        loop {
            let patience = self.clock.patience(deadline);
            if let Some(timeout) = patience.change(&mut self.reading) {
                self.socket.set_read_timeout(timeout)?;
            }
            let flags = if patience == Patience::None { MsgFlags::MSG_DONTWAIT } else { MsgFlags::empty() };
            match recv(self.socket.as_raw_fd(), into, flags).map_err(io::Error::from) {
                Ok(0) if !self.datagrams => return Ok(Received::End),
                Ok(0) => {}
                Ok(length) => return Ok(Received::Bytes(length)),
                Err(error) if is_pause(&error) => {}
                Err(error) => return Err(error),
            }
            if patience == Patience::None {
                return Ok(Received::TimeUp);
            }
        }
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> io::Result<usize> {
        // Mostly there is room for all of it at once, and no need to know the time.
        let mut sent = match self.send_some(frame, MsgFlags::MSG_DONTWAIT) {
            // The system tells now that nobody received an earlier datagram, and did not send this.
            Err(error) if self.datagrams && error.kind() == ErrorKind::ConnectionRefused => 0,
            result => result?,
        };
        while sent < frame.len() {
            match self.send_patiently(&frame[sent..], deadline)? {
                0 if self.clock.patience(deadline) == Patience::None => break,
                length => sent += length,
            }
        }
        Ok(sent)
    }

    fn beside(&mut self, what: Beside<'_>) {
        self.log.show(what);
    }
}

/// Whether a system call ended without doing anything, for lack of time or because of a signal.
pub(crate) fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
