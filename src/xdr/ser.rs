//! The serializer: values from serde, written by the encoder.

use serde::ser::{self, Serialize};

use super::elements::Elements;
use super::{Encoder, Fault};

macro_rules! words {
    ($($method:ident($type:ty) as $wide:ty),* $(,)?) => {$(
        #[inline]
        fn $method(self, value: $type) -> Result<(), Fault> {
            self.bytes(<$wide>::from(value).to_be_bytes());
            Ok(())
        }
    )*};
}

impl<'s, 'a> ser::Serializer for &'s mut Encoder<'a> {
    type Ok = ();
    type Error = Fault;
    type SerializeSeq = Elements<'s, 'a>;
    type SerializeTuple = Elements<'s, 'a>;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = ser::Impossible<(), Fault>;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    words! {
        serialize_bool(bool) as u32,
        serialize_i8(i8) as i32, serialize_i16(i16) as i32, serialize_i32(i32) as i32,
        serialize_u8(u8) as u32, serialize_u16(u16) as u32, serialize_u32(u32) as u32,
        serialize_i64(i64) as i64, serialize_u64(u64) as u64,
        serialize_f32(f32) as f32, serialize_f64(f64) as f64,
    }

    fn serialize_char(self, _: char) -> Result<(), Fault> {
        Err(Fault::Unsupported)
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<(), Fault> {
        self.opaque(value.as_bytes())
    }

    #[inline]
    fn serialize_bytes(self, value: &[u8]) -> Result<(), Fault> {
        self.opaque(value)
    }

    #[inline]
    fn serialize_none(self) -> Result<(), Fault> {
        self.serialize_bool(false)
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Fault> {
        self.serialize_bool(true)?;
        value.serialize(self)
    }

    #[inline]
    fn serialize_unit(self) -> Result<(), Fault> {
        Ok(())
    }

    #[inline]
    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Fault> {
        Ok(())
    }

    #[inline]
    fn serialize_unit_variant(self, _: &'static str, ordinal: u32, _: &'static str) -> Result<(), Fault> {
        self.serialize_u32(ordinal)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Fault> {
        value.serialize(self)
    }

    #[inline]
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        ordinal: u32,
        _: &'static str,
        value: &T,
    ) -> Result<(), Fault> {
        self.word(ordinal);
        value.serialize(self)
    }

    #[inline]
    fn serialize_seq(self, length: Option<usize>) -> Result<Self::SerializeSeq, Fault> {
        let length = length.ok_or(Fault::Unsupported)?;
        self.length(length)?;
        Ok(Elements::new(self, length))
    }

    #[inline]
    fn serialize_tuple(self, length: usize) -> Result<Self::SerializeTuple, Fault> {
        Ok(Elements::new(self, length))
    }

    #[inline]
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Fault> {
        Ok(self)
    }

    #[inline]
    fn serialize_tuple_variant(self, _: &'static str, ordinal: u32, _: &'static str, _: usize) -> Result<Self, Fault> {
        self.word(ordinal);
        Ok(self)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Fault> {
        Err(Fault::Unsupported)
    }

    #[inline]
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Fault> {
        Ok(self)
    }

    #[inline]
    fn serialize_struct_variant(self, _: &'static str, ordinal: u32, _: &'static str, _: usize) -> Result<Self, Fault> {
        self.word(ordinal);
        Ok(self)
    }

    /// Encodes a sequence of known length. A sequence of bytes is written as one block.
    #[inline]
    fn collect_seq<I>(self, items: I) -> Result<(), Fault>
    where
        I: IntoIterator,
        I::Item: Serialize,
    {
        let items = items.into_iter();
        let (length, upper) = items.size_hint();
        if upper != Some(length) {
            return Err(Fault::Unsupported);
        }
        self.length(length)?;
        Elements::new(self, length).all(items)
    }

    fn collect_str<T: core::fmt::Display + ?Sized>(self, _: &T) -> Result<(), Fault> {
        Err(Fault::Unsupported)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

macro_rules! fields {
    ($($trait:ident::$method:ident($($key:ty)?)),* $(,)?) => {$(
        impl ser::$trait for &mut Encoder<'_> {
            type Ok = ();
            type Error = Fault;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, $(_: $key,)? value: &T) -> Result<(), Fault> {
                value.serialize(&mut **self)
            }

            #[inline]
            fn end(self) -> Result<(), Fault> {
                Ok(())
            }
        }
    )*};
}

// Each field has whole units; only the elements of sequences are packed.
fields! {
    SerializeTupleStruct::serialize_field(),
    SerializeTupleVariant::serialize_field(),
    SerializeStruct::serialize_field(&'static str),
    SerializeStructVariant::serialize_field(&'static str),
}
