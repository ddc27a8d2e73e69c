//! Waits in the system call that receives or sends, by the socket's time-outs.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{MsgFlags, recv};
use oncilla::Time;
use socket2::SockRef;

use super::is_pause;
use crate::patience::{Clock, Patience};

/// How a system call receives or sends.
pub(crate) type Flags = MsgFlags;

/// The system call returns at once.
pub(crate) const NOW: Flags = MsgFlags::MSG_DONTWAIT;

/// Writing to a stream whose peer has closed it is an error and no signal. Apple's systems have an option of the socket
/// instead.
#[cfg(not(target_vendor = "apple"))]
const SENDING: Flags = MsgFlags::MSG_NOSIGNAL;
#[cfg(target_vendor = "apple")]
const SENDING: Flags = MsgFlags::empty();

/// A clock, and the time-outs of a socket.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) clock: Clock,
    reading: Option<Patience>,
    writing: Option<Patience>,
}

impl Waiting {
    /// Prepares a socket.
    pub(crate) fn on(socket: &impl AsFd) -> Self {
        let socket = SockRef::from(socket);
        // No system refuses these for a socket.
        let _ = socket.set_nonblocking(false);
        #[cfg(target_vendor = "apple")]
        let _ = socket.set_nosigpipe(true);
        Self { clock: Clock::new(), reading: None, writing: None }
    }

    /// Repeats `attempt`, a system call on `socket` with the given flags, until it returns `Some`. Returns `None` at
    /// the deadline.
    ///
    /// Calls `attempt` at least once. An attempt that received something to ignore, such as a datagram of another peer,
    /// returns `None`. The deadline is checked after every attempt, so any number of those cannot prolong the wait.
    pub(crate) fn receive<T>(
        &mut self,
        socket: &impl AsFd,
        deadline: Time,
        mut attempt: impl FnMut(Flags) -> io::Result<Option<T>>,
    ) -> io::Result<Option<T>> {
        loop {
            let patience = self.clock.patience(deadline);
            if let Some(timeout) = patience.change(&mut self.reading) {
                SockRef::from(socket).set_read_timeout(timeout)?;
            }
            match attempt(if patience == Patience::None { NOW } else { Flags::empty() }) {
                Ok(None) => {}
                Err(error) if is_pause(&error) => {}
                result => return result,
            }
            if patience == Patience::None {
                return Ok(None);
            }
        }
    }

    /// Sends all bytes of `frame` on a connected socket, at most until the deadline. Returns the number that was sent.
    pub(crate) fn send(&mut self, socket: &socket2::Socket, frame: &[u8], deadline: Time) -> io::Result<usize> {
        // Usually the socket has room for the whole frame. Then the time is not needed.
        let mut sent = send(socket, frame, NOW)?;
        while sent < frame.len() {
            match self.send_patiently(socket, &frame[sent..], deadline)? {
                0 if self.clock.patience(deadline) == Patience::None => break,
                length => sent += length,
            }
        }
        Ok(sent)
    }

    /// Waits until a stream has room to send, or, with `reading`, also until bytes arrive. At most until the deadline.
    pub(crate) fn wait_for_room(&self, socket: &impl AsFd, reading: bool, deadline: Time) -> io::Result<()> {
        let events = if reading { PollFlags::POLLOUT | PollFlags::POLLIN } else { PollFlags::POLLOUT };
        // Whole milliseconds, and never none of them, since that would not wait.
        let left = deadline.since(self.clock.now()).saturating_add(Duration::from_millis(1));
        let limit = if deadline == Time::NEVER { None } else { PollTimeout::try_from(left).ok() };
        match poll(&mut [PollFd::new(socket.as_fd(), events)], limit.unwrap_or(PollTimeout::MAX)) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits until the socket accepts more bytes. Returns the number it accepted.
    fn send_patiently(&mut self, socket: &socket2::Socket, rest: &[u8], deadline: Time) -> io::Result<usize> {
        let patience = self.clock.patience(deadline);
        if patience == Patience::None {
            return Ok(0);
        }
        if let Some(timeout) = patience.change(&mut self.writing) {
            socket.set_write_timeout(timeout)?;
        }
        send(socket, rest, Flags::empty())
    }
}

/// Receives bytes of a stream.
pub(crate) fn receive(socket: &socket2::Socket, into: &mut [u8], flags: Flags) -> io::Result<usize> {
    Ok(recv(socket.as_raw_fd(), into, flags)?)
}

/// Passes bytes to a connected socket. Returns the number it accepted: 0 after the time-out or on a signal.
pub(crate) fn send(socket: &socket2::Socket, rest: &[u8], flags: Flags) -> io::Result<usize> {
    match nix::sys::socket::send(socket.as_raw_fd(), rest, flags | SENDING).map_err(io::Error::from) {
        Err(error) if is_pause(&error) => Ok(0),
        result => result,
    }
}
