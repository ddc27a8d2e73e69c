//! An attacker on the line: records, replays, reflects, splices, flips, cuts, delays, drops, and floods.

mod kinds;
mod memory;
pub mod middle;
mod phases;
mod transport;

use std::collections::HashSet;

use oncilla::{Time, Transport};
use oncilla_test_support::faults::{Carriage, Carried, Random};
use oncilla_test_support::frames::{self, Found, Sized};

pub use kinds::{Counts, KINDS, Kind};
pub use memory::Memory;
pub use phases::{Phase, Phases};
pub use transport::Attacked;

/// What arrived under the key beside messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    Text(Vec<u8>),
    Log(Vec<u8>),
}

/// An attacker who holds keys, and makes messages from what was recorded.
pub trait Forger: Send {
    /// Takes a message that the attacked end sent.
    fn went(&mut self, message: &[u8]);

    /// Makes a message for the attacked end.
    fn make(&mut self, random: &mut Random) -> Option<(Kind, Vec<u8>)>;
}

/// The attacker before one end of a line. It outlives links and connections.
pub struct Attacker {
    pub random: Random,
    pub counts: Counts,
    pub shown: Vec<Shown>,
    /// What arrived for this end, and what this end sent.
    pub came: Memory,
    pub went: Memory,
    /// What was recorded on other lines under the same key.
    pub foreign: Vec<Vec<u8>>,
    pub forger: Option<Box<dyn Forger>>,
    pub phases: Phases,
    /// Bytes before the DATA of an OPEN.
    pub open: usize,
    /// Injected frames for each frame that passes.
    pub eagerness: u64,
    /// Messages that the attacked end sealed twice alike.
    pub sealed_twice: u64,
    sealed: HashSet<Vec<u8>>,
    under_way: Vec<(Time, Vec<u8>)>,
    /// The beginnings of frames that are arriving and being sent.
    begun: [Vec<u8>; 2],
    /// Whether this connection was attacked, which ends it.
    spent: bool,
    /// Messages of the attacked end that are still returned to it at once, as by a mirror.
    mirrored: u32,
}

impl Attacker {
    /// Creates an attacker. The same seed and the same frames result in the same attacks.
    pub fn new(seed: u64, phases: Phases, open: usize) -> Self {
        Self {
            random: Random::new(seed),
            counts: Counts::default(),
            shown: Vec::new(),
            came: Memory::default(),
            went: Memory::default(),
            foreign: Vec::new(),
            forger: None,
            phases,
            open,
            eagerness: 8,
            sealed_twice: 0,
            sealed: HashSet::new(),
            spent: false,
            mirrored: 0,
            under_way: Vec::new(),
            begun: [const { Vec::new() }; 2],
        }
    }

    /// Places this attacker before the transport of the attacked end.
    pub fn before<T: Transport>(&mut self, inner: T) -> Attacked<'_, T> {
        Attacked { inner, attacker: self }
    }

    fn put(&mut self, at: Time, bytes: Vec<u8>) {
        let place = self.under_way.partition_point(|(other, _)| *other <= at);
        self.under_way.insert(place, (at, bytes));
    }

    /// Takes bytes that are about to arrive at the attacked end.
    pub fn arrives<F: Sized + Carried>(&mut self, now: Time, bytes: &[u8]) {
        for frame in frames::<F>(&mut self.begun[0], bytes) {
            self.attack::<F>(now, &frame);
        }
    }

    /// Takes bytes that the attacked end sends.
    pub fn leaves<F: Sized + Carried>(&mut self, now: Time, bytes: &[u8]) {
        for frame in frames::<F>(&mut self.begun[1], bytes) {
            let Some(message) = message::<F>(&frame) else { continue };
            self.went.note(&message);
            self.note_sealed(&message);
            self.mirror::<F>(now, &frame);
            if let Some(forger) = &mut self.forger {
                forger.went(&message);
            }
        }
    }

    /// Takes a frame that is about to arrive.
    fn attack<F: Sized + Carried>(&mut self, now: Time, frame: &[u8]) {
        let (phase, end) = self.phases.at(now);
        let Some(message) = message::<F>(frame) else { return self.put(now, frame.to_vec()) };
        self.came.note(&message);
        if phase == Phase::Quiet {
            return self.put(now, frame.to_vec());
        }
        if F::CARRIAGE == Carriage::Connection {
            return self.attack_once::<F>(now, frame, &message);
        }
        let (before, after) = (self.random.below(self.eagerness), self.random.below(self.eagerness));
        for _ in 0..before {
            self.inject::<F>(now, &message);
        }
        if self.random.percent(2) {
            self.each_bit::<F>(now, &message);
        }
        if self.random.percent(2) {
            self.replay_part::<F>(now);
        }
        if phase == Phase::Interfere {
            self.interfere::<F>(now, frame, &message);
        } else {
            self.put(now, frame.to_vec());
        }
        for _ in 0..after {
            let later = Time::from_micros(now.as_micros() + self.random.below(30_000));
            if later < end {
                self.inject::<F>(later, &message);
            }
        }
    }

    /// Attacks a connection, which does not go on after that.
    fn attack_once<F: Sized>(&mut self, now: Time, frame: &[u8], message: &[u8]) {
        if self.spent || !self.random.percent(15) {
            return self.put(now, frame.to_vec());
        }
        let before = self.counts.all();
        if self.random.percent(30) {
            self.interfere::<F>(now, frame, message);
        } else {
            self.inject::<F>(now, message);
            self.put(now, frame.to_vec());
        }
        self.spent = self.counts.all() > before;
    }

    /// Returns the messages of a recorded connection, which the attacker plays.
    pub fn played(&mut self) -> Vec<Vec<u8>> {
        let played = self.came.latest().to_vec();
        self.counts.add(Kind::Replay, played.len() as u64);
        self.spent = true;
        played
    }

    fn inject<F: Sized>(&mut self, at: Time, passing: &[u8]) {
        let Some((kind, message)) = self.make(passing) else { return };
        self.counts.add(kind, 1);
        self.put(at, frames::seal::<F>(&message));
    }

    /// Injects the message with each of its bits flipped, and with each end cut, before the message itself.
    fn each_bit<F: Sized>(&mut self, now: Time, message: &[u8]) {
        for bit in 0..8 * message.len() {
            let mut flipped = message.to_vec();
            flipped[bit / 8] ^= 1 << (bit % 8);
            self.put(now, frames::seal::<F>(&flipped));
        }
        for length in 0..message.len() {
            self.put(now, frames::seal::<F>(&message[..length]));
        }
        self.counts.add(Kind::Flip, 8 * message.len() as u64);
        self.counts.add(Kind::Cut, message.len() as u64);
    }

    /// Replays a part of an earlier session in its order.
    fn replay_part<F: Sized>(&mut self, now: Time) {
        let part: Vec<_> = self.came.part(&mut self.random).iter().map(|message| frames::seal::<F>(message)).collect();
        self.counts.add(Kind::Replay, part.len() as u64);
        part.into_iter().for_each(|frame| self.put(now, frame));
    }

    /// Returns what the attacked end sends to itself, now and then for some messages in a row.
    fn mirror<F: Sized + Carried>(&mut self, now: Time, frame: &[u8]) {
        if F::CARRIAGE == Carriage::Connection || self.phases.at(now).0 == Phase::Quiet {
            self.mirrored = 0;
            return;
        }
        match self.mirrored.checked_sub(1) {
            Some(left) => {
                self.mirrored = left;
                self.counts.add(Kind::Reflect, 1);
                self.put(now, frame.to_vec());
            }
            None if self.random.percent(1) => self.mirrored = 8,
            None => {}
        }
    }

    /// Drops, holds, repeats or damages a frame, or lets it pass.
    fn interfere<F: Sized>(&mut self, now: Time, frame: &[u8], message: &[u8]) {
        let (_, end) = self.phases.at(now);
        let (kind, frame) = match self.random.below(8) {
            _ if self.mirrored > 0 => return self.counts.add(Kind::Drop, 1),
            0 => return self.counts.add(Kind::Drop, 1),
            1 | 2 => {
                let late = Time::from_micros(now.as_micros() + self.random.below(600_000));
                self.counts.add(Kind::Delay, 1);
                // Later it is one of the recorded messages.
                return if late < end {
                    self.put(late, frame.to_vec())
                };
            }
            3 => {
                self.put(now, frame.to_vec());
                (Kind::Replay, frame.to_vec())
            }
            4 => {
                let (kind, message) = self.damaged(message);
                (kind, frames::seal::<F>(&message))
            }
            5 => (Kind::Cut, frame[..self.random.below(frame.len() as u64) as usize].to_vec()),
            _ => return self.put(now, frame.to_vec()),
        };
        self.counts.add(kind, 1);
        self.put(now, frame);
    }

    /// Counts messages that are sealed alike: only those of handshakes may be.
    fn note_sealed(&mut self, message: &[u8]) {
        let sealed = message.first().is_some_and(|first| *first >= 0x80 || *first == 3);
        self.sealed_twice += u64::from(sealed && !self.sealed.insert(message.to_vec()));
    }

    /// Returns when the next bytes arrive at the attacked end.
    pub fn next(&self) -> Time {
        self.under_way.first().map_or(Time::NEVER, |(at, _)| *at)
    }

    /// Hands out what has arrived.
    pub fn give(&mut self, now: Time, carriage: Carriage, into: &mut [u8]) -> Option<usize> {
        let (at, bytes) = self.under_way.first_mut().filter(|(at, _)| *at <= now)?;
        let length = bytes.len().min(into.len());
        into[..length].copy_from_slice(&bytes[..length]);
        let at = *at;
        let (_, mut bytes) = self.under_way.remove(0);
        // The rest of a datagram is lost.
        if length < bytes.len() && carriage != Carriage::Datagrams {
            self.under_way.insert(0, (at, bytes.split_off(length)));
        }
        Some(length)
    }

    /// Forgets what is under way: the line is another one.
    pub fn new_line(&mut self) {
        self.under_way.clear();
        self.begun = Default::default();
        self.spent = false;
    }
}

/// Divides bytes into frames, of which the last one may be incomplete and is kept in `begun`.
fn frames<F: Carried>(begun: &mut Vec<u8>, bytes: &[u8]) -> Vec<Vec<u8>> {
    if F::CARRIAGE != Carriage::Line {
        return vec![bytes.to_vec()];
    }
    let mut frames = Vec::new();
    for part in bytes.split_inclusive(|byte| *byte == 0) {
        begun.extend(part);
        if part.ends_with(&[0]) {
            frames.push(std::mem::take(begun));
        }
    }
    frames
}

/// Returns the message in a frame.
fn message<F: Sized>(frame: &[u8]) -> Option<Vec<u8>> {
    match frames::receive::<F>(1024, [frame]).pop()? {
        Found::Message(message) | Found::Short(message) => Some(message),
        _ => None,
    }
}
