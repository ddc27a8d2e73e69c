//! Noise_NNpsk0_25519_ChaChaPoly_BLAKE2s, revision 34: this pattern only.
//!
//! ```text
//! -> psk, e
//! <- e, ee
//! ```
//!
//! Each key encrypts one message, so the nonce of both is 0.

use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use curve25519_dalek::MontgomeryPoint;
use zeroize::Zeroize;

use super::super::{TAG, bytes};
use super::hash::{hash, hkdf};

const NAME: &[u8] = b"Noise_NNpsk0_25519_ChaChaPoly_BLAKE2s";

/// The base point of X25519 (RFC 7748 §4.1).
const BASE: [u8; 32] = [9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// X25519. The only curve operation here: it takes as long as all others together.
#[inline(never)]
fn x25519(secret: &[u8; 32], point: &[u8; 32]) -> [u8; 32] {
    MontgomeryPoint(*point).mul_clamped(*secret).to_bytes()
}

/// Returns the public key of a secret one: a curve operation.
pub(super) fn public(secret: &[u8; 32]) -> [u8; 32] {
    x25519(secret, &BASE)
}

/// The cipher with `key`, and the nonce of Noise: four zero bytes, and the counter with its lowest byte first.
pub(super) fn cipher(key: &[u8; 32], counter: u32) -> (ChaCha20Poly1305, chacha20poly1305::Nonce) {
    let [a, b, c, d] = counter.to_le_bytes();
    (ChaCha20Poly1305::new(key.into()), [0, 0, 0, 0, a, b, c, d, 0, 0, 0, 0].into())
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
    pub(super) fn new(prologue: &[&[u8]; 3], pre_shared: &[u8; 32]) -> Self {
        let name = hash(&[NAME]);
        let [a, b, c] = prologue;
        let mut new = Self { chaining: name, hash: hash(&[&name, a, b, c]), key: [0; 32] };
        let [chaining, mut mixed, key] = hkdf(&new.chaining, pre_shared);
        new.mix_hash(&mixed);
        mixed.zeroize();
        (new.chaining, new.key) = (chaining, key);
        new
    }

    fn mix_hash(&mut self, data: &[u8]) {
        self.hash = hash(&[&self.hash, data]);
    }

    fn mix_key(&mut self, input: &[u8; 32]) {
        let [chaining, key, mut third] = hkdf(&self.chaining, input);
        third.zeroize();
        (self.chaining, self.key) = (chaining, key);
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

    /// Encrypts the payload in front of the last 16 bytes of `room` and writes the tag into them.
    pub(super) fn write(&mut self, room: &mut [u8]) -> Option<()> {
        let text = room.len().checked_sub(TAG)?;
        let (cipher, nonce) = cipher(&self.key, 0);
        bytes::seal(&cipher, &nonce, &self.hash, room, text)?;
        self.mix_hash(room);
        Some(())
    }

    /// Verifies and decrypts a payload. The handshake has failed if it returns `None`.
    pub(super) fn read(&mut self, sealed: &mut [u8]) -> Option<()> {
        let next = hash(&[&self.hash, sealed]);
        let (cipher, nonce) = cipher(&self.key, 0);
        bytes::open(&cipher, &nonce, &self.hash, sealed)?;
        self.hash = next;
        Some(())
    }

    /// Ends the handshake: the key of the side that wrote first, and that of the other.
    pub(super) fn split(self) -> [[u8; 32]; 2] {
        let [first, second, mut third] = hkdf(&self.chaining, &[]);
        third.zeroize();
        [first, second]
    }
}
