//! Consistent overhead byte stuffing, in place.
//!
//! Written by hand to work in place both ways: the `cobs` crate (0.5) decodes in place, but can panic, so that
//! firmware with it does not link here, and encodes into a second buffer.

use core::cell::Cell;

use super::{crc, move_down};

/// Bytes of the check value, sent least significant byte first.
pub(super) const CHECK: usize = 4;

/// The code of a full block: 254 bytes without a zero, and no zero behind them.
pub(super) const FULL: u8 = 255;

/// Unstuffs a frame in place and checks it: `is_whole` is asked what it says to the register of the CRC at the end.
/// Returns the bytes of the message, which begins behind the first code. When already the first code leads past
/// the end, nothing has changed.
///
/// A code is how far it is to the next, and becomes the zero that stood there. Only behind a full block
/// there was none: what follows moves down a byte, which costs a pass over the rest for every 254
/// bytes, but spares short messages any move.
#[inline(never)]
pub(super) fn unstuff(frame: &mut [u8], is_whole: &mut impl FnMut(u32) -> bool) -> Option<usize> {
    let mut frame = Cell::from_mut(frame).as_slice_of_cells();
    let mut at = 0usize;
    let mut code = frame.first()?.get();
    loop {
        let next = at.wrapping_add(usize::from(code));
        let Some(place) = frame.get(next) else {
            // The last code points at the end of the frame.
            if next == frame.len() { break } else { return None }
        };
        let full = code == FULL;
        code = place.replace(0);
        at = next;
        if full {
            let behind = next.wrapping_add(1);
            move_down(frame, behind, next, frame.len().wrapping_sub(behind));
            frame = frame.split_last()?.1;
            at = next.wrapping_sub(1);
        }
    }
    let (_, message) = frame.split_first()?;
    if is_whole(crc::register(message)) { message.len().checked_sub(CHECK) } else { None }
}

/// Stuffs the message at `head..head + length` in place, with its check value, which differs by `mark` from the plain
/// one, and a zero before and behind. Every zero becomes the code that says how far it is to the next; for the code behind a full
/// block, what stands before it moves down a byte.
#[inline(never)]
pub(super) fn stuff(buffer: &mut [u8], head: usize, length: usize, mark: u32) -> Option<&[u8]> {
    let end = head.checked_add(length)?.checked_add(CHECK)?;
    let message = buffer.get_mut(head..end)?;
    let (message, check) = message.split_last_chunk_mut::<CHECK>()?;
    *check = (!crc::register(Cell::from_mut(message).as_slice_of_cells()) ^ mark).to_le_bytes();
    let cells = Cell::from_mut(&mut *buffer).as_slice_of_cells();
    let mut start = head.wrapping_sub(2);
    let mut code = cells.get(head.wrapping_sub(1))?;
    let mut run = 0u32;
    let mut unstuffed = cells.get(head..end)?.iter();
    while let Some(place) = unstuffed.next() {
        run = run.wrapping_add(1);
        if place.get() == 0 {
            code.set(run as u8);
        } else if run == u32::from(FULL) - 1 {
            code.set(FULL);
            let below = start.checked_sub(1)?;
            let length = end.wrapping_sub(unstuffed.len()).wrapping_sub(start);
            move_down(cells, start, below, length);
            start = below;
        } else {
            continue;
        }
        code = place;
        run = 0;
    }
    code.set(run.wrapping_add(1) as u8);
    cells.get(start)?.set(0);
    cells.get(end)?.set(0);
    buffer.get(start..end.wrapping_add(1))
}
