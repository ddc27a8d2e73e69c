//! What an attacker has recorded.

use oncilla_test_support::faults::Random;

/// Recorded messages in their order, and the messages of handshakes once more.
#[derive(Default)]
pub struct Memory {
    log: Vec<Vec<u8>>,
    handshakes: Vec<Vec<u8>>,
    noted: usize,
}

/// The messages that are kept at least.
const LOG: usize = 4_000;

/// The messages of handshakes that are kept.
const HANDSHAKES: usize = 600;

/// The number of messages that count as the latest.
const LATEST: usize = 40;

/// Messages of a part of a session.
const PART: usize = 20;

impl Memory {
    pub fn note(&mut self, message: &[u8]) {
        self.noted += 1;
        if is_handshake(message) {
            keep(&mut self.handshakes, message, self.noted);
        }
        if self.log.len() == 2 * LOG {
            self.log.drain(..LOG);
        }
        self.log.push(message.to_vec());
    }

    /// Returns any message: the latest ones and those of handshakes more often than others.
    pub fn pick(&self, random: &mut Random) -> Option<&Vec<u8>> {
        match random.below(4) {
            0 | 1 => any(self.latest(), random),
            2 if !self.handshakes.is_empty() => self.handshake(random),
            _ => any(&self.log, random),
        }
    }

    /// Returns a message of a handshake.
    pub fn handshake(&self, random: &mut Random) -> Option<&Vec<u8>> {
        any(&self.handshakes, random)
    }

    /// Returns the latest messages.
    pub fn latest(&self) -> &[Vec<u8>] {
        &self.log[self.log.len().saturating_sub(LATEST)..]
    }

    /// Returns messages as they followed each other, from one of a handshake on.
    pub fn part(&self, random: &mut Random) -> &[Vec<u8>] {
        let from = random.below(self.log.len() as u64 + 1) as usize;
        let rest = &self.log[from..];
        let start = rest.iter().position(|message| is_handshake(message)).unwrap_or(0);
        let rest = &rest[start..];
        &rest[..rest.len().min(1 + random.below(PART as u64) as usize)]
    }

    /// Returns all that is kept.
    pub fn all(&self) -> &[Vec<u8>] {
        &self.log
    }
}

fn is_handshake(message: &[u8]) -> bool {
    message.first().is_some_and(|first| *first < 0x80)
}

fn any<'m>(messages: &'m [Vec<u8>], random: &mut Random) -> Option<&'m Vec<u8>> {
    if messages.is_empty() { None } else { messages.get(random.below(messages.len() as u64) as usize) }
}

/// Keeps a message: when there are enough, in the place of an earlier one.
fn keep(messages: &mut Vec<Vec<u8>>, message: &[u8], noted: usize) {
    if messages.len() < HANDSHAKES {
        return messages.push(message.to_vec());
    }
    // Any number without a common divisor reaches all places in turn.
    messages[noted.wrapping_mul(7) % HANDSHAKES] = message.to_vec();
}
