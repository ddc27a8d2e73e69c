//! Ports with the traits of embedded-io 0.7.

use embedded_io::{Read, ReadReady, Write, WriteReady};

use crate::{Receive, Transmit};

/// A stream with `ReadReady` and `WriteReady` of embedded-io 0.7 as a port.
///
/// A `read` that returns 0 means that nothing has arrived, and a `write` that returns 0 that there is no room. Some
/// drivers do so, and [`oncilla::Stream`] would take the first for the end of the stream. Use `Stream` for a carrier that
/// ends.
///
/// [`Transmit::is_sent`] calls `flush`, which blocks as long as the driver's does.
#[derive(Clone, Copy, Debug)]
pub struct Ready<U>(
    /// The stream, or one half of it.
    pub U,
);

impl<U: Read + ReadReady> Receive for Ready<U> {
    type Error = U::Error;

    fn take(&mut self, into: &mut [u8]) -> Result<usize, U::Error> {
        if self.0.read_ready()? { self.0.read(into) } else { Ok(0) }
    }
}

impl<U: Write + WriteReady> Transmit for Ready<U> {
    type Error = U::Error;

    fn put(&mut self, bytes: &[u8]) -> Result<usize, U::Error> {
        if self.0.write_ready()? { self.0.write(bytes) } else { Ok(0) }
    }

    fn is_sent(&mut self) -> Result<bool, U::Error> {
        self.0.flush()?;
        Ok(true)
    }
}

/// A stream with `ReadReady` of embedded-io 0.7 and a `Write` that cannot be asked, as a port.
///
/// It is [`Ready`] with one difference: `put` blocks as long as the driver's `write` does, so a
/// deadline is checked only between writes. A `write` that returns 0 means that there is no room.
#[derive(Clone, Copy, Debug)]
pub struct ReadsReady<U>(
    /// The stream.
    pub U,
);

impl<U: Read + ReadReady> Receive for ReadsReady<U> {
    type Error = U::Error;

    fn take(&mut self, into: &mut [u8]) -> Result<usize, U::Error> {
        if self.0.read_ready()? { self.0.read(into) } else { Ok(0) }
    }
}

impl<U: Write> Transmit for ReadsReady<U> {
    type Error = U::Error;

    fn put(&mut self, bytes: &[u8]) -> Result<usize, U::Error> {
        self.0.write(bytes)
    }

    fn is_sent(&mut self) -> Result<bool, U::Error> {
        self.0.flush()?;
        Ok(true)
    }
}
