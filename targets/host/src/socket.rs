//! A connected socket as a transport.

use std::io;
use std::marker::PhantomData;
use std::os::fd::AsRawFd;

use nix::sys::socket::{MsgFlags, recv, send};
use oncilla::framing::{Framing, RecordAhead};
use oncilla::{Beside, Received, Time, Transport};

use crate::datagram::{is_passing, take};
use crate::log::Log;
use crate::patience::Patience;
use crate::waiting::{Waiting, is_pause};

/// A connected socket, TCP, UDP or Unix, whose messages are framed by `F`: record marking unless said
/// otherwise. [`Serial`](oncilla::framing::Serial) speaks to firmware whose serial line QEMU offers as a
/// Unix socket, [`Datagram`](oncilla::framing::Datagram) is for UDP.
///
/// Made from any such socket of std by [`From`]. It blocks at most until the deadline that it is
/// given, to the precision of the system's timer (a few milliseconds). A message leaves in one system
/// call, and one that has come whole is received in one; time-outs cost none as long as calls have
/// about the same time.
///
/// With datagrams, the system's report that nobody receives at the peer's port (ICMP) ends no call: the server may be
/// restarting, so the call is sent again until its time-out. A datagram that the buffer cannot hold is
/// [`Received::Oversize`].
#[derive(Debug)]
pub struct Socket<F = RecordAhead> {
    socket: socket2::Socket,
    waiting: Waiting,
    /// The write time-out that is set.
    writing: Option<Patience>,
    /// It carries datagrams, not a stream.
    datagrams: bool,
    /// The system's report that nobody receives datagrams there is an error.
    heeds_refusals: bool,
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
            heeds_refusals: false,
            socket,
            waiting: Waiting::new(),
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

    /// Lets a call end when the system reports that nobody receives datagrams at the peer's port.
    pub(crate) const fn heed_refusals(&mut self) {
        self.heeds_refusals = true;
    }

    fn send_all(&mut self, frame: &[u8], deadline: Time) -> io::Result<usize> {
        // Mostly there is room for all of it at once, and no need to know the time.
        let mut sent = self.send_some(frame, MsgFlags::MSG_DONTWAIT)?;
        while sent < frame.len() {
            match self.send_patiently(&frame[sent..], deadline)? {
                0 if self.waiting.clock.patience(deadline) == Patience::None => break,
                length => sent += length,
            }
        }
        Ok(sent)
    }

    /// The same, where a datagram that finds nobody now is lost like one on its way: another may find somebody.
    fn send_datagram(&mut self, frame: &[u8], deadline: Time) -> io::Result<usize> {
        // The system reports here that an earlier datagram found nobody, and does not send this one.
        for _ in 0..2 {
            match self.send_all(frame, deadline) {
                Err(error) if is_passing(&error) => {}
                result => return result,
            }
        }
        Ok(frame.len())
    }

    /// Waits for the socket to take more, and hands over what it takes.
    fn send_patiently(&mut self, rest: &[u8], deadline: Time) -> io::Result<usize> {
        let patience = self.waiting.clock.patience(deadline);
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
        self.waiting.clock.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> io::Result<Received> {
        let Self { socket, waiting, datagrams, heeds_refusals, .. } = self;
        let received = waiting.receive(&*socket, deadline, |flags| {
            if *datagrams {
                return match take(socket, into, flags) {
                    Err(error) if is_passing(&error) && !*heeds_refusals => Ok(None),
                    taken => Ok(taken?.received(into.len())),
                };
            }
            Ok(Some(match recv(socket.as_raw_fd(), into, flags)? {
                0 => Received::End,
                length => Received::Bytes(length),
            }))
        })?;
        Ok(received.unwrap_or(Received::TimeUp))
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> io::Result<usize> {
        if self.datagrams {
            return self.send_datagram(frame, deadline);
        }
        self.send_all(frame, deadline)
    }

    fn beside(&mut self, what: Beside<'_>) {
        self.log.show(what);
    }
}
