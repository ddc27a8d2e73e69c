//! Bytes of messages: put together, compared, encrypted and decrypted.

use ascon_aead::aead::{AeadInOut, Nonce, consts::U16};
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

/// Encrypts the content at the front of `room` in place and writes the tag behind it. Returns the bytes of both.
pub(super) fn seal<C>(cipher: &C, nonce: &Nonce<C>, beside: &[u8], room: &mut [u8], content: usize) -> Option<usize>
where
    C: AeadInOut<TagSize = U16>,
{
    let (text, rest) = room.split_at_mut_checked(content)?;
    let tag = rest.first_chunk_mut::<TAG>()?;
    *tag = cipher.encrypt_inout_detached(nonce, beside, text.into()).ok()?.into();
    content.checked_add(TAG)
}

/// Verifies the tag at the end of `sealed`, in constant time, and decrypts the rest in place. Returns the bytes of the content.
pub(super) fn open<C>(cipher: &C, nonce: &Nonce<C>, beside: &[u8], sealed: &mut [u8]) -> Option<usize>
where
    C: AeadInOut<TagSize = U16>,
{
    let (text, tag) = sealed.split_last_chunk_mut::<TAG>()?;
    if cipher.decrypt_inout_detached(nonce, beside, text.into(), (&*tag).into()).is_err() {
        // Not every cipher does it.
        text.fill(0);
        return None;
    }
    Some(text.len())
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
