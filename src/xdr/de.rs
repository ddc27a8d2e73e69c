//! The deserializer: words to values, believing nothing.

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor};

use super::sequence::{Fields, Sequence};
use super::{DecodeError, Fault, deep, padding};

/// How deep values may be nested in each other (sequences, optional data, unions and tuple structs
/// count), unless [`Decoder::with_depth`] or, for one type, [`Deep`](super::Deep) says otherwise. It bounds
/// the stack that bytes from a peer can use up.
pub const MAX_DEPTH: u8 = 32;

/// Reads values one after another from a slice; they may borrow from it.
pub struct Decoder<'de> {
    input: &'de [u8],
    length: usize,
    depth: u8,
}

impl<'de> Decoder<'de> {
    /// Starts at the beginning of `input`.
    #[inline]
    pub const fn new(input: &'de [u8]) -> Self {
        Self::with_depth(input, MAX_DEPTH)
    }

    /// The same with another limit of nesting.
    #[inline]
    pub const fn with_depth(input: &'de [u8], depth: u8) -> Self {
        Self { input, length: input.len(), depth }
    }

    /// Takes one value.
    ///
    /// # Errors
    /// What is wrong with the bytes, and where.
    #[inline]
    pub fn value<T: Deserialize<'de>>(&mut self) -> Result<T, DecodeError> {
        T::deserialize(&mut *self).map_err(|fault| self.error(fault))
    }

    /// Asks that no bytes are left over.
    ///
    /// # Errors
    /// [`Fault::LeftOver`] with the offset of the first byte too many.
    #[inline]
    pub fn finish(self) -> Result<(), DecodeError> {
        if self.input.is_empty() { Ok(()) } else { Err(self.error(Fault::LeftOver)) }
    }

    /// The error of this fault. Whatever finds one leaves the decoder at the first byte of the item that is wrong.
    #[inline]
    pub(crate) fn error(&self, fault: Fault) -> DecodeError {
        DecodeError::at(fault, self.length, self.input)
    }

    /// Bytes not read yet.
    #[inline]
    pub(crate) fn remaining(&self) -> &'de [u8] {
        self.input
    }

    /// Goes back to an item that is wrong.
    #[inline]
    pub(super) fn back_to(&mut self, item: &'de [u8]) {
        self.input = item;
    }

    /// Reads an item of `N` bytes. It is taken when `read` takes its value.
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

    #[inline]
    fn word<T>(&mut self, read: impl FnOnce(u32) -> Result<T, Fault>) -> Result<T, Fault> {
        self.item(|bytes| read(u32::from_be_bytes(bytes)))
    }

    #[inline]
    pub(super) fn pad(&mut self, length: usize) -> Result<(), Fault> {
        split_padding(&mut self.input, length)
    }

    /// Reads opaque data or text: length, bytes, padding. The bytes are taken when `read` takes them, and only then is
    /// the padding looked at: what is over its bound is too long whatever its padding is.
    #[inline]
    fn opaque<T>(&mut self, read: impl FnOnce(&'de [u8]) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut rest = self.input;
        let length = split_length(&mut rest)?;
        let (bytes, rest) = rest.split_at_checked(length).ok_or(Fault::End)?;
        let value = read(bytes)?;
        self.input = rest;
        self.pad(length)?;
        Ok(value)
    }

    #[inline]
    fn boolean(&mut self) -> Result<bool, Fault> {
        self.word(|word| match word {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Fault::Bool),
        })
    }

    /// Runs `read` one level deeper, for a value that begins at `start`.
    #[inline]
    fn nested<T>(&mut self, start: &'de [u8], read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        let depth = self.depth;
        let Some(deeper) = depth.checked_sub(1) else {
            self.input = start;
            return Err(Fault::Depth);
        };
        self.depth = deeper;
        let value = read(self)?;
        self.depth = depth;
        Ok(value)
    }

    /// Reads a [`Deep`](super::Deep) value, which has a limit of its own.
    fn nested_at_most<V: Visitor<'de>>(&mut self, levels: usize, visitor: V) -> Result<V::Value, Fault> {
        let depth = self.depth;
        self.depth = u8::try_from(levels).unwrap_or(u8::MAX);
        let value = self.fields(1, visitor)?;
        self.depth = depth;
        Ok(value)
    }

    /// Reads the elements of a sequence or tuple that begins at `start`.
    fn sequence<V: Visitor<'de>>(&mut self, start: &'de [u8], length: usize, visitor: V) -> Result<V::Value, Fault> {
        self.nested(start, |decoder| {
            let mut sequence = Sequence::new(decoder, start, length);
            let value = visitor.visit_seq(&mut sequence);
            sequence.finish(value)
        })
    }

    #[inline]
    fn fields<V: Visitor<'de>>(&mut self, count: usize, visitor: V) -> Result<V::Value, Fault> {
        let mut fields = Fields::new(self, count);
        let value = visitor.visit_seq(&mut fields);
        fields.finish(value)
    }
}

/// Takes a length word off the front. Nothing that is counted is shorter than a byte, so a length over the bytes that
/// are left is a lie, whatever it counts. Its callers lend a copy of the input, so that a lie is not taken.
#[inline]
fn split_length(input: &mut &[u8]) -> Result<usize, Fault> {
    let (word, rest) = input.split_first_chunk().ok_or(Fault::End)?;
    let length = usize::try_from(u32::from_be_bytes(*word)).map_err(|_| Fault::Length)?;
    *input = rest;
    if length > rest.len() { Err(Fault::Length) } else { Ok(length) }
}

/// Takes the zeros that pad `length` bytes off the front.
#[inline]
fn split_padding(input: &mut &[u8], length: usize) -> Result<(), Fault> {
    let (zeros, rest) = input.split_at_checked(padding(length)).ok_or(Fault::End)?;
    if zeros.iter().any(|&byte| byte != 0) {
        return Err(Fault::Padding);
    }
    *input = rest;
    Ok(())
}

/// Takes variable-length opaque data (RFC 4506 §4.10) of at most `bound` bytes off the front: length, bytes, padding.
/// Data over the bound is too long whatever its padding is, so the bound is checked first.
///
/// Not generic, so that firmware has it once, unless that is larger.
#[inline]
pub(crate) fn split_opaque<'a>(input: &mut &'a [u8], bound: usize) -> Result<&'a [u8], Fault> {
    let mut rest = *input;
    let length = split_length(&mut rest)?;
    let (bytes, rest) = rest.split_at_checked(length).ok_or(Fault::End)?;
    if length > bound {
        return Err(Fault::Bound);
    }
    *input = rest;
    split_padding(input, length)?;
    Ok(bytes)
}

macro_rules! words {
    ($($method:ident: $wide:ty => $visit:ident),* $(,)?) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            self.item(|bytes| visitor.$visit(<$wide>::from_be_bytes(bytes)))
        }
    )*};
}

/// A number of fewer bits than travel, of which the low ones count. C sends a `char` or a `short` with its sign or
/// without, as its machine has them, and takes either. `half` is the first number that the signed type has not.
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

    // XDR does not describe itself: what is not asked for by its type cannot be found.
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
        // Not with `opaque`, of which there would be one for bytes beside that of text.
        let start = self.input;
        let bytes = split_opaque(&mut self.input, usize::MAX)?;
        visitor.visit_borrowed_bytes(bytes).inspect_err(|_| self.back_to(start))
    }

    #[inline]
    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_bytes(visitor)
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let start = self.input;
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
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let start = self.input;
        let mut rest = start;
        let length = split_length(&mut rest)?;
        self.input = rest;
        self.sequence(start, length, visitor)
    }

    #[inline]
    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Fault> {
        self.sequence(self.input, length, visitor)
    }

    #[inline]
    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        count: usize,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        if let Some(levels) = count.checked_sub(deep::FIELDS) {
            return self.nested_at_most(levels, visitor);
        }
        // `xdr_union!` is one to serde, and a peer may nest those.
        self.nested(self.input, |decoder| decoder.fields(count, visitor))
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.fields(fields.len(), visitor)
    }

    #[inline]
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.nested(self.input, |decoder| visitor.visit_enum(decoder))
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
            // The derived visitor refuses ordinals it does not have as an invalid value.
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
        self.fields(count, visitor)
    }

    #[inline]
    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Fault> {
        self.fields(fields.len(), visitor)
    }
}
