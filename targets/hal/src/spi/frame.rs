//! The bytes of an exchange: a header in both directions, and a message in one of them.

use oncilla::framing::{Crc32, SmallTable, crc32};

/// The bytes of a header.
pub(super) const HEADER: usize = 8;

/// The bytes of the check value behind a message.
pub(super) const CHECK: usize = 4;

/// What the sender of a header does in this exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    /// The controller only looks; the peripheral has no message.
    Nothing = 0,
    /// The controller sends a message; the peripheral has one.
    Sends = 1,
    /// The controller takes the message of the peripheral.
    Takes = 2,
    /// The controller has no room for the message of the peripheral, which is dropped.
    Drops = 3,
}

/// What stands at the start of an exchange, in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub does: Does,
    /// The size of the message that is sent or taken.
    pub length: u16,
}

impl Header {
    pub const NOTHING: Self = Self { does: Does::Nothing, length: 0 };

    /// Returns the header: what is done, a zero, the length, and the CRC-32 of these four bytes, all big-endian.
    ///
    /// Neither a line that stays low nor one that stays high makes a header.
    pub fn bytes(self) -> [u8; HEADER] {
        let [high, low] = self.length.to_be_bytes();
        let does = self.does as u8;
        let [a, b, c, d] = crc32(&[does, 0, high, low]).to_be_bytes();
        [does, 0, high, low, a, b, c, d]
    }

    /// Returns the header, if the bytes are one.
    pub fn parse(bytes: [u8; HEADER]) -> Option<Self> {
        let [does, _, high, low, ..] = bytes;
        let does = match does {
            0 => Does::Nothing,
            1 => Does::Sends,
            2 => Does::Takes,
            3 => Does::Drops,
            _ => return None,
        };
        let header = Self { does, length: u16::from_be_bytes([high, low]) };
        (header.bytes() == bytes).then_some(header)
    }

    /// Returns the size of the message that the peripheral has, if it has one.
    pub fn announced(self) -> Option<u16> {
        (self.does == Does::Sends && self.length > 0).then_some(self.length)
    }

    /// Returns the header of a frame, unless it is too large.
    pub fn of(frame: &[u8]) -> Option<Self> {
        Some(Self { does: Does::Sends, length: u16::try_from(frame.len()).ok()? })
    }

    /// Returns the check value of a message of this size: the CRC-32 of the size and the message, big-endian.
    pub fn check(self, message: &[u8]) -> [u8; CHECK] {
        let register = SmallTable::update(!0, &self.length.to_be_bytes());
        (!SmallTable::update(register, message)).to_be_bytes()
    }
}
