//! The decoder: a position in the bytes, and a limit of nesting.

use serde::Deserialize;

#[cfg(feature = "alloc")]
use super::opaque::after_padding;
use super::opaque::{split_length, split_opaque, split_padding};
use super::{DecodeError, Fault};

/// The default limit of nesting: 32 levels.
///
/// Sequences, tuples, tuple structs, optional data and unions each count as a level. The limit bounds the stack that
/// bytes from a peer can use. [`Decoder::with_depth`] sets another limit; [`Deep`](super::Deep) does so for one type.
pub const MAX_DEPTH: u8 = 32;

/// Decodes values one after another from a slice.
///
/// [`decode`](super::decode) is shorter where the slice holds one value. Decoded text and bytes borrow from the slice.
///
/// ```
/// use oncilla::xdr::Decoder;
/// let mut decoder = Decoder::new(b"\0\0\0\x07\0\0\0\x02hi\0\0");
/// assert_eq!(decoder.value(), Ok(7u32));
/// assert_eq!(decoder.value(), Ok("hi"));
/// decoder.finish()?;
/// # Ok::<(), oncilla::xdr::DecodeError>(())
/// ```
pub struct Decoder<'de> {
    input: &'de [u8],
    length: usize,
    depth: u8,
    /// Bytes of the heap that may still be taken.
    #[cfg(feature = "alloc")]
    heap: usize,
}

impl<'de> Decoder<'de> {
    /// Creates a decoder that starts at the first byte of `input`.
    #[inline]
    pub const fn new(input: &'de [u8]) -> Self {
        Self::with_depth(input, MAX_DEPTH)
    }

    /// Creates a decoder with a limit of `depth` levels of nesting.
    #[inline]
    pub const fn with_depth(input: &'de [u8], depth: u8) -> Self {
        Self {
            input,
            length: input.len(),
            depth,
            #[cfg(feature = "alloc")]
            heap: super::heap::most(input.len()),
        }
    }

    /// Decodes the next value.
    ///
    /// # Errors
    /// [`DecodeError`] holds the fault and the byte at which the wrong item begins.
    #[inline]
    pub fn value<T: Deserialize<'de>>(&mut self) -> Result<T, DecodeError> {
        T::deserialize(&mut *self).map_err(|fault| self.error(fault))
    }

    /// Checks that no bytes are left over.
    ///
    /// # Errors
    /// [`Fault::LeftOver`], with the offset of the first byte that is left.
    #[inline]
    pub fn finish(self) -> Result<(), DecodeError> {
        if self.input.is_empty() { Ok(()) } else { Err(self.error(Fault::LeftOver)) }
    }

    /// Adds the place to a fault.
    ///
    /// All code that finds a fault leaves the decoder at the first byte of the wrong item.
    #[inline]
    pub(crate) fn error(&self, fault: Fault) -> DecodeError {
        DecodeError::at(fault, self.length, self.input)
    }

    /// Returns the bytes that are not read yet.
    #[inline]
    pub(crate) fn remaining(&self) -> &'de [u8] {
        self.input
    }

    /// Moves back to the item that is wrong.
    #[inline]
    pub(super) fn back_to(&mut self, item: &'de [u8]) {
        self.input = item;
    }

    /// Reads an item of `N` bytes. The decoder advances only if `read` accepts the bytes.
    #[inline]
    pub(super) fn item<const N: usize, T>(
        &mut self,
        read: impl FnOnce([u8; N]) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let (bytes, rest) = self.input.split_first_chunk().ok_or(Fault::End)?;
        let value = read(*bytes)?;
        self.input = rest;
        Ok(value)
    }

    /// Reads a word of four bytes. The decoder advances only if `read` accepts the word.
    #[inline]
    pub(super) fn word<T>(&mut self, read: impl FnOnce(u32) -> Result<T, Fault>) -> Result<T, Fault> {
        self.item(|bytes| read(u32::from_be_bytes(bytes)))
    }

    /// Reads a bool.
    #[inline]
    pub(super) fn boolean(&mut self) -> Result<bool, Fault> {
        self.word(|word| match word {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Fault::Bool),
        })
    }

    /// Reads the length word of a sequence.
    #[inline]
    pub(super) fn length(&mut self) -> Result<usize, Fault> {
        let mut rest = self.input;
        let length = split_length(&mut rest)?;
        self.input = rest;
        Ok(length)
    }

    /// Reads the padding of `length` bytes.
    #[inline]
    pub(super) fn pad(&mut self, length: usize) -> Result<(), Fault> {
        split_padding(&mut self.input, length)
    }

    /// Reads opaque data of any length: length, bytes, padding.
    #[inline]
    pub(super) fn bytes(&mut self) -> Result<&'de [u8], Fault> {
        split_opaque(&mut self.input, usize::MAX)
    }

    /// Reads opaque data or text, and converts it by `read`.
    ///
    /// The decoder advances only if `read` accepts the bytes. The padding is checked after that, so data over its bound
    /// fails with [`Fault::Bound`] whatever its padding is.
    #[inline]
    pub(super) fn opaque<T>(&mut self, read: impl FnOnce(&'de [u8]) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut rest = self.input;
        let length = split_length(&mut rest)?;
        let (bytes, rest) = rest.split_at_checked(length).ok_or(Fault::End)?;
        let value = read(bytes)?;
        self.input = rest;
        self.pad(length)?;
        Ok(value)
    }

    /// Reads opaque data or text like [`opaque`](Self::opaque), with fewer branches and more code.
    ///
    /// The padding is compared as a word, not byte by byte.
    #[cfg(feature = "alloc")]
    #[inline]
    pub(super) fn copied<T>(&mut self, read: impl FnOnce(&'de [u8]) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut rest = self.input;
        let length = split_length(&mut rest)?;
        let (bytes, padding) = rest.split_at_checked(length).ok_or(Fault::End)?;
        let after = after_padding(self.input, length);
        let value = read(bytes)?;
        self.input = *after.as_ref().unwrap_or(&padding);
        after.map(|_| value)
    }

    /// Takes `count` times `size` bytes of the heap from what may still be taken.
    #[cfg(feature = "alloc")]
    #[inline]
    pub(super) fn charge(&mut self, count: usize, size: usize) -> Result<(), Fault> {
        let left = count.checked_mul(size).and_then(|bytes| self.heap.checked_sub(bytes));
        self.heap = left.ok_or(Fault::Memory)?;
        Ok(())
    }

    /// Runs `read` one level deeper, for a value that begins at `start`.
    #[inline]
    pub(super) fn nested<T>(
        &mut self,
        start: &'de [u8],
        read: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let Some(deeper) = self.depth.checked_sub(1) else {
            self.input = start;
            return Err(Fault::Depth);
        };
        self.at_depth(deeper, read)
    }

    /// Runs `read` with another limit of nesting, and restores the limit after it.
    #[inline]
    pub(super) fn at_depth<T>(
        &mut self,
        depth: u8,
        read: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let before = core::mem::replace(&mut self.depth, depth);
        let value = read(self)?;
        self.depth = before;
        Ok(value)
    }
}
