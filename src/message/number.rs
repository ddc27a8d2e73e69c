//! Numbers of variable length, for the short form of headers.
//!
//! Each byte has seven bits, the most significant first. The top bit is set in all bytes but the last. A number up to
//! 127 has 1 byte, up to 16 383 it has 2, and at most 5. Each number has exactly one encoding: a leading byte 0x80,
//! which would hold only zeros, is refused.

/// Writes `number` at the start of `room`.
///
/// Returns the number of bytes, 1 to 5, or `None` if `room` is too small.
#[inline(never)]
pub(super) fn put(number: u32, room: &mut [u8]) -> Option<usize> {
    let mut places = room.iter_mut();
    let available = places.len();
    for shift in [28, 21, 14, 7] {
        let leading = number.wrapping_shr(shift);
        if leading > 0 {
            *places.next()? = leading as u8 | 0x80;
        }
    }
    *places.next()? = number as u8 & 0x7f;
    Some(available.wrapping_sub(places.len()))
}

/// Reads a number from the front of `input`.
///
/// Returns `None` if the number is incomplete, has more than 32 bits, or could be shorter.
#[inline(never)]
pub(super) fn take(input: &mut &[u8]) -> Option<u32> {
    let mut number = 0u32;
    loop {
        let (&byte, rest) = input.split_first()?;
        *input = rest;
        if number >> 25 != 0 || number == 0 && byte == 0x80 {
            return None;
        }
        number = number << 7 | u32::from(byte & 0x7f);
        if byte < 0x80 {
            return Some(number);
        }
    }
}
