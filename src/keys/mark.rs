//! How a message of a keyed link is sent.

use super::ends::To;

/// How a message is sent.
///
/// The kind is in the lowest byte, the session in the next one, and its place in the third.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark(pub u32);

impl Mark {
    pub const CALL: Self = Self(0);
    pub const CALLER: Self = Self(1 << 8);
    pub const ANY: Self = Self(2 << 8);
    /// A message of a handshake, which is not sealed.
    pub const HANDSHAKE: Self = Self(3 << 8);
    /// A reply in the clear.
    pub const PLAIN: Self = Self(4 << 8);
    /// A call in the clear.
    pub const PLAIN_CALL: Self = Self(5 << 8);

    pub const fn with(self, kind: u8) -> u32 {
        self.0 | kind as u32
    }

    /// Returns where the message is sealed, or `None` if it is not.
    pub const fn to(self) -> Option<To> {
        match Self(self.0 & 0xff00) {
            Self::CALL => Some(To::Called),
            Self::CALLER => Some(To::Caller((self.0 >> 16) as u8)),
            Self::ANY => Some(To::Any),
            _ => None,
        }
    }
}
