//! Reads the parts of values. Every length is checked before it is used.

use oncilla::{Codec, Postcard};
use serde::Deserialize;

use crate::format::Payload;
use crate::schema::{Count, Integer};

/// A fault at an offset of a message.
pub(crate) struct Fault {
    pub offset: usize,
    pub expected: String,
    pub found: String,
}

type Result<T> = std::result::Result<T, Fault>;

/// A message, and the place of the next part in it.
pub(crate) struct Take<'b> {
    payload: Payload,
    message: &'b [u8],
    offset: usize,
}

impl<'b> Take<'b> {
    pub fn new(payload: Payload, message: &'b [u8]) -> Self {
        Self { payload, message, offset: 0 }
    }

    pub fn offset(&self) -> usize {
        self.offset
    }

    pub fn left(&self) -> usize {
        self.message.len() - self.offset
    }

    pub fn bool(&mut self) -> Result<bool> {
        let start = self.offset;
        let number = match self.payload {
            Payload::Xdr => self.word("a bool")?,
            Payload::Postcard => u32::from(self.fixed::<1>("a bool")?[0]),
        };
        match number {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(Fault { offset: start, expected: "a bool, 0 or 1".into(), found: other.to_string() }),
        }
    }

    /// Reads a number of an integer type.
    pub fn integer(&mut self, integer: Integer) -> Result<i128> {
        let Integer { name, low, high, wide } = integer;
        let (start, bits, signed) = (self.offset, integer.bits(), low < 0);
        let number: i128 = match self.payload {
            Payload::Xdr => match (wide, signed, bits) {
                (true, true, _) => i128::from(self.double_word(name)? as i64),
                (true, false, _) => self.double_word(name)?.into(),
                (false, false, 32) => self.word(name)?.into(),
                (false, ..) => (self.word(name)? as i32).into(),
            },
            Payload::Postcard => match (bits, signed) {
                (8, true) => i128::from(self.fixed::<1>(name)?[0] as i8),
                (8, false) => self.fixed::<1>(name)?[0].into(),
                (16, true) => self.postcard::<i16>(name)?.into(),
                (16, false) => self.postcard::<u16>(name)?.into(),
                (32, true) => self.postcard::<i32>(name)?.into(),
                (32, false) => self.postcard::<u32>(name)?.into(),
                (_, true) => self.postcard::<i64>(name)?.into(),
                (_, false) => self.postcard::<u64>(name)?.into(),
            },
        };
        if (low..=high).contains(&number) {
            return Ok(number);
        }
        // C sends a `char` or a `short` as a signed or an unsigned number, depending on the machine.
        let width = high - low + 1;
        if width <= 1 << 16 && (-width / 2..width).contains(&number) {
            return Ok((number - low).rem_euclid(width) + low);
        }
        Err(Fault { offset: start, expected: integer.description(), found: number.to_string() })
    }

    /// Reads the number of a member of an enum.
    pub fn member(&mut self) -> Result<i32> {
        match self.payload {
            Payload::Xdr => Ok(self.word("a member of an enum")? as i32),
            Payload::Postcard => self.postcard("a member of an enum"),
        }
    }

    /// Reads the number that selects an arm of a union on an integer.
    pub fn discriminant(&mut self, integer: Integer) -> Result<i128> {
        if self.payload == Payload::Xdr {
            return self.integer(integer);
        }
        let start = self.offset;
        let number = self.integer(integer.widened())?;
        if (integer.low..=integer.high).contains(&number) {
            return Ok(number);
        }
        Err(Fault { offset: start, expected: integer.description(), found: number.to_string() })
    }

    pub fn float(&mut self) -> Result<u32> {
        match self.payload {
            Payload::Xdr => self.word("a float"),
            Payload::Postcard => self.fixed("a float").map(u32::from_le_bytes),
        }
    }

    pub fn double(&mut self) -> Result<u64> {
        match self.payload {
            Payload::Xdr => self.double_word("a double"),
            Payload::Postcard => self.fixed("a double").map(u64::from_le_bytes),
        }
    }

    /// Reads the number of bytes or elements.
    ///
    /// It is refused if the message is too short for them, unless each may have no bytes.
    pub fn count(&mut self, count: Count, what: &str, empty: bool) -> Result<usize> {
        let bound = match count {
            Count::Exactly(size) => return Ok(size as usize),
            Count::AtMost(bound) => bound,
        };
        let start = self.offset;
        let length = match self.payload {
            Payload::Xdr => self.word("a length")?.into(),
            Payload::Postcard => self.postcard::<u64>("a length")?,
        };
        if length > bound.into() {
            return Err(Fault {
                offset: start,
                expected: format!("at most {bound} {what}"),
                found: length.to_string(),
            });
        }
        let left = self.left();
        usize::try_from(length).ok().filter(|&length| empty || length <= left).ok_or_else(|| Fault {
            offset: start,
            expected: format!("a length of at most the {left} bytes that follow"),
            found: length.to_string(),
        })
    }

    /// Reads bytes, and in XDR the zeros after them.
    pub fn run(&mut self, count: Count) -> Result<&'b [u8]> {
        let length = self.count(count, "bytes", false)?;
        let bytes = self.bytes(length, "opaque data")?;
        if self.payload == Payload::Xdr {
            let start = self.offset;
            let padding = self.bytes(length.wrapping_neg() % 4, "padding")?;
            if padding.iter().any(|&byte| byte != 0) {
                let expected = "padding of zeros".to_owned();
                return Err(Fault { offset: start, expected, found: format!("{padding:?}") });
            }
        }
        Ok(bytes)
    }

    fn word(&mut self, what: &str) -> Result<u32> {
        self.fixed(what).map(u32::from_be_bytes)
    }

    fn double_word(&mut self, what: &str) -> Result<u64> {
        self.fixed(what).map(u64::from_be_bytes)
    }

    fn fixed<const N: usize>(&mut self, what: &str) -> Result<[u8; N]> {
        let rest = self.message.get(self.offset..).unwrap_or_default();
        match rest.first_chunk() {
            Some(bytes) => {
                self.offset += N;
                Ok(*bytes)
            }
            None => Err(self.short(what, N)),
        }
    }

    fn bytes(&mut self, length: usize, what: &str) -> Result<&'b [u8]> {
        let rest = self.message.get(self.offset..).unwrap_or_default();
        match rest.get(..length) {
            Some(bytes) => {
                self.offset += length;
                Ok(bytes)
            }
            None => Err(self.short(what, length)),
        }
    }

    fn short(&self, what: &str, length: usize) -> Fault {
        let (expected, found) = (format!("{what} of {length} bytes"), format!("only {}", self.left()));
        Fault { offset: self.offset, expected, found }
    }

    fn postcard<T: Deserialize<'b>>(&mut self, what: &str) -> Result<T> {
        let mut rest = self.message.get(self.offset..).unwrap_or_default();
        match Postcard::decode(&mut rest) {
            Ok(value) => {
                self.offset = self.message.len() - rest.len();
                Ok(value)
            }
            Err(error) => {
                let found = error.fault.to_string();
                Err(Fault { offset: self.offset, expected: format!("{what} in postcard"), found })
            }
        }
    }
}
