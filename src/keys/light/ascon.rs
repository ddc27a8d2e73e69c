//! Ascon-XOF128 and Ascon-AEAD128 (NIST SP 800-232) over the permutation of `ascon-core`.
//!
//! They are written here because the crates for them take 1 kB more of flash, and depend on crates with `unsafe` code.
//! The bytes of a word are in little-endian order.

use ascon_core::State;

/// Bytes that one permutation of the XOF absorbs or returns.
const XOF_RATE: usize = 8;

/// The state at the beginning: the permutation of the initial value 0x0000_0800_00cc_0003.
const XOF_START: [u64; 5] =
    [0xda82_ce76_8d94_47eb, 0xcc7c_e6c7_5f1e_f969, 0xe750_8fd7_8008_5631, 0x0ee0_ea53_416b_58cc, 0xe054_7524_db6f_0bde];

/// Bytes that one permutation of the cipher encrypts.
const RATE: usize = 16;

/// Ascon-XOF128 (§5.2): absorbs bytes, then returns output.
pub(super) struct Xof {
    state: State,
    /// Bytes of the present block that were absorbed.
    filled: u8,
}

impl Xof {
    /// Begins.
    pub fn new() -> Self {
        // On AVR, a constant in memory takes RAM.
        #[cfg(target_pointer_width = "16")]
        let state = {
            let [a, b, c, d, e] = XOF_START;
            State::new(a, b, c, d, e)
        };
        #[cfg(not(target_pointer_width = "16"))]
        let state = State::from(&XOF_START);
        Self { state, filled: 0 }
    }

    /// Absorbs bytes behind those before.
    ///
    /// A byte goes into the lowest bits of the first word, which then turns by a byte: a whole block turns it once. So
    /// no block is gathered on the stack.
    #[inline(never)]
    pub fn absorb(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.state[0] = (self.state[0] ^ u64::from(*byte)).rotate_right(8);
            self.filled = self.filled.wrapping_add(1);
            if usize::from(self.filled) == XOF_RATE {
                permute(&mut self.state, 12);
                self.filled = 0;
            }
        }
    }

    /// Ends the input. The output follows.
    #[inline]
    pub fn end(&mut self) {
        self.state[0] ^= 1;
        for _ in usize::from(self.filled)..XOF_RATE {
            self.state[0] = self.state[0].rotate_right(8);
        }
    }

    /// Writes the next 16 bytes of the output.
    #[inline(never)]
    pub fn read(&mut self, out: &mut [u8; 16]) {
        for chunk in out.chunks_exact_mut(XOF_RATE) {
            permute(&mut self.state, 12);
            chunk.copy_from_slice(&self.state[0].to_le_bytes());
        }
    }
}

/// The permutation of 12 or 8 rounds. One loop for both: the unrolled ones of the crate are large.
#[inline(never)]
fn permute(state: &mut State, rounds: usize) {
    state.permute_n(rounds);
}

/// Whether a text is encrypted or decrypted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    Encrypt,
    Decrypt,
}

/// Encrypts or decrypts `text` in place, without associated data, and returns the tag (§4.1). The nonce is the counter,
/// with its highest byte first, and 12 zero bytes. One function for both, and not inlined: it is large.
#[inline(never)]
pub(super) fn cipher(work: Work, key: &[u8; 16], counter: u32, text: &mut [u8]) -> [u8; 16] {
    let [k0, k1] = words(key);
    let mut state = State::new(0x0000_1000_808c_0001, k0, k1, counter.swap_bytes().into(), 0);
    permute(&mut state, 12);
    state[3] ^= k0;
    // There is no associated data: the bit that ends it.
    state[4] ^= k1 ^ 1 << 63;

    let (blocks, rest) = text.as_chunks_mut::<RATE>();
    for block in blocks {
        let before = words(block);
        let after = [before[0] ^ state[0], before[1] ^ state[1]];
        *block = bytes(after[0], after[1]);
        // The state takes the ciphertext.
        [state[0], state[1]] = if work == Work::Encrypt { after } else { before };
        permute(&mut state, 8);
    }
    let mut rate = bytes(state[0], state[1]);
    for (byte, rate) in rest.iter_mut().zip(&mut rate) {
        let before = *byte;
        *byte ^= *rate;
        *rate = if work == Work::Encrypt { *byte } else { before };
    }
    if let Some(place) = rate.get_mut(rest.len()) {
        *place ^= 1;
    }
    [state[0], state[1]] = words(&rate);

    state[2] ^= k0;
    state[3] ^= k1;
    permute(&mut state, 12);
    bytes(state[3] ^ k0, state[4] ^ k1)
}

fn words(bytes: &[u8; 16]) -> [u64; 2] {
    let both = u128::from_le_bytes(*bytes);
    [both as u64, (both >> 64) as u64]
}

fn bytes(low: u64, high: u64) -> [u8; 16] {
    (u128::from(low) | u128::from(high) << 64).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use ascon_aead::aead::{AeadInOut, KeyInit};
    use ascon_hash::{ExtendableOutput, Update, XofReader};

    use super::{Work, Xof, cipher};

    /// Bytes that look random enough.
    fn some(seed: usize) -> [u8; 256] {
        core::array::from_fn(|at| (at * 167 + seed * 59 + at * at / 7) as u8)
    }

    #[test]
    fn the_cipher_is_that_of_another_implementation() {
        for seed in 0..8 {
            let key: [u8; 16] = *some(seed).first_chunk().unwrap();
            let counter = [0, 1, 255, 256, 0x0102_0304, u32::MAX - 1, u32::MAX, 1 << 31][seed];
            let mut nonce = [0; 16];
            nonce[..4].copy_from_slice(&counter.to_be_bytes());
            for length in 0..200 {
                let text = some(seed + length);
                let (mut own, mut other) = (text, text);
                let tag = cipher(Work::Encrypt, &key, counter, &mut own[..length]);
                let expected = ascon_aead::AsconAead128::new(&key.into())
                    .encrypt_inout_detached(&nonce.into(), &[], (&mut other[..length]).into())
                    .unwrap();
                assert_eq!((own, &tag[..]), (other, &expected[..]), "{length} bytes");
                assert_eq!(cipher(Work::Decrypt, &key, counter, &mut own[..length]), tag);
                assert_eq!(own, text);
            }
        }
    }

    #[test]
    fn the_xof_is_that_of_another_implementation() {
        for length in 0..200 {
            let message = &some(length)[..length];
            let (front, back) = message.split_at(length / 3);
            let mut own = Xof::new();
            for part in [front, &[], back] {
                own.absorb(part);
            }
            own.end();
            let mut other = ascon_hash::AsconXof128::default();
            other.update(message);
            let mut other = other.finalize_xof();
            for _ in 0..3 {
                let (mut output, mut expected) = ([0; 16], [0; 16]);
                own.read(&mut output);
                other.read(&mut expected);
                assert_eq!(output, expected, "{length} bytes");
            }
        }
    }
}
