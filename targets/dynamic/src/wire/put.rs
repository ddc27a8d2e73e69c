//! Writes the parts of values.

use oncilla::{Codec, Postcard};
use serde::Serialize;

use crate::format::Payload;
use crate::schema::{Count, Integer};

/// The largest size of a number in postcard.
const NUMBER_MAX: usize = 10;

/// Bytes to which parts of values are appended.
pub(crate) struct Put {
    payload: Payload,
    pub bytes: Vec<u8>,
}

impl Put {
    /// Appends to bytes.
    pub fn new(payload: Payload, bytes: Vec<u8>) -> Self {
        Self { payload, bytes }
    }

    pub fn bool(&mut self, value: bool) {
        match self.payload {
            Payload::Xdr => self.word(value.into()),
            Payload::Postcard => self.bytes.push(value.into()),
        }
    }

    /// Writes a number that is in the range of its type.
    pub fn integer(&mut self, integer: Integer, number: i128) {
        match self.payload {
            // In range, so the low bytes are the number.
            Payload::Xdr if integer.wide => self.bytes.extend_from_slice(&(number as u64).to_be_bytes()),
            Payload::Xdr => self.word(number as u32),
            Payload::Postcard => match (integer.bits(), integer.low < 0) {
                (8, _) => self.bytes.push(number as u8),
                (16, true) => self.postcard(&(number as i16)),
                (16, false) => self.postcard(&(number as u16)),
                (32, true) => self.postcard(&(number as i32)),
                (32, false) => self.postcard(&(number as u32)),
                (_, true) => self.postcard(&(number as i64)),
                (_, false) => self.postcard(&(number as u64)),
            },
        }
    }

    /// Writes the number of an enum's member, or of an arm.
    ///
    /// The arm is of a union on a `bool` or an enum.
    pub fn member(&mut self, number: i32) {
        match self.payload {
            Payload::Xdr => self.word(number as u32),
            Payload::Postcard => self.postcard(&number),
        }
    }

    pub fn float(&mut self, bits: u32) {
        match self.payload {
            Payload::Xdr => self.word(bits),
            Payload::Postcard => self.bytes.extend_from_slice(&bits.to_le_bytes()),
        }
    }

    pub fn double(&mut self, bits: u64) {
        match self.payload {
            Payload::Xdr => self.bytes.extend_from_slice(&bits.to_be_bytes()),
            Payload::Postcard => self.bytes.extend_from_slice(&bits.to_le_bytes()),
        }
    }

    pub fn length(&mut self, length: u32) {
        match self.payload {
            Payload::Xdr => self.word(length),
            Payload::Postcard => self.postcard(&length),
        }
    }

    /// Writes the length of bytes, unless it is fixed, and the bytes.
    pub fn run(&mut self, bytes: &[u8], count: Count) {
        if let Count::AtMost(_) = count {
            // The caller has compared the length with a bound of 32 bits.
            self.length(bytes.len() as u32);
        }
        self.bytes.extend_from_slice(bytes);
        if self.payload == Payload::Xdr {
            self.bytes.resize(self.bytes.len() + bytes.len().wrapping_neg() % 4, 0);
        }
    }

    fn word(&mut self, word: u32) {
        self.bytes.extend_from_slice(&word.to_be_bytes());
    }

    fn postcard(&mut self, number: &impl Serialize) {
        let mut room = [0; NUMBER_MAX];
        // A number of 64 bits has at most 10 bytes.
        let used = Postcard::encode(number, &mut room).unwrap_or_default();
        self.bytes.extend_from_slice(room.get(..used).unwrap_or_default());
    }
}
