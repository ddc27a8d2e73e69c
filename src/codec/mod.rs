//! The encodings of arguments and results, of which each interface chooses one.

mod bound;
#[cfg(feature = "alloc")]
mod heap;
#[cfg(all(feature = "alloc", feature = "postcard"))]
mod nested;
mod passing;
mod value;

#[doc(hidden)]
pub use bound::{Any, At, Bound, Counted, End, Put, argument, decoding, encoding, receiving, results, sending, sum};
#[doc(hidden)]
pub use value::{Value, Within};

use serde::{Deserialize, Serialize};

use crate::xdr::{self, DecodeError, EncodeError};

/// An encoding of arguments and results: [`Xdr`], or `Postcard` with the feature `postcard`.
///
/// Clients and servers made by [`program!`](crate::program!) use the encoding of their interface. Use this trait to
/// encode a value by itself:
///
/// ```
/// use oncilla::{Codec, Xdr};
/// let mut room = [0; 16];
/// let used = Xdr::encode("hi", &mut room)?;
/// let mut input = &room[..used];
/// assert_eq!(Xdr::decode(&mut input), Ok("hi"));
/// assert!(input.is_empty());
/// # Ok::<(), oncilla::xdr::EncodeError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an encoding of arguments and results",
    label = "this is neither `Xdr` nor `Postcard`",
    note = "use `oncilla::Xdr`, or `oncilla::Postcard` with the feature `postcard`"
)]
pub trait Codec {
    /// Encodes a value at the start of `room`, and returns the number of bytes used.
    ///
    /// # Errors
    /// `room` is too small, or the value has no form in this encoding.
    fn encode<T: Serialize + ?Sized>(value: &T, room: &mut [u8]) -> Result<usize, EncodeError>;

    /// Decodes a value from the front of `input`, and advances `input` past the value.
    ///
    /// # Errors
    /// The bytes are not a value of this type. The offset counts from the start of `input`.
    fn decode<'de, T: Deserialize<'de>>(input: &mut &'de [u8]) -> Result<T, DecodeError>;
}

/// XDR (RFC 4506), the standard encoding of ONC RPC, and the default of an interface.
#[derive(Clone, Copy, Debug, Default)]
pub struct Xdr;

impl Xdr {
    /// Returns the largest size of a value whose XDR has at most `xdr` bytes: `xdr`.
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

/// postcard, an encoding for interfaces whose peers are all written in Rust.
///
/// It usually takes fewer bytes than XDR, but the standard tools cannot decode it. Message headers do not change.
#[cfg(feature = "postcard")]
#[derive(Clone, Copy, Debug, Default)]
pub struct Postcard;

#[cfg(feature = "postcard")]
impl Postcard {
    /// Returns the largest size of a value whose XDR has at most `xdr` bytes.
    ///
    /// A word of four bytes becomes a varint of at most five bytes; nothing else grows.
    #[must_use]
    pub const fn max_size(xdr: usize) -> usize {
        xdr.saturating_add(xdr.div_ceil(4))
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
        #[cfg(feature = "alloc")]
        let value = T::deserialize(nested::Nested::new(&mut deserializer, xdr::MAX_DEPTH));
        #[cfg(not(feature = "alloc"))]
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

/// Converts an error of postcard to a fault.
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

/// Encodes values one after another into the caller's buffer.
///
/// The arguments of a call are encoded in this way.
///
/// ```
/// use oncilla::{Reader, Writer, Xdr};
/// let mut room = [0; 16];
/// let mut arguments = Writer::new(&mut room);
/// arguments.put::<Xdr, _>(&7u32)?;
/// arguments.put::<Xdr, _>("hi")?;
/// assert_eq!(arguments.length(), 12);
///
/// let mut arguments = Reader::new(&room[..12]);
/// assert_eq!(arguments.take::<Xdr, _>(), Ok(7u32));
/// assert_eq!(arguments.take::<Xdr, _>(), Ok("hi"));
/// assert_eq!(arguments.finish(), Ok(()));
/// # Ok::<(), oncilla::xdr::EncodeError>(())
/// ```
#[derive(Debug)]
pub struct Writer<'a> {
    room: &'a mut [u8],
    length: usize,
}

impl<'a> Writer<'a> {
    /// Creates a writer that writes from the first byte of `room`.
    #[inline]
    pub const fn new(room: &'a mut [u8]) -> Self {
        Self { room, length: 0 }
    }

    /// Appends a value.
    ///
    /// # Errors
    /// The rest of the buffer is too small, or the value has no form in this encoding.
    #[inline]
    pub fn put<C: Codec, T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        let room = self.room.get_mut(self.length..).unwrap_or_default();
        self.length = self.length.saturating_add(C::encode(value, room)?);
        Ok(())
    }

    /// Appends bytes that are encoded already, such as the arguments of a forwarded call.
    ///
    /// # Errors
    /// [`EncodeError::NoRoom`], if the rest of the buffer is too small.
    pub fn append(&mut self, encoded: &[u8]) -> Result<(), EncodeError> {
        let room = self.room.get_mut(self.length..).unwrap_or_default();
        let (needed, available) = (encoded.len(), room.len());
        let (place, _) = room.split_at_mut_checked(needed).ok_or(EncodeError::NoRoom { needed, available })?;
        place.copy_from_slice(encoded);
        self.length = self.length.saturating_add(needed);
        Ok(())
    }

    /// Returns the number of bytes written so far.
    #[inline]
    #[must_use]
    pub const fn length(&self) -> usize {
        self.length
    }
}

/// Decodes values one after another.
///
/// The arguments of a call are decoded in this way. See [`Writer`] for an example.
#[derive(Debug)]
pub struct Reader<'de> {
    input: &'de [u8],
    length: usize,
}

impl<'de> Reader<'de> {
    /// Creates a reader that starts at the first byte of `input`.
    #[inline]
    #[must_use]
    pub const fn new(input: &'de [u8]) -> Self {
        Self { input, length: input.len() }
    }

    /// Decodes the next value.
    ///
    /// # Errors
    /// The bytes are not a value of this type.
    #[inline]
    pub fn take<C: Codec, T: Deserialize<'de>>(&mut self) -> Result<T, DecodeError> {
        let before = self.offset();
        C::decode(&mut self.input).map_err(|error| DecodeError { offset: before.saturating_add(error.offset), ..error })
    }

    /// Checks that no bytes are left over.
    ///
    /// # Errors
    /// [`Fault::LeftOver`](xdr::Fault::LeftOver), with the offset of the first byte that is left.
    #[inline]
    pub fn finish(self) -> Result<(), DecodeError> {
        if self.input.is_empty() {
            return Ok(());
        }
        Err(DecodeError::at(xdr::Fault::LeftOver, self.length, self.input))
    }

    /// Returns the number of bytes read so far.
    #[inline]
    fn offset(&self) -> usize {
        self.length.saturating_sub(self.input.len())
    }
}
