//! Messages of several packets.

use core::fmt;

/// The size of a chunk's header: 24 bytes.
pub const CHUNK_HEADER: usize = 24;

/// What begins each packet in releases of DAOS since late 2025: which part of a message it is.
///
/// Total and size are 64 bits, index and count 32, all in the byte order of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkHeader {
    /// The bytes of the message.
    pub total: u64,
    /// The bytes of the message that follow in this packet.
    pub size: u64,
    /// The number of this packet, counted from 0.
    pub index: u32,
    /// The number of packets. At least 1.
    pub count: u32,
}

impl ChunkHeader {
    /// Splits a packet into its header and the part of a message.
    ///
    /// Returns `None` if the packet has fewer than 24 bytes.
    #[must_use]
    pub fn parse(packet: &[u8]) -> Option<(Self, &[u8])> {
        let (&total, rest) = packet.split_first_chunk()?;
        let (&size, rest) = rest.split_first_chunk()?;
        let (&index, rest) = rest.split_first_chunk()?;
        let (&count, rest) = rest.split_first_chunk()?;
        let header = Self {
            total: u64::from_ne_bytes(total),
            size: u64::from_ne_bytes(size),
            index: u32::from_ne_bytes(index),
            count: u32::from_ne_bytes(count),
        };
        Some((header, rest))
    }

    /// Returns the bytes of the header.
    #[must_use]
    pub fn to_bytes(self) -> [u8; CHUNK_HEADER] {
        let mut bytes = [0; CHUNK_HEADER];
        let words = [self.total.to_ne_bytes(), self.size.to_ne_bytes()].into_iter().flatten();
        let numbers = [self.index.to_ne_bytes(), self.count.to_ne_bytes()].into_iter().flatten();
        bytes.iter_mut().zip(words.chain(numbers)).for_each(|(place, byte)| *place = byte);
        bytes
    }

    /// Returns the header of the packet `index` of a message of `total` bytes, in packets with at most `part` bytes of it.
    ///
    /// Returns `None` after the last packet, or if the message has more than 2³² packets. `part` of 0 counts as 1. A
    /// message without bytes has one packet.
    #[must_use]
    pub fn of(total: usize, part: usize, index: u32) -> Option<Self> {
        let part = part.max(1);
        let count = u32::try_from(total.div_ceil(part).max(1)).ok()?;
        if index >= count {
            return None;
        }
        let before = usize::try_from(index).ok()?.checked_mul(part)?;
        let size = total.checked_sub(before)?.min(part);
        Some(Self { total: total as u64, size: size as u64, index, count })
    }
}

/// The reason why a packet is not the next of its message. The connection cannot be used any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChunkFault {
    /// The packet has another size than its header states, or fewer than 24 bytes.
    Size,
    /// A packet is missing or repeated, or has no number below the count.
    Index,
    /// The message's size or count of packets differs from that of its first packet.
    Changed,
    /// The packets together have more or fewer bytes than the message, or one before the last has none.
    Total,
}

impl fmt::Display for ChunkFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Size => {
                "a packet has another size than its chunk header states; do both peers begin packets with a header?"
            }
            Self::Index => "a packet of a message is missing or repeated",
            Self::Changed => "the packets of a message state different sizes",
            Self::Total => "the packets of a message do not have the bytes that they state",
        })
    }
}

impl core::error::Error for ChunkFault {}

/// A packet's part of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'p> {
    /// The bytes of the part.
    pub bytes: &'p [u8],
    /// The bytes of the whole message, as its sender states.
    ///
    /// A receiver compares it with what it takes before it keeps anything.
    pub total: u64,
    /// Whether it is the last part.
    pub is_last: bool,
}

/// Checks that the packets of one message follow each other. It keeps nothing of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Assembly {
    received: u64,
    /// The header of the packet before, after the first.
    last: Option<ChunkHeader>,
}

impl Assembly {
    /// Begins a message.
    #[must_use]
    pub const fn new() -> Self {
        Self { received: 0, last: None }
    }

    /// Returns whether a message has begun and not ended.
    #[must_use]
    pub const fn has_begun(&self) -> bool {
        self.last.is_some()
    }

    /// Checks the next packet of a message, and returns its part. After the last part the next packet begins a message.
    ///
    /// # Errors
    /// [`ChunkFault`]. Later results have no meaning.
    pub fn accept<'p>(&mut self, packet: &'p [u8]) -> Result<Part<'p>, ChunkFault> {
        let (header, bytes) = ChunkHeader::parse(packet).ok_or(ChunkFault::Size)?;
        if header.size != bytes.len() as u64 {
            return Err(ChunkFault::Size);
        }
        let expected = match self.last {
            None => 0,
            Some(last) if (last.total, last.count) != (header.total, header.count) => return Err(ChunkFault::Changed),
            Some(last) => last.index.wrapping_add(1),
        };
        if header.index != expected || header.index >= header.count {
            return Err(ChunkFault::Index);
        }
        let is_last = header.index.wrapping_add(1) == header.count;
        let received = self.received.checked_add(header.size).ok_or(ChunkFault::Total)?;
        let fits = if is_last { received == header.total } else { received < header.total && header.size > 0 };
        if !fits {
            return Err(ChunkFault::Total);
        }
        *self = if is_last { Self::new() } else { Self { received, last: Some(header) } };
        Ok(Part { bytes, total: header.total, is_last })
    }
}
