//! Data on the heap: how they are requested from the decoder, and how much memory it may take.
//!
//! serde passes only names and types from a value to its decoder. A value on the heap requests a newtype struct by one of
//! the names below. The decoder recognizes the name; other encodings decode the newtype struct as usual.

mod list;

pub use list::VecList;
pub(crate) use list::{read_chain, write_chain};

use serde::de::{Error, Unexpected};

/// Requests a vector. The visitor reads a sequence whose elements are charged before memory is taken for them.
pub(crate) const VECTOR: &str = "oncilla::Vector";

/// Requests the value in a box. It is charged once.
pub(crate) const BOXED: &str = "oncilla::Boxed";

/// Requests a value that may hold boxes, and then [`CHARGE`], as two fields.
pub(crate) const HOLDS_BOXES: &str = "oncilla::HoldsBoxes";

/// Requests nothing. The number of fields is charged.
pub(crate) const CHARGE: &str = "oncilla::Charge";

/// Requests an element of a linked list. It is charged as often as a growing vector may copy it.
pub(crate) const LISTED: &str = "oncilla::Listed";

/// The value that [`Fault::Memory`](super::Fault::Memory) stands for in an error of serde.
pub(super) const OUT_OF_MEMORY: &str = "no memory";

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

/// Returns whether a name is a request of this module.
#[inline]
pub(super) fn is_request(name: &str) -> bool {
    name == VECTOR || name == HOLDS_BOXES || charged(name).is_some()
}

/// Returns the bytes of the heap that decoding `length` bytes may take.
pub(super) const fn most(length: usize) -> usize {
    const TIMES: usize = 16;
    const MORE: usize = 16 * 1024;
    length.saturating_mul(TIMES).saturating_add(MORE)
}

/// Returns the error when memory could not be had.
#[cold]
pub(crate) fn out_of_memory<E: Error>() -> E {
    E::invalid_type(Unexpected::Other(OUT_OF_MEMORY), &"a value that fits into memory")
}
