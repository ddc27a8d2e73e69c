//! Record marking (RFC 5531 §11), for byte streams such as TCP.
//!
//! A message is a record of one or more fragments. Before each fragment stands a mark of four bytes: the length of the
//! fragment, and in the highest bit whether it is the last of its record.

use super::{Framing, Progress};

/// Bytes of a mark.
pub(super) const MARK: usize = 4;

/// Bytes that are kept of a record that is too large: up to the flavor of the credential, enough to refuse a call.
pub(super) const KEPT: usize = crate::message::FIXED;

const LAST: u32 = 1 << 31;

/// Returns the length in a mark, and whether its fragment is the last.
#[inline]
pub(super) const fn read_mark(mark: [u8; MARK]) -> (u32, bool) {
    let mark = u32::from_be_bytes(mark);
    (mark & !LAST, mark & LAST != 0)
}

/// Returns the bytes that a fragment adds to the size of its record.
///
/// An empty fragment before the last counts as one byte, so that a record cannot have endless fragments.
#[inline]
pub(super) const fn counted(length: u32, last: bool) -> u32 {
    if length == 0 && !last { 1 } else { length }
}

/// Writes the mark of a record of one fragment before it.
#[inline]
pub(super) fn seal(buffer: &mut [u8], length: usize) -> Option<&[u8]> {
    let frame = buffer.get_mut(..length.checked_add(MARK)?)?;
    let mark = u32::try_from(length).ok().filter(|length| length & LAST == 0)? | LAST;
    *frame.first_chunk_mut()? = mark.to_be_bytes();
    Some(frame)
}

/// Record marking that never reads beyond the end of a record: the smallest reader.
///
/// It reads each mark and each fragment separately. [`RecordAhead`](super::RecordAhead) needs about half as many reads.
///
/// A record that the buffer cannot hold is skipped; [`Framing::next`] returns its first 28 bytes and its size
/// ([`Progress::Oversize`]). The framing does not recover from lost bytes: close the connection after an error.
///
/// # Example
/// ```
/// use oncilla::framing::{Framing, Record};
///
/// let mut tx = [0; Record::buffer(5)];
/// Record::room(&mut tx)[..5].copy_from_slice(b"hello");
/// // The mark: the last fragment of its record, with 5 bytes.
/// assert_eq!(Record::seal(&mut tx, 5).unwrap(), b"\x80\0\0\x05hello");
/// ```
// The received part of the body is at the front of the buffer. The received part of the next mark follows it.
#[derive(Debug, Default)]
pub struct Record {
    length: usize,
    /// Received bytes of the next mark.
    marked: usize,
    /// Bytes of the present fragment that are still missing.
    left: u32,
    /// Whether the present fragment is the last of its record.
    last: bool,
    /// Whether the record is too large: only its beginning is kept.
    oversize: bool,
    /// Sum of the marks received so far, plus one for each empty fragment. 0 only between records.
    size: u32,
}

impl Record {
    /// Returns the buffer size for messages of at most `message` bytes: 4 bytes more, for a mark.
    #[must_use]
    pub const fn buffer(message: usize) -> usize {
        message + MARK
    }
}

impl Framing for Record {
    const RESYNCHRONIZES: bool = false;
    const BUFFER_MIN: usize = KEPT + MARK;

    #[inline]
    fn next(&mut self, buffer: &mut [u8]) -> Progress {
        if self.marked == MARK {
            let Some(&mark) = buffer.get(self.length..).and_then(|rest| rest.first_chunk()) else {
                return Progress::More;
            };
            (self.left, self.last) = read_mark(mark);
            self.marked = 0;
            self.size = self.size.saturating_add(counted(self.left, self.last));
            let room = buffer.len().saturating_sub(MARK);
            if usize::try_from(self.size).map_or(true, |size| size > room) {
                self.oversize = true;
                self.length = self.length.min(KEPT);
            }
        }
        if self.left > 0 || !self.last {
            return Progress::More;
        }
        let Self { length, oversize, size, .. } = core::mem::take(self);
        if oversize { Progress::Oversize { start: 0, length, size } } else { Progress::Message { start: 0, length } }
    }

    #[inline]
    fn window<'b>(&mut self, buffer: &'b mut [u8]) -> &'b mut [u8] {
        let wanted = match self.left {
            0 => MARK.wrapping_sub(self.marked),
            left => usize::try_from(left).unwrap_or(usize::MAX),
        };
        let rest = buffer.get_mut(self.length.wrapping_add(self.marked)..).unwrap_or_default();
        let wanted = wanted.min(rest.len());
        rest.get_mut(..wanted).unwrap_or_default()
    }

    #[inline]
    fn filled(&mut self, length: usize) {
        if self.left == 0 {
            self.marked = self.marked.wrapping_add(length);
            return;
        }
        self.left = self.left.wrapping_sub(length as u32);
        self.length = self.length.wrapping_add(length);
        if self.oversize {
            self.length = self.length.min(KEPT);
        }
    }

    #[inline]
    fn is_amid(&self) -> bool {
        self.size > 0 || self.marked > 0
    }

    #[inline]
    fn capacity(buffer: usize) -> usize {
        buffer.saturating_sub(MARK)
    }

    #[inline]
    fn room(buffer: &mut [u8]) -> &mut [u8] {
        buffer.get_mut(MARK..).unwrap_or_default()
    }

    #[inline]
    fn seal(buffer: &mut [u8], length: usize) -> Option<&[u8]> {
        seal(buffer, length)
    }
}
