//! Consistent overhead byte stuffing, in place.
//!
//! Own code because it works in place in both directions. The `cobs` crate (0.5) decodes in place but can panic, so
//! firmware with it does not link here, and it encodes into a second buffer.

use core::cell::Cell;

use super::{crc, move_down};

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
pub(super) fn unstuff(frame: &mut [u8], is_whole: &mut impl FnMut(u32) -> bool) -> Option<usize> {
    let mut frame = Cell::from_mut(frame).as_slice_of_cells();
    let mut at = 0usize;
    let mut code = frame.first()?.get();
    loop {
        at = at.wrapping_add(usize::from(code));
        let Some(place) = frame.get(at) else {
            // The last code points at the end of the frame.
            if at == frame.len() { break } else { return None }
        };
        if code == FULL {
            frame = frame.get(..join(frame, at)?)?;
            break;
        }
        code = place.replace(0);
    }
    let (_, message) = frame.split_first()?;
    if is_whole(crc::register(message)) { message.len().checked_sub(CHECK) } else { None }
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
pub(super) fn stuff(buffer: &mut [u8], head: usize, length: usize, mark: u32) -> Option<&[u8]> {
    let mut end = head.checked_add(length)?.checked_add(CHECK)?;
    let message = buffer.get_mut(head..end)?;
    let (message, check) = message.split_last_chunk_mut::<CHECK>()?;
    *check = (!crc::register(Cell::from_mut(message).as_slice_of_cells()) ^ mark).to_le_bytes();
    let cells = Cell::from_mut(&mut *buffer).as_slice_of_cells();
    let mut start = head.wrapping_sub(2);
    if let Some(left) = set_codes(cells.get(head.wrapping_sub(1))?, cells.get(head..end)?) {
        end = split(cells, start, left, end)?;
        start = 0;
    }
    cells.get(start)?.set(0);
    cells.get(end)?.set(0);
    buffer.get(start..end.wrapping_add(1))
}

/// Sets the codes up to the first full block. The first code is at `code`.
///
/// Returns the number of bytes after the full block, or `None` if there is none.
#[inline(always)]
fn set_codes<'c>(mut code: &'c Cell<u8>, unstuffed: &'c [Cell<u8>]) -> Option<usize> {
    let mut run = 1u32;
    let mut unstuffed = unstuffed.iter();
    while let Some(place) = unstuffed.next() {
        if place.get() == 0 {
            code.set(run as u8);
            code = place;
            run = 0;
        } else if run == u32::from(FULL) - 1 {
            code.set(FULL);
            return Some(unstuffed.len());
        }
        run = run.wrapping_add(1);
    }
    code.set(run as u8);
    None
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
