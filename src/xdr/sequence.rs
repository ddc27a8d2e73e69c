//! Decoding fields of structs, and elements of sequences and tuples, where a `u8` is one byte.
//!
//! An element may be a sequence itself: `Element` passes it to the decoder's `Deserializer`, which comes back here. The
//! recursion is that of the types, so this file names `de` only by serde's trait.

use serde::de::{self, DeserializeSeed, Visitor};

#[cfg(feature = "alloc")]
use super::opaque::split_length;
use super::{Decoder, Fault};

/// Reads `count` fields, each in whole units.
#[inline]
pub(super) fn read_fields<'de, V: Visitor<'de>>(
    decoder: &mut Decoder<'de>,
    count: usize,
    visitor: V,
) -> Result<V::Value, Fault> {
    let wrong = decoder.remaining();
    let mut fields = Fields { decoder, left: count, wrong };
    let value = visitor.visit_seq(&mut fields);
    fields.finish(value)
}

/// Reads `length` elements of a sequence or tuple, which begins at `start`.
pub(super) fn read_elements<'de, V: Visitor<'de>>(
    decoder: &mut Decoder<'de>,
    start: &'de [u8],
    length: usize,
    visitor: V,
) -> Result<V::Value, Fault> {
    decoder.nested(start, |decoder| {
        let mut sequence = Sequence::new(decoder, start, length);
        let value = visitor.visit_seq(&mut sequence);
        sequence.finish(value)
    })
}

/// Reads a vector of words of `size` bytes on the heap as one block, or as elements if the block is cut.
#[cfg(feature = "alloc")]
#[inline]
pub(super) fn read_block<'de, V: Visitor<'de>>(
    decoder: &mut Decoder<'de>,
    size: usize,
    visitor: V,
) -> Result<V::Value, Fault> {
    let start = decoder.remaining();
    let mut elements = start;
    let length = split_length(&mut elements)?;
    let Some((block, rest)) = length.checked_mul(size).and_then(|bytes| elements.split_at_checked(bytes)) else {
        decoder.back_to(elements);
        return read_cut_block(decoder, start, length, visitor);
    };
    // A block nests nothing, but it is a level.
    decoder.nested(start, |_| Ok(()))?;
    let value = visitor.visit_borrowed_bytes(block)?;
    decoder.back_to(rest);
    Ok(value)
}

/// Reads a block as elements, to find the one in which the bytes end.
#[cfg(feature = "alloc")]
#[cold]
#[inline(never)]
fn read_cut_block<'de, V: Visitor<'de>>(
    decoder: &mut Decoder<'de>,
    start: &'de [u8],
    length: usize,
    visitor: V,
) -> Result<V::Value, Fault> {
    read_elements(decoder, start, length, visitor)
}

/// The fields of a struct or variant.
struct Fields<'d, 'de> {
    decoder: &'d mut Decoder<'de>,
    left: usize,
    /// The start of the wrong item after an error.
    ///
    /// It is within the field that failed, or at the last field that was read, if the visitor refused its value.
    wrong: &'de [u8],
}

impl Fields<'_, '_> {
    /// Moves the decoder back to the wrong item after an error.
    #[inline]
    fn finish<T>(self, value: Result<T, Fault>) -> Result<T, Fault> {
        if value.is_err() {
            self.decoder.back_to(self.wrong);
        }
        value
    }
}

impl<'de> de::SeqAccess<'de> for &mut Fields<'_, 'de> {
    type Error = Fault;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        match self.left.checked_sub(1) {
            None => Ok(None),
            Some(left) => {
                self.left = left;
                let start = self.decoder.remaining();
                let field = seed.deserialize(&mut *self.decoder);
                self.wrong = if field.is_ok() { start } else { self.decoder.remaining() };
                field.map(Some)
            }
        }
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// The elements of a sequence or tuple: all are bytes, or none is.
struct Sequence<'d, 'de> {
    decoder: &'d mut Decoder<'de>,
    length: usize,
    left: usize,
    bytes: bool,
    /// The start of the wrong item after an error.
    ///
    /// It is within the element that failed, or at the length, if there are more elements than the visitor accepts.
    wrong: &'de [u8],
}

impl<'d, 'de> Sequence<'d, 'de> {
    #[inline]
    fn new(decoder: &'d mut Decoder<'de>, start: &'de [u8], length: usize) -> Self {
        Self { decoder, length, left: length, bytes: false, wrong: start }
    }

    /// Checks that the visitor read every element, and reads the padding of bytes.
    ///
    /// After an error it moves the decoder back to the wrong item.
    #[inline]
    fn finish<T>(self, value: Result<T, Fault>) -> Result<T, Fault> {
        let value = if self.left > 0 { value.and(Err(Fault::Bound)) } else { value };
        if value.is_err() {
            self.decoder.back_to(self.wrong);
        } else if self.bytes {
            self.decoder.pad(self.length)?;
        }
        value
    }

    /// Returns whether the element being read is the first.
    #[inline]
    fn is_first(&self) -> bool {
        // `left` no longer counts the element being read.
        self.length.checked_sub(1) == Some(self.left)
    }

    /// Reads an element of one byte. The first element decides whether the sequence is one of bytes.
    #[inline]
    fn byte<T>(&mut self, read: impl FnOnce(u8) -> Result<T, Fault>) -> Result<T, Fault> {
        if self.is_first() {
            self.bytes = true;
        }
        if !self.bytes {
            return Err(Fault::Mixed);
        }
        self.decoder.item(|[byte]| read(byte))
    }

    /// Returns the decoder for an element that is not a byte, unless the first was.
    #[inline]
    fn words(&mut self) -> Result<&mut Decoder<'de>, Fault> {
        if self.bytes { Err(Fault::Mixed) } else { Ok(self.decoder) }
    }
}

impl<'de> de::SeqAccess<'de> for &mut Sequence<'_, 'de> {
    type Error = Fault;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        match self.left.checked_sub(1) {
            None => Ok(None),
            Some(left) => {
                self.left = left;
                let element = seed.deserialize(Element(self));
                if element.is_err() {
                    self.wrong = self.decoder.remaining();
                }
                element.map(Some)
            }
        }
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// One element.
///
/// A `u8`, also within a newtype struct, is one byte. The decoder reads other types as usual.
struct Element<'s, 'd, 'de>(&'s mut Sequence<'d, 'de>);

macro_rules! as_usual {
    ($($method:ident($($name:ident: $type:ty),*))*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, Fault> {
            self.0.words()?.$method($($name,)* visitor)
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Element<'_, '_, 'de> {
    type Error = Fault;

    #[inline]
    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.0.byte(|byte| visitor.visit_u8(byte))
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Fault> {
        #[cfg(feature = "alloc")]
        if super::heap::is_request(name) {
            return self.0.words()?.deserialize_newtype_struct(name, visitor);
        }
        let _ = name;
        visitor.visit_newtype_struct(self)
    }

    #[inline]
    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        #[cfg(feature = "alloc")]
        if name == super::heap::CHARGE {
            // It is no element. The wrong item, after an error, is the length.
            self.0.left = self.0.left.saturating_add(1);
            let charged = self.0.decoder.deserialize_tuple_struct(name, length, visitor);
            return charged.inspect_err(|_| self.0.decoder.back_to(self.0.wrong));
        }
        self.0.words()?.deserialize_tuple_struct(name, length, visitor)
    }

    as_usual! {
        deserialize_any() deserialize_bool() deserialize_char()
        deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64()
        deserialize_u16() deserialize_u32() deserialize_u64()
        deserialize_f32() deserialize_f64()
        deserialize_str() deserialize_string() deserialize_bytes() deserialize_byte_buf()
        deserialize_option() deserialize_unit() deserialize_unit_struct(name: &'static str)
        deserialize_seq() deserialize_tuple(length: usize)
        deserialize_map() deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
        deserialize_identifier() deserialize_ignored_any()
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}
