//! Consistent overhead byte stuffing, in place.
//!
//! Own code because it works in place in both directions. The `cobs` crate (0.5) decodes in place but can panic, so
//! firmware with it does not link here, and it encodes into a second buffer.

use core::cell::Cell;

use super::{Crc32, move_down};

/// Bytes of the check value, sent least significant byte first.
pub(super) const CHECK: usize = 4;

/// The code of a full block: 254 bytes without a zero, with no zero after them.
pub(super) const FULL: u8 = 255;

/// Unstuffs a frame in place and checks it. `is_whole` receives the final CRC register.
///
/// Returns the bytes of the message, which begins after the first code. If the first code points beyond the end, the
/// frame is unchanged.
///
/// A code is the distance to the next code, and stands for a zero. Only after a full block there was no zero: then the
/// rest moves down one byte, which short messages never need.
#[inline(never)]
pub(super) fn unstuff<C: Crc32>(bytes: &mut [u8], is_whole: &mut impl FnMut(u32) -> bool) -> Option<usize> {
    let mut frame = Cell::from_mut(&mut *bytes).as_slice_of_cells();
    let mut code = frame.first()?.get();
    let mut at = usize::from(code);
    // Within a frame that is too short for another code after a full block, codes need no test for such blocks.
    let (short, _) = frame.split_at_checked(FULL.into()).unwrap_or((frame, &[]));
    while let Some(place) = short.get(at) {
        code = place.replace(0);
        at = at.wrapping_add(usize::from(code));
    }
    while let Some(place) = frame.get(at) {
        if code == FULL {
            at = join(frame, at)?;
            frame = frame.get(..at)?;
            break;
        }
        code = place.replace(0);
        at = at.wrapping_add(usize::from(code));
    }
    // The last code points at the end of the frame.
    if at != frame.len() {
        return None;
    }
    let (_, message) = bytes.get(..at)?.split_first()?;
    if is_whole(C::update(!0, message)) { message.len().checked_sub(CHECK) } else { None }
}

/// Unstuffs a frame from the code at `at`, after the first full block. Returns the end of the message.
///
/// Each block moves down once, by the number of full blocks before it.
#[cold]
#[inline(never)]
fn join(frame: &[Cell<u8>], mut at: usize) -> Option<usize> {
    let mut to = at;
    loop {
        let code = frame.get(at)?.get();
        let content = usize::from(code).wrapping_sub(1);
        move_down(frame, at.wrapping_add(1), to, content);
        at = at.wrapping_add(1).wrapping_add(content);
        to = to.wrapping_add(content);
        if at == frame.len() {
            return Some(to);
        }
        if code != FULL {
            frame.get(to)?.set(0);
            to = to.wrapping_add(1);
        }
    }
}

/// Stuffs the message at `head..head + length` in place. Adds its check value and both zeros.
///
/// The check value differs by `mark` from the plain one. Every zero is replaced by the distance to the next one.
#[inline(never)]
pub(super) fn stuff<C: Crc32>(buffer: &mut [u8], head: usize, length: usize, mark: u32) -> Option<&[u8]> {
    let mut end = head.checked_add(length)?.checked_add(CHECK)?;
    let message = buffer.get_mut(head..end)?;
    let (message, check) = message.split_last_chunk_mut::<CHECK>()?;
    *check = (!C::update(!0, message) ^ mark).to_le_bytes();
    let cells = Cell::from_mut(&mut *buffer).as_slice_of_cells();
    let mut start = head.wrapping_sub(2);
    let (code, unstuffed) = (cells.get(head.wrapping_sub(1))?, cells.get(head..end)?);
    if unstuffed.len() < usize::from(FULL) - 1 {
        set_short_codes(code, unstuffed);
    } else if let Some(left) = set_codes(code, unstuffed) {
        end = split(cells, start, left, end)?;
        start = 0;
    }
    cells.get(start)?.set(0);
    cells.get(end)?.set(0);
    buffer.get(start..end.wrapping_add(1))
}

/// Sets the codes of a message that is too short for a full block. The first code is at `code`.
///
/// From the end to the front, where each zero needs only the distance to the one behind it.
#[inline(always)]
fn set_short_codes(code: &Cell<u8>, unstuffed: &[Cell<u8>]) {
    let mut distance = 1u32;
    for place in unstuffed.iter().rev() {
        if place.get() == 0 {
            place.set(distance as u8);
            distance = 0;
        }
        distance = distance.wrapping_add(1);
    }
    code.set(distance as u8);
}

/// Sets the codes up to the first full block. The first code is at `code`.
///
/// Returns the number of bytes after the full block, or `None` if there is none.
#[cold]
#[inline(never)]
fn set_codes<'c>(mut code: &'c Cell<u8>, unstuffed: &'c [Cell<u8>]) -> Option<usize> {
    let mut run = 1u32;
    let mut unstuffed = unstuffed.iter();
    while let Some(place) = unstuffed.next() {
        if place.get() == 0 {
            code.set(run as u8);
            code = place;
            run = 1;
            continue;
        }
        run = run.wrapping_add(1);
        if run == u32::from(FULL) {
            code.set(FULL);
            return Some(unstuffed.len());
        }
    }
    code.set(run as u8);
    None
}

/// Returns the index of the first zero.
#[inline(never)]
pub(super) fn zero_in(bytes: &[u8]) -> Option<usize> {
    let (words, rest) = bytes.as_chunks();
    for (index, word) in words.iter().enumerate() {
        let word = u32::from_le_bytes(*word);
        // A borrow sets the highest bit of the first byte that is zero, and of no byte before it.
        let zeros = word.wrapping_sub(0x0101_0101) & !word & 0x8080_8080;
        if zeros != 0 {
            return Some(index.wrapping_mul(4).wrapping_add((zeros.trailing_zeros() / 8) as usize));
        }
    }
    let clean = words.len().wrapping_mul(4);
    rest.iter().position(|&byte| byte == 0).map(|place| clean.wrapping_add(place))
}

/// Stuffs a message from the first full block at `from`, with `left` bytes after it.
///
/// The code after each full block needs one more byte, so everything before it moves down. Each block moves once, the
/// first by all the room before it. Returns the end of the frame, which then begins at the front of the buffer.
#[cold]
#[inline(never)]
fn split(cells: &[Cell<u8>], mut from: usize, left: usize, end: usize) -> Option<usize> {
    let mut shift = from;
    let mut full = Some(left);
    while let Some(left) = full {
        let behind = end.wrapping_sub(left);
        move_down(cells, from, from.wrapping_sub(shift), behind.wrapping_sub(from));
        from = behind;
        let code = cells.get(from.wrapping_sub(shift))?;
        shift = shift.checked_sub(1)?;
        full = set_codes(code, cells.get(from..end)?);
    }
    move_down(cells, from, from.wrapping_sub(shift), end.wrapping_sub(from));
    Some(end.wrapping_sub(shift))
}
