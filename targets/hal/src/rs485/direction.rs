//! The pin that switches the driver of the line on.

use core::fmt::Debug;

use embedded_hal::digital::OutputPin;

use crate::{Receive, Transmit};

/// A port on a half-duplex line, whose driver is on while the pin is high.
///
/// The pin goes high before the first byte and low after the last bit. Therefore the port's
/// [`is_sent`](Transmit::is_sent) must be right: test it by the module `conformance`. Nothing is received while the driver is
/// on. If a deadline passes while bytes are being sent, the driver stays on until they have left, and receiving turns it off.
///
/// For a pin that is active low, pass one that inverts it.
#[derive(Debug)]
pub struct HalfDuplex<P, D> {
    port: P,
    direction: D,
    driving: bool,
}

/// The error of a port on a half-duplex line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectionError<E, D> {
    /// The port failed.
    Port(E),
    /// The pin failed.
    Pin(D),
}

impl<P, D: OutputPin> HalfDuplex<P, D> {
    /// Creates a port from one and the pin. The pin is set when the port is first used: make it low before.
    pub const fn new(port: P, direction: D) -> Self {
        Self { port, direction, driving: false }
    }

    /// Returns the port and the pin.
    pub fn into_parts(self) -> (P, D) {
        (self.port, self.direction)
    }
}

impl<P: Transmit, D: OutputPin> HalfDuplex<P, D> {
    /// Turns the driver off if everything was sent. Returns whether it is off.
    fn release(&mut self) -> Result<bool, DirectionError<P::Error, D::Error>> {
        if self.driving && self.port.is_sent().map_err(DirectionError::Port)? {
            self.direction.set_low().map_err(DirectionError::Pin)?;
            self.driving = false;
        }
        Ok(!self.driving)
    }
}

impl<P, D, E: Debug> Receive for HalfDuplex<P, D>
where
    P: Receive<Error = E> + Transmit<Error: Debug>,
    D: OutputPin,
{
    type Error = DirectionError<crate::PortError<E, <P as Transmit>::Error>, D::Error>;

    fn take(&mut self, into: &mut [u8]) -> Result<usize, Self::Error> {
        let off = self.release().map_err(|error| match error {
            DirectionError::Port(error) => DirectionError::Port(crate::PortError::Transmit(error)),
            DirectionError::Pin(error) => DirectionError::Pin(error),
        })?;
        if !off {
            return Ok(0);
        }
        self.port.take(into).map_err(|error| DirectionError::Port(crate::PortError::Receive(error)))
    }
}

impl<P: Transmit, D: OutputPin> Transmit for HalfDuplex<P, D> {
    type Error = DirectionError<P::Error, D::Error>;

    fn put(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        if !self.driving {
            self.direction.set_high().map_err(DirectionError::Pin)?;
            self.driving = true;
        }
        self.port.put(bytes).map_err(DirectionError::Port)
    }

    fn is_sent(&mut self) -> Result<bool, Self::Error> {
        self.release()
    }
}
