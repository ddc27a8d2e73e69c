//! Consistent overhead byte stuffing with a CRC-32, for serial lines that garble.
//!
//! A frame is a zero byte, the stuffed message and check value without any zero, and a zero byte.
//! The zero before it ends whatever garbage came before, so that garbage costs no good frame.

use core::cell::Cell;

use super::crc::{self, INITIAL, RESIDUE};
use super::{Framing, Progress};

/// Bytes of the check value, sent least significant byte first.
const CHECK: usize = 4;

/// Bytes in a block of stuffing at most, its code included.
const BLOCK: u8 = 255;

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
        checked + 3 + (checked + 2) / (BLOCK as usize - 2)
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
    2 + capacity / (BLOCK as usize - 1)
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
            if zero == start && !self.oversize {
                continue;
            }
            let frame = buffer.get_mut(start..zero).unwrap_or_default();
            if !core::mem::take(&mut self.oversize) {
                if let Some(length) = unstuff(frame) {
                    return Progress::Message { start, length };
                }
            }
            self.dropped = self.dropped.saturating_add(1);
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
    /// Makes room for what comes next.
    #[inline]
    fn make_room(&mut self, buffer: &mut [u8]) {
        self.scanned = self.end;
        if self.start == self.end || self.oversize {
            self.reset();
        } else if self.end >= buffer.len() {
            if self.start == 0 {
                self.oversize = true;
                self.reset();
            } else {
                super::move_down(buffer, self.start, 0, self.end.wrapping_sub(self.start));
                self.end = self.end.wrapping_sub(self.start);
                self.scanned = self.end;
                self.start = 0;
            }
        }
    }

    #[inline]
    fn reset(&mut self) {
        (self.start, self.scanned, self.end) = (0, 0, 0);
    }
}

/// Unstuffs a frame in place and checks it. Returns the bytes of the message.
#[inline]
fn unstuff(frame: &mut [u8]) -> Option<usize> {
    let cells = Cell::from_mut(frame).as_slice_of_cells();
    let mut targets = cells.iter();
    let mut register = INITIAL;
    let mut left = 0u8;
    // A full block and the first are not preceded by a zero.
    let mut zero = false;
    for source in cells {
        let byte = source.get();
        let byte = match left.checked_sub(1) {
            Some(less) => {
                left = less;
                byte
            }
            None => {
                left = byte.wrapping_sub(1);
                if !core::mem::replace(&mut zero, byte != BLOCK) {
                    continue;
                }
                0
            }
        };
        register = crc::step(register, byte);
        targets.next()?.set(byte);
    }
    if left != 0 || register != RESIDUE {
        return None;
    }
    let length = cells.len().checked_sub(targets.len())?;
    length.checked_sub(CHECK)
}

/// Stuffs the message at `head..head + length` towards the front of the buffer, with its check value
/// and a zero before and behind.
#[inline]
fn stuff(buffer: &mut [u8], head: usize, length: usize) -> Option<&[u8]> {
    let message = buffer.get(head..)?.get(..length)?;
    let check = crc::crc32(message).to_le_bytes();
    let cells = Cell::from_mut(&mut *buffer).as_slice_of_cells();
    let sources = cells.get(head..)?.get(..length.checked_add(CHECK)?)?;
    for (place, byte) in sources.iter().rev().zip(check.into_iter().rev()) {
        place.set(byte);
    }
    let mut targets = cells.iter();
    targets.next()?.set(0);
    let mut code = targets.next()?;
    let mut run = 1;
    for source in sources {
        let byte = source.get();
        if byte != 0 {
            targets.next()?.set(byte);
            run += 1;
        }
        if byte == 0 || run == BLOCK {
            code.set(run);
            code = targets.next()?;
            run = 1;
        }
    }
    code.set(run);
    targets.next()?.set(0);
    let frame = cells.len().checked_sub(targets.len())?;
    buffer.get(..frame)
}
