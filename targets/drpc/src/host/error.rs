//! The errors of servers and clients on sockets.

use std::io;
use std::path::PathBuf;
use std::time::Duration;
use std::{error, fmt};

use oncilla::xdr::{DecodeError, Fault};
use oncilla::{CallError, LinkError};

use crate::{ChunkFault, Malformed};

/// The error of a [`Server`](crate::Server), or of a call by a [`Client`](crate::Client).
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The server cannot listen at this path.
    ///
    /// A server already listens there, a file that is not a socket has this path, the path is too long for a socket, or
    /// the file cannot be created.
    Listen {
        /// The path of the socket.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// No connection to this path can be made.
    Connect {
        /// The path of the socket.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The system failed while it carried or awaited packets. Connect again.
    Io(io::Error),
    /// No response came within the time-out. The call may have been executed.
    TimedOut {
        /// The time-out.
        after: Duration,
    },
    /// The peer closed the connection before it answered. The call may have been executed. Connect again.
    Closed,
    /// The call is larger than the limit, and was not sent.
    TooLarge {
        /// Bytes of the message.
        size: usize,
        /// Bytes that are allowed.
        limit: usize,
    },
    /// The response is larger than the limit. The call was executed. Connect again.
    ResponseTooLarge {
        /// Bytes of the message, or more if it is one packet.
        size: u64,
        /// Bytes that are allowed.
        limit: usize,
    },
    /// The packets of the response do not follow each other. The call may have been executed. Connect again.
    Chunk(ChunkFault),
    /// The response is not one. The call may have been executed. Connect again.
    Malformed,
    /// The response has the number of no call that waits for one. Connect again.
    Sequence {
        /// The number of the call.
        expected: i64,
        /// The number of the response.
        received: i64,
    },
    /// An earlier call left the connection out of step. Connect again.
    Broken,
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen { path, source } => write!(formatter, "cannot listen on {}: {source}", path.display()),
            Self::Connect { path, source } => write!(formatter, "cannot connect to {}: {source}", path.display()),
            Self::Io(error) => write!(formatter, "the socket failed: {error}; connect again"),
            Self::TimedOut { after } => {
                write!(formatter, "no response within {after:?}; the call may have been executed")
            }
            Self::Closed => formatter.write_str(
                "the peer closed the connection before it answered; the call may have been executed; connect again",
            ),
            Self::TooLarge { size, limit } => write!(
                formatter,
                "the call of {size} bytes was not sent: at most {limit} are allowed; send less, or raise the limit"
            ),
            Self::ResponseTooLarge { size, limit } => write!(
                formatter,
                "the response of {size} bytes is over the limit of {limit}; raise it, and connect again"
            ),
            Self::Chunk(fault) => write!(formatter, "the response is incomplete: {fault}"),
            Self::Malformed => write!(formatter, "the response cannot be read: {Malformed}"),
            Self::Sequence { expected, received } => {
                write!(formatter, "the response is for call {received} and not for call {expected}; connect again")
            }
            Self::Broken => formatter.write_str("an earlier call left the connection out of step; connect again"),
        }
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Listen { source, .. } | Self::Connect { source, .. } | Self::Io(source) => Some(source),
            Self::Chunk(fault) => Some(fault),
            _ => None,
        }
    }
}

/// How a [`Caller`](oncilla::Caller) reports the error.
impl From<Error> for CallError<io::Error> {
    fn from(error: Error) -> Self {
        let malformed = |fault| Self::Reply(DecodeError { fault, offset: 0, value: None });
        match error {
            Error::Listen { source, .. } | Error::Connect { source, .. } | Error::Io(source) => {
                Self::Link(LinkError::Transport(source))
            }
            Error::TimedOut { after } => Self::TimedOut { after, unframed: 0 },
            Error::Closed => Self::Closed,
            Error::TooLarge { size, limit } => Self::CallTooLarge { size, limit },
            Error::ResponseTooLarge { size, .. } => Self::ReplyTooLarge { size: size.try_into().unwrap_or(u32::MAX) },
            Error::Chunk(_) | Error::Malformed => malformed(Fault::End),
            Error::Sequence { .. } => malformed(Fault::Variant),
            Error::Broken => Self::Link(LinkError::Broken),
        }
    }
}
