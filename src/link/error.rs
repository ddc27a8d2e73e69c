//! Errors of a link.

use core::fmt;

/// Why a message could not be sent or received.
///
/// [`CallError`](crate::CallError) contains it on the side of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkError<E> {
    /// The transport reported this error.
    Transport(E),
    /// The carrier accepted only a part of a message.
    ///
    /// The deadline passed, or the carrier accepts no more. On a serial line or UDP later messages are not affected. On
    /// a connection, if `sent` is not 0, open a new one.
    Unsent {
        /// Bytes that were accepted.
        sent: usize,
        /// Bytes of the framed message.
        size: usize,
    },
    /// An earlier message was sent only in part. Open a new connection: this framing cannot recover.
    OutOfStep,
    /// The transport failed while it sent an earlier message. Open a new connection: this framing cannot recover.
    Broken,
    /// A frame that does not verify arrived on a connection of a link with keys. Open a new connection.
    ///
    /// The peer has another key, suite or side, or somebody has changed or repeated its bytes.
    Unverified,
    /// Nothing can be sealed, because there is no session with the peer, or its counter has ended.
    ///
    /// A session begins with the first call of the side that opens it.
    NoSession,
    /// A buffer is too small.
    ///
    /// The `buffer` function of the framing returns the size for the largest message. A [`Direct`](crate::Direct) has no
    /// framing: [`largest`](crate::largest) of `CALL_MAX` and `REPLY_MAX` is the size of its buffers.
    BufferTooSmall {
        /// Bytes of a message that the buffer must hold at least. Framing is extra.
        needed: usize,
        /// Bytes of a message that the buffer holds.
        available: usize,
    },
}

impl<E: fmt::Display> fmt::Display for LinkError<E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transport(error) => write!(formatter, "the transport failed: {error}"),
            Self::Unsent { sent, size } => {
                write!(formatter, "only {sent} of the {size} bytes of a message were sent before the deadline")
            }
            Self::OutOfStep => formatter
                .write_str("an earlier message was sent only in part, so no more can be sent; open a new connection"),
            Self::Broken => formatter.write_str(
                "the transport failed while it sent an earlier message, so no more can be sent; open a new connection",
            ),
            Self::Unverified => formatter.write_str(
                "a message does not verify under the key; check that both peers have the same key and suite and \
                 different sides; open a new connection",
            ),
            Self::NoSession => formatter.write_str(
                "nothing can be sealed without a session; the side that opens it makes one by its first call",
            ),
            Self::BufferTooSmall { needed, available } => {
                write!(
                    formatter,
                    "a buffer has room for {available} bytes of a message and needs {needed}; \
                     compute its size from CALL_MAX and REPLY_MAX of the interface"
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
