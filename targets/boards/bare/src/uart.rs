//! A stream of bytes on the registers of a UART.

use core::convert::Infallible;

use embedded_io::{ErrorType, Read, ReadReady, Write};

/// A UART: the operations that differ between chips.
pub trait Uart {
    /// Returns whether a received byte waits.
    fn has_received(&mut self) -> bool;

    /// Returns the oldest received byte. Called only when one waits.
    fn received(&mut self) -> u8;

    /// Returns whether there is room for a byte to send.
    fn has_room(&mut self) -> bool;

    /// Sends a byte. Called only when there is room.
    fn send(&mut self, byte: u8);

    /// Returns whether the last byte is still being sent.
    fn is_busy(&mut self) -> bool {
        false
    }

    /// Sleeps until a byte may have arrived. It may return early, and must not sleep while one waits.
    fn sleep(&mut self);
}

/// A UART as a stream of bytes. It never fails.
///
/// Reading waits, asleep, for at least one byte, returns the bytes that wait, and never reports the end. Reading into
/// an empty buffer returns 0 at once. Writing waits for room for one byte and takes only that byte, so that a frame
/// can end at its deadline.
#[derive(Debug)]
pub struct Bytes<U>(pub U);

impl<U> ErrorType for Bytes<U> {
    type Error = Infallible;
}

impl<U: Uart> ReadReady for Bytes<U> {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(self.0.has_received())
    }
}

impl<U: Uart> Read for Bytes<U> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        if into.is_empty() {
            return Ok(0);
        }
        while !self.0.has_received() {
            self.0.sleep();
        }
        let mut count: usize = 0;
        for place in into {
            if !self.0.has_received() {
                break;
            }
            *place = self.0.received();
            count = count.wrapping_add(1);
        }
        Ok(count)
    }
}

impl<U: Uart> Write for Bytes<U> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let Some(&byte) = bytes.first() else { return Ok(0) };
        while !self.0.has_room() {}
        self.0.send(byte);
        Ok(1)
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        while self.0.is_busy() {}
        Ok(())
    }
}
