//! The peripheral's end.

use core::fmt::Debug;

use oncilla::{Clock, Received, Time, Transport, framing::Datagram};

use super::frame::{CHECK, Does, HEADER, Header};

/// The SPI unit of a peripheral, with its ready line.
///
/// An exchange begins when the controller selects the peripheral and ends when it deselects it. The unit needs memory for
/// the largest exchange in each direction, [`exchange_max`] bytes, usually for DMA. The end of an exchange is an interrupt of
/// the select pin; the number of bytes comes from the DMA unit.
pub trait Unit {
    /// The error of the hardware.
    type Error: Debug;

    /// Makes the unit ready for one exchange, and sets the ready line high.
    ///
    /// The unit sends `header`, `message` and `check`, one after another, and then anything. It receives as many bytes as
    /// are exchanged; more than its memory holds are lost. It is not ready when this is called.
    ///
    /// # Errors
    /// Returns the error of the hardware.
    fn arm(&mut self, header: [u8; 8], message: &[u8], check: [u8; 4]) -> Result<(), Self::Error>;

    /// Returns the number of bytes of the exchange, if it has ended. Then the ready line is low.
    ///
    /// Lower the line in the interrupt of the select pin, so that the controller sees it soon.
    ///
    /// # Errors
    /// Returns the error of the hardware, which ends the exchange.
    fn ended(&mut self) -> Result<Option<usize>, Self::Error>;

    /// Copies received bytes from `offset` on to `into`. The exchange has ended and has these bytes.
    fn copy(&mut self, offset: usize, into: &mut [u8]);

    /// Sets the ready line low, and ends being ready. Returns `false` if an exchange has begun: then it goes on.
    ///
    /// # Errors
    /// Returns the error of the hardware.
    fn withdraw(&mut self) -> Result<bool, Self::Error>;
}

/// Returns the bytes of the largest exchange, with messages of at most `message` bytes.
#[must_use]
pub const fn exchange_max(message: usize) -> usize {
    message.saturating_add(HEADER).saturating_add(CHECK)
}

/// The transport of the peripheral, which answers on the bus.
///
/// It holds one message while nobody receives: the peripheral stays ready after a deadline. While a procedure runs it is not
/// ready, and the controller waits.
#[derive(Debug)]
pub struct Peripheral<U, C> {
    unit: U,
    clock: C,
    armed: bool,
}

impl<U, C> Peripheral<U, C> {
    /// Creates a transport from a unit and a clock. The ready line is low until something is received or sent.
    pub const fn new(unit: U, clock: C) -> Self {
        Self { unit, clock, armed: false }
    }

    /// Returns the unit and the clock.
    pub fn into_parts(self) -> (U, C) {
        (self.unit, self.clock)
    }
}

impl<U: Unit, C: Clock> Peripheral<U, C> {
    /// Waits for the end of the exchange. Returns its bytes, or `None` if the deadline has passed.
    fn await_end(&mut self, deadline: Time) -> Result<Option<usize>, U::Error> {
        loop {
            // After an error the unit is armed again.
            match self.unit.ended().inspect_err(|_| self.armed = false)? {
                Some(count) => {
                    self.armed = false;
                    return Ok(Some(count));
                }
                None if self.clock.now() >= deadline => return Ok(None),
                None => self.clock.idle(deadline),
            }
        }
    }

    /// Returns the header of the controller, if the exchange has one.
    fn header(&mut self, count: usize) -> Option<Header> {
        if count < HEADER {
            return None;
        }
        let mut bytes = [0; HEADER];
        self.unit.copy(0, &mut bytes);
        Header::parse(bytes)
    }

    /// Copies the message of the controller, if the exchange has one.
    fn message(&mut self, count: usize, into: &mut [u8]) -> Option<Received> {
        let header = self.header(count)?;
        let length = usize::from(header.announced()?);
        if count < exchange_max(length) {
            return None;
        }
        let Some(message) = into.get_mut(..length) else {
            self.unit.copy(HEADER, into);
            return Some(Received::Oversize(length));
        };
        let mut check = [0; CHECK];
        self.unit.copy(HEADER, message);
        self.unit.copy(HEADER.saturating_add(length), &mut check);
        (header.check(message) == check).then_some(Received::Bytes(length))
    }

    /// Ends being ready for nothing but receiving. Returns whether it has ended.
    ///
    /// A message that comes at this moment is dropped, as two that are sent at once on a half-duplex line.
    fn disarm(&mut self, deadline: Time) -> Result<bool, U::Error> {
        if self.armed {
            self.armed = !self.unit.withdraw()?;
        }
        Ok(!self.armed || self.await_end(deadline)?.is_some())
    }
}

impl<U: Unit, C: Clock> Transport for Peripheral<U, C> {
    type Error = U::Error;
    type Framing = Datagram;

    fn now(&mut self) -> Time {
        self.clock.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, Self::Error> {
        loop {
            if !self.armed {
                self.unit.arm(Header::NOTHING.bytes(), &[], [0; CHECK])?;
                self.armed = true;
            }
            let Some(count) = self.await_end(deadline)? else { return Ok(Received::TimeUp) };
            if let Some(received) = self.message(count, into) {
                return Ok(received);
            }
            // A controller may look faster than this finds nothing.
            if self.clock.now() >= deadline {
                return Ok(Received::TimeUp);
            }
        }
    }

    /// Has the frame ready until the controller takes it, or until the deadline.
    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, Self::Error> {
        let Some(header) = Header::of(frame) else { return Ok(0) };
        let (mine, check) = (header.bytes(), header.check(frame));
        while self.disarm(deadline)? {
            self.unit.arm(mine, frame, check)?;
            self.armed = true;
            let Some(count) = self.await_end(deadline)? else {
                // If an exchange has begun, it ends later, as one that brings nothing.
                self.armed = !self.unit.withdraw()?;
                break;
            };
            match self.header(count).filter(|theirs| theirs.length == header.length) {
                Some(Header { does: Does::Takes, .. }) if count >= exchange_max(frame.len()) => return Ok(frame.len()),
                Some(Header { does: Does::Drops, .. }) => return Ok(frame.len()),
                // It has only looked, or has sent at the same time.
                _ if self.clock.now() >= deadline => break,
                _ => {}
            }
        }
        Ok(0)
    }
}
