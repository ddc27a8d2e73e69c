//! Noise_NNpsk0_25519_ChaChaPoly_BLAKE2s, revision 34: this pattern only.
//!
//! ```text
//! -> psk, e
//! <- e, ee
//! ```
//!
//! Each key encrypts one message, so the nonce of both is 0.

use curve25519_dalek::MontgomeryPoint;
use zeroize::Zeroize;

use super::blake2s::hash;
use super::cipher::{open, seal};
use super::hash::hkdf;

const NAME: &[u8] = b"Noise_NNpsk0_25519_ChaChaPoly_BLAKE2s";

/// The base point of X25519 (RFC 7748 §4.1).
const BASE: [u8; 32] = [9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// X25519 (RFC 7748 §5). The only operation on the curve here. It takes most of the time of a handshake.
#[inline(never)]
fn x25519(secret: &[u8; 32], point: &[u8; 32]) -> [u8; 32] {
    #[cfg(test)]
    super::tests::count();
    let mut clamped = *secret;
    let [first, .., last] = &mut clamped;
    *first &= 0xf8;
    *last = *last & 0x7f | 0x40;
    // All but the highest bit, which is 0. The crate's own way to the bits has a branch that panics.
    let bits = clamped.iter().rev().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).skip(1);
    let product = MontgomeryPoint(*point).mul_bits_be(bits).to_bytes();
    clamped.zeroize();
    product
}

/// Returns the public key of a secret one: a curve operation.
pub(super) fn public(secret: &[u8; 32]) -> [u8; 32] {
    x25519(secret, &BASE)
}

/// The state of a handshake (section 5.2): the chaining key, the hash and the key of the next payload.
pub(super) struct Handshake {
    chaining: [u8; 32],
    hash: [u8; 32],
    key: [u8; 32],
}

impl Drop for Handshake {
    fn drop(&mut self) {
        self.chaining.zeroize();
        self.hash.zeroize();
        self.key.zeroize();
    }
}

impl Handshake {
    /// Begins a handshake, up to and with the token `psk`.
    pub(super) fn new(prologue: &[&[u8]; 4], pre_shared: &[u8; 32]) -> Self {
        let name = hash(&[NAME]);
        let [a, b, c, d] = prologue;
        let mut new = Self { chaining: name, hash: hash(&[&name, a, b, c, d]), key: [0; 32] };
        let mut key = [0; 32];
        let [chaining, mut mixed] = hkdf(&new.chaining, pre_shared, Some(&mut key));
        new.mix_hash(&mixed);
        mixed.zeroize();
        (new.chaining, new.key) = (chaining, key);
        new
    }

    fn mix_hash(&mut self, data: &[u8]) {
        self.hash = hash(&[&self.hash, data]);
    }

    fn mix_key(&mut self, input: &[u8; 32]) {
        [self.chaining, self.key] = hkdf(&self.chaining, input, None);
    }

    /// The token `e`, of either side.
    pub(super) fn ephemeral(&mut self, public: &[u8; 32]) {
        self.mix_hash(public);
        self.mix_key(public);
    }

    /// The token `ee`: a curve operation.
    pub(super) fn agree(&mut self, secret: &[u8; 32], public: &[u8; 32]) {
        let mut shared = x25519(secret, public);
        self.mix_key(&shared);
        shared.zeroize();
    }

    /// Encrypts the payload at the front of `room`, which has 16 bytes more for the tag.
    pub(super) fn write(&mut self, room: &mut [u8], payload: usize) -> Option<()> {
        seal(&self.key, 0, &self.hash, room, payload)?;
        self.mix_hash(room);
        Some(())
    }

    /// Verifies and decrypts a payload. The handshake has failed if it returns `None`.
    pub(super) fn read(&mut self, sealed: &mut [u8]) -> Option<()> {
        let next = hash(&[&self.hash, sealed]);
        open(&self.key, 0, &self.hash, sealed)?;
        self.hash = next;
        Some(())
    }

    /// Ends the handshake: the key of the side that wrote first, and that of the other.
    pub(super) fn split(self) -> [[u8; 32]; 2] {
        hkdf(&self.chaining, &[], None)
    }
}
