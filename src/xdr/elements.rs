//! Encoding the elements of a sequence or tuple, where a `u8` is one byte.
//!
//! An element may be a sequence itself: `serialize` passes it to the encoder's `Serializer`, which comes back here. The
//! recursion is that of the types, so this file names `ser` only by serde's trait.

use serde::ser::{self, Serialize};

use super::probe::Probe;
use super::{Encoder, Fault};

/// The elements of a sequence or tuple: all are bytes, or none is.
pub struct Elements<'s, 'a> {
    encoder: &'s mut Encoder<'a>,
    length: usize,
    left: usize,
    bytes: bool,
}

impl<'s, 'a> Elements<'s, 'a> {
    #[inline]
    pub(super) fn new(encoder: &'s mut Encoder<'a>, length: usize) -> Self {
        Self { encoder, length, left: length, bytes: false }
    }

    /// Encodes the next element. The first element decides whether all are bytes.
    #[inline]
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        let first = self.left == self.length;
        self.left = self.left.checked_sub(1).ok_or(Fault::Length)?;
        let byte = value.serialize(Probe).ok();
        if first {
            self.bytes = byte.is_some();
        }
        match byte {
            Some(byte) if self.bytes => {
                self.encoder.bytes([byte]);
                Ok(())
            }
            None if !self.bytes => value.serialize(&mut *self.encoder),
            _ => Err(Fault::Mixed),
        }
    }

    /// Encodes all elements. The compiler turns the loop over bytes into a block copy.
    #[inline]
    pub(super) fn all<I>(mut self, mut items: I) -> Result<(), Fault>
    where
        I: Iterator,
        I::Item: Serialize,
    {
        if let Some(first) = items.next() {
            self.element(&first)?;
        }
        if self.bytes {
            if let Some(room) = self.encoder.take(self.left) {
                for (byte, item) in room.iter_mut().zip(&mut items) {
                    *byte = item.serialize(Probe)?;
                    self.left = self.left.saturating_sub(1);
                }
            } else {
                self.left = 0;
            }
        } else {
            for item in items {
                self.element(&item)?;
            }
        }
        self.finish()
    }

    /// Checks that all announced elements were encoded, and pads bytes.
    #[inline]
    fn finish(self) -> Result<(), Fault> {
        if self.left > 0 {
            return Err(Fault::Length);
        }
        if self.bytes {
            self.encoder.pad(self.length);
        }
        Ok(())
    }
}

impl ser::SerializeSeq for Elements<'_, '_> {
    type Ok = ();
    type Error = Fault;

    #[inline]
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        self.element(value)
    }

    #[inline]
    fn end(self) -> Result<(), Fault> {
        self.finish()
    }
}

impl ser::SerializeTuple for Elements<'_, '_> {
    type Ok = ();
    type Error = Fault;

    #[inline]
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        self.element(value)
    }

    #[inline]
    fn end(self) -> Result<(), Fault> {
        self.finish()
    }
}
