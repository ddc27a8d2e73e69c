//! A serial line as a transport.

use core::convert::Infallible;
use core::marker::PhantomData;

use oncilla::framing::Framing;
use oncilla::{Received, Time, Transport};

use crate::serial::Serial;
use crate::time::{now, ticks_until};

/// A serial line with framing `F`, as a transport. Deadlines are exact to the tick.
///
/// When it receives or sends, the task sleeps in the kernel until bytes arrive, there is room, or the deadline
/// passes. Other tasks run meanwhile, also those of a lower priority.
#[derive(Debug)]
pub struct Line<F> {
    serial: Serial,
    framing: PhantomData<F>,
}

impl<F: Framing> Line<F> {
    /// Creates a transport on a line.
    #[must_use]
    pub const fn new(serial: Serial) -> Self {
        Self { serial, framing: PhantomData }
    }
}

impl<F: Framing> Transport for Line<F> {
    type Error = Infallible;
    type Framing = F;

    fn now(&mut self) -> Time {
        now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, Infallible> {
        loop {
            let ticks = ticks_until(deadline);
            match self.serial.receive(into, ticks) {
                0 if ticks == 0 => return Ok(Received::TimeUp),
                // Woken without bytes, or in the tick before the deadline.
                0 => {}
                length => return Ok(Received::Bytes(length)),
            }
        }
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, Infallible> {
        let mut rest = frame;
        while !rest.is_empty() {
            let ticks = ticks_until(deadline);
            let sent = self.serial.send(rest, ticks);
            rest = rest.get(sent..).unwrap_or_default();
            if sent == 0 && ticks == 0 {
                break;
            }
        }
        Ok(frame.len().saturating_sub(rest.len()))
    }
}
