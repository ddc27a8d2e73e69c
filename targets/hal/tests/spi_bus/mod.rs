//! A bus with a controller, a peripheral and a ready line, in simulated time.

#[path = "../lockstep/mod.rs"]
mod lockstep;

use std::convert::Infallible;
use std::ops::Range;

use embedded_hal::digital::{ErrorType, InputPin};
use embedded_hal::spi::{self, Operation, SpiDevice};
use lockstep::Lockstep;
use oncilla_hal::spi::Unit;

/// The places of the two nodes.
pub const CONTROLLER: usize = 0;
pub const PERIPHERAL: usize = 1;

/// The time of a node.
pub type Timer<'a> = lockstep::Timer<'a, State>;

/// What is wrong with the bus.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Of a million bytes, so many have one bit changed.
    pub noise: u64,
    /// The time from one restart of the peripheral to the next, and the time that it takes.
    pub restarts: Option<(Range<u64>, Range<u64>)>,
    /// What a line that is damaged shows.
    pub stuck: Option<bool>,
    /// Microseconds after which the peripheral has seen the end of an exchange and lowers the line.
    pub latency: Range<u64>,
}

/// An exchange that has begun, and when the line is lowered after its end.
#[derive(Debug)]
struct Exchange {
    lowered: u64,
    received: Vec<u8>,
}

#[derive(Debug)]
pub struct State {
    faults: Faults,
    random: u64,
    /// What the peripheral sends in the next exchange, while it is ready.
    armed: Option<Vec<u8>>,
    exchange: Option<Exchange>,
    restart_at: u64,
    restarts: usize,
    unanswered: usize,
    damaged: usize,
    ended: bool,
}

impl State {
    fn random(&mut self, range: Range<u64>) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        range.start + (self.random >> 33) % (range.end - range.start).max(1)
    }

    /// A byte as it arrives.
    fn carried(&mut self, byte: u8) -> u8 {
        if self.faults.noise > 0 && self.random(0..1_000_000) < self.faults.noise {
            self.damaged += 1;
            return byte ^ 1 << self.random(0..8);
        }
        byte
    }

    fn line(&self, now: u64) -> bool {
        let is_high = self.armed.is_some() || self.exchange.as_ref().is_some_and(|exchange| now < exchange.lowered);
        self.faults.stuck.unwrap_or(is_high)
    }
}

/// The bus, with all that happens on it.
#[derive(Debug)]
pub struct Bus(Lockstep<State>);

impl Bus {
    pub fn new(faults: Faults) -> Self {
        let mut state = State {
            faults,
            random: 1,
            armed: None,
            exchange: None,
            restart_at: u64::MAX,
            restarts: 0,
            unanswered: 0,
            damaged: 0,
            ended: false,
        };
        if let Some((every, _)) = state.faults.restarts.clone() {
            state.restart_at = state.random(every);
        }
        Self(Lockstep::new(2, state))
    }

    pub fn timer(&self, place: usize) -> Timer<'_> {
        self.0.timer(place, 500)
    }

    pub fn set_stuck(&self, stuck: Option<bool>) {
        self.0.with(|state| state.faults.stuck = stuck);
    }

    pub fn end(&self) {
        self.0.with(|state| state.ended = true);
    }

    pub fn has_ended(&self) -> bool {
        self.0.with(|state| state.ended)
    }

    pub fn leave(&self, place: usize) {
        self.0.leave(place);
    }

    /// Restarts of the peripheral, exchanges that it did not answer, and bytes that were damaged.
    pub fn counts(&self) -> (usize, usize, usize) {
        self.0.with(|state| (state.restarts, state.unanswered, state.damaged))
    }

    /// Waits until the peripheral has restarted.
    pub fn boot(&self) {
        let until = self.0.at(PERIPHERAL, |state, now| {
            let (every, takes) = state.faults.restarts.clone().unwrap_or((u64::MAX - 1..u64::MAX, 0..1));
            (state.armed, state.exchange) = (None, None);
            state.restarts += 1;
            let until = now + state.random(takes);
            state.restart_at = until.saturating_add(state.random(every));
            until
        });
        self.0.lasting(PERIPHERAL, |_, now| ((), until.saturating_sub(now)));
    }
}

/// The device on the bus, and the ready line, of the controller.
#[derive(Clone, Copy, Debug)]
pub struct Device<'a>(pub &'a Bus);

impl spi::ErrorType for Device<'_> {
    type Error = Infallible;
}

impl SpiDevice for Device<'_> {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), Infallible> {
        self.0.0.lasting(CONTROLLER, |state, now| {
            let is_answered = state.armed.is_some();
            let mut sent = state.armed.take().unwrap_or_default().into_iter();
            let mut received = Vec::new();
            let mut exchange = |out: u8, state: &mut State| {
                let back = match sent.next() {
                    Some(byte) => state.carried(byte),
                    // Nobody drives the line, or the unit has nothing more.
                    None => state.random(0..256) as u8,
                };
                received.push(state.carried(out));
                back
            };
            for operation in operations {
                match operation {
                    Operation::Read(into) => into.iter_mut().for_each(|byte| *byte = exchange(0, state)),
                    Operation::Write(from) => from.iter().for_each(|byte| _ = exchange(*byte, state)),
                    Operation::Transfer(into, from) => {
                        assert_eq!(into.len(), from.len(), "this simulation has no filling");
                        into.iter_mut().zip(*from).for_each(|(byte, out)| *byte = exchange(*out, state));
                    }
                    other => panic!("{other:?} is not used"),
                }
            }
            // A byte takes a microsecond.
            let lasts = received.len() as u64;
            if is_answered {
                let lowered = now + lasts + state.random(state.faults.latency.clone());
                state.exchange = Some(Exchange { lowered, received });
            } else {
                state.unanswered += 1;
            }
            (Ok(()), lasts)
        })
    }
}

impl ErrorType for Device<'_> {
    type Error = Infallible;
}

impl InputPin for Device<'_> {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(self.0.0.at(CONTROLLER, |state, now| state.line(now)))
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        self.is_high().map(|high| !high)
    }
}

/// The peripheral restarts now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restart;

/// The unit of the peripheral, with memory for exchanges of `memory` bytes.
#[derive(Debug)]
pub struct Chip<'a> {
    pub bus: &'a Bus,
    pub memory: usize,
}

impl Chip<'_> {
    fn at<R>(&self, act: impl FnOnce(&mut State, u64) -> R) -> Result<R, Restart> {
        self.bus.0.at(PERIPHERAL, |state, now| if now >= state.restart_at { Err(Restart) } else { Ok(act(state, now)) })
    }
}

impl Unit for Chip<'_> {
    type Error = Restart;

    fn arm(&mut self, header: [u8; 8], message: &[u8], check: [u8; 4]) -> Result<(), Restart> {
        let bytes = [&header[..], message, &check].concat();
        assert!(bytes.len() <= self.memory, "the memory of the unit is too small");
        self.at(|state, now| {
            assert!(state.armed.is_none(), "it is ready already");
            assert!(state.exchange.as_ref().is_none_or(|exchange| exchange.lowered <= now), "an exchange goes on");
            state.armed = Some(bytes);
            state.exchange = None;
        })
    }

    fn ended(&mut self) -> Result<Option<usize>, Restart> {
        let memory = self.memory;
        self.at(|state, now| {
            let ended = state.exchange.as_ref().filter(|exchange| exchange.lowered <= now);
            ended.map(|exchange| exchange.received.len().min(memory))
        })
    }

    fn copy(&mut self, offset: usize, into: &mut [u8]) {
        self.bus.0.with(|state| {
            let received = &state.exchange.as_ref().expect("an exchange has ended").received;
            into.copy_from_slice(&received[offset..][..into.len()]);
        });
    }

    fn withdraw(&mut self) -> Result<bool, Restart> {
        self.at(|state, _| state.armed.take().is_some())
    }
}
