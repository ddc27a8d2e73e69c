//! The controller's end.

use core::time::Duration;

use embedded_hal::{
    digital::InputPin,
    spi::{Operation, SpiDevice},
};
use oncilla::{Clock, Received, Time, Transport, framing::Datagram};

use super::SpiError;
use super::frame::{CHECK, Does, HEADER, Header};

/// The time after an exchange in which a line that stays high is not believed.
const TURN: Duration = Duration::from_micros(100);

/// The time between two looks at a peripheral that has nothing, or that does not answer.
const POLL: Duration = Duration::from_millis(1);

/// The transport of the controller, which drives the bus.
///
/// `S` is the bus with the select pin of the peripheral, `R` the ready line. A `SpiBus` and a pin make an `SpiDevice` by
/// `ExclusiveDevice` of the crate `embedded-hal-bus`. While it waits, it calls [`Clock::idle`]: if the clock sleeps, the
/// ready line must wake it.
#[derive(Debug)]
pub struct Controller<S, R, C> {
    device: S,
    ready: R,
    clock: C,
    poll: Duration,
    turn: Duration,
    /// The size of the message that the peripheral has.
    announced: Option<u16>,
    /// Whether the line was low since the last exchange.
    lowered: bool,
    /// No exchange begins earlier, whatever the line says.
    not_before: Time,
    /// No exchange begins earlier if the line was not low.
    high_before: Time,
    /// No look begins earlier.
    look_before: Time,
}

type Failure<S, R> =
    SpiError<<S as embedded_hal::spi::ErrorType>::Error, <R as embedded_hal::digital::ErrorType>::Error>;

impl<S, R, C> Controller<S, R, C> {
    /// Creates a transport from a device on the bus, the ready line and a clock.
    pub const fn new(device: S, ready: R, clock: C) -> Self {
        Self {
            device,
            ready,
            clock,
            poll: POLL,
            turn: TURN,
            announced: None,
            lowered: false,
            not_before: Time::ZERO,
            high_before: Time::ZERO,
            look_before: Time::ZERO,
        }
    }

    /// Sets the time between two looks at a peripheral that has nothing: 1 ms by default.
    ///
    /// A message that the peripheral sends by itself waits so long. A reply does not.
    pub const fn set_poll(&mut self, poll: Duration) {
        self.poll = poll;
    }

    /// Sets the time in which the peripheral lowers its line after an exchange: 100 µs by default.
    ///
    /// If it takes longer, an exchange may begin too early. The peripheral does not answer it, and it is repeated.
    pub const fn set_turn(&mut self, turn: Duration) {
        self.turn = turn;
    }

    /// Returns the device, the ready line and the clock.
    pub fn into_parts(self) -> (S, R, C) {
        (self.device, self.ready, self.clock)
    }
}

impl<S: SpiDevice, R: InputPin, C: Clock> Controller<S, R, C> {
    /// Waits until an exchange may begin. Returns whether it may; if not, the deadline has passed.
    fn await_ready(&mut self, looks: bool, deadline: Time) -> Result<bool, Failure<S, R>> {
        loop {
            let high = self.ready.is_high().map_err(SpiError::Pin)?;
            self.lowered |= !high;
            let since = if self.lowered { self.not_before } else { self.not_before.max(self.high_before) };
            let since = if looks { since.max(self.look_before) } else { since };
            let now = self.clock.now();
            if high && now >= since {
                return Ok(true);
            }
            if now >= deadline {
                return Ok(false);
            }
            self.clock.idle(if high { deadline.min(since) } else { deadline });
        }
    }

    /// Ends an exchange. Returns the header of the peripheral, if it has answered.
    fn after(&mut self, got: [u8; HEADER]) -> Option<Header> {
        let header = Header::parse(got).filter(|header| matches!(header.does, Does::Nothing | Does::Sends));
        let now = self.clock.now();
        self.lowered = false;
        self.high_before = now.after(self.turn);
        // It was not ready, or is restarting, or the line is damaged.
        self.not_before = if header.is_none() { now.after(self.poll) } else { now };
        self.announced = header.and_then(Header::announced);
        header
    }

    /// Looks whether the peripheral has a message.
    fn look(&mut self) -> Result<(), Failure<S, R>> {
        let mut got = [0; HEADER];
        self.device.transfer(&mut got, &Header::NOTHING.bytes()).map_err(SpiError::Bus)?;
        self.after(got);
        if self.announced.is_none() {
            self.look_before = self.clock.now().after(self.poll);
        }
        Ok(())
    }

    /// Takes the message that was announced, or its beginning.
    fn take(&mut self, into: &mut [u8], length: u16) -> Result<Option<Received>, Failure<S, R>> {
        let (mut got, mut check) = ([0; HEADER], [0; CHECK]);
        let expected = Header { does: Does::Sends, length };
        let Some(message) = into.get_mut(..usize::from(length)) else {
            let mine = Header { does: Does::Drops, length }.bytes();
            let mut operations = [Operation::Transfer(&mut got, &mine), Operation::Read(into)];
            self.device.transaction(&mut operations).map_err(SpiError::Bus)?;
            let dropped = self.after(got) == Some(expected);
            return Ok(dropped.then_some(Received::Oversize(length.into())));
        };
        let mine = Header { does: Does::Takes, length }.bytes();
        let mut operations =
            [Operation::Transfer(&mut got, &mine), Operation::Read(&mut *message), Operation::Read(&mut check)];
        self.device.transaction(&mut operations).map_err(SpiError::Bus)?;
        if self.after(got) != Some(expected) {
            return Ok(None);
        }
        Ok((expected.check(message) == check).then_some(Received::Bytes(length.into())))
    }
}

impl<S: SpiDevice, R: InputPin, C: Clock> Transport for Controller<S, R, C> {
    type Error = Failure<S, R>;
    type Framing = Datagram;

    fn now(&mut self) -> Time {
        self.clock.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, Self::Error> {
        loop {
            if !self.await_ready(self.announced.is_none(), deadline)? {
                return Ok(Received::TimeUp);
            }
            match self.announced {
                None => self.look()?,
                Some(length) => {
                    let taken = self.take(into, length)?;
                    // The peripheral has nothing more until it says so, also if its message was damaged.
                    self.announced = None;
                    if let Some(received) = taken {
                        return Ok(received);
                    }
                }
            }
            // Where the clock is coarse or nothing pauses, an exchange may always begin.
            if self.announced.is_none() && self.clock.now() >= deadline {
                return Ok(Received::TimeUp);
            }
        }
    }

    /// Waits until the peripheral is ready, and sends the frame. Without an answer, sends it again until the deadline.
    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, Self::Error> {
        let Some(header) = Header::of(frame) else { return Ok(0) };
        let (mine, check) = (header.bytes(), header.check(frame));
        while self.await_ready(false, deadline)? {
            let mut got = [0; HEADER];
            self.device
                .transaction(&mut [
                    Operation::Transfer(&mut got, &mine),
                    Operation::Write(frame),
                    Operation::Write(&check),
                ])
                .map_err(SpiError::Bus)?;
            if self.after(got).is_some() {
                self.look_before = Time::ZERO;
                return Ok(frame.len());
            }
            if self.clock.now() >= deadline {
                break;
            }
        }
        Ok(0)
    }
}
