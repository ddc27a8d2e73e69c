//! A port of two halves.

use crate::{Receive, Transmit};

/// A port whose directions are different values, such as the two halves of a UART that was split.
///
/// # Example
/// The receive interrupt fills a ring, and the HAL's transmitting half sends:
///
/// ```
/// use oncilla_hal::{Halves, Receive, Ring, Transmit};
///
/// static RECEIVED: Ring<64> = Ring::new();
///
/// fn port<T: Transmit>(transmitting: T) -> impl Receive + Transmit {
///     Halves(&RECEIVED, transmitting)
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Halves<R, T>(
    /// Receives.
    pub R,
    /// Transmits.
    pub T,
);

impl<R: Receive, T> Receive for Halves<R, T> {
    type Error = R::Error;

    fn take(&mut self, into: &mut [u8]) -> Result<usize, R::Error> {
        self.0.take(into)
    }
}

impl<R, T: Transmit> Transmit for Halves<R, T> {
    type Error = T::Error;

    fn put(&mut self, bytes: &[u8]) -> Result<usize, T::Error> {
        self.1.put(bytes)
    }

    fn is_sent(&mut self) -> Result<bool, T::Error> {
        self.1.is_sent()
    }
}
