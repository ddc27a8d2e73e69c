//! A port as a blocking stream.

use embedded_io::{ErrorType, Read, ReadReady, Write};

use crate::{PortError, Receive, Transmit};

/// A port as a stream of embedded-io 0.7, which polls until something can be done.
///
/// For servers without a clock: `Stream::<Cobs, _>::new(Blocking::new(port), Forever)`. With a clock, use
/// [`Line`](crate::Line), which keeps deadlines also while it sends.
///
/// - `read` waits for one byte at least. It returns 0 for an empty buffer only.
/// - `write` waits for room for one byte at least.
/// - `flush` waits until the last bit has left.
#[derive(Debug)]
pub struct Blocking<P> {
    port: P,
    /// A byte that `read_ready` has taken.
    taken: Option<u8>,
}

impl<P> Blocking<P> {
    /// Creates a stream of a port.
    pub const fn new(port: P) -> Self {
        Self { port, taken: None }
    }

    /// Returns the port.
    pub const fn port(&mut self) -> &mut P {
        &mut self.port
    }
}

impl<P: Receive + Transmit> ErrorType for Blocking<P> {
    type Error = PortError<<P as Receive>::Error, <P as Transmit>::Error>;
}

impl<P: Receive + Transmit> ReadReady for Blocking<P> {
    fn read_ready(&mut self) -> Result<bool, Self::Error> {
        if self.taken.is_none() {
            let mut byte = [0];
            if self.port.take(&mut byte).map_err(PortError::Receive)? > 0 {
                self.taken = Some(byte[0]);
            }
        }
        Ok(self.taken.is_some())
    }
}

impl<P: Receive + Transmit> Read for Blocking<P> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        let Some(first) = into.first_mut() else { return Ok(0) };
        if let Some(byte) = self.taken.take() {
            *first = byte;
            return Ok(1);
        }
        loop {
            match self.port.take(into).map_err(PortError::Receive)? {
                0 => {}
                length => return Ok(length.min(into.len())),
            }
        }
    }
}

impl<P: Receive + Transmit> Write for Blocking<P> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        while !bytes.is_empty() {
            match self.port.put(bytes).map_err(PortError::Transmit)? {
                0 => {}
                length => return Ok(length.min(bytes.len())),
            }
        }
        Ok(0)
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        while !self.port.is_sent().map_err(PortError::Transmit)? {}
        Ok(())
    }
}
