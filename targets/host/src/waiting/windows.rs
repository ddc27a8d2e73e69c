//! Waits before the system call that receives or sends, which does not block.
//!
//! Winsock does not define the state of a socket after its own time-out, and bytes of a stream may be lost then.

use std::io::{self, Read, Write};
use std::os::windows::io::AsSocket;

use oncilla::Time;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::SockRef;

use super::is_pause;
use crate::patience::{Clock, Patience};

/// How a system call receives or sends. Winsock has no flag that matters here.
pub(crate) type Flags = ();

/// The system call returns at once, as all do on these sockets.
pub(crate) const NOW: Flags = ();

/// The longest wait in one system call, in seconds. The system counts milliseconds in 31 bits.
const SECONDS_MAX: i64 = 86_400;

/// A clock, for a socket that does not block.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) clock: Clock,
}

impl Waiting {
    /// Prepares a socket.
    pub(crate) fn on(socket: &impl AsSocket) -> Self {
        // The system refuses this for no socket.
        let _ = SockRef::from(socket).set_nonblocking(true);
        Self { clock: Clock::new() }
    }

    /// Repeats `attempt`, a system call on `socket`, until it returns `Some`. Returns `None` at the deadline.
    ///
    /// Calls `attempt` at least once. An attempt that received something to ignore, such as a datagram of another peer,
    /// returns `None`. The deadline is checked after every attempt, so any number of those cannot prolong the wait.
    pub(crate) fn receive<T>(
        &mut self,
        socket: &impl AsSocket,
        deadline: Time,
        mut attempt: impl FnMut(Flags) -> io::Result<Option<T>>,
    ) -> io::Result<Option<T>> {
        loop {
            match attempt(NOW) {
                Ok(None) => {}
                Err(error) if is_pause(&error) => {}
                result => return result,
            }
            if !self.wait(socket, PollFlags::IN, deadline)? {
                return Ok(None);
            }
        }
    }

    /// Sends all bytes of `frame` on a connected socket, at most until the deadline. Returns the number that was sent.
    pub(crate) fn send(&mut self, socket: &socket2::Socket, frame: &[u8], deadline: Time) -> io::Result<usize> {
        let mut sent = send(socket, frame, NOW)?;
        while sent < frame.len() && self.wait(socket, PollFlags::OUT, deadline)? {
            sent += send(socket, &frame[sent..], NOW)?;
        }
        Ok(sent)
    }

    /// Waits until a stream has room to send, or, with `reading`, also until bytes arrive. At most until the deadline.
    pub(crate) fn wait_for_room(&self, socket: &impl AsSocket, reading: bool, deadline: Time) -> io::Result<()> {
        let events = if reading { PollFlags::OUT | PollFlags::IN } else { PollFlags::OUT };
        self.wait(socket, events, deadline).map(|_| ())
    }

    /// Waits for `events` of a socket. Returns false at the deadline, and true before it, also without such an event.
    fn wait(&self, socket: &impl AsSocket, events: PollFlags, deadline: Time) -> io::Result<bool> {
        let limit = match self.clock.patience(deadline) {
            Patience::None => return Ok(false),
            Patience::Limited(limit) => i64::try_from(limit.as_secs())
                .ok()
                .filter(|&seconds| seconds < SECONDS_MAX)
                .map(|tv_sec| Timespec { tv_sec, tv_nsec: i64::from(limit.subsec_nanos()) as _ }),
            Patience::Endless => None,
        };
        let limit = limit.unwrap_or(Timespec { tv_sec: SECONDS_MAX, tv_nsec: 0 });
        poll(&mut [PollFd::new(socket, events)], Some(&limit))?;
        Ok(true)
    }
}

/// Receives bytes of a stream.
pub(crate) fn receive(mut socket: &socket2::Socket, into: &mut [u8], (): Flags) -> io::Result<usize> {
    socket.read(into)
}

/// Passes bytes to a connected socket. Returns the number it accepted: 0 if it has no room.
pub(crate) fn send(mut socket: &socket2::Socket, rest: &[u8], (): Flags) -> io::Result<usize> {
    match socket.write(rest) {
        Err(error) if is_pause(&error) => Ok(0),
        result => result,
    }
}
