//! Waits on a socket until a deadline: one loop for all sockets of a system.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::io::{self, ErrorKind};

#[cfg(unix)]
pub(crate) use unix::{Flags, NOW, Waiting, receive, send};
#[cfg(windows)]
pub(crate) use windows::{Flags, NOW, Waiting, receive, send};

/// Returns whether a system call ended without a result, by a time-out or a signal.
pub(crate) fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
