//! Data on the heap: how they are requested from the decoder, and how much memory it may take.
//!
//! serde passes only names and types from a value to its decoder. A value on the heap requests a newtype struct by one of
//! the names below. The decoder recognizes the name; other encodings decode the newtype struct as usual.

mod list;

pub use list::VecList;
pub(crate) use list::{read_chain, write_chain};

use serde::de::{Error, Unexpected};

/// Requests a vector. The visitor reads a sequence, and charges its elements before it takes memory for them.
pub(crate) const VECTOR: &str = "oncilla::Vector";

/// Requests text as bytes. The visitor checks that they are UTF-8 after it has copied them.
pub(crate) const TEXT: &str = "oncilla::Text";

/// Requests a vector of words of four bytes as one block. If the block is cut, it is a [`VECTOR`].
pub(crate) const WORDS: &str = "oncilla::Words";

/// Requests a vector of words of eight bytes as one block.
pub(crate) const DOUBLE_WORDS: &str = "oncilla::DoubleWords";

/// Requests the value in a box. It is charged once.
pub(crate) const BOXED: &str = "oncilla::Boxed";

/// Requests a value that may hold boxes, and then [`CHARGE`], as two fields.
pub(crate) const HOLDS_BOXES: &str = "oncilla::HoldsBoxes";

/// Requests nothing, as a tuple struct. The number of its fields is charged.
pub(crate) const CHARGE: &str = "oncilla::Charge";

/// Requests an element of a linked list. It is charged as often as a growing vector may copy it.
pub(crate) const LISTED: &str = "oncilla::Listed";

/// The value that [`Fault::Memory`](super::Fault::Memory) stands for in an error of serde.
pub(super) const OUT_OF_MEMORY: &str = "no memory";

/// The value that [`Fault::Text`](super::Fault::Text) stands for in an error of serde.
pub(super) const NOT_TEXT: &str = "not UTF-8";

/// Returns how many times the size of the value is charged, if a box or a list requests it.
#[inline]
pub(super) fn charged(name: &str) -> Option<usize> {
    match name {
        BOXED => Some(1),
        // A vector grows by doubling: up to two parts are in use, and the third is the copy before it grew.
        LISTED => Some(3),
        _ => None,
    }
}

/// Returns the bytes of an element, if a vector is requested as one block.
#[inline]
pub(super) fn block(name: &str) -> Option<usize> {
    match name {
        WORDS => Some(4),
        DOUBLE_WORDS => Some(8),
        _ => None,
    }
}

/// Returns whether a name is a request of this module.
#[inline]
pub(super) fn is_request(name: &str) -> bool {
    name == VECTOR || name == TEXT || name == HOLDS_BOXES || block(name).is_some() || charged(name).is_some()
}

/// Returns the bytes of the heap that decoding `length` bytes may take.
pub(super) const fn most(length: usize) -> usize {
    // Text and blocks are not charged: they take as many bytes as they have, one more for each.
    const TIMES: usize = 15;
    const MORE: usize = 16 * 1024;
    length.saturating_mul(TIMES).saturating_add(MORE)
}

/// Returns the error of an allocation that failed.
#[cold]
pub(crate) fn out_of_memory<E: Error>() -> E {
    E::invalid_type(Unexpected::Other(OUT_OF_MEMORY), &"a value that fits into memory")
}

/// Returns the error of text that is not UTF-8.
#[cold]
pub(crate) fn not_text<E: Error>() -> E {
    E::invalid_type(Unexpected::Other(NOT_TEXT), &"text in UTF-8")
}
