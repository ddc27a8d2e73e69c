//! Waits on a socket until a deadline: one loop for all sockets.

use std::io::{self, ErrorKind};
use std::os::fd::AsFd;

use nix::sys::socket::MsgFlags;
use oncilla::Time;
use socket2::SockRef;

use crate::patience::{Clock, Patience};

/// A clock, and the read time-out of a socket.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) clock: Clock,
    reading: Option<Patience>,
}

impl Waiting {
    pub(crate) fn new() -> Self {
        Self { clock: Clock::new(), reading: None }
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
        mut attempt: impl FnMut(MsgFlags) -> io::Result<Option<T>>,
    ) -> io::Result<Option<T>> {
        loop {
            let patience = self.clock.patience(deadline);
            if let Some(timeout) = patience.change(&mut self.reading) {
                SockRef::from(socket).set_read_timeout(timeout)?;
            }
            let flags = if patience == Patience::None { MsgFlags::MSG_DONTWAIT } else { MsgFlags::empty() };
            match attempt(flags) {
                Ok(None) => {}
                Err(error) if is_pause(&error) => {}
                result => return result,
            }
            if patience == Patience::None {
                return Ok(None);
            }
        }
    }
}

/// Returns whether a system call ended without a result, by a time-out or a signal.
pub(crate) fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
