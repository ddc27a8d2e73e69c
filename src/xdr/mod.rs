//! XDR (RFC 4506): Rust values as big-endian words of four bytes.
//!
//! [`encode`] writes into the caller's buffer. [`decode`] borrows text and bytes from its input. Nothing is allocated.
//!
//! | Rust | XDR |
//! |---|---|
//! | `bool`, `i32`, `u32`, `i64`, `u64`, `f32`, `f64`, `()` | bool, int, unsigned int, hyper, unsigned hyper, float, double, void |
//! | `i8`, `i16`, `u16`; `u8` as a field, in `Some` or in a variant | int or unsigned int. C peers send numbers of 8 or 16 bits signed or unsigned: decoding accepts both, and refuses larger numbers |
//! | `u8` as a *direct* element of a sequence or tuple: `[u8; N]`, `&[u8]`, `heapless::Vec<u8, N>` | opaque: one byte for each element, padded together to a multiple of four |
//! | `&str`, `heapless::String<N>` | string |
//! | `[T; N]`, [`Array`], tuples | fixed array: no length word |
//! | `heapless::Vec<T, N>`, slices | variable array: a length word, then the elements |
//! | structs | their fields, one after another |
//! | `Option<T>` | optional data: a bool, then the value |
//! | a derived `enum`, `Result<T, E>` | union on the *ordinal* of the variant, from 0 |
//! | [`xdr_enum!`](crate::xdr_enum), [`xdr_union!`](crate::xdr_union) | enum and union with the interface's own numbers |
//! | [`List`] | linked list |
//! | with the feature `alloc`: `String`, `Vec<T>`, `Option<Box<T>>`, `VecList<T>` | string, opaque or variable array, optional data, linked list |
//! | [`Tree`] of [`xdr_node!`](crate::xdr_node)s | recursive types of any shape |
//!
//! Four kinds of types have no XDR form, and are refused: `char`, `i128` and `u128`, maps, and sequences whose length
//! serde does not know in advance.
//!
//! A tuple that mixes `u8` with other types cannot be encoded or decoded, because serde presents `(u8, u8)` and
//! `[u8; 2]` alike. Use a struct instead.
//!
//! A sequence of values without bytes, such as a slice of `()`, encodes but does not decode: the decoder refuses a
//! length above the number of bytes that are left.
//!
//! Decoding is strict. Padding must be zero, a bool 0 or 1, a length within its bound, and text UTF-8. Nesting is
//! limited, and [`decode`] refuses bytes that are left over.
//!
//! serde implements its traits for arrays of at most 32 elements; use [`Array`] for longer arrays.
//!
//! ```
//! use oncilla::xdr::{self, MaxSize};
//!
//! oncilla::xdr_struct! {
//!     #[derive(Debug, PartialEq)]
//!     pub struct Reading {
//!         pub channel: u8,
//!         pub millidegrees: i32,
//!     }
//! }
//! let reading = Reading { channel: 3, millidegrees: 21_500 };
//! let mut room = [0; Reading::MAX_SIZE];
//! let used = xdr::encode(&reading, &mut room)?;
//! assert_eq!(room[..used], [0, 0, 0, 3, 0, 0, 0x53, 0xfc]);
//! assert_eq!(xdr::decode(&room[..used]), Ok(reading));
//! # Ok::<(), xdr::EncodeError>(())
//! ```

// `decoder`, `opaque` and `encoder` read and write bytes. `de` and `sequence`, `ser`, `elements` and `probe` connect them
// to serde. The other files hold types, and the macros that declare types.

mod array;
mod chars;
mod de;
mod decoder;
pub(crate) mod deep;
mod elements;
mod encoder;
mod enums;
mod error;
pub mod expanded;
#[cfg(feature = "alloc")]
pub(crate) mod heap;
mod list;
pub(crate) mod max_size;
mod opaque;
mod probe;
mod sequence;
mod ser;
mod structs;
mod tree;
mod unions;

pub use array::Array;
pub use chars::{chars_to_text, text_to_chars};
pub use decoder::{Decoder, MAX_DEPTH};
pub use deep::Deep;
pub use encoder::Encoder;
pub use error::{DecodeError, EncodeError, Fault};
pub(crate) use expanded::field;
#[cfg(feature = "alloc")]
pub use heap::VecList;
pub use list::List;
pub use max_size::{MaxSize, opaque_max_size};
pub(crate) use opaque::split_opaque;
#[doc(hidden)]
pub use tree::Decoding as TreeDecoding;
pub(crate) use tree::expanded as tree_expanded;
pub use tree::{Children, DecodePart, Fixed, Holds, Link, Links, Maybe, Nodes, Part, Several, Tree, TreeError, Walk};

use serde::{Deserialize, Serialize};

/// The size of an XDR unit: 4 bytes (RFC 4506 §3).
pub const UNIT: usize = 4;

/// Returns how many zero bytes pad `length` bytes to whole units: 0 to 3.
#[inline]
pub(crate) const fn padding(length: usize) -> usize {
    length.wrapping_neg() % UNIT
}

/// Encodes one value at the start of `room`, and returns the number of bytes used.
///
/// The number is a multiple of four for every type in the table of [this module](self).
///
/// # Errors
/// [`EncodeError::NoRoom`], with the bytes that the value needs, if `room` is too small. [`EncodeError::Refused`], if
/// the value has no XDR form. After an error the contents of `room` are unspecified.
///
/// ```
/// let mut room = [0; 16];
/// let used = oncilla::xdr::encode(&(7, -1), &mut room)?;
/// assert_eq!(room[..used], [0, 0, 0, 7, 255, 255, 255, 255]);
/// # Ok::<(), oncilla::xdr::EncodeError>(())
/// ```
#[inline]
pub fn encode<T: Serialize + ?Sized>(value: &T, room: &mut [u8]) -> Result<usize, EncodeError> {
    let mut encoder = Encoder::new(room);
    match value.serialize(&mut encoder) {
        Ok(()) => encoder.finish(),
        Err(fault) => Err(EncodeError::Refused(fault)),
    }
}

/// Decodes one value that takes up all of `bytes`.
///
/// The value may borrow text and opaque data from `bytes`. Use a [`Decoder`] for several values.
///
/// # Errors
/// [`DecodeError`], with the fault and the byte at which the wrong item begins.
///
/// ```
/// let text: &str = oncilla::xdr::decode(b"\0\0\0\x02hi\0\0")?;
/// assert_eq!(text, "hi");
/// # Ok::<(), oncilla::xdr::DecodeError>(())
/// ```
#[inline]
pub fn decode<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, DecodeError> {
    let mut decoder = Decoder::new(bytes);
    let value = decoder.value()?;
    decoder.finish()?;
    Ok(value)
}
