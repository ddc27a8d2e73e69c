//! The transport over a port.

use core::marker::PhantomData;

use oncilla::{Clock, Received, Time, Transport, framing::Framing};

use crate::{PortError, Receive, Transmit};

/// A transport over a port and a clock, with framing `F`. It keeps deadlines in both directions.
///
/// [`oncilla::Stream`] keeps the deadline of receiving only: its `write` blocks as long as the UART's does, such as for
/// ever on USB while the host reads nothing. A `Line` asks the port and looks at the clock in between.
///
/// While it waits for a byte, it calls [`Clock::idle`]. While it waits for room, it polls, because a clock need not wake
/// when there is room.
///
/// # Example
/// ```
/// use oncilla::{Clock, Transport, framing::Cobs};
/// use oncilla_hal::{Line, Receive, Transmit};
///
/// fn transport<P: Receive + Transmit>(port: P, clock: impl Clock) -> impl Transport<Framing = Cobs> {
///     Line::new(port, clock)
/// }
/// ```
#[derive(Debug)]
pub struct Line<F, P, C> {
    port: P,
    clock: C,
    framing: PhantomData<F>,
}

impl<F: Framing, P, C> Line<F, P, C> {
    /// Creates a transport from a port and a clock.
    pub const fn new(port: P, clock: C) -> Self {
        Self { port, clock, framing: PhantomData }
    }

    /// Returns the port.
    pub const fn port(&mut self) -> &mut P {
        &mut self.port
    }

    /// Returns the port and the clock.
    pub fn into_parts(self) -> (P, C) {
        (self.port, self.clock)
    }
}

impl<F: Framing, P: Receive + Transmit, C: Clock> Transport for Line<F, P, C> {
    type Error = PortError<<P as Receive>::Error, <P as Transmit>::Error>;
    type Framing = F;

    fn now(&mut self) -> Time {
        self.clock.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, Self::Error> {
        loop {
            match self.port.take(into).map_err(PortError::Receive)? {
                0 => {}
                length => return Ok(Received::Bytes(length.min(into.len()))),
            }
            if self.clock.now() >= deadline {
                return Ok(Received::TimeUp);
            }
            self.clock.idle(deadline);
        }
    }

    /// Waits until the last bit has left, as a half-duplex line needs, or until the deadline.
    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, Self::Error> {
        let mut rest = frame;
        while !rest.is_empty() {
            let accepted = self.port.put(rest).map_err(PortError::Transmit)?;
            // A port that claims more than it was given has accepted all.
            rest = rest.get(accepted..).unwrap_or_default();
            if accepted == 0 && self.clock.now() >= deadline {
                return Ok(frame.len().saturating_sub(rest.len()));
            }
        }
        while !self.port.is_sent().map_err(PortError::Transmit)? {
            if self.clock.now() >= deadline {
                break;
            }
        }
        Ok(frame.len())
    }
}
