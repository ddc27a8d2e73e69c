//! Record marking (RFC 5531 §11) that reads ahead.

use core::cell::Cell;

use super::record::{KEPT, MARK, counted, read_mark, seal};
use super::{Framing, Progress, move_down};

/// Record marking that reads as much as the buffer holds: for hosts.
///
/// It needs about half as many system calls as [`Record`](super::Record), and can read several messages at once. Bytes
/// after the end of a record stay in the buffer for the next message.
///
/// A record that the buffer cannot hold is skipped; [`Framing::next`] returns its first 28 bytes and its size
/// ([`Progress::Oversize`]). The framing does not recover from lost bytes: close the connection after an error.
///
/// [`growing`](Self::growing) is for buffers that grow as bytes arrive.
///
/// # Example
/// Two messages arrive in one read:
///
/// ```
/// use oncilla::framing::{Framing, Progress, RecordAhead};
///
/// let stream = b"\x80\0\0\x03one\x80\0\0\x03two";
/// let mut rx = [0; 2 * RecordAhead::buffer(28)];
/// let mut framing = RecordAhead::default();
/// framing.window(&mut rx)[..stream.len()].copy_from_slice(stream);
/// framing.filled(stream.len());
///
/// for expected in [b"one", b"two"] {
///     let Progress::Message { start, length } = framing.next(&mut rx) else { panic!("the record is whole") };
///     assert_eq!(&rx[start..][..length], expected);
/// }
/// assert_eq!(framing.next(&mut rx), Progress::More);
/// ```
// The body gathered so far is at `start..start + length` of the buffer. The bytes that were read but not yet looked at
// are at `unread..end`, after a gap if there were marks between.
#[derive(Debug, Default)]
pub struct RecordAhead {
    start: usize,
    length: usize,
    unread: usize,
    end: usize,
    /// Bytes of the present fragment that are still missing.
    left: u32,
    /// Whether the present fragment is the last of its record.
    last: bool,
    /// Whether the record is too large: only its beginning is kept.
    oversize: bool,
    /// Sum of the marks received so far, plus one for each empty fragment. 0 only between records.
    size: u32,
    /// The size that the buffer may grow to. 0 if its size is fixed.
    limit: usize,
}

impl RecordAhead {
    /// Returns the buffer size for messages of at most `message` bytes: 8 bytes more, for the marks before and after.
    ///
    /// A buffer of twice that size reads ahead well.
    #[must_use]
    pub const fn buffer(message: usize) -> usize {
        message + 2 * MARK
    }

    /// Creates a framing for a buffer that grows as bytes arrive, up to messages of `message` bytes.
    ///
    /// A record within that limit is received, although the buffer is still smaller. When
    /// [`window`](Framing::window) is empty after [`Progress::More`], append bytes to the buffer; the received ones
    /// keep their places. A buffer of twice the size suffices each time, so a peer takes memory only by sending bytes,
    /// not by announcing them. If there is no memory, call [`skip`](Self::skip).
    ///
    /// # Example
    /// ```
    /// use oncilla::framing::{Framing, Progress, RecordAhead};
    ///
    /// let stream = [&0x8000_00c8_u32.to_be_bytes()[..], &[7; 200]].concat();
    /// let mut framing = RecordAhead::growing(1000);
    /// let mut rx = vec![0; RecordAhead::buffer(28)];
    /// let mut rest = &stream[..];
    /// while framing.next(&mut rx) == Progress::More {
    ///     if framing.window(&mut rx).is_empty() {
    ///         rx.resize(2 * rx.len(), 0);
    ///     }
    ///     let window = framing.window(&mut rx);
    ///     let (now, later) = rest.split_at(window.len().min(rest.len()));
    ///     window[..now.len()].copy_from_slice(now);
    ///     framing.filled(now.len());
    ///     rest = later;
    /// }
    /// assert!(rest.is_empty() && rx.len() < 2 * stream.len());
    /// ```
    #[must_use]
    pub fn growing(message: usize) -> Self {
        Self { limit: Self::buffer(message), ..Self::default() }
    }

    /// Skips the rest of the record that has been received in part, because the buffer cannot grow.
    ///
    /// [`Framing::next`] then returns its beginning and its size ([`Progress::Oversize`]), as for a record that is too
    /// large.
    pub fn skip(&mut self, buffer: &mut [u8]) {
        if self.size > 0 {
            self.oversize = true;
            self.length = self.length.min(KEPT);
            self.make_room(buffer);
        }
    }

    /// Returns the next record if it is one fragment and wholly received, as most are.
    #[inline]
    fn whole(&mut self, buffer: &[u8]) -> Option<Progress> {
        let (mark, behind) = buffer.get(self.unread..self.end)?.split_first_chunk()?;
        let (length, last) = read_mark(*mark);
        let length = usize::try_from(length).ok()?;
        if !last || length > behind.len() {
            return None;
        }
        let start = self.unread.wrapping_add(MARK);
        self.unread = start.wrapping_add(length);
        self.start = self.unread;
        Some(Progress::Message { start, length })
    }

    fn gathered(&self) -> usize {
        self.start.wrapping_add(self.length)
    }

    /// Reads a mark.
    fn mark(&mut self, mark: [u8; MARK], capacity: usize) {
        self.unread = self.unread.wrapping_add(MARK);
        (self.left, self.last) = read_mark(mark);
        if self.length == 0 {
            self.start = self.unread;
        }
        self.size = self.size.saturating_add(counted(self.left, self.last));
        let room = capacity.max(self.limit).saturating_sub(MARK);
        if usize::try_from(self.size).map_or(true, |size| size > room) {
            self.oversize = true;
            self.length = self.length.min(KEPT);
        }
    }

    /// Adds the received bytes of the present fragment to the body.
    fn gather(&mut self, buffer: &mut [u8]) {
        let ready = self.end.wrapping_sub(self.unread);
        let take = self.left.min(u32::try_from(ready).unwrap_or(u32::MAX));
        self.left = self.left.wrapping_sub(take);
        let take = take as usize;
        let keep = if self.oversize { take.min(KEPT.saturating_sub(self.length)) } else { take };
        if self.unread != self.gathered() {
            let cells = Cell::from_mut(buffer).as_slice_of_cells();
            move_down(cells, self.unread, self.gathered(), keep);
        }
        self.unread = self.unread.wrapping_add(take);
        self.length = self.length.wrapping_add(keep);
    }

    /// Makes room for the next bytes.
    fn make_room(&mut self, buffer: &mut [u8]) {
        if self.unread == self.end {
            if self.length == 0 {
                self.start = 0;
            }
            self.end = self.gathered();
            self.unread = self.end;
        }
        if self.end >= buffer.len() {
            let waiting = self.end.wrapping_sub(self.unread);
            let cells = Cell::from_mut(buffer).as_slice_of_cells();
            // Once per record: its bytes stay at the front however the fragments arrive.
            if self.start > 0 {
                move_down(cells, self.start, 0, self.length);
            }
            move_down(cells, self.unread, self.length, waiting);
            self.start = 0;
            self.unread = self.length;
            self.end = self.unread.wrapping_add(waiting);
        }
    }

    /// Finds a record of any number of fragments.
    fn by_fragments(&mut self, buffer: &mut [u8]) -> Progress {
        loop {
            self.gather(buffer);
            if self.left > 0 {
                break;
            }
            if self.last {
                return self.deliver();
            }
            let unread = buffer.get(self.unread..self.end).unwrap_or_default();
            let Some(&mark) = unread.first_chunk() else { break };
            self.mark(mark, buffer.len());
        }
        self.make_room(buffer);
        Progress::More
    }

    /// Returns the whole record and starts the next one after it.
    fn deliver(&mut self) -> Progress {
        let Self { start, length, unread, end, oversize, size, limit, .. } = core::mem::take(self);
        *self = Self { start: unread, unread, end, limit, ..Self::default() };
        if oversize { Progress::Oversize { start, length, size } } else { Progress::Message { start, length } }
    }
}

impl Framing for RecordAhead {
    const RESYNCHRONIZES: bool = false;
    const BUFFER_MIN: usize = KEPT + 2 * MARK;

    #[inline]
    fn next(&mut self, buffer: &mut [u8]) -> Progress {
        if self.size == 0 {
            if self.unread == self.end {
                (self.start, self.unread, self.end) = (0, 0, 0);
                return Progress::More;
            }
            if let Some(whole) = self.whole(buffer) {
                return whole;
            }
        }
        self.by_fragments(buffer)
    }

    #[inline]
    fn window<'b>(&mut self, buffer: &'b mut [u8]) -> &'b mut [u8] {
        buffer.get_mut(self.end..).unwrap_or_default()
    }

    #[inline]
    fn filled(&mut self, length: usize) {
        self.end = self.end.wrapping_add(length);
    }

    fn is_amid(&self) -> bool {
        self.size > 0 || self.unread < self.end
    }

    #[inline]
    fn capacity(buffer: usize) -> usize {
        buffer.saturating_sub(2 * MARK)
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
