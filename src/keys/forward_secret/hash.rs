//! What is derived from keys and starts, and Noise's HKDF.

use zeroize::Zeroize;

use super::super::Agreed;
use super::blake2s::{BLOCK, hash};

/// What a derivation is for. The number is an input of it, so that no output can stand for another.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum Purpose {
    Hello = 1,
    Open = 2,
    Name = 3,
    PreShared = 4,
    OpenerEphemeral = 5,
    AcceptorEphemeral = 6,
    Forget = 7,
}

/// Returns the hash of the label, the purpose, the key and two parts.
pub(super) fn derive(agreed: Agreed<'_>, purpose: Purpose, first: &[u8], second: &[u8]) -> [u8; 32] {
    let (same, own) = agreed.label.parts();
    hash(&[same, own, &[purpose as u8], agreed.key.secret(), first, second])
}

/// Returns the hash of the purpose and the secret of a start.
pub(super) fn from_start(purpose: Purpose, secret: &[u8; 32]) -> [u8; 32] {
    hash(&[b"oncilla start", &[purpose as u8], secret])
}

/// HMAC-BLAKE2s (RFC 2104) of two parts.
#[inline(never)]
fn hmac(key: &[u8; 32], first: &[u8], second: &[u8]) -> [u8; 32] {
    let pad = |byte: u8| {
        let mut block = [byte; BLOCK];
        for (padded, key) in block.iter_mut().zip(key) {
            *padded ^= key;
        }
        block
    };
    let mut inner = pad(0x36);
    let mut outer = pad(0x5c);
    let digest = hash(&[&outer, &hash(&[&inner, first, second])]);
    inner.zeroize();
    outer.zeroize();
    digest
}

/// Noise's HKDF of two outputs (section 4.3), and of a third one that only the token `psk` needs.
pub(super) fn hkdf(chaining: &[u8; 32], input: &[u8], third: Option<&mut [u8; 32]>) -> [[u8; 32]; 2] {
    let mut secret = hmac(chaining, input, &[]);
    let first = hmac(&secret, &[1], &[]);
    let second = hmac(&secret, &first, &[2]);
    if let Some(third) = third {
        *third = hmac(&secret, &second, &[3]);
    }
    secret.zeroize();
    [first, second]
}
