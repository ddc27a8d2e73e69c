//! Encoding the elements of a sequence or tuple, where a `u8` is one byte of opaque data.

use serde::ser::{self, Impossible, Serialize};

use super::Fault;
use super::ser::Encoder;

/// The elements still to come, all bytes or none.
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

    /// All elements at once; when they are bytes, the compiler makes a block copy of the loop.
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

/// Serialises a `u8`, also inside a newtype struct, to itself and refuses all else: the only way to
/// ask serde whether a value is a byte. Inlined, the question is answered by the compiler.
struct Probe;

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

    // The same answer as the encoder's: a type may look different otherwise.
    fn is_human_readable(&self) -> bool {
        false
    }
}
