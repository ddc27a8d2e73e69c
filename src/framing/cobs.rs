//! Consistent overhead byte stuffing (COBS) with a CRC-32, for serial lines with errors.
//!
//! A frame is a zero byte, then the message and its check value, stuffed so that they contain no zero, then a zero
//! byte. The first zero ends any noise before the frame, so that noise costs no valid frame.
//!
//! The same line can carry text between frames, such as a log. A piece of text is the byte [`TEXT`], at most
//! [`TEXT_MAX`] bytes other than zero, and a zero byte. No valid frame has this shape, so the receiver never mistakes
//! text for a message or a message for text. It may report the beginning of a damaged frame as text. A terminal
//! without support for frames shows the text unchanged.

use core::cell::Cell;
use core::marker::PhantomData;

use super::crc::RESIDUE;
use super::stuffing::{CHECK, FULL, stuff, unstuff, zero_in};
use super::{Crc32, Framing, Progress, SmallTable};
use crate::message::FIXED;

/// The first byte of a piece of text: DEL, which terminals do not show.
///
/// As a COBS code it would point [`TEXT_MAX`] + 1 bytes ahead, beyond the longest piece of text.
pub const TEXT: u8 = 0x7f;

/// Largest number of text bytes between two zeros.
pub const TEXT_MAX: usize = TEXT as usize - 2;

/// COBS with a CRC-32 over the message: for serial lines.
///
/// A frame that is damaged, too short, or too long for the buffer is dropped and counted
/// ([`dropped`](Self::dropped)). The receiver finds the next frame after any noise.
///
/// For a valid message in the full form that is too long for the buffer, [`Framing::next`] returns its first 28 bytes
/// and its size ([`Progress::Oversize`]), if the buffer has more than 32 bytes. With a smaller buffer, or in the short
/// form, such a message is dropped.
///
/// [`Serial`](super::Serial) is the same framing with short headers and a handshake.
///
/// # Example
/// A server on a UART, with buffers of the exact size that its interface needs:
///
/// ```
/// use embedded_io::{Read, Write};
/// use oncilla::framing::Cobs;
/// use oncilla::{Forever, Link, LinkError, Stream, Table};
///
/// oncilla::program! {
///     pub mod clock = 0x2000_0001, version 1 {
///         fn now() -> u64 = 1;
///     }
/// }
///
/// fn serve<U: Read + Write, S>(uart: U, table: &Table<S>, state: &mut S) -> Result<(), LinkError<U::Error>> {
///     let uart: Stream<Cobs, U> = Stream::new(uart, Forever);
///     let rx = [0; Cobs::buffer(clock::CALL_MAX)];
///     let tx = [0; Cobs::buffer(clock::REPLY_MAX)];
///     Link::with_buffers(uart, rx, tx).serve(table, state)
/// }
/// ```
pub type Cobs = CobsWith<SmallTable>;

/// [`Cobs`] whose CRC-32 another table or the microcontroller computes.
///
/// The bytes on the wire are the same. Inherent functions, such as [`buffer`](Self::buffer), are those of `Cobs`.
///
/// ```
/// use oncilla::framing::{CobsWith, LargeTable};
/// use oncilla::{Forever, Stream};
///
/// /// Fewer instructions for each byte, and 1 kB more flash.
/// fn stream<U>(uart: U) -> Stream<CobsWith<LargeTable>, U> {
///     Stream::new(uart, Forever)
/// }
/// ```
#[derive(Debug)]
pub struct CobsWith<C> {
    /// Start of the present frame. Greater than [`scanned`](Self::scanned) if the frame is longer than the buffer and
    /// its beginning is lost.
    start: usize,
    /// The bytes of the frame before this index contain no zero.
    scanned: usize,
    /// End of the received bytes.
    end: usize,
    dropped: u32,
    digest: Digest,
    crc: PhantomData<C>,
}

impl<C> Default for CobsWith<C> {
    #[inline]
    fn default() -> Self {
        Self { start: 0, scanned: 0, end: 0, dropped: 0, digest: Digest::default(), crc: PhantomData }
    }
}

/// The state that is kept between the pieces of a frame longer than the buffer.
///
/// Three words, which a function takes and returns in less code than fields of other sizes.
#[derive(Clone, Copy, Debug, Default)]
struct Digest {
    register: u32,
    /// Bytes of the message and its check value so far.
    length: usize,
    /// Bytes until the next code, and [`NO_ZERO`](Self::NO_ZERO) if that code does not stand for a zero.
    left: u32,
}

impl Digest {
    /// Set in `left` before the first code and after a full block.
    const NO_ZERO: u32 = 1 << 8;

    const NEW: Self = Self { register: !0, length: 0, left: Self::NO_ZERO };

    /// Returns whether the last code points at the end.
    #[inline]
    const fn is_whole(&self) -> bool {
        self.left & !Self::NO_ZERO == 0
    }

    /// Unstuffs the next piece of a frame in place.
    #[inline(never)]
    fn take<C: Crc32>(&mut self, buffer: &mut [u8], from: usize, to: usize) {
        let Some(piece) = buffer.get_mut(from..to) else { return };
        let cells = Cell::from_mut(&mut *piece).as_slice_of_cells();
        // A code precedes each byte, so writing never passes reading.
        let mut places = cells.iter();
        for byte in cells {
            let mut byte = byte.get();
            if self.is_whole() {
                let zero = self.left == 0;
                self.left = u32::from(byte).wrapping_sub(1);
                if byte == FULL {
                    self.left |= Self::NO_ZERO;
                }
                if !zero {
                    continue;
                }
                byte = 0;
            } else {
                self.left = self.left.wrapping_sub(1);
            }
            if let Some(place) = places.next() {
                place.set(byte);
            }
        }
        let length = cells.len().wrapping_sub(places.len());
        self.length = self.length.saturating_add(length);
        self.register = C::update(self.register, piece.get(..length).unwrap_or_default());
    }
}

impl<C> CobsWith<C> {
    /// Returns the buffer size for messages of at most `message` bytes: 7 bytes more, and one for each 253.
    #[must_use]
    pub const fn buffer(message: usize) -> usize {
        let checked = message + CHECK;
        checked + 3 + (checked + 2) / (FULL as usize - 2)
    }

    /// Returns the size of the largest message that a receive buffer of `buffer` bytes holds.
    const fn largest(buffer: usize) -> usize {
        // The inverse of `buffer`: the result is never less than the size from which the buffer was computed.
        let blocks = buffer.saturating_sub(1) / (FULL as usize - 1);
        buffer.saturating_sub(blocks).saturating_sub(CHECK + 3)
    }

    /// Returns the number of dropped frames: bytes between two zeros that are no valid message.
    ///
    /// Pieces of text are counted too, unless the caller asks for them ([`next_of_all`](Framing::next_of_all)). The
    /// counter stops at `u32::MAX`.
    #[must_use]
    pub const fn dropped(&self) -> u32 {
        self.dropped
    }
}

/// Returns the bytes of a message that are kept in a smaller buffer.
const fn kept(capacity: usize) -> usize {
    if capacity > FIXED + CHECK { FIXED } else { 0 }
}

/// Returns the bytes at the front of a buffer that stuffing in place needs.
///
/// One is for the zero, one for the first code, and one for each full block.
const fn headroom(capacity: usize) -> usize {
    2 + capacity / (FULL as usize - 1)
}

impl<C: Crc32> Framing for CobsWith<C> {
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
    fn capacity(buffer: usize) -> usize {
        Self::largest(buffer)
    }

    #[inline]
    fn room(buffer: &mut [u8]) -> &mut [u8] {
        // The check value and the last zero follow the message.
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
        stuff::<C>(buffer, head, length, mark)
    }
}

impl<C: Crc32> CobsWith<C> {
    /// Finds the next message.
    ///
    /// `is_whole` decides by the final CRC register whether a message is valid. `full` is that register for a message
    /// in the full form. `BESIDE` also returns text and dropped bytes.
    #[inline]
    pub(super) fn find<const BESIDE: bool>(
        &mut self,
        buffer: &mut [u8],
        full: u32,
        mut is_whole: impl FnMut(u32) -> bool,
    ) -> Progress {
        loop {
            let mut fresh = buffer.get(self.scanned..self.end).unwrap_or_default();
            // Mostly the zero before a frame, with no bytes before it to check.
            if let (true, Some((0, rest))) = (self.start == self.scanned, fresh.split_first()) {
                fresh = rest;
                self.start = self.start.wrapping_add(1);
                self.scanned = self.start;
            }
            // After most messages nothing is left to search.
            if fresh.is_empty() {
                break;
            }
            let Some(clean) = zero_in(fresh) else {
                break;
            };
            let (start, zero) = (self.start, self.scanned.wrapping_add(clean));
            // The rest of a frame that was too long is never a message, even if it looks like one.
            let oversize = self.is_oversize();
            self.start = zero.wrapping_add(1);
            self.scanned = self.start;
            if oversize {
                let kept = kept(buffer.len());
                self.digest(buffer, kept, zero);
                self.dropped = self.dropped.saturating_add(1);
                // Not in the short form: a refusal does not fit there, and a cut call could pass for a shorter one.
                if self.digest.is_whole() && self.digest.register == full && kept > 0 {
                    let size = u32::try_from(self.digest.length.saturating_sub(CHECK)).unwrap_or(u32::MAX);
                    return Progress::Oversize { start: 0, length: FIXED, size };
                }
                if BESIDE {
                    // The end of the long frame follows its kept beginning at the front.
                    return Progress::Dropped { start: kept, length: zero.wrapping_sub(kept) };
                }
                continue;
            }
            let behind_first = start.wrapping_add(1);
            if let Some(length) = buffer.get_mut(start..zero).and_then(|frame| unstuff::<C>(frame, &mut is_whole)) {
                return Progress::Message { start: behind_first, length };
            }
            // No bytes between two zeros: the end of one frame and the start of the next.
            if zero == start {
                continue;
            }
            if BESIDE && buffer.get(start) == Some(&TEXT) && zero.wrapping_sub(start) <= TEXT_MAX + 1 {
                return Progress::Text { start: behind_first, length: zero.wrapping_sub(behind_first) };
            }
            self.dropped = self.dropped.saturating_add(1);
            if BESIDE {
                return Progress::Dropped { start, length: zero.wrapping_sub(start) };
            }
        }
        self.make_room(buffer);
        Progress::More
    }

    /// Adds a piece of a frame that is longer than the buffer.
    #[inline]
    fn digest(&mut self, buffer: &mut [u8], from: usize, to: usize) {
        if cfg!(target_pointer_width = "16") {
            return self.digest.take::<C>(buffer, from, to);
        }
        // Lends a copy: a reference to the field would keep the whole link in memory, which otherwise stays in
        // registers (212 bytes of flash on a Cortex-M3). An AVR has too few registers, and the copy would cost flash.
        let mut digest = self.digest;
        digest.take::<C>(buffer, from, to);
        self.digest = digest;
    }

    #[inline]
    const fn is_oversize(&self) -> bool {
        self.start > self.scanned
    }

    /// Moves the beginning of a frame to the front, to make room for the rest.
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
        // Once per frame: the bytes stay at the front however the rest arrives.
        if self.start > 0 && length > 0 && !oversize {
            super::move_down(Cell::from_mut(buffer).as_slice_of_cells(), self.start, 0, length);
        }
        (self.start, self.scanned, self.end) = (if oversize { length.wrapping_add(1) } else { 0 }, length, length);
    }
}
