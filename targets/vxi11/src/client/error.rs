//! The error of a client.

use std::fmt;
use std::io;
use std::string::String;
use std::vec::Vec;

use oncilla::CallError;
use oncilla::xdr::Fault;

use crate::ErrorCode;

/// Why an operation of a [`Client`](crate::Client) failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The instrument could not be connected to, or this machine has no socket for service requests.
    Connect(oncilla_host::Error),
    /// The port mapper of the host does not know VXI-11.
    NotMapped {
        /// The host.
        host: String,
    },
    /// The port mapper of the host did not answer.
    Mapper {
        /// The host.
        host: String,
        /// What failed.
        source: CallError<io::Error>,
    },
    /// A call failed: no reply, a lost connection, a refusal.
    Call {
        /// The procedure.
        operation: &'static str,
        /// What failed.
        source: CallError<io::Error>,
    },
    /// The instrument reports an error.
    Instrument {
        /// The procedure.
        operation: &'static str,
        /// The error.
        code: ErrorCode,
    },
    /// The instrument reports an error of a read.
    Read {
        /// The error.
        code: ErrorCode,
        /// What came before.
        received: Vec<u8>,
    },
    /// The response is larger than the client accepts.
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The response is not text in UTF-8.
    NotText(Vec<u8>),
}

impl Error {
    pub(super) fn call(operation: &'static str) -> impl FnOnce(CallError<io::Error>) -> Self {
        move |source| Self::Call { operation, source }
    }

    /// Returns the error that the instrument has reported, if it has.
    #[must_use]
    pub const fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Instrument { code, .. } | Self::Read { code, .. } => Some(*code),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(error) => error.fmt(formatter),
            Self::NotMapped { host } => {
                write!(
                    formatter,
                    "the port mapper of {host} has no VXI-11 instrument; set the port of its core channel"
                )
            }
            Self::Mapper { host, source } => write!(
                formatter,
                "the port mapper of {host} does not answer: {source}; ask it over TCP, or set the port of the core channel"
            ),
            Self::Call { operation, source: CallError::Results(error) } if error.fault == Fault::Padding => write!(
                formatter,
                "{operation} failed: the reply breaks RFC 4506 §3: {error}; an instrument that sends such padding cannot \
                 be used"
            ),
            Self::Call { operation, source } => write!(formatter, "{operation} failed: {source}"),
            Self::Instrument { operation, code } => write!(formatter, "{operation}: {code}"),
            Self::Read { code, received } => {
                write!(formatter, "device_read: {code}, after {} bytes", received.len())
            }
            Self::TooLarge { limit } => {
                write!(
                    formatter,
                    "the response is larger than {limit} bytes; raise `response_max`, then clear the device"
                )
            }
            Self::NotText(bytes) => {
                write!(formatter, "the response of {} bytes is not UTF-8; read it with `read`", bytes.len())
            }
        }
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Connect(error) => Some(error),
            Self::Mapper { source, .. } | Self::Call { source, .. } => Some(source),
            Self::Instrument { code, .. } | Self::Read { code, .. } => Some(code),
            _ => None,
        }
    }
}
