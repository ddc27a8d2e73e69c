//! Consistent overhead byte stuffing with a CRC-32, for serial lines that garble.
//!
//! A frame is a zero byte, the stuffed message and check value without any zero, and a zero byte.
//! The zero before it ends whatever garbage came before, so that garbage costs no good frame.
//!
//! Between two frames there may be text, for the same line often carries a log: a byte [`TEXT`], at most
//! [`TEXT_MAX`] bytes other than zero, and a zero byte. No whole frame looks like that, so that text is never taken for
//! a message, nor a message for text; the beginning of a damaged frame may be shown as text. A terminal that knows
//! nothing of frames shows the text as it is.

use core::cell::Cell;

use super::crc::{RESIDUE, step};
use super::stuffing::{CHECK, FULL, stuff, unstuff};
use super::{Framing, Progress};
use crate::message::FIXED;

/// What text begins with: DEL, which terminals do not show. As a code it would lead [`TEXT_MAX`] + 1 bytes on,
/// where there are none.
pub const TEXT: u8 = 0x7f;

/// Bytes of text between two zeros, at most.
pub const TEXT_MAX: usize = TEXT as usize - 2;

/// COBS with a CRC-32 over the message.
///
/// A frame that is damaged, too short, or too long for the buffer is dropped and counted in [`dropped`](Self::dropped). The next frame is found after any garbage.
/// Of a whole message in the full form that is too long for the buffer, the first 28 bytes and the size are returned
/// ([`Progress::Oversize`]). A buffer of at most 32 bytes keeps nothing of it.
#[derive(Debug, Default)]
pub struct Cobs {
    /// Where the present frame begins; beyond [`scanned`](Self::scanned) when it is longer than the buffer and its
    /// beginning is lost.
    start: usize,
    /// Up to here there is no zero in it.
    scanned: usize,
    /// Up to here the buffer is filled.
    end: usize,
    dropped: u32,
    digest: Digest,
}

/// What is remembered of a frame longer than the buffer, between its pieces.
#[derive(Clone, Copy, Debug, Default)]
struct Digest {
    register: u32,
    /// Bytes of the message and its check value.
    length: usize,
    /// Bytes until the next code.
    left: u8,
    /// No zero stands for the next code.
    full: bool,
}

impl Digest {
    const NEW: Self = Self { register: !0, length: 0, left: 0, full: true };

    /// Takes in the next piece of a stuffed frame, and leaves the beginning of the message at the front of the buffer.
    #[inline(never)]
    fn take(&mut self, buffer: &[Cell<u8>], from: usize, to: usize) {
        for byte in buffer.get(from..to).unwrap_or_default() {
            let mut byte = byte.get();
            if self.left > 0 {
                self.left = self.left.wrapping_sub(1);
            } else {
                let zero = !self.full;
                self.left = byte.wrapping_sub(1);
                self.full = byte == FULL;
                if !zero {
                    continue;
                }
                byte = 0;
            }
            self.register = step(self.register, byte);
            // All of it is in the first piece, which fills the buffer, and is written no further than was read, since
            // there is a code before it.
            if self.length < kept(buffer.len())
                && let Some(place) = buffer.get(self.length)
            {
                place.set(byte);
            }
            self.length = self.length.saturating_add(1);
        }
    }
}

impl Cobs {
    /// Bytes of buffer for messages of at most `message` bytes: 7 more, and one for each 253.
    #[must_use]
    pub const fn buffer(message: usize) -> usize {
        let checked = message + CHECK;
        checked + 3 + (checked + 2) / (FULL as usize - 2)
    }

    /// Bytes of the largest message for which a receive buffer of `buffer` bytes is large enough.
    pub(crate) const fn largest(buffer: usize) -> u32 {
        // What `buffer` adds, taken off again; never less than was asked of it.
        let blocks = buffer.saturating_sub(1) / (FULL as usize - 1);
        buffer.saturating_sub(blocks).saturating_sub(CHECK + 3) as u32
    }

    /// Frames that were dropped so far: bytes between two zeros that were no message. Text counts too, unless it is
    /// looked for ([`next_of_all`](Framing::next_of_all)).
    #[must_use]
    pub const fn dropped(&self) -> u32 {
        self.dropped
    }
}

/// How much of the beginning of a message stays in a buffer that it is too long for.
const fn kept(capacity: usize) -> usize {
    if capacity > FIXED + CHECK { FIXED } else { 0 }
}

/// Bytes left free at the front of a buffer, so that a message can be stuffed in place: for a zero, a
/// code, and a code more for every full block.
const fn headroom(capacity: usize) -> usize {
    2 + capacity / (FULL as usize - 1)
}

impl Framing for Cobs {
    const RESYNCHRONIZES: bool = true;
    const NOISY: bool = true;
    const BUFFER_MIN: usize = CHECK + 4;

    #[inline]
    fn next(&mut self, buffer: &mut [u8]) -> Progress {
        self.find::<false>(buffer, RESIDUE, |register| register == RESIDUE)
    }

    #[inline]
    fn next_of_all(&mut self, buffer: &mut [u8]) -> Progress {
        self.find::<true>(buffer, RESIDUE, |register| register == RESIDUE)
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
        self.start < self.end || self.is_oversize()
    }

    #[inline]
    fn room(buffer: &mut [u8]) -> &mut [u8] {
        // The check value and the last zero go behind.
        let end = buffer.len().saturating_sub(CHECK + 1);
        buffer.get_mut(headroom(buffer.len())..end).unwrap_or_default()
    }

    #[inline]
    fn seal(buffer: &mut [u8], length: usize) -> Option<&[u8]> {
        Self::seal_marked(buffer, length, 0)
    }

    #[inline]
    fn seal_marked(buffer: &mut [u8], length: usize, mark: u32) -> Option<&[u8]> {
        let head = headroom(buffer.len());
        stuff(buffer, head, length, mark)
    }
}

impl Cobs {
    /// Looks for the next message, whose register at the end `is_whole`, and for what is beside messages if
    /// that is wanted. The register of a message in the full form is `full`.
    #[inline]
    pub(super) fn find<const BESIDE: bool>(
        &mut self,
        buffer: &mut [u8],
        full: u32,
        mut is_whole: impl FnMut(u32) -> bool,
    ) -> Progress {
        loop {
            let mut fresh = buffer.get(self.scanned..self.end).unwrap_or_default();
            // The zero before a frame, mostly: there is nothing before it to be looked at.
            if let (true, Some((0, rest))) = (self.start == self.scanned, fresh.split_first()) {
                fresh = rest;
                self.start = self.start.wrapping_add(1);
                self.scanned = self.start;
            }
            let Some(clean) = fresh.iter().position(|&byte| byte == 0) else {
                break;
            };
            let (start, zero) = (self.start, self.scanned.wrapping_add(clean));
            // What is left of a frame that was too long is no message, whatever it looks like.
            let oversize = self.is_oversize();
            self.start = zero.wrapping_add(1);
            self.scanned = self.start;
            if oversize {
                let kept = kept(buffer.len());
                self.digest(buffer, kept, zero);
            }
            let found = buffer.get_mut(start..zero).and_then(|frame| unstuff(frame, &mut is_whole));
            let behind_first = start.wrapping_add(1);
            match found {
                Some(length) if !oversize => return Progress::Message { start: behind_first, length },
                // Nothing between two zeros: the end of a frame and the beginning of the next.
                None if zero == start && !oversize => {}
                None if BESIDE
                    && !oversize
                    && buffer.get(start) == Some(&TEXT)
                    && zero.wrapping_sub(start) <= TEXT_MAX + 1 =>
                {
                    return Progress::Text { start: behind_first, length: zero.wrapping_sub(behind_first) };
                }
                _ => {
                    self.dropped = self.dropped.saturating_add(1);
                    // The short form has no place for a refusal, and its calls could be taken for shorter ones.
                    if oversize && self.digest.left == 0 && self.digest.register == full && kept(buffer.len()) > 0 {
                        let size = u32::try_from(self.digest.length.saturating_sub(CHECK)).unwrap_or(u32::MAX);
                        return Progress::Oversize { start: 0, length: FIXED, size };
                    }
                    if BESIDE {
                        // The end of what was too long is at the front, behind its beginning.
                        let start = if oversize { kept(buffer.len()) } else { start };
                        return Progress::Dropped { start, length: zero.wrapping_sub(start) };
                    }
                }
            }
        }
        self.make_room(buffer);
        Progress::More
    }

    /// Takes in a piece of a frame longer than the buffer.
    #[inline]
    fn digest(&mut self, buffer: &mut [u8], from: usize, to: usize) {
        let buffer = Cell::from_mut(buffer).as_slice_of_cells();
        if cfg!(target_pointer_width = "16") {
            return self.digest.take(buffer, from, to);
        }
        // A copy is lent, since a reference to the field keeps the whole link in memory, where the compiler otherwise
        // has it in registers: 212 bytes of flash on a Cortex-M3. An AVR has no such registers, and pays for the copy.
        let mut digest = self.digest;
        digest.take(buffer, from, to);
        self.digest = digest;
    }

    #[inline]
    const fn is_oversize(&self) -> bool {
        self.start > self.scanned
    }

    /// Moves the beginning of a frame to the front, so that the rest has all the room there is.
    #[inline]
    fn make_room(&mut self, buffer: &mut [u8]) {
        let mut length = self.end.wrapping_sub(self.start);
        let oversize = self.is_oversize() || length >= buffer.len();
        if oversize {
            length = kept(buffer.len());
            let fresh = if self.is_oversize() {
                length
            } else {
                self.digest = Digest::NEW;
                0
            };
            self.digest(buffer, fresh, self.end);
        }
        // Once for a frame: what is at the front already stays there, however the rest comes.
        if self.start > 0 && length > 0 && !oversize {
            super::move_down(Cell::from_mut(buffer).as_slice_of_cells(), self.start, 0, length);
        }
        (self.start, self.scanned, self.end) = (if oversize { length.wrapping_add(1) } else { 0 }, length, length);
    }
}
