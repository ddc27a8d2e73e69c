//! Bytes of messages: put together and compared.

use subtle::ConstantTimeEq;

use super::{About, TAG};

/// Writes `parts` one behind another at the front of `room`. Returns `None` if it is too small.
pub(super) fn join(parts: &[&[u8]], room: &mut [u8]) -> Option<()> {
    let mut rest = room;
    for part in parts {
        let (front, behind) = rest.split_at_mut_checked(part.len())?;
        front.copy_from_slice(part);
        rest = behind;
    }
    Some(())
}

/// Compares two tags in constant time.
pub(super) fn same(a: &[u8; TAG], b: &[u8; TAG]) -> bool {
    a.ct_eq(b).into()
}

impl About {
    /// Returns the eight bytes on the wire.
    pub(super) fn bytes(self) -> [u8; 8] {
        let [a, b, c, d] = self.boot.to_be_bytes();
        let [e, f, g, h] = self.largest.to_be_bytes();
        [a, b, c, d, e, f, g, h]
    }

    /// Reads eight bytes of the wire.
    pub(super) fn parse(bytes: [u8; 8]) -> Self {
        let [a, b, c, d, e, f, g, h] = bytes;
        Self { boot: u32::from_be_bytes([a, b, c, d]), largest: u32::from_be_bytes([e, f, g, h]) }
    }
}
