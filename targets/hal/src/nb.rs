//! Ports with the serial traits of embedded-hal-nb 1.

use embedded_hal_nb::{
    nb,
    serial::{ErrorType, Read, Write},
};

use crate::{Receive, Transmit};

/// A UART with the serial traits of embedded-hal-nb 1 as a port.
///
/// It needs no `ReadReady`: `read` of these traits reports itself that no byte has arrived. It takes all bytes that the
/// UART has, and one error at a time.
#[derive(Clone, Copy, Debug)]
pub struct Nb<U>(
    /// The UART, or one half of it.
    pub U,
);

impl<U: Read> Receive for Nb<U> {
    type Error = <U as ErrorType>::Error;

    fn take(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        let mut count: usize = 0;
        for place in into {
            match self.0.read() {
                Ok(byte) => *place = byte,
                Err(nb::Error::WouldBlock) => break,
                Err(nb::Error::Other(error)) if count == 0 => return Err(error),
                // The bytes before it are returned. Without the damaged byte the frame is dropped by its check value.
                Err(nb::Error::Other(_)) => break,
            }
            count = count.wrapping_add(1);
        }
        Ok(count)
    }
}

impl<U: Write> Transmit for Nb<U> {
    type Error = <U as ErrorType>::Error;

    fn put(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        let mut count: usize = 0;
        for &byte in bytes {
            match self.0.write(byte) {
                Ok(()) => count = count.wrapping_add(1),
                Err(nb::Error::Other(error)) if count == 0 => return Err(error),
                // An error that lasts is returned by the next call.
                Err(_) => break,
            }
        }
        Ok(count)
    }

    fn is_sent(&mut self) -> Result<bool, Self::Error> {
        match self.0.flush() {
            Ok(()) => Ok(true),
            Err(nb::Error::WouldBlock) => Ok(false),
            Err(nb::Error::Other(error)) => Err(error),
        }
    }
}
