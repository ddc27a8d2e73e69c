//! The kinds of attacks, and the messages of each.

use core::ops::AddAssign;

use serde::Serialize;

use super::Attacker;

/// The kind of an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Replay,
    Reflect,
    OtherLine,
    Flip,
    Cut,
    Splice,
    Counter,
    FirstByte,
    Reopen,
    Flood,
    Noise,
    Plain,
    OldKey,
    OtherKey,
    Drop,
    Delay,
}

/// The names of all kinds, in their order.
pub const KINDS: [&str; 16] = [
    "replayed",
    "reflected",
    "from other lines",
    "bits flipped",
    "cut or extended",
    "spliced",
    "other counter",
    "other first byte",
    "DATA made an OPEN and back",
    "floods of first messages",
    "noise",
    "in the clear",
    "under an old key",
    "under another valid key",
    "dropped",
    "delayed",
];

/// The number of attacks of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts(pub [u64; KINDS.len()]);

impl Counts {
    pub const fn add(&mut self, kind: Kind, number: u64) {
        self.0[kind as usize] += number;
    }

    pub fn all(&self) -> u64 {
        self.0.iter().sum()
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        for (sum, number) in self.0.iter_mut().zip(other.0) {
            *sum += number;
        }
    }
}

impl Attacker {
    /// Makes a message for the attacked end, to which `passing` is on its way.
    pub(super) fn make(&mut self, passing: &[u8]) -> Option<(Kind, Vec<u8>)> {
        let choice = self.random.below(16);
        if choice >= 13 {
            return self.forger.as_mut()?.make(&mut self.random);
        }
        let random = &mut self.random;
        let message = match choice {
            0 | 1 => (Kind::Replay, self.came.pick(random)?.clone()),
            2 => (Kind::Reflect, self.went.pick(random)?.clone()),
            3 if !self.foreign.is_empty() => {
                let place = random.below(self.foreign.len() as u64) as usize;
                (Kind::OtherLine, self.foreign.get(place)?.clone())
            }
            4 => (Kind::Splice, self.spliced(passing)?),
            5 => (Kind::Counter, self.counted(passing)?),
            6 => (Kind::FirstByte, self.redirected(passing)?),
            7 => (Kind::Reopen, self.reopened(passing)?),
            8 | 9 => (Kind::Flood, self.came.handshake(random)?.clone()),
            10 => (Kind::Noise, self.noise()),
            11 => return Some(self.damaged(passing)),
            _ => {
                let recorded = self.came.pick(random)?.clone();
                return Some(self.damaged(&recorded));
            }
        };
        Some(message)
    }

    /// Damages a message: some bits, or its length.
    pub(super) fn damaged(&mut self, message: &[u8]) -> (Kind, Vec<u8>) {
        let (random, mut message) = (&mut self.random, message.to_vec());
        if message.is_empty() || random.percent(30) {
            match random.below(3) {
                0 => message.truncate(random.below(message.len() as u64 + 1) as usize),
                1 => drop(message.drain(..random.below(message.len() as u64 + 1) as usize)),
                _ => message.extend(random.bytes(40)),
            }
            return (Kind::Cut, message);
        }
        for _ in 0..=random.below(3) {
            let bit = random.below(8 * message.len() as u64) as usize;
            message[bit / 8] ^= 1 << (bit % 8);
        }
        (Kind::Flip, message)
    }

    /// The front of one message and the rest of another, at places where something begins.
    fn spliced(&mut self, passing: &[u8]) -> Option<Vec<u8>> {
        let random = &mut self.random;
        let front = self.came.pick(random)?;
        let memory = if random.percent(30) { &self.went } else { &self.came };
        let back = if random.percent(30) { passing } else { memory.pick(random)? };
        let place = |random: &mut oncilla_test_support::faults::Random, length: usize| match random.below(7) {
            0 => 1,
            1 => 5,
            2 => self.open,
            3 => self.open + 5,
            4 => length.saturating_sub(16),
            5 => 27,
            _ => random.below(length as u64 + 1) as usize,
        };
        let at = place(random, front.len()).min(front.len());
        let from = if random.percent(80) { at } else { place(random, back.len()) };
        Some([&front[..at], back.get(from..).unwrap_or_default()].concat())
    }

    /// A message with another counter, near the one that is expected now.
    fn counted(&mut self, passing: &[u8]) -> Option<Vec<u8>> {
        let random = &mut self.random;
        let mut message = self.came.pick(random)?.clone();
        let start = |message: &[u8]| if message.first() == Some(&3) { self.open + 1 } else { 1 };
        let now = passing.get(start(passing)..).and_then(|rest| rest.first_chunk::<4>());
        let now = now.map_or(0, |counter| u32::from_be_bytes(*counter));
        let counter = match random.below(6) {
            0 => u32::MAX,
            1 => random.next() as u32,
            2 => 0,
            _ => now.wrapping_add(random.below(40) as u32).wrapping_sub(3),
        };
        let at = start(&message);
        *message.get_mut(at..)?.first_chunk_mut::<4>()? = counter.to_be_bytes();
        if random.percent(50) {
            message[0] = passing[0];
        }
        Some(message)
    }

    /// A message of either direction with another first byte: another kind, place or direction.
    fn redirected(&mut self, passing: &[u8]) -> Option<Vec<u8>> {
        let random = &mut self.random;
        let mut message = match random.below(3) {
            0 => passing.to_vec(),
            1 => self.went.pick(random)?.clone(),
            _ => self.came.pick(random)?.clone(),
        };
        let first = message.first_mut()?;
        *first = match random.below(5) {
            0 => *first ^ 0x40,
            1 => *first ^ 0x20,
            2 => *first ^ 0x60,
            3 => *passing.first()? ^ if random.percent(50) { 0x20 } else { 0 },
            _ => random.next() as u8,
        };
        Some(message)
    }

    /// The DATA of an OPEN alone, or DATA behind the front of a recorded OPEN.
    fn reopened(&mut self, passing: &[u8]) -> Option<Vec<u8>> {
        let random = &mut self.random;
        if passing.first() == Some(&3) && random.percent(50) {
            return Some(passing.get(self.open..)?.to_vec());
        }
        let open = self.came.handshake(random).filter(|message| message.first() == Some(&3))?;
        let data = if random.percent(50) { passing } else { self.came.pick(random)? };
        let data = if data.first() == Some(&3) { data.get(self.open..)? } else { data };
        Some([open.get(..self.open)?, data].concat())
    }

    /// Bytes that look like a message of some kind.
    fn noise(&mut self) -> Vec<u8> {
        let random = &mut self.random;
        let lengths = [self.open, 42, 43, 58, 59, 27 + self.open, 22, 23, 60];
        let length = lengths[random.below(lengths.len() as u64) as usize];
        let mut noise: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
        noise[0] = match random.below(5) {
            0 => 1,
            1 => 2,
            2 => 3,
            _ => 0x80 | random.next() as u8,
        };
        noise
    }
}
