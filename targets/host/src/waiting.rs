//! Waiting on a socket until a deadline: one loop for all sockets.

use std::io::{self, ErrorKind};
use std::os::fd::AsFd;

use nix::sys::socket::MsgFlags;
use oncilla::Time;
use socket2::SockRef;

use crate::patience::{Clock, Patience};

/// A clock, and the read time-out that is set on a socket.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) clock: Clock,
    reading: Option<Patience>,
}

impl Waiting {
    pub(crate) fn new() -> Self {
        Self { clock: Clock::new(), reading: None }
    }

    /// Repeats `attempt`, a system call on `socket` with the flags it is given, until it returns something; `None` when
    /// it has not by the deadline. It is made once at least.
    ///
    /// The deadline is checked after every attempt, whatever came: an attempt that took something of no use, such as a
    /// stranger's datagram, returns `None`, and there may be any number of those.
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

/// Whether a system call ended without doing anything, for lack of time or because of a signal.
pub(crate) fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
