//! Errors of a link.

use core::fmt;

/// What went wrong on the way to or from the other end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkError<E> {
    /// The transport reported an error.
    Transport(E),
    /// The carrier took only a part of a message before the deadline, or takes no more.
    Unsent {
        /// Bytes it took.
        sent: usize,
        /// Bytes of the message and its framing.
        size: usize,
    },
    /// A message was sent in part earlier, and this framing cannot recover: make a new connection.
    OutOfStep,
    /// The transport failed while an earlier message was sent, and this framing cannot recover: make a new connection.
    Broken,
    /// A buffer is too small for anything.
    BufferTooSmall {
        /// Bytes it should have at least.
        needed: usize,
        /// Bytes it has.
        available: usize,
    },
}

impl<E: fmt::Display> fmt::Display for LinkError<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(error) => write!(formatter, "the transport failed: {error}"),
            Self::Unsent { sent, size } => {
                write!(formatter, "only {sent} of a message's {size} bytes could be sent in time")
            }
            Self::OutOfStep => formatter.write_str(
                "an earlier message was sent only in part, so nothing more can be sent; make a new connection",
            ),
            Self::Broken => formatter.write_str(
                "the transport failed while an earlier message was sent, so nothing more can be sent; make a new connection",
            ),
            Self::BufferTooSmall { needed, available } => {
                write!(
                    formatter,
                    "a buffer of {available} bytes is too small, it needs {needed}; the framing's `buffer` function gives the size"
                )
            }
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for LinkError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Transport(error) => Some(error),
            _ => None,
        }
    }
}
