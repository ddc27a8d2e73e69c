//! The deserializer: serde's requests for a type, answered by the decoder.

use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor};

#[cfg(feature = "alloc")]
use super::heap;
#[cfg(feature = "alloc")]
use super::sequence::read_block;
use super::sequence::{read_elements, read_fields};
use super::{Decoder, Fault, deep};

macro_rules! words {
    ($($method:ident: $wide:ty => $visit:ident),* $(,)?) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            self.item(|bytes| visitor.$visit(<$wide>::from_be_bytes(bytes)))
        }
    )*};
}

/// Checks that a word holds a number of 8 or 16 bits, signed or unsigned.
///
/// C sends a `char` or a `short` as a signed or an unsigned number, depending on the machine, and accepts both. Only
/// the low bits of the word count. `half` is the first number above the range of the signed type.
#[inline]
fn narrow(word: u32, half: u32) -> Result<u32, Fault> {
    // From -half to 2 * half - 1.
    if word.wrapping_add(half) < half.wrapping_mul(3) { Ok(word) } else { Err(Fault::Range) }
}

macro_rules! narrow_words {
    ($($method:ident: $narrow:ty, $half:literal => $visit:ident),* $(,)?) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            self.word(|word| visitor.$visit(narrow(word, $half)? as $narrow))
        }
    )*};
}

macro_rules! unsupported {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Fault> {
            Err(Fault::Unsupported)
        }
    )*};
}

/// Reads a [`Deep`](super::Deep) value, which has its own limit of nesting.
fn with_levels<'de, V: Visitor<'de>>(decoder: &mut Decoder<'de>, levels: usize, visitor: V) -> Result<V::Value, Fault> {
    decoder.at_depth(u8::try_from(levels).unwrap_or(u8::MAX), |decoder| read_fields(decoder, 1, visitor))
}

impl<'de> de::Deserializer<'de> for &mut Decoder<'de> {
    type Error = Fault;

    words! {
        deserialize_i32: i32 => visit_i32, deserialize_u32: u32 => visit_u32,
        deserialize_i64: i64 => visit_i64, deserialize_u64: u64 => visit_u64,
        deserialize_f32: f32 => visit_f32, deserialize_f64: f64 => visit_f64,
    }

    narrow_words! {
        deserialize_i8: i8, 0x80 => visit_i8, deserialize_u8: u8, 0x80 => visit_u8,
        deserialize_i16: i16, 0x8000 => visit_i16, deserialize_u16: u16, 0x8000 => visit_u16,
    }

    // XDR does not describe itself: a value can be decoded only if its type is requested.
    unsupported! { deserialize_any deserialize_char deserialize_map deserialize_identifier deserialize_ignored_any }

    #[inline]
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_bool(self.boolean()?)
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.opaque(|bytes| visitor.visit_borrowed_str(core::str::from_utf8(bytes).map_err(|_| Fault::Text)?))
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    #[inline]
    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        // `opaque` is generic: firmware would contain a second one for bytes beside the one for text.
        let start = self.remaining();
        let bytes = self.bytes()?;
        visitor.visit_borrowed_bytes(bytes).inspect_err(|_| self.back_to(start))
    }

    #[inline]
    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        #[cfg(feature = "alloc")]
        return self.copied(|bytes| visitor.visit_borrowed_bytes(bytes));
        #[cfg(not(feature = "alloc"))]
        self.opaque(|bytes| visitor.visit_borrowed_bytes(bytes))
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let start = self.remaining();
        if self.boolean()? { self.nested(start, |decoder| visitor.visit_some(decoder)) } else { visitor.visit_none() }
    }

    #[inline]
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    #[inline]
    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Fault> {
        #[cfg(feature = "alloc")]
        if name == heap::TEXT {
            return self.copied(|bytes| visitor.visit_borrowed_bytes(bytes));
        } else if name == heap::VECTOR {
            let start = self.remaining();
            let length = self.length()?;
            return read_elements(self, start, length, visitor);
        } else if let Some(size) = heap::block(name) {
            return read_block(self, size, visitor);
        } else if name == heap::HOLDS_BOXES {
            return read_fields(self, 2, visitor);
        } else if let Some(times) = heap::charged(name) {
            self.charge(times, size_of::<V::Value>())?;
        }
        let _ = name;
        visitor.visit_newtype_struct(self)
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let start = self.remaining();
        let length = self.length()?;
        read_elements(self, start, length, visitor)
    }

    #[inline]
    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Fault> {
        read_elements(self, self.remaining(), length, visitor)
    }

    #[inline]
    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        count: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        #[cfg(feature = "alloc")]
        if name == heap::CHARGE {
            self.charge(1, count)?;
            return visitor.visit_unit();
        }
        let _ = name;
        if let Some(levels) = count.checked_sub(deep::FIELDS) {
            return with_levels(self, levels, visitor);
        }
        // `xdr_union!` expands to a tuple struct, and a peer may nest unions.
        self.nested(self.remaining(), |decoder| read_fields(decoder, count, visitor))
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        read_fields(self, fields.len(), visitor)
    }

    #[inline]
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.nested(self.remaining(), |decoder| visitor.visit_enum(decoder))
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

impl<'de> de::EnumAccess<'de> for &mut Decoder<'de> {
    type Error = Fault;
    type Variant = Self;

    #[inline]
    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Fault> {
        let variant = self.word(|ordinal| {
            let ordinal = IntoDeserializer::<Fault>::into_deserializer(ordinal);
            // A derived visitor reports an unknown ordinal as an invalid value.
            seed.deserialize(ordinal).map_err(|_| Fault::Variant)
        })?;
        Ok((variant, self))
    }
}

impl<'de> de::VariantAccess<'de> for &mut Decoder<'de> {
    type Error = Fault;

    #[inline]
    fn unit_variant(self) -> Result<(), Fault> {
        Ok(())
    }

    #[inline]
    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Fault> {
        seed.deserialize(self)
    }

    #[inline]
    fn tuple_variant<V: Visitor<'de>>(self, count: usize, visitor: V) -> Result<V::Value, Fault> {
        read_fields(self, count, visitor)
    }

    #[inline]
    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        read_fields(self, fields.len(), visitor)
    }
}
