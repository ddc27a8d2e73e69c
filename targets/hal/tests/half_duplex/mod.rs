//! A pair of wires that several nodes share, in simulated time.

#[path = "../lockstep/mod.rs"]
mod lockstep;

use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;

use embedded_hal::digital::{ErrorType, OutputPin};
use oncilla::{Clock, Time};
use oncilla_hal::{Receive, Transmit};

use lockstep::Lockstep;

/// Microseconds that a byte takes.
const BYTE: u64 = 87;

/// Who talks without being asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noise {
    None,
    /// A faulty node that sends a burst of 1 to 4 bytes every 10 to 60 ms.
    Often,
}

/// A byte on the wires.
#[derive(Clone, Copy, Debug)]
struct Sent {
    node: usize,
    start: u64,
    value: u8,
}

#[derive(Debug)]
pub struct State {
    /// Whether the driver of each node is on, and since when.
    driving: Vec<Option<u64>>,
    /// When the transmitter of each node is free.
    free: Vec<u64>,
    /// All bytes that were ever sent, and for each node the number of those that it has looked at.
    sent: Vec<Sent>,
    looked: Vec<usize>,
    noise: Noise,
    noise_at: u64,
    random: u64,
    collisions: usize,
    ended: bool,
}

impl State {
    fn random(&mut self) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.random >> 33
    }

    /// Puts the bursts of the faulty node on the wires that begin before `time`.
    fn disturb(&mut self, time: u64) {
        while self.noise == Noise::Often && self.noise_at <= time {
            let (start, count) = (self.noise_at, 1 + self.random() % 4);
            for index in 0..count {
                let value = self.random() as u8;
                self.sent.push(Sent { node: usize::MAX, start: start + index * BYTE, value });
            }
            self.noise_at = start + 10_000 + self.random() % 50_000;
        }
    }
}

/// The time of a node.
pub type Timer<'a> = lockstep::Timer<'a, State>;

/// The wires, with all that happens on them.
#[derive(Debug)]
pub struct Medium {
    time: Lockstep<State>,
}

impl Medium {
    pub fn new(nodes: usize, noise: Noise) -> Self {
        let state = State {
            driving: vec![None; nodes],
            free: vec![0; nodes],
            sent: Vec::new(),
            looked: vec![0; nodes],
            noise,
            noise_at: 5_000,
            random: 1,
            collisions: 0,
            ended: false,
        };
        Self { time: Lockstep::new(nodes, state) }
    }

    pub fn node(&self, place: usize) -> (Port<'_>, Pin<'_>, Timer<'_>) {
        (Port { medium: self, place }, Pin { medium: self, place }, self.time.timer(place, 0))
    }

    pub fn end(&self) {
        self.time.with(|state| state.ended = true);
    }

    pub fn has_ended(&self) -> bool {
        self.time.with(|state| state.ended)
    }

    /// The node does nothing more: the others do not wait for it.
    pub fn leave(&self, place: usize) {
        self.time.leave(place);
    }

    /// The number of bytes that were damaged since two sent at the same time.
    pub fn collisions(&self) -> usize {
        self.time.with(|state| state.collisions)
    }

    /// The values of all bytes.
    pub fn sent(&self) -> Vec<u8> {
        self.time.with(|state| state.sent.iter().map(|sent| sent.value).collect())
    }

    /// Lets a node act, when all others are at the same time or later.
    fn at<R>(&self, place: usize, act: impl FnOnce(&mut State, u64) -> R) -> R {
        self.time.at(place, |state, now| {
            state.disturb(now);
            act(state, now)
        })
    }
}

#[derive(Debug)]
pub struct Port<'a> {
    medium: &'a Medium,
    place: usize,
}

impl Receive for Port<'_> {
    type Error = Infallible;

    fn take(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        let place = self.place;
        Ok(self.medium.at(place, |state, now| {
            let mut count = 0;
            while let (Some(sent), true) = (state.sent.get(state.looked[place]).copied(), count < into.len()) {
                if sent.start + BYTE > now {
                    break;
                }
                state.looked[place] += 1;
                if sent.node == place {
                    continue;
                }
                let overlaps = |other: &&Sent| other.node != sent.node && other.start.abs_diff(sent.start) < BYTE;
                into[count] = match state.sent.iter().rev().take(50).find(overlaps) {
                    Some(other) => {
                        state.collisions += 1;
                        sent.value & other.value
                    }
                    None => sent.value,
                };
                count += 1;
            }
            count
        }))
    }
}

impl Transmit for Port<'_> {
    type Error = Infallible;

    fn put(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let place = self.place;
        Ok(self.medium.at(place, |state, now| {
            assert!(state.driving[place].is_some(), "bytes are sent while the driver is off");
            // The transmitter holds one byte beside the one that it sends.
            if state.free[place] > now + BYTE {
                return 0;
            }
            let start = state.free[place].max(now);
            state.free[place] = start + BYTE;
            let at = state.sent.iter().rposition(|sent| sent.start <= start).map_or(0, |at| at + 1);
            // What a node has looked at is earlier, since no node is ahead of this one by more than a look.
            state.sent.insert(at, Sent { node: place, start, value: bytes[0] });
            1
        }))
    }

    fn is_sent(&mut self) -> Result<bool, Infallible> {
        let place = self.place;
        Ok(self.medium.at(place, |state, now| state.free[place] <= now))
    }
}

/// The pin that turns the driver on.
#[derive(Debug)]
pub struct Pin<'a> {
    medium: &'a Medium,
    place: usize,
}

impl ErrorType for Pin<'_> {
    type Error = Infallible;
}

impl OutputPin for Pin<'_> {
    fn set_low(&mut self) -> Result<(), Infallible> {
        let place = self.place;
        self.medium.at(place, |state, now| {
            assert!(state.free[place] <= now, "the driver is turned off before the last bit has left");
            state.driving[place] = None;
        });
        Ok(())
    }

    fn set_high(&mut self) -> Result<(), Infallible> {
        let place = self.place;
        self.medium.at(place, |state, now| {
            let others = state.driving.iter().enumerate().filter(|(other, on)| *other != place && on.is_some()).count();
            state.collisions += others;
            state.driving[place] = Some(now);
        });
        Ok(())
    }
}

/// A port that has received these bytes, and a clock.
pub fn recorded(bytes: Vec<u8>) -> (Recorded, Ticks) {
    (Recorded(bytes.into_iter()), Ticks::default())
}

pub struct Recorded(std::vec::IntoIter<u8>);

impl Receive for Recorded {
    type Error = Infallible;

    fn take(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        Ok(into.iter_mut().zip(&mut self.0).map(|(place, byte)| *place = byte).count())
    }
}

impl Transmit for Recorded {
    type Error = Infallible;

    fn put(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        Ok(bytes.len())
    }

    fn is_sent(&mut self) -> Result<bool, Infallible> {
        Ok(true)
    }
}

#[derive(Clone, Default)]
pub struct Ticks(Rc<Cell<u64>>);

impl Clock for Ticks {
    fn now(&mut self) -> Time {
        self.0.set(self.0.get() + 1);
        Time::from_micros(self.0.get())
    }
}
