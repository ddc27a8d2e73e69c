//! CRC-32 as in Ethernet and zlib, by a table of 16 entries.
//!
//! Written by hand for the table's size: with the `crc` crate (3.4) the measured server is 972 bytes larger by
//! its table of 256 entries, or 60 bytes smaller without a table and some four times slower at each byte.

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

/// What the register holds after a message and its check value, least significant byte first.
pub(super) const RESIDUE: u32 = 0xdebb_20e3;

/// What the register holds after a message in the short form and its check value, which differs by
/// [`SHORT_MARK`] from what it would be for a message in the full form.
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

/// What [`SHORT_MARK`] changes in the register at the end.
pub(super) const SHORT_CHANGE: u32 = SHORT_RESIDUE ^ RESIDUE;

/// What a check value that differs by `mark` changes in the register at the end: four steps with zeros, without what
/// the register begins with. One number for each mark: the CRC is linear, and its steps can be undone.
#[inline(never)]
pub(crate) fn zeros(mark: u32) -> u32 {
    // The register begins with ones, and a byte changes it as it changes its lowest bits.
    register(Cell::from_mut(&mut (!mark).to_le_bytes()[..]).as_slice_of_cells())
}

/// No error of up to three bits in a message and check value of up to 500 bytes makes one form of the other
/// (`tests/framing/forms.rs`).
pub(crate) const SHORT_MARK: u32 = 0x5348_4f52;

/// The shift register after `bytes`; its complement is the check value.
///
/// Not inlined: receiving and sending share it.
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
    // The index is always in the table; `get` says so without a panic.
    TABLE.get(index).copied().unwrap_or(0) ^ register >> 4
}

/// The CRC-32 of `bytes` (polynomial 0x04C11DB7, reflected, initially all ones, complemented).
///
/// ```
/// assert_eq!(oncilla::framing::crc32(b"123456789"), 0xcbf4_3926);
/// ```
#[must_use]
pub fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |register, &byte| step(register, byte))
}
