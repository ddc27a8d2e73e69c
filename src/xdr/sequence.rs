//! Decoding what stands inside a struct, and the elements of a sequence or tuple, where a `u8` is
//! one byte of opaque data.

use serde::de::{self, DeserializeSeed, Visitor};

use super::Fault;
use super::de::Decoder;

/// The fields of a struct or variant, each in whole units.
pub(super) struct Fields<'d, 'de> {
    pub(super) decoder: &'d mut Decoder<'de>,
    pub(super) left: usize,
}

impl<'de> de::SeqAccess<'de> for Fields<'_, 'de> {
    type Error = Fault;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        match self.left.checked_sub(1) {
            None => Ok(None),
            Some(left) => {
                self.left = left;
                seed.deserialize(&mut *self.decoder).map(Some)
            }
        }
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// The elements of a sequence or tuple, all bytes or none.
pub(super) struct Sequence<'d, 'de> {
    decoder: &'d mut Decoder<'de>,
    length: usize,
    left: usize,
    bytes: bool,
}

impl<'d, 'de> Sequence<'d, 'de> {
    #[inline]
    pub(super) fn new(decoder: &'d mut Decoder<'de>, length: usize) -> Self {
        Self { decoder, length, left: length, bytes: false }
    }

    /// Asks that the visitor took every element, and reads the padding after bytes.
    #[inline]
    pub(super) fn finish(self) -> Result<(), Fault> {
        if self.left > 0 {
            return Err(Fault::Bound);
        }
        if self.bytes { self.decoder.pad(self.length) } else { Ok(()) }
    }

    #[inline]
    fn is_first(&self) -> bool {
        // `left` already counts without the element that is being read.
        self.length.checked_sub(1) == Some(self.left)
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        if self.is_first() {
            self.bytes = true;
        }
        if !self.bytes {
            return Err(Fault::Mixed);
        }
        let [byte] = self.decoder.bytes()?;
        Ok(byte)
    }

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
                seed.deserialize(Element(self)).map(Some)
            }
        }
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// One element: a `u8`, also inside a newtype struct, is a single byte; all else is read as usual.
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
        visitor.visit_u8(self.0.byte()?)
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    as_usual! {
        deserialize_any() deserialize_bool() deserialize_char()
        deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64()
        deserialize_u16() deserialize_u32() deserialize_u64()
        deserialize_f32() deserialize_f64()
        deserialize_str() deserialize_string() deserialize_bytes() deserialize_byte_buf()
        deserialize_option() deserialize_unit() deserialize_unit_struct(name: &'static str)
        deserialize_seq() deserialize_tuple(length: usize)
        deserialize_tuple_struct(name: &'static str, length: usize)
        deserialize_map() deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
        deserialize_identifier() deserialize_ignored_any()
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}
