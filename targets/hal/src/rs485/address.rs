//! Addresses, and the header of a frame.

use oncilla::framing::crc32;

/// The address of a device: 1 to 127.
///
/// # Example
/// ```
/// use oncilla_hal::rs485::Address;
///
/// assert!(Address::new(1).is_some() && Address::new(127).is_some());
/// assert!(Address::new(0).is_none() && Address::new(128).is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(u8);

impl Address {
    /// The master's, which no device has.
    pub(super) const MASTER: Self = Self(0);

    /// Returns an address, or `None` for a number that no device may have: 0 or more than 127.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if matches!(number, 1..=MOST) { Some(Self(number)) } else { None }
    }

    /// Returns the number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// The largest number, which 7 bits have.
const MOST: u8 = 127;

/// Set in each byte of a header, so that none is zero.
const FLAG: u8 = 0x80;

/// The bytes of a header.
pub(super) const HEADER: usize = 5;

/// Who sent a frame, and to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub to: Address,
    pub from: Address,
}

impl Header {
    pub fn bytes(self) -> [u8; HEADER] {
        let (to, from) = (self.to.0 & MOST, self.from.0 & MOST);
        let check = crc32(&[to, from]);
        let seven = |shift: u32| (check >> shift) as u8 | FLAG;
        [to | FLAG, from | FLAG, seven(0), seven(7), seven(14)]
    }

    /// Returns the header, if the bytes are one.
    pub fn parse(bytes: [u8; HEADER]) -> Option<Self> {
        let [to, from, ..] = bytes;
        let header = Self { to: Address(to & MOST), from: Address(from & MOST) };
        (header.bytes() == bytes).then_some(header)
    }
}
