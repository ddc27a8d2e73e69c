//! CRC-32 as in Ethernet and zlib, with a table of 16 entries.
//!
//! Own code because of the table's size. With the `crc` crate (3.4) the measured server is 972 bytes larger with its
//! table of 256 entries, or 60 bytes smaller without a table and about four times slower per byte.

use core::cell::Cell;

const POLYNOMIAL: u32 = 0xedb8_8320;

const TABLE: [u32; 16] = {
    let mut table = [0; 16];
    let mut i = 0;
    while i < 16 {
        let mut entry = i as u32;
        let mut bit = 0;
        while bit < 4 {
            entry = if entry & 1 == 1 { entry >> 1 ^ POLYNOMIAL } else { entry >> 1 };
            bit += 1;
        }
        table[i] = entry;
        i += 1;
    }
    table
};

/// The register after a valid message and its check value, least significant byte first.
pub(super) const RESIDUE: u32 = 0xdebb_20e3;

/// The register after a valid message in the short form and its check value.
///
/// The check value differs by [`SHORT_MARK`] from that of the same bytes in the full form.
pub(super) const SHORT_RESIDUE: u32 = {
    let mut register = !SHORT_MARK;
    let mut byte = 0;
    while byte < 4 {
        register = TABLE[(register & 15) as usize] ^ register >> 4;
        register = TABLE[(register & 15) as usize] ^ register >> 4;
        byte += 1;
    }
    register
};

/// The difference that [`SHORT_MARK`] makes in the final register.
pub(super) const SHORT_CHANGE: u32 = SHORT_RESIDUE ^ RESIDUE;

/// Returns the difference that a `mark` in the check value makes in the final register.
///
/// The result is a register that begins as `mark`, after four CRC steps with zero bytes. Each mark has its own result:
/// the CRC is linear and its steps are invertible.
#[inline(never)]
pub(crate) fn zeros(mark: u32) -> u32 {
    // A byte and the lowest bits of the register have the same effect; `!mark` cancels the initial ones.
    register(Cell::from_mut(&mut (!mark).to_le_bytes()[..]).as_slice_of_cells())
}

/// The difference between the check values of the two forms.
///
/// No error of up to three bits turns one form into the other, in a message with check value of up to 500 bytes
/// (`tests/framing/forms.rs`).
pub(crate) const SHORT_MARK: u32 = 0x5348_4f52;

/// Returns the CRC register after `bytes`; its complement is the check value.
///
/// Not inlined: receiving and sending share one copy.
#[inline(never)]
pub(super) fn register(bytes: &[Cell<u8>]) -> u32 {
    bytes.iter().fold(!0, |register, byte| step(register, byte.get()))
}

#[inline]
pub(super) fn step(register: u32, byte: u8) -> u32 {
    nibble(nibble(register ^ u32::from(byte)))
}

#[inline(always)]
fn nibble(register: u32) -> u32 {
    let index = (register & 15) as usize;
    // The index is always within the table; `get` avoids the code of a panic.
    TABLE.get(index).copied().unwrap_or(0) ^ register >> 4
}

/// Returns the CRC-32 of `bytes` (polynomial 0x04C11DB7, reflected, initially all ones, complemented).
///
/// ```
/// assert_eq!(oncilla::framing::crc32(b"123456789"), 0xcbf4_3926);
/// ```
#[must_use]
pub fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |register, &byte| step(register, byte))
}
