//! Ports of functions for single bytes.

use core::convert::Infallible;

use crate::{Receive, Transmit};

/// A port of three functions for single bytes: for HALs without traits, and for registers.
///
/// # Example
/// ```
/// use oncilla_hal::Bytes;
///
/// # struct Registers; impl Registers {
/// # fn has_byte(&self) -> bool { true } fn byte(&self) -> u8 { 7 } fn has_room(&self) -> bool { true }
/// # fn send(&self, _: u8) {} fn is_busy(&self) -> bool { false } }
/// # let uart = Registers; use oncilla_hal::Receive;
/// let mut port = Bytes {
///     take: || uart.has_byte().then(|| uart.byte()),
///     put: |byte| uart.has_room().then(|| uart.send(byte)).is_some(),
///     is_sent: || !uart.is_busy(),
/// };
/// assert_eq!(port.take(&mut [0; 3]), Ok(3));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Bytes<T, P, S> {
    /// Returns a byte that has arrived.
    pub take: T,
    /// Sends a byte; returns `false` if there is no room now.
    pub put: P,
    /// Returns whether the last bit has left.
    pub is_sent: S,
}

impl<T: FnMut() -> Option<u8>, P, S> Receive for Bytes<T, P, S> {
    type Error = Infallible;

    fn take(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        let mut count: usize = 0;
        // The place first: a byte that is taken must have one.
        for place in into {
            let Some(byte) = (self.take)() else { break };
            *place = byte;
            count = count.wrapping_add(1);
        }
        Ok(count)
    }
}

impl<T, P: FnMut(u8) -> bool, S: FnMut() -> bool> Transmit for Bytes<T, P, S> {
    type Error = Infallible;

    fn put(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let put = &mut self.put;
        Ok(bytes.iter().take_while(|byte| put(**byte)).count())
    }

    fn is_sent(&mut self) -> Result<bool, Infallible> {
        Ok((self.is_sent)())
    }
}
