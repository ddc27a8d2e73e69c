//! Lengths, padding and opaque data at the front of a slice.

use super::{Fault, padding};

/// Reads a length word from the front of `input`.
///
/// Every counted item has at least one byte, so a length above the bytes that are left is false whatever it counts.
/// On that error `input` has already advanced: callers pass a copy.
#[inline]
pub(super) fn split_length(input: &mut &[u8]) -> Result<usize, Fault> {
    let (word, rest) = input.split_first_chunk().ok_or(Fault::End)?;
    let length = usize::try_from(u32::from_be_bytes(*word)).map_err(|_| Fault::Length)?;
    *input = rest;
    if length > rest.len() { Err(Fault::Length) } else { Ok(length) }
}

/// Reads the zeros that pad `length` bytes from the front of `input`.
#[inline]
pub(super) fn split_padding(input: &mut &[u8], length: usize) -> Result<(), Fault> {
    let (zeros, rest) = input.split_at_checked(padding(length)).ok_or(Fault::End)?;
    if zeros.iter().any(|&byte| byte != 0) {
        return Err(Fault::Padding);
    }
    *input = rest;
    Ok(())
}

/// Returns what follows opaque data of `length` bytes and their padding. `item` begins with the length word.
#[cfg(feature = "alloc")]
#[inline]
pub(super) fn after_padding(item: &[u8], length: usize) -> Result<&[u8], Fault> {
    let padding = padding(length);
    let whole = length.checked_add(padding).and_then(|length| length.checked_add(super::UNIT));
    let (item, rest) = whole.and_then(|whole| item.split_at_checked(whole)).ok_or(Fault::End)?;
    // The last word of an item without padding is its length or data: no bit of it counts.
    let last = item.last_chunk().map_or(0, |word| u32::from_be_bytes(*word));
    let counts = (1_u32 << (padding * 8)).wrapping_sub(1);
    if last & counts == 0 { Ok(rest) } else { Err(Fault::Padding) }
}

/// Reads variable-length opaque data (RFC 4506 §4.10) of at most `bound` bytes: length, bytes, padding.
///
/// The bound is checked before the padding, so data over its bound fails with [`Fault::Bound`] whatever its padding is.
///
/// The function is not generic, so that firmware contains it once, unless the compiler finds inlining smaller.
#[inline]
pub(crate) fn split_opaque<'a>(input: &mut &'a [u8], bound: usize) -> Result<&'a [u8], Fault> {
    let mut rest = *input;
    let length = split_length(&mut rest)?;
    let (bytes, rest) = rest.split_at_checked(length).ok_or(Fault::End)?;
    if length > bound {
        return Err(Fault::Bound);
    }
    *input = rest;
    split_padding(input, length)?;
    Ok(bytes)
}
