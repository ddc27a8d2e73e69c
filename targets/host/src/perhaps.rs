//! Errors of a carrier that failed after a call was sent.

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};

/// Whether a carrier has sent calls. Only a client knows that what it sends are calls.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Calls {
    /// The carrier may be a server's.
    #[default]
    Unknown,
    /// The carrier is a client's, and has sent nothing.
    Unsent,
    Sent,
}

impl Calls {
    /// Notes that a frame was sent whole.
    pub(crate) const fn sent(&mut self) {
        if matches!(self, Self::Unsent) {
            *self = Self::Sent;
        }
    }

    /// Returns the error of receiving, with what it means for the call.
    pub(crate) fn explain(self, error: io::Error) -> io::Error {
        match (self, error.kind()) {
            // The system reports that no program received what was sent.
            (_, ErrorKind::ConnectionRefused) | (Self::Unknown | Self::Unsent, _) => error,
            (Self::Sent, _) => perhaps_executed(error),
        }
    }
}

/// Returns an error of the same kind, whose text states that the call may have been executed.
pub(crate) fn perhaps_executed(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), PerhapsExecuted(error))
}

#[derive(Debug)]
struct PerhapsExecuted(io::Error);

impl fmt::Display for PerhapsExecuted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}; the call may have been executed", self.0)
    }
}

impl Error for PerhapsExecuted {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}
