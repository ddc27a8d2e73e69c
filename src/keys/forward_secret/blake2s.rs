//! BLAKE2s-256 without a key (RFC 7693): small code without a branch that panics.

/// Bytes of a block.
pub(super) const BLOCK: usize = 64;

/// The initial state (§2.6).
const INITIAL: [[u32; 4]; 2] =
    [[0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a], [0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19]];

/// The order of the words of a block in each round (§2.7): a hexadecimal digit for each, the first one first.
const ORDER: [u64; 10] = [
    0x0123_4567_89ab_cdef,
    0xea48_9fd6_1c02_b753,
    0xb8c0_52fd_ae36_7194,
    0x7931_dcbe_265a_40f8,
    0x9057_24af_e1bc_683d,
    0x2c6a_0b83_4d75_fe19,
    0xc51f_ed4a_0763_928b,
    0xdb7e_c139_50f4_862a,
    0x6fe9_b308_c2d7_14a5,
    0xa284_7615_fb9e_3cd0,
];

/// Returns the hash of `parts`, one behind another. One function, and not inlined: it is large.
#[inline(never)]
pub(super) fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut state = INITIAL;
    // 32 bytes of output, no key, no tree (§2.8).
    let [[first, ..], _] = &mut state;
    *first ^= 0x0101_0020;
    let mut block = [0; BLOCK];
    let (mut filled, mut total) = (0, 0_u64);
    for byte in parts.iter().copied().flatten() {
        // The last block is compressed in another way, so a full one waits for a byte behind it.
        if filled == BLOCK {
            compress(&mut state, &block, total, 0);
            block = [0; BLOCK];
            filled = 0;
        }
        if let Some(place) = block.get_mut(filled) {
            *place = *byte;
        }
        filled = filled.wrapping_add(1);
        total = total.wrapping_add(1);
    }
    compress(&mut state, &block, total, u32::MAX);

    let mut out = [0; 32];
    for (bytes, word) in out.as_chunks_mut().0.iter_mut().zip(state.as_flattened()) {
        *bytes = word.to_le_bytes();
    }
    out
}

/// The function F (§3.2). `last` has all bits set for the last block.
#[inline(never)]
fn compress(state: &mut [[u32; 4]; 2], block: &[u8; BLOCK], total: u64, last: u32) {
    let mut words = [0; 16];
    for (word, bytes) in words.iter_mut().zip(block.as_chunks().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    let [mut a, mut b] = *state;
    let [mut c, [d0, d1, d2, d3]] = INITIAL;
    let mut d = [d0 ^ total as u32, d1 ^ (total >> 32) as u32, d2 ^ last, d3];
    for order in ORDER {
        mix([&mut a, &mut b, &mut c, &mut d], &words, (order >> 32) as u32);
        // The diagonals become columns, and are put back.
        (b, c, d) = (turned(b), turned(turned(c)), turned(turned(turned(d))));
        mix([&mut a, &mut b, &mut c, &mut d], &words, order as u32);
        (b, c, d) = (turned(turned(turned(b))), turned(turned(c)), turned(d));
    }
    let mixed = [a, b].into_iter().zip([c, d]);
    for (row, (upper, lower)) in state.iter_mut().zip(mixed) {
        for ((word, upper), lower) in row.iter_mut().zip(upper).zip(lower) {
            *word ^= upper ^ lower;
        }
    }
}

/// Moves the first word to the end. The method of slices links a large function.
fn turned([a, b, c, d]: [u32; 4]) -> [u32; 4] {
    [b, c, d, a]
}

/// The function G (§3.1) of each column. `order` has eight digits.
#[inline(never)]
fn mix([a, b, c, d]: [&mut [u32; 4]; 4], words: &[u32; 16], mut order: u32) {
    let mut word = || {
        order = order.rotate_left(4);
        words.get((order & 15) as usize).copied().unwrap_or_default()
    };
    for (((a, b), c), d) in a.iter_mut().zip(b).zip(c).zip(d) {
        *a = a.wrapping_add(*b).wrapping_add(word());
        *d = (*d ^ *a).rotate_right(16);
        *c = c.wrapping_add(*d);
        *b = (*b ^ *c).rotate_right(12);
        *a = a.wrapping_add(*b).wrapping_add(word());
        *d = (*d ^ *a).rotate_right(8);
        *c = c.wrapping_add(*d);
        *b = (*b ^ *c).rotate_right(7);
    }
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn the_answer_of_the_standard_is_known() {
        let expected = [
            0x50, 0x8c, 0x5e, 0x8c, 0x32, 0x7c, 0x14, 0xe2, 0xe1, 0xa7, 0x2b, 0xa3, 0x4e, 0xeb, 0x45, 0x2f, 0x37, 0x45,
            0x8b, 0x20, 0x9e, 0xd6, 0x3a, 0x29, 0x4d, 0x99, 0x9b, 0x4c, 0x86, 0x67, 0x59, 0x82,
        ];
        assert_eq!(hash(&[b"abc"]), expected, "RFC 7693, appendix B");
        assert_eq!(hash(&[b"a", b"", b"bc"]), expected);
    }

    #[test]
    fn another_implementation_agrees() {
        use blake2::Digest;

        let bytes: [u8; 300] = core::array::from_fn(|at| (at * 7 + at / 256) as u8);
        for length in 0..=bytes.len() {
            let (front, back) = bytes[..length].split_at(length / 3);
            assert_eq!(hash(&[front, back])[..], blake2::Blake2s256::digest(&bytes[..length])[..], "{length} bytes");
        }
    }
}
