//! The serializer: values to words.

use serde::ser::{self, Serialize};

use super::elements::Elements;
use super::{EncodeError, Fault, UNIT, padding};

/// Writes values one after another into a lent slice.
///
/// What finds no room is counted, so that [`finish`](Self::finish) can say how much the whole needs.
pub struct Encoder<'a> {
    room: &'a mut [u8],
    available: usize,
    missing: usize,
}

impl<'a> Encoder<'a> {
    /// Starts at the beginning of `room`.
    #[inline]
    pub fn new(room: &'a mut [u8]) -> Self {
        let available = room.len();
        Self { room, available, missing: 0 }
    }

    /// Appends one value.
    ///
    /// # Errors
    /// The [`Fault`] when the value has no XDR form. Lack of room is told by
    /// [`finish`](Self::finish).
    #[inline]
    pub fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Fault> {
        value.serialize(self)
    }

    /// The bytes written.
    ///
    /// # Errors
    /// [`EncodeError::NoRoom`] with the bytes that were needed.
    #[inline]
    pub fn finish(self) -> Result<usize, EncodeError> {
        let Self { room, available, missing } = self;
        if missing > 0 {
            return Err(EncodeError::NoRoom { needed: available.saturating_add(missing), available });
        }
        Ok(available.wrapping_sub(room.len()))
    }

    /// The next `length` bytes, or none when the room has ended; then it has ended for all that
    /// follows too, so that nothing is written out of its place.
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

    #[inline]
    pub(super) fn bytes<const N: usize>(&mut self, bytes: [u8; N]) {
        if let Some(place) = self.take(N).and_then(|taken| taken.first_chunk_mut()) {
            *place = bytes;
        }
    }

    #[inline]
    fn word(&mut self, word: u32) {
        self.bytes(word.to_be_bytes());
    }

    /// A length word (RFC 4506 §4.10, §4.13).
    #[inline]
    pub(super) fn length(&mut self, length: usize) -> Result<(), Fault> {
        self.word(u32::try_from(length).map_err(|_| Fault::Length)?);
        Ok(())
    }

    #[inline]
    pub(super) fn pad(&mut self, length: usize) {
        // At most three: too few to link `memset` for.
        for _ in 0..padding(length) {
            self.bytes([0]);
        }
    }

    /// Variable-length opaque data or a string (RFC 4506 §4.10, §4.11).
    #[inline]
    fn opaque(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let length = u32::try_from(bytes.len()).map_err(|_| Fault::Length)?;
        let size = bytes.len().saturating_add(padding(bytes.len())).saturating_add(UNIT);
        if let Some((head, body)) = self.take(size).and_then(|taken| taken.split_first_chunk_mut()) {
            *head = length.to_be_bytes();
            // The padding; what is not of it is overwritten. A word spares the loop, which would link `memset`.
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

    /// A sequence of bytes is one block.
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

// Fields stand one after another, each in whole units; only elements of sequences are packed.
fields! {
    SerializeTupleStruct::serialize_field(),
    SerializeTupleVariant::serialize_field(),
    SerializeStruct::serialize_field(&'static str),
    SerializeStructVariant::serialize_field(&'static str),
}
