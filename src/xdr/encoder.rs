//! The encoder: a position in the caller's buffer.

use serde::ser::Serialize;

use super::{EncodeError, Fault, UNIT, padding};

/// Encodes values one after another into the caller's buffer.
///
/// [`encode`](super::encode) is shorter for one value. Values that do not fit are not written, but counted, so that
/// [`finish`](Self::finish) reports the bytes that all values need.
///
/// ```
/// use oncilla::xdr::{EncodeError, Encoder};
/// let mut room = [0; 12];
/// let mut encoder = Encoder::new(&mut room);
/// encoder.value(&7u32)?;
/// encoder.value("hi")?;
/// assert_eq!(encoder.finish(), Ok(12));
///
/// let mut encoder = Encoder::new(&mut room[..4]);
/// encoder.value("hi")?;
/// assert_eq!(encoder.finish(), Err(EncodeError::NoRoom { needed: 8, available: 4 }));
/// # Ok::<(), oncilla::xdr::Fault>(())
/// ```
pub struct Encoder<'a> {
    room: &'a mut [u8],
    available: usize,
    missing: usize,
}

impl<'a> Encoder<'a> {
    /// Creates an encoder that writes from the first byte of `room`.
    #[inline]
    pub fn new(room: &'a mut [u8]) -> Self {
        let available = room.len();
        Self { room, available, missing: 0 }
    }

    /// Appends one value.
    ///
    /// # Errors
    /// A [`Fault`], if the value has no XDR form. [`finish`](Self::finish) reports a buffer that is too small.
    #[inline]
    pub fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        value.serialize(self)
    }

    /// Returns the number of bytes written.
    ///
    /// # Errors
    /// [`EncodeError::NoRoom`], with the bytes that all values need.
    #[inline]
    pub fn finish(self) -> Result<usize, EncodeError> {
        let Self { room, available, missing } = self;
        if missing > 0 {
            return Err(EncodeError::NoRoom { needed: available.saturating_add(missing), available });
        }
        Ok(available.wrapping_sub(room.len()))
    }

    /// Returns the next `length` bytes of the buffer, or `None` if fewer are left.
    ///
    /// After `None` the buffer counts as full, so that no later value is written at a wrong place.
    #[inline]
    pub(super) fn take(&mut self, length: usize) -> Option<&'a mut [u8]> {
        let room = core::mem::take(&mut self.room);
        let left = room.len();
        match room.split_at_mut_checked(length) {
            Some((taken, rest)) => {
                self.room = rest;
                Some(taken)
            }
            None => {
                self.missing = self.missing.saturating_add(length.wrapping_sub(left));
                None
            }
        }
    }

    /// Appends bytes.
    #[inline]
    pub(super) fn bytes<const N: usize>(&mut self, bytes: [u8; N]) {
        if let Some(place) = self.take(N).and_then(|taken| taken.first_chunk_mut()) {
            *place = bytes;
        }
    }

    /// Appends a word of four bytes.
    #[inline]
    pub(super) fn word(&mut self, word: u32) {
        self.bytes(word.to_be_bytes());
    }

    /// Appends a length word (RFC 4506 §4.10, §4.13).
    #[inline]
    pub(super) fn length(&mut self, length: usize) -> Result<(), Fault> {
        self.word(u32::try_from(length).map_err(|_| Fault::Length)?);
        Ok(())
    }

    /// Appends the zeros that pad `length` bytes.
    #[inline]
    pub(super) fn pad(&mut self, length: usize) {
        // At most three bytes; `fill` would link `memset`.
        for _ in 0..padding(length) {
            self.bytes([0]);
        }
    }

    /// Appends variable-length opaque data or a string (RFC 4506 §4.10, §4.11).
    #[inline]
    pub(super) fn opaque(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let length = u32::try_from(bytes.len()).map_err(|_| Fault::Length)?;
        let size = bytes.len().saturating_add(padding(bytes.len())).saturating_add(UNIT);
        if let Some((head, body)) = self.take(size).and_then(|taken| taken.split_first_chunk_mut()) {
            *head = length.to_be_bytes();
            // Zeroes the padding; the data overwrites the rest of this word. A loop would link `memset`.
            if let Some(last) = body.last_chunk_mut::<UNIT>() {
                *last = [0; UNIT];
            }
            for (place, byte) in body.iter_mut().zip(bytes) {
                *place = *byte;
            }
        }
        Ok(())
    }
}
