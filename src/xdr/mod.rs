//! XDR (RFC 4506): Rust values as big-endian words of four bytes, over lent slices.
//!
//! | Rust | XDR |
//! |---|---|
//! | `bool`, `i32`, `u32`, `i64`, `u64`, `f32`, `f64`, `()` | bool, int, unsigned int, hyper, unsigned hyper, float, double, void |
//! | `i8`, `i16`, `u16`; `u8` as a field, in `Some` or in a variant | int or unsigned int. Decoding takes numbers of 8 or 16 bits with or without a sign, as C peers send either, and refuses larger ones |
//! | `u8` as a *direct* element of a sequence or tuple: `[u8; N]`, `&[u8]`, `heapless::Vec<u8, N>` | opaque: one byte each, the run padded to four |
//! | `&str`, `heapless::String<N>` | string |
//! | `[T; N]`, [`Array`], tuples | fixed array: no length word |
//! | `heapless::Vec<T, N>`, slices | variable array: a length word, then the elements |
//! | structs | their fields, one after another |
//! | `Option<T>` | optional data: a bool, then the value |
//! | a derived `enum`, `Result<T, E>` | union on the *ordinal* of the variant, from 0 |
//! | [`xdr_enum!`](crate::xdr_enum), [`xdr_union!`](crate::xdr_union) | enum and union with numbers of their own |
//! | [`List`] | linked list |
//! | [`Tree`] of [`xdr_node!`](crate::xdr_node)s | recursive types of any shape |
//!
//! `char`, `i128`, `u128`, maps and sequences whose length is not known beforehand have no XDR form
//! and are refused. A tuple that mixes `u8` with other types is refused both ways, because serde
//! cannot tell `(u8, u8)` from `[u8; 2]`; use a struct. A sequence of values without bytes (`[(); 3]`
//! in a slice) encodes, but does not decode: a length larger than the bytes that are left is never
//! believed.
//!
//! Decoding is strict: padding is zero, a bool is 0 or 1, lengths are in bounds, text is UTF-8,
//! nesting is counted, and [`decode`] leaves no byte over.
//!
//! serde implements arrays up to 32 elements; [`Array`] has no limit.

mod array;
mod chars;
mod de;
mod decoder;
mod deep;
mod elements;
mod encoder;
mod enums;
mod error;
pub mod expanded;
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
pub use list::List;
pub use max_size::{MaxSize, opaque_max_size};
pub(crate) use opaque::split_opaque;
#[doc(hidden)]
pub use tree::Taken as TreeTaken;
pub(crate) use tree::expanded as tree_expanded;
pub use tree::{Children, Fixed, Holds, Link, Links, Maybe, Nodes, Part, Several, TakePart, Tree, TreeError, Walk};

use serde::{Deserialize, Serialize};

/// Bytes of one XDR unit (RFC 4506 §3).
pub const UNIT: usize = 4;

/// Zero bytes that pad `length` bytes to whole units: 0 to 3.
#[inline]
pub(crate) const fn padding(length: usize) -> usize {
    length.wrapping_neg() % UNIT
}

/// Encodes one value at the start of `room` and returns the bytes used, a multiple of four for
/// every type of the table above.
///
/// # Errors
/// [`EncodeError::NoRoom`] says how many bytes the whole value needs; [`EncodeError::Refused`] that
/// the value has no XDR form. What `room` then contains is unspecified.
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

/// Decodes one value that fills `bytes` exactly; it may borrow from them.
///
/// # Errors
/// [`DecodeError`] says what is wrong and at which byte.
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
