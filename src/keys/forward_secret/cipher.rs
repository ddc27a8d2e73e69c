//! ChaCha20-Poly1305 (RFC 8439 §2.8) from its two parts: the crate for it has branches that panic.

use chacha20::{ChaChaCore, KeyIvInit, R20, cipher::StreamCipherCore, variants::Ietf};
use poly1305::{
    Poly1305,
    universal_hash::{KeyInit, UniversalHash},
};
use zeroize::Zeroize;

use super::super::{TAG, bytes::same};

/// The stream of key bytes of one message: the first block is the key of the tag.
struct Stream(ChaChaCore<R20, Ietf>);

impl Stream {
    /// The nonce is that of Noise: four zero bytes, and the counter with its lowest byte first.
    fn new(key: &[u8; 32], counter: u32) -> Self {
        let [a, b, c, d] = counter.to_le_bytes();
        Self(ChaChaCore::new(key.into(), &[0, 0, 0, 0, a, b, c, d, 0, 0, 0, 0].into()))
    }

    fn block(&mut self) -> [u8; 64] {
        let mut block = [0; 64];
        self.0.write_keystream_block((&mut block).into());
        block
    }

    /// The tag's function, with its key.
    fn tag(&mut self) -> Poly1305 {
        let mut block = self.block();
        let (key, _) = block.split_at(32);
        let poly = Poly1305::new(key.try_into().unwrap_or(&Default::default()));
        block.zeroize();
        poly
    }

    /// Encrypts or decrypts.
    fn apply(&mut self, text: &mut [u8]) {
        for chunk in text.chunks_mut(64) {
            let mut block = self.block();
            for (byte, key) in chunk.iter_mut().zip(&block) {
                *byte ^= key;
            }
            block.zeroize();
        }
    }
}

/// The tag over the associated data and the ciphertext.
#[inline(never)]
fn tag(mut poly: Poly1305, beside: &[u8], ciphertext: &[u8]) -> [u8; TAG] {
    let lengths = [beside, ciphertext].map(|bytes| (bytes.len() as u64).to_le_bytes());
    for part in [beside, ciphertext, lengths.as_flattened()] {
        poly.update_padded(part);
    }
    poly.finalize().into()
}

/// Encrypts the content at the front of `room` in place and writes the tag behind it. Returns the bytes of both.
pub(super) fn seal(key: &[u8; 32], counter: u32, beside: &[u8], room: &mut [u8], content: usize) -> Option<usize> {
    let (text, rest) = room.split_at_mut_checked(content)?;
    let place = rest.first_chunk_mut::<TAG>()?;
    let mut stream = Stream::new(key, counter);
    let poly = stream.tag();
    stream.apply(text);
    *place = tag(poly, beside, text);
    content.checked_add(TAG)
}

/// Verifies the tag at the end of `sealed`, in constant time, and then decrypts the rest in place. Returns the bytes of
/// the content.
///
/// If the tag is wrong, the ciphertext is overwritten.
pub(super) fn open(key: &[u8; 32], counter: u32, beside: &[u8], sealed: &mut [u8]) -> Option<usize> {
    let (text, expected) = sealed.split_last_chunk_mut::<TAG>()?;
    let mut stream = Stream::new(key, counter);
    let poly = stream.tag();
    if !same(&tag(poly, beside, text), expected) {
        text.fill(0);
        return None;
    }
    stream.apply(text);
    Some(text.len())
}

#[cfg(test)]
mod tests {
    use super::{TAG, open, seal};

    #[test]
    fn another_implementation_agrees() {
        use chacha20poly1305::{ChaCha20Poly1305, KeyInit, aead::AeadInOut};

        let bytes: [u8; 256] = core::array::from_fn(|at| (at * 31) as u8);
        let key: [u8; 32] = core::array::from_fn(|at| at as u8);
        let nonce = [0, 0, 0, 0, 0x44, 0x33, 0x22, 0x11, 0, 0, 0, 0];
        for beside in [0, 1, 16, 32, 33] {
            for length in 0..200 {
                let (beside, text) = (&bytes[..beside], &bytes[..length]);
                let mut other = [0; 256];
                let other = &mut other[..length];
                other.copy_from_slice(text);
                let cipher = ChaCha20Poly1305::new(&key.into());
                let tag = cipher.encrypt_inout_detached(&nonce.into(), beside, (&mut *other).into()).unwrap();

                let mut room = bytes;
                assert_eq!(seal(&key, 0x1122_3344, beside, &mut room, length), Some(length + TAG));
                let sealed = &mut room[..length + TAG];
                assert_eq!((&sealed[..length], &sealed[length..]), (&*other, &tag[..]));
                assert_eq!(open(&key, 0x1122_3344, beside, sealed), Some(length));
                assert_eq!(&sealed[..length], text);
            }
        }
    }
}
