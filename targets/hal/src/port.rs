//! What a port is: bytes in both directions, without waiting.

use core::fmt::Debug;

/// Takes received bytes from a port and never waits for more.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the receiving side of a port",
    label = "this does not implement `oncilla_hal::Receive`",
    note = "wrap the UART: `Nb` for embedded-hal-nb 1, `Nb02` for embedded-hal 0.2, `Ready` for embedded-io 0.7, \
            `Ready(Io06(uart))` for embedded-io 0.6, `Bytes` for anything else"
)]
pub trait Receive {
    /// The error of the hardware, such as an overrun.
    type Error: Debug;

    /// Moves bytes that have arrived to the start of `into`, and returns their number: 0 if none has arrived.
    ///
    /// `into` is not empty. Bytes that do not fit stay for the next call.
    ///
    /// # Errors
    /// Returns the error of the hardware and clears it, so that the next call continues.
    fn take(&mut self, into: &mut [u8]) -> Result<usize, Self::Error>;
}

/// Gives bytes to a port to send and never waits for room.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the transmitting side of a port",
    label = "this does not implement `oncilla_hal::Transmit`",
    note = "wrap the UART: `Nb` for embedded-hal-nb 1, `Nb02` for embedded-hal 0.2, `Ready` or `ReadsReady` for \
            embedded-io 0.7, the same around `Io06(uart)` for embedded-io 0.6, `Bytes` for anything else"
)]
pub trait Transmit {
    /// The error of the hardware.
    type Error: Debug;

    /// Accepts bytes from the start of `bytes`, and returns their number: 0 if there is no room now.
    ///
    /// `bytes` is not empty.
    ///
    /// # Errors
    /// Returns the error of the hardware. Then it has accepted none of `bytes`.
    fn put(&mut self, bytes: &[u8]) -> Result<usize, Self::Error>;

    /// Returns whether the last bit of all accepted bytes has left.
    ///
    /// # Errors
    /// Returns the error of the hardware.
    fn is_sent(&mut self) -> Result<bool, Self::Error>;
}

#[diagnostic::do_not_recommend]
impl<P: Receive> Receive for &mut P {
    type Error = P::Error;

    fn take(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        P::take(self, into)
    }
}

#[diagnostic::do_not_recommend]
impl<P: Transmit> Transmit for &mut P {
    type Error = P::Error;

    fn put(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        P::put(self, bytes)
    }

    fn is_sent(&mut self) -> Result<bool, Self::Error> {
        P::is_sent(self)
    }
}
