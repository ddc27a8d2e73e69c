//! The error of a port with two directions.

use core::fmt::{self, Debug, Display, Formatter};

use embedded_io::ErrorKind;

/// The error of a port, by direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortError<R, T> {
    /// Receiving failed, such as by an overrun, a framing error or a parity error. A serial framing takes it as noise.
    Receive(R),
    /// Transmitting failed.
    Transmit(T),
}

impl<R: Debug, T: Debug> Display for PortError<R, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Receive(error) => write!(f, "receiving failed: {error:?}; see the documentation of the HAL"),
            Self::Transmit(error) => write!(f, "transmitting failed: {error:?}; see the documentation of the HAL"),
        }
    }
}

impl<R: Debug, T: Debug> core::error::Error for PortError<R, T> {}

impl<R: Debug, T: Debug> embedded_io::Error for PortError<R, T> {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}
