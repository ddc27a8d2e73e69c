//! Consistent overhead byte stuffing with a CRC-32, for serial lines that garble.
//!
//! A frame is a zero byte, the stuffed message and check value without any zero, and a zero byte.
//! The zero before it ends whatever garbage came before, so that garbage costs no good frame.
//!
//! Written by hand to work in place both ways: the `cobs` crate (0.5) decodes in place, but can panic, so that
//! firmware with it does not link here, and encodes into a second buffer.

use core::cell::Cell;

use super::crc::{self, RESIDUE};
use super::{Framing, Progress};

/// Bytes of the check value, sent least significant byte first.
const CHECK: usize = 4;

/// The code of a full block: 254 bytes without a zero, and no zero behind them.
const FULL: u8 = 255;

/// COBS with a CRC-32 over the message.
///
/// A frame that is damaged, too short, or too long for the buffer is dropped, since nothing in it can
/// be believed, and counted in [`dropped`](Self::dropped). The next frame is found after any garbage.
#[derive(Debug, Default)]
pub struct Cobs {
    /// Where the present frame begins.
    start: usize,
    /// Up to here there is no zero in it.
    scanned: usize,
    /// Up to here the buffer is filled.
    end: usize,
    /// The present frame is longer than the buffer.
    oversize: bool,
    dropped: u32,
}

impl Cobs {
    /// Bytes of buffer for messages of at most `message` bytes: 7 more, and one for each 253.
    #[must_use]
    pub const fn buffer(message: usize) -> usize {
        let checked = message + CHECK;
        checked + 3 + (checked + 2) / (FULL as usize - 2)
    }

    /// Frames that were dropped so far: bytes between two zeros that were no message.
    #[must_use]
    pub const fn dropped(&self) -> u32 {
        self.dropped
    }
}

/// Bytes left free at the front of a buffer, so that a message can be stuffed in place: for a zero, a
/// code, and a code more for every full block.
const fn headroom(capacity: usize) -> usize {
    2 + capacity / (FULL as usize - 1)
}

impl Framing for Cobs {
    const RESYNCHRONIZES: bool = true;
    const BUFFER_MIN: usize = CHECK + 4;

    #[inline]
    fn next(&mut self, buffer: &mut [u8]) -> Progress {
        loop {
            let fresh = buffer.get(self.scanned..self.end).unwrap_or_default();
            let Some(clean) = fresh.iter().position(|&byte| byte == 0) else {
                break;
            };
            let (start, zero) = (self.start, self.scanned.wrapping_add(clean));
            self.start = zero.wrapping_add(1);
            self.scanned = self.start;
            let found = buffer.get_mut(start..zero).and_then(unstuff);
            // What is left of a frame that was too long is no message, whatever it looks like.
            let oversize = core::mem::take(&mut self.oversize);
            match found {
                Some(length) if !oversize => return Progress::Message { start: start.wrapping_add(1), length },
                // Nothing between two zeros: the end of a frame and the beginning of the next.
                None if zero == start && !oversize => {}
                _ => self.dropped = self.dropped.saturating_add(1),
            }
        }
        self.make_room(buffer);
        Progress::More
    }

    #[inline]
    fn window<'b>(&mut self, buffer: &'b mut [u8]) -> &'b mut [u8] {
        buffer.get_mut(self.end..).unwrap_or_default()
    }

    #[inline]
    fn filled(&mut self, length: usize) {
        self.end = self.end.wrapping_add(length);
    }

    #[inline]
    fn is_amid(&self) -> bool {
        self.start < self.end || self.oversize
    }

    #[inline]
    fn room(buffer: &mut [u8]) -> &mut [u8] {
        // The check value and the last zero go behind.
        let end = buffer.len().saturating_sub(CHECK + 1);
        buffer.get_mut(headroom(buffer.len())..end).unwrap_or_default()
    }

    #[inline]
    fn seal(buffer: &mut [u8], length: usize) -> Option<&[u8]> {
        let head = headroom(buffer.len());
        stuff(buffer, head, length)
    }
}

impl Cobs {
    /// Moves the beginning of a frame to the front, so that the rest has all the room there is.
    #[inline]
    fn make_room(&mut self, buffer: &mut [u8]) {
        let mut length = if self.oversize { 0 } else { self.end.wrapping_sub(self.start) };
        if length >= buffer.len() {
            self.oversize = true;
            length = 0;
        }
        super::move_down(Cell::from_mut(buffer).as_slice_of_cells(), self.start, 0, length);
        (self.start, self.scanned, self.end) = (0, length, length);
    }
}

/// Unstuffs a frame in place and checks it. Returns the bytes of the message, which begins behind the
/// first code.
///
/// A code is how far it is to the next, and becomes the zero that stood there. Only behind a full block
/// there was none: what follows moves down a byte, which costs a pass over the rest for every 254
/// bytes, but spares short messages any move.
#[inline(never)]
fn unstuff(frame: &mut [u8]) -> Option<usize> {
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
            super::move_down(frame, behind, next, frame.len().wrapping_sub(behind));
            frame = frame.split_last()?.1;
            at = next.wrapping_sub(1);
        }
    }
    let (_, message) = frame.split_first()?;
    if crc::register(message) == RESIDUE { message.len().checked_sub(CHECK) } else { None }
}

/// Stuffs the message at `head..head + length` in place, with its check value, and a zero before and
/// behind. Every zero becomes the code that says how far it is to the next; for the code behind a full
/// block, what stands before it moves down a byte.
#[inline(never)]
fn stuff(buffer: &mut [u8], head: usize, length: usize) -> Option<&[u8]> {
    let end = head.checked_add(length)?.checked_add(CHECK)?;
    let message = buffer.get_mut(head..end)?;
    let (message, check) = message.split_last_chunk_mut::<CHECK>()?;
    *check = (!crc::register(Cell::from_mut(message).as_slice_of_cells())).to_le_bytes();
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
            super::move_down(cells, start, below, length);
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
