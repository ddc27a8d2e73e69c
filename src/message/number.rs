//! Numbers in as few bytes as they need, for the short form of headers.
//!
//! Seven bits a byte, the most significant first, and the top bit set in all but the last: 1 byte up to 127, 2 up
//! to 16 383, 5 at most. There is one encoding of each number; a leading byte 0x80 says nothing and is refused.

/// Writes `number` at the start of `room`; gives its bytes, 1 to 5, or `None` when there is not room.
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

/// Takes a number off the front; `None` when it is cut short, over 32 bits, or not as short as can be.
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
