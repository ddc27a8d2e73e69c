//! CRC-32 as in Ethernet and zlib: the interface of what computes it, and two tables.
//!
//! Own code because of the table's size. With the `crc` crate (3.4) the measured server is 972 bytes larger with its
//! table of 256 entries, or 60 bytes smaller without a table and about four times slower per byte.

const POLYNOMIAL: u32 = 0xedb8_8320;

/// Computes the CRC-32 of frames: by a table, or by the CRC unit of a microcontroller.
///
/// [`CobsWith`](super::CobsWith) and [`SerialWith`](super::SerialWith) have it as a parameter. Implement it for a type
/// without a value, where the chip has a CRC unit. The polynomial is 0x04C11DB7, and both the bytes and the register
/// are reflected: the lowest bit of a byte comes first.
///
/// Frames whose check value is wrong are dropped, so an implementation that is wrong drops every frame of the peer.
///
/// # Example
/// A unit whose start value can be set, as that of an STM32G0 or STM32L4, with its input and output reversed:
///
/// ```
/// use oncilla::framing::{CobsWith, Crc32};
/// # mod unit {
/// #     use std::cell::Cell;
/// #     std::thread_local!(static REGISTER: Cell<u32> = const { Cell::new(0) });
/// #     pub fn start(reversed: u32) { REGISTER.set(reversed.reverse_bits()) }
/// #     pub fn feed(byte: u8) {
/// #         let mut register = REGISTER.get() ^ u32::from(byte);
/// #         for _ in 0..8 { register = register >> 1 ^ 0xedb8_8320 * (register & 1) }
/// #         REGISTER.set(register);
/// #     }
/// #     pub fn result() -> u32 { REGISTER.get() }
/// # }
///
/// struct Unit;
///
/// impl Crc32 for Unit {
///     fn update(register: u32, bytes: &[u8]) -> u32 {
///         unit::start(register.reverse_bits()); // INIT is not reversed; a write to CR takes it
///         bytes.iter().for_each(|&byte| unit::feed(byte)); // writes of 8 bits to DR
///         unit::result()
///     }
/// }
///
/// assert_eq!(!Unit::update(!0, b"123456789"), 0xcbf4_3926);
///
/// /// The framing that the link of this board has.
/// type Framing = CobsWith<Unit>;
/// ```
pub trait Crc32 {
    /// Continues a CRC with `bytes`. Returns the register after them.
    ///
    /// A CRC begins with a register of all ones. Its check value is the complement of the last register. A message is
    /// usually one piece; one that is too long for the buffer is several.
    fn update(register: u32, bytes: &[u8]) -> u32;
}

/// CRC-32 by a table of 16 entries: 64 bytes of flash. The default.
#[derive(Clone, Copy, Debug, Default)]
pub struct SmallTable;

/// CRC-32 by a table of 256 entries: 1024 bytes of flash, and less than half the instructions.
#[derive(Clone, Copy, Debug, Default)]
pub struct LargeTable;

impl Crc32 for SmallTable {
    /// Not inlined: receiving and sending share one copy.
    #[inline(never)]
    fn update(register: u32, bytes: &[u8]) -> u32 {
        bytes.iter().fold(register, |register, &byte| nibble(nibble(register ^ u32::from(byte))))
    }
}

impl Crc32 for LargeTable {
    #[inline(never)]
    fn update(mut register: u32, bytes: &[u8]) -> u32 {
        // Four bytes are one load.
        let (words, rest) = bytes.as_chunks();
        for word in words {
            register ^= u32::from_le_bytes(*word);
            register = byte(byte(byte(byte(register))));
        }
        rest.iter().fold(register, |register, &next| byte(register ^ u32::from(next)))
    }
}

/// The table for so many bits at a time.
const fn table<const N: usize>(bits: u32) -> [u32; N] {
    let mut table = [0; N];
    let mut i = 0;
    while i < N {
        table[i] = shifted(i as u32, bits);
        i += 1;
    }
    table
}

/// The register after so many zero bits.
const fn shifted(mut register: u32, bits: u32) -> u32 {
    let mut bit = 0;
    while bit < bits {
        register = if register & 1 == 1 { register >> 1 ^ POLYNOMIAL } else { register >> 1 };
        bit += 1;
    }
    register
}

static SMALL: [u32; 16] = table(4);
static LARGE: [u32; 256] = table(8);

/// The register after a valid message and its check value, least significant byte first.
pub(super) const RESIDUE: u32 = 0xdebb_20e3;

/// The register after a valid message in the short form and its check value.
///
/// The check value differs by [`SHORT_MARK`] from that of the same bytes in the full form.
pub(super) const SHORT_RESIDUE: u32 = shifted(!SHORT_MARK, 32);

/// The difference that [`SHORT_MARK`] makes in the final register.
pub(super) const SHORT_CHANGE: u32 = SHORT_RESIDUE ^ RESIDUE;

/// Returns the difference that a `mark` in the check value makes in the final register.
///
/// The result is a register that begins as `mark`, after four CRC steps with zero bytes. Each mark has its own result:
/// the CRC is linear and its steps are invertible.
///
/// By the bit, so that a link with another CRC needs no table: a handshake computes it three times.
#[inline(never)]
pub(crate) const fn zeros(mark: u32) -> u32 {
    shifted(mark, 32)
}

/// The difference between the check values of the two forms.
///
/// No error of up to three bits turns one form into the other, in a message with check value of up to 500 bytes
/// (`tests/framing/forms.rs`).
pub(crate) const SHORT_MARK: u32 = 0x5348_4f52;

#[inline(always)]
fn nibble(register: u32) -> u32 {
    let index = (register & 15) as usize;
    // The index is always within the table; `get` avoids the code of a panic.
    SMALL.get(index).copied().unwrap_or(0) ^ register >> 4
}

#[inline(always)]
fn byte(register: u32) -> u32 {
    let index = (register & 255) as usize;
    LARGE.get(index).copied().unwrap_or(0) ^ register >> 8
}

/// Returns the CRC-32 of `bytes` (polynomial 0x04C11DB7, reflected, initially all ones, complemented).
///
/// ```
/// assert_eq!(oncilla::framing::crc32(b"123456789"), 0xcbf4_3926);
/// ```
#[must_use]
pub fn crc32(bytes: &[u8]) -> u32 {
    !SmallTable::update(!0, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tables_agree_in_pieces_of_any_size() {
        let bytes: std::vec::Vec<u8> = (0..70u8).map(|i| i.wrapping_mul(37)).collect();
        for length in 0..bytes.len() {
            for split in 0..=length {
                let (first, rest) = bytes[..length].split_at(split);
                let small = SmallTable::update(SmallTable::update(!0, first), rest);
                assert_eq!(LargeTable::update(LargeTable::update(!0, first), rest), small);
                assert_eq!(!small, crc32(&bytes[..length]));
            }
        }
        assert_eq!(!LargeTable::update(!0, b"123456789"), 0xcbf4_3926);
    }
}
