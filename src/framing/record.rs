//! Record marking (RFC 5531 §11): a message on a byte stream is a record of fragments, each after a
//! mark of four bytes that has the fragment's length and, in the highest bit, whether it is the last.

use super::{Framing, Progress};

const MARK: usize = 4;
const LAST: u32 = 1 << 31;

/// What is kept of a record that is too large: up to the procedure number.
const KEPT: usize = 24;

/// Record marking that never reads past the end of a record: the smallest reader, which asks the
/// stream for the mark and for the body apart.
pub type Record = RecordMarking<false>;

/// Record marking that reads ahead: it asks the stream for as much as the buffer holds and keeps what
/// is left over, which halves the system calls of a host.
pub type RecordAhead = RecordMarking<true>;

/// A reader of records, in one of its two manners.
///
/// The body gathered so far is at `start..start + length` of the buffer. Behind it, perhaps after a
/// gap where marks were, is what was read and not looked at yet: `unread..end`.
#[derive(Debug, Default)]
pub struct RecordMarking<const AHEAD: bool> {
    start: usize,
    length: usize,
    unread: usize,
    end: usize,
    /// Bytes of the present fragment that are still to come.
    left: u32,
    /// The present fragment is the last of its record.
    last: bool,
    /// The record is too large: only its beginning is kept.
    oversize: bool,
    /// Bytes of it that were not kept.
    dropped: u32,
}

impl<const AHEAD: bool> RecordMarking<AHEAD> {
    /// Bytes of buffer for messages of at most `message` bytes: 8 more, for a mark before and one
    /// behind.
    #[must_use]
    pub const fn buffer(message: usize) -> usize {
        message + 2 * MARK
    }

    /// Where the gathered body ends.
    #[inline]
    fn gathered(&self) -> usize {
        // Without reading ahead nothing ever stands before the body.
        if AHEAD { self.start.wrapping_add(self.length) } else { self.length }
    }

    /// Looks at a mark, which has been read.
    #[inline]
    fn mark(&mut self, mark: u32, capacity: usize) {
        self.unread = self.unread.wrapping_add(MARK);
        self.last = mark & LAST != 0;
        self.left = mark & !LAST;
        if self.length == 0 {
            self.start = self.unread;
        }
        let room = capacity.saturating_sub(self.length).saturating_sub(MARK);
        if usize::try_from(self.left).map_or(true, |left| left > room) {
            self.oversize = true;
            self.drop(self.length.saturating_sub(KEPT));
            self.length = self.length.min(KEPT);
        }
    }

    #[inline]
    fn drop(&mut self, length: usize) {
        self.dropped = self.dropped.saturating_add(u32::try_from(length).unwrap_or(u32::MAX));
    }

    /// Takes what has come of the present fragment into the body.
    #[inline]
    fn gather(&mut self, buffer: &mut [u8]) {
        let ready = self.end.wrapping_sub(self.unread);
        let take = self.left.min(u32::try_from(ready).unwrap_or(u32::MAX));
        self.left = self.left.wrapping_sub(take);
        let take = take as usize;
        let keep = if self.oversize { take.min(KEPT.saturating_sub(self.length)) } else { take };
        if AHEAD && self.unread != self.gathered() {
            super::move_down(buffer, self.unread, self.gathered(), keep);
        }
        self.drop(take.wrapping_sub(keep));
        self.unread = self.unread.wrapping_add(take);
        self.length = self.length.wrapping_add(keep);
    }

    /// Makes room for what comes next.
    #[inline]
    fn make_room(&mut self, capacity: usize, buffer: &mut [u8]) {
        if self.unread == self.end {
            if self.length == 0 {
                self.start = 0;
            }
            self.end = self.gathered();
            self.unread = self.end;
        }
        if AHEAD && self.end >= capacity {
            super::move_down(buffer, self.start, 0, self.length);
            self.start = 0;
            let waiting = self.end.wrapping_sub(self.unread);
            super::move_down(buffer, self.unread, self.length, waiting);
            self.unread = self.length;
            self.end = self.unread.wrapping_add(waiting);
        }
    }

    /// Hands out the record, which is whole, and begins another behind it.
    #[inline]
    fn deliver(&mut self) -> Progress {
        let start = if AHEAD { self.start } else { 0 };
        let length = core::mem::take(&mut self.length);
        let dropped = core::mem::take(&mut self.dropped);
        self.last = false;
        self.start = self.unread;
        if core::mem::take(&mut self.oversize) {
            let size = dropped.saturating_add(length as u32);
            return Progress::Oversize { start, length, size };
        }
        Progress::Message { start, length }
    }
}

impl<const AHEAD: bool> Framing for RecordMarking<AHEAD> {
    const RESYNCHRONIZES: bool = false;
    const BUFFER_MIN: usize = KEPT + 2 * MARK;

    #[inline]
    fn next(&mut self, buffer: &mut [u8]) -> Progress {
        loop {
            self.gather(buffer);
            if self.left > 0 {
                break;
            }
            if self.last {
                return self.deliver();
            }
            let unread = buffer.get(self.unread..self.end).unwrap_or_default();
            let Some((mark, _)) = unread.split_first_chunk() else {
                break;
            };
            self.mark(u32::from_be_bytes(*mark), buffer.len());
        }
        self.make_room(buffer.len(), buffer);
        Progress::More
    }

    #[inline]
    fn window<'b>(&mut self, buffer: &'b mut [u8]) -> &'b mut [u8] {
        let window = buffer.get_mut(self.end..).unwrap_or_default();
        if AHEAD {
            return window;
        }
        let wanted = match self.left {
            // What is missing of a mark.
            0 => self.unread.wrapping_add(MARK).wrapping_sub(self.end),
            left => usize::try_from(left).unwrap_or(usize::MAX),
        };
        let wanted = wanted.min(window.len());
        window.get_mut(..wanted).unwrap_or_default()
    }

    #[inline]
    fn filled(&mut self, length: usize) {
        self.end = self.end.wrapping_add(length);
    }

    #[inline]
    fn is_amid(&self) -> bool {
        self.left > 0 || self.length > 0 || self.unread < self.end
    }

    #[inline]
    fn room(buffer: &mut [u8]) -> &mut [u8] {
        buffer.get_mut(MARK..).unwrap_or_default()
    }

    #[inline]
    fn seal(buffer: &mut [u8], length: usize) -> Option<&[u8]> {
        let mark = u32::try_from(length).ok().filter(|length| length & LAST == 0)? | LAST;
        *buffer.first_chunk_mut()? = mark.to_be_bytes();
        buffer.get(..length.checked_add(MARK)?)
    }
}
