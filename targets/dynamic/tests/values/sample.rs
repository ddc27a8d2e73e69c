//! Makes messages of any type, with what the decoder says about random ones.

use oncilla_dynamic::ValueError;
use serde_json::Value;

/// A generator of random numbers: the same seed repeats a run.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        (self.next() >> 11) % bound
    }

    /// A word that a message may have: mostly lengths, bools, numbers of enums, and text.
    fn word(&mut self) -> [u8; 4] {
        let number = match self.below(20) {
            0..=4 => 0,
            5..=9 => 1,
            10..=12 => self.below(8) as u32,
            13..=14 => (self.below(40) as i32 - 20) as u32,
            15 => [i32::MIN as u32, i32::MAX as u32, u32::MAX, 4_000_000_000][self.below(4) as usize],
            16 => self.next() as u32,
            _ => return *b"text",
        };
        number.to_be_bytes()
    }
}

/// Returns a message that `decode` accepts, or `None` if none is found soon.
///
/// It begins with random words, and replaces each that the decoder refuses.
pub fn sample(random: &mut Random, decode: impl Fn(&[u8]) -> Result<Value, ValueError>) -> Option<(Vec<u8>, Value)> {
    let mut message: Vec<u8> = (0..128).flat_map(|_| random.word()).collect();
    for _ in 0..1000 {
        let error = match decode(&message) {
            Ok(value) => return Some((message, value)),
            Err(error) => error,
        };
        let offset = error.offset.expect("an error of decoding has an offset");
        if error.expected == "the end of the message" {
            message.truncate(offset);
        } else if offset % 4 != 0 {
            // Padding.
            let end = offset.next_multiple_of(4);
            message[offset..end].fill(0);
        } else {
            let word = message.get_mut(offset..offset + 4)?;
            word.copy_from_slice(&random.word());
        }
    }
    None
}
