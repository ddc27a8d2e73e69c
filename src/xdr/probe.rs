//! The question to serde whether a value is a byte.

use serde::ser::{self, Impossible, Serialize};

use super::Fault;

/// Returns a `u8`, also within a newtype struct, and refuses all other types.
///
/// This is the only way to ask serde whether a value is a byte. The functions are inlined, so the compiler answers.
pub(super) struct Probe;

macro_rules! not_a_byte {
    ($($method:ident($($type:ty),*) -> $ok:ty),* $(,)?) => {$(
        #[inline]
        fn $method(self, $(_: $type),*) -> Result<$ok, Fault> {
            Err(Fault::Mixed)
        }
    )*};
}

type Never = Impossible<u8, Fault>;
type Name = &'static str;

impl ser::Serializer for Probe {
    type Ok = u8;
    type Error = Fault;
    type SerializeSeq = Never;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = Never;
    type SerializeStruct = Never;
    type SerializeStructVariant = Never;

    #[inline]
    fn serialize_u8(self, value: u8) -> Result<u8, Fault> {
        Ok(value)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: Name, value: &T) -> Result<u8, Fault> {
        value.serialize(self)
    }

    not_a_byte! {
        serialize_bool(bool) -> u8,
        serialize_i8(i8) -> u8, serialize_i16(i16) -> u8, serialize_i32(i32) -> u8, serialize_i64(i64) -> u8,
        serialize_u16(u16) -> u8, serialize_u32(u32) -> u8, serialize_u64(u64) -> u8,
        serialize_f32(f32) -> u8, serialize_f64(f64) -> u8, serialize_char(char) -> u8,
        serialize_str(&str) -> u8, serialize_bytes(&[u8]) -> u8,
        serialize_none() -> u8, serialize_unit() -> u8, serialize_unit_struct(Name) -> u8,
        serialize_unit_variant(Name, u32, Name) -> u8,
        serialize_seq(Option<usize>) -> Never, serialize_tuple(usize) -> Never,
        serialize_tuple_struct(Name, usize) -> Never, serialize_tuple_variant(Name, u32, Name, usize) -> Never,
        serialize_map(Option<usize>) -> Never, serialize_struct(Name, usize) -> Never,
        serialize_struct_variant(Name, u32, Name, usize) -> Never,
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<u8, Fault> {
        Err(Fault::Mixed)
    }

    #[inline]
    fn serialize_newtype_variant<T: Serialize + ?Sized>(self, _: Name, _: u32, _: Name, _: &T) -> Result<u8, Fault> {
        Err(Fault::Mixed)
    }

    #[inline]
    fn collect_seq<I>(self, _: I) -> Result<u8, Fault>
    where
        I: IntoIterator,
        I::Item: Serialize,
    {
        Err(Fault::Mixed)
    }

    #[inline]
    fn collect_str<T: core::fmt::Display + ?Sized>(self, _: &T) -> Result<u8, Fault> {
        Err(Fault::Mixed)
    }

    // The encoder returns the same. A type may have another form for human readers.
    fn is_human_readable(&self) -> bool {
        false
    }
}
