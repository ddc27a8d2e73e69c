//! Streams with the traits of embedded-io 0.6.

use core::fmt::{self, Display, Formatter};

use embedded_io::{Error, ErrorKind, ErrorType, Read, ReadReady, Write, WriteReady};
use embedded_io_06::ErrorKind as Kind;

/// A stream with traits of embedded-io 0.6, as one with the same traits of embedded-io 0.7.
///
/// It changes nothing else: what the driver does wrong stays wrong. With `Read`, `ReadReady` and `Write`, it is what
/// [`oncilla::Stream`] takes.
#[derive(Clone, Copy, Debug)]
pub struct Io06<U>(
    /// The stream, or one half of it.
    pub U,
);

/// An error of embedded-io 0.6 as one of embedded-io 0.7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Error06<E>(
    /// The error of the driver.
    pub E,
);

impl<E: embedded_io_06::Error> Display for Error06<E> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "the port failed: {:?}; see the documentation of the HAL", self.0)
    }
}

impl<E: embedded_io_06::Error> core::error::Error for Error06<E> {}

impl<E: embedded_io_06::Error> Error for Error06<E> {
    fn kind(&self) -> ErrorKind {
        match self.0.kind() {
            Kind::NotFound => ErrorKind::NotFound,
            Kind::PermissionDenied => ErrorKind::PermissionDenied,
            Kind::ConnectionRefused => ErrorKind::ConnectionRefused,
            Kind::ConnectionReset => ErrorKind::ConnectionReset,
            Kind::ConnectionAborted => ErrorKind::ConnectionAborted,
            Kind::NotConnected => ErrorKind::NotConnected,
            Kind::AddrInUse => ErrorKind::AddrInUse,
            Kind::AddrNotAvailable => ErrorKind::AddrNotAvailable,
            Kind::BrokenPipe => ErrorKind::BrokenPipe,
            Kind::InvalidInput => ErrorKind::InvalidInput,
            Kind::InvalidData => ErrorKind::InvalidData,
            Kind::TimedOut => ErrorKind::TimedOut,
            Kind::Interrupted => ErrorKind::Interrupted,
            Kind::Unsupported => ErrorKind::Unsupported,
            Kind::OutOfMemory => ErrorKind::OutOfMemory,
            Kind::WriteZero => ErrorKind::WriteZero,
            _ => ErrorKind::Other,
        }
    }
}

impl<U: embedded_io_06::ErrorType> ErrorType for Io06<U> {
    type Error = Error06<U::Error>;
}

impl<U: embedded_io_06::Read> Read for Io06<U> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        self.0.read(into).map_err(Error06)
    }
}

impl<U: embedded_io_06::ReadReady> ReadReady for Io06<U> {
    fn read_ready(&mut self) -> Result<bool, Self::Error> {
        self.0.read_ready().map_err(Error06)
    }
}

impl<U: embedded_io_06::Write> Write for Io06<U> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        self.0.write(bytes).map_err(Error06)
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        self.0.flush().map_err(Error06)
    }
}

impl<U: embedded_io_06::WriteReady> WriteReady for Io06<U> {
    fn write_ready(&mut self) -> Result<bool, Self::Error> {
        self.0.write_ready().map_err(Error06)
    }
}
