//! How arguments and results are encoded: the choice of each interface.

mod bound;
mod value;

#[doc(hidden)]
pub use bound::{Block, argument, decoding, encoding, max_size_within, receiving, results, sending};
#[doc(hidden)]
pub use value::{Value, Within};

use serde::{Deserialize, Serialize};

use crate::xdr::{self, DecodeError, EncodeError};

/// An encoding of arguments and results.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an encoding of payloads",
    label = "this is neither `Xdr` nor `Postcard`",
    note = "use `oncilla::Xdr`, or `oncilla::Postcard` with the feature `postcard`"
)]
pub trait Codec {
    /// Encodes a value at the start of `room` and returns the bytes used.
    ///
    /// # Errors
    /// There is not room, or the value has no form in this encoding.
    fn encode<T: Serialize + ?Sized>(value: &T, room: &mut [u8]) -> Result<usize, EncodeError>;

    /// Takes a value off the front of `input`.
    ///
    /// # Errors
    /// The bytes are not such a value; the offset counts from the start of `input`.
    fn decode<'de, T: Deserialize<'de>>(input: &mut &'de [u8]) -> Result<T, DecodeError>;
}

/// XDR (RFC 4506), the standard's encoding.
#[derive(Clone, Copy, Debug, Default)]
pub struct Xdr;

impl Xdr {
    /// Bytes that a value of at most `xdr` bytes of XDR takes at most.
    #[must_use]
    pub const fn max_size(xdr: usize) -> usize {
        xdr
    }
}

impl Codec for Xdr {
    #[inline]
    fn encode<T: Serialize + ?Sized>(value: &T, room: &mut [u8]) -> Result<usize, EncodeError> {
        xdr::encode(value, room)
    }

    #[inline]
    fn decode<'de, T: Deserialize<'de>>(input: &mut &'de [u8]) -> Result<T, DecodeError> {
        let mut decoder = xdr::Decoder::new(input);
        let value = decoder.value()?;
        *input = decoder.remaining();
        Ok(value)
    }
}

/// postcard, for interfaces whose two ends are both Rust: smaller on the wire, unknown to the
/// standard's tools. Headers stay those of ONC RPC.
#[cfg(feature = "postcard")]
#[derive(Clone, Copy, Debug, Default)]
pub struct Postcard;

#[cfg(feature = "postcard")]
impl Postcard {
    /// Bytes that a value of at most `xdr` bytes of XDR takes at most: a word of four bytes becomes a
    /// varint of five at most, and nothing else grows.
    #[must_use]
    pub const fn max_size(xdr: usize) -> usize {
        xdr + xdr.div_ceil(4)
    }
}

#[cfg(feature = "postcard")]
impl Codec for Postcard {
    fn encode<T: Serialize + ?Sized>(value: &T, room: &mut [u8]) -> Result<usize, EncodeError> {
        let available = room.len();
        match postcard::to_slice(value, room) {
            Ok(used) => Ok(used.len()),
            Err(postcard::Error::SerializeBufferFull) => {
                let needed = postcard::experimental::serialized_size(value).unwrap_or(usize::MAX);
                Err(EncodeError::NoRoom { needed, available })
            }
            Err(_) => Err(EncodeError::Refused(xdr::Fault::Unsupported)),
        }
    }

    fn decode<'de, T: Deserialize<'de>>(input: &mut &'de [u8]) -> Result<T, DecodeError> {
        let bytes = *input;
        let mut deserializer = postcard::Deserializer::from_bytes(bytes);
        let value = T::deserialize(&mut deserializer);
        let rest = deserializer.finalize().unwrap_or_default();
        match value {
            Ok(value) => {
                *input = rest;
                Ok(value)
            }
            Err(error) => {
                let offset = bytes.len().saturating_sub(rest.len());
                Err(DecodeError { fault: fault(error), offset, value: None })
            }
        }
    }
}

#[cfg(feature = "postcard")]
fn fault(error: postcard::Error) -> xdr::Fault {
    use postcard::Error;
    match error {
        Error::DeserializeUnexpectedEnd => xdr::Fault::End,
        Error::DeserializeBadBool | Error::DeserializeBadOption => xdr::Fault::Bool,
        Error::DeserializeBadVarint => xdr::Fault::Range,
        Error::DeserializeBadUtf8 | Error::DeserializeBadChar => xdr::Fault::Text,
        Error::DeserializeBadEnum => xdr::Fault::Variant,
        Error::WontImplement => xdr::Fault::Unsupported,
        _ => xdr::Fault::Value,
    }
}

/// Values one after another in lent room: the arguments of a call.
#[derive(Debug)]
pub struct Writer<'a> {
    room: &'a mut [u8],
    length: usize,
}

impl<'a> Writer<'a> {
    /// Starts at the beginning of `room`.
    #[inline]
    pub const fn new(room: &'a mut [u8]) -> Self {
        Self { room, length: 0 }
    }

    /// Appends a value.
    ///
    /// # Errors
    /// There is not room, or the value has no form in this encoding.
    #[inline]
    pub fn put<C: Codec, T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        let room = self.room.get_mut(self.length..).unwrap_or_default();
        self.length = self.length.saturating_add(C::encode(value, room)?);
        Ok(())
    }

    /// Appends what was encoded before, such as the arguments of a call that is passed on.
    ///
    /// # Errors
    /// There is not room.
    pub fn append(&mut self, encoded: &[u8]) -> Result<(), EncodeError> {
        let room = self.room.get_mut(self.length..).unwrap_or_default();
        let (needed, available) = (encoded.len(), room.len());
        let (place, _) = room.split_at_mut_checked(needed).ok_or(EncodeError::NoRoom { needed, available })?;
        place.copy_from_slice(encoded);
        self.length = self.length.saturating_add(needed);
        Ok(())
    }

    /// Bytes written so far.
    #[inline]
    #[must_use]
    pub const fn length(&self) -> usize {
        self.length
    }
}

/// Values one after another: the arguments or results that came.
#[derive(Debug)]
pub struct Reader<'de> {
    input: &'de [u8],
    length: usize,
}

impl<'de> Reader<'de> {
    /// Starts at the beginning of `input`.
    #[inline]
    #[must_use]
    pub const fn new(input: &'de [u8]) -> Self {
        Self { input, length: input.len() }
    }

    /// Takes the next value.
    ///
    /// # Errors
    /// The bytes are not such a value.
    #[inline]
    pub fn take<C: Codec, T: Deserialize<'de>>(&mut self) -> Result<T, DecodeError> {
        let before = self.offset();
        C::decode(&mut self.input).map_err(|error| DecodeError { offset: before.saturating_add(error.offset), ..error })
    }

    /// Asks that nothing is left over.
    ///
    /// # Errors
    /// [`Fault::LeftOver`](xdr::Fault::LeftOver) with the offset of the first byte too many.
    #[inline]
    pub fn finish(self) -> Result<(), DecodeError> {
        if self.input.is_empty() {
            return Ok(());
        }
        Err(DecodeError::at(xdr::Fault::LeftOver, self.length, self.input))
    }

    #[inline]
    fn offset(&self) -> usize {
        self.length.saturating_sub(self.input.len())
    }
}
