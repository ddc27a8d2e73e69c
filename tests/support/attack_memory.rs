//! What an attacker has recorded.

use crate::faults::Random;

/// Recorded messages: all of handshakes and some of the others, the latest of both first in mind.
#[derive(Default)]
pub struct Memory {
    latest: Vec<Vec<u8>>,
    handshakes: Vec<Vec<u8>>,
    old: Vec<Vec<u8>>,
    noted: usize,
}

/// Messages of each sort.
const LATEST: usize = 40;
const OTHERS: usize = 600;

impl Memory {
    pub fn note(&mut self, message: &[u8]) {
        self.noted += 1;
        if message.first().is_some_and(|first| *first < 0x80) {
            keep(&mut self.handshakes, message, self.noted);
        }
        if self.latest.len() == LATEST {
            let oldest = self.latest.remove(0);
            keep(&mut self.old, &oldest, self.noted);
        }
        self.latest.push(message.to_vec());
    }

    pub fn pick(&self, random: &mut Random) -> Option<&Vec<u8>> {
        let from = match random.below(4) {
            0 | 1 => &self.latest,
            2 => &self.handshakes,
            _ => &self.old,
        };
        let from = if from.is_empty() { &self.latest } else { from };
        if from.is_empty() { None } else { from.get(random.below(from.len() as u64) as usize) }
    }

    /// Returns a recorded message of a handshake.
    pub fn handshake(&self, random: &mut Random) -> Option<&Vec<u8>> {
        if self.handshakes.is_empty() {
            return None;
        }
        self.handshakes.get(random.below(self.handshakes.len() as u64) as usize)
    }

    /// The latest messages.
    pub fn latest(&self) -> &[Vec<u8>] {
        &self.latest
    }

    /// All that is kept.
    pub fn all(&self) -> impl Iterator<Item = &Vec<u8>> {
        self.latest.iter().chain(&self.handshakes).chain(&self.old)
    }
}

/// Keeps a message: when there are enough, in the place of an earlier one.
fn keep(messages: &mut Vec<Vec<u8>>, message: &[u8], noted: usize) {
    if messages.len() < OTHERS {
        return messages.push(message.to_vec());
    }
    // Any number without a common divisor reaches all places in turn.
    messages[noted.wrapping_mul(7) % OTHERS] = message.to_vec();
}
