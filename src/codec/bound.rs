//! Bounds that an interface states beside a type without its own bound: `data: &[u8] [..64]`.

use crate::message::Failure;
use crate::xdr::{DecodeError, EncodeError, Fault, MaxSize, UNIT, padding};

use serde::{Serialize, Serializer};

/// A type without a largest size, whose elements can be counted.
pub trait Countable {
    /// The largest size of one element in the encoding, in bytes.
    const ELEMENT_SIZE: usize;

    /// Returns the number of elements.
    fn count(&self) -> usize;

    /// Returns the elements as bytes, if they are bytes.
    fn bytes(&self) -> Option<&[u8]>;
}

/// A value that is serialized as one block, if its elements are bytes.
pub struct Block<'v, T>(pub &'v T);

impl<T: Countable + Serialize> Serialize for Block<'_, T> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.bytes() {
            Some(bytes) => serializer.serialize_bytes(bytes),
            None => self.0.serialize(serializer),
        }
    }
}

impl<T: MaxSize> Countable for &[T] {
    const ELEMENT_SIZE: usize = T::ELEMENT_SIZE;

    #[inline]
    fn count(&self) -> usize {
        self.len()
    }

    #[inline]
    fn bytes(&self) -> Option<&[u8]> {
        T::as_bytes(self)
    }
}

impl Countable for &str {
    const ELEMENT_SIZE: usize = 1;

    #[inline]
    fn count(&self) -> usize {
        self.len()
    }

    #[inline]
    fn bytes(&self) -> Option<&[u8]> {
        Some(self.as_bytes())
    }
}

/// Returns the largest size of at most `bound` elements, in bytes.
///
/// The size includes the length word and the padding.
#[must_use]
pub const fn max_size_within(element_size: usize, bound: usize) -> usize {
    let elements = bound * element_size;
    UNIT + elements + padding(elements)
}

/// Declares a check of the bound for each place where a value passes.
///
/// The checks differ only in their error.
macro_rules! checks {
    ($($(#[$attribute:meta])* $place:ident$(<$parameter:ident: $trait:path>)? -> $error:ty = $over:expr;)*) => {$(
        $(#[$attribute])*
        pub mod $place {
            #[allow(unused_imports)]
            use super::*;

            /// Refuses a value with more elements than its bound.
            #[inline]
            pub fn check$(<$parameter: $trait>)?(count: usize, bound: usize) -> Result<(), $error> {
                if count > bound { Err($over(count)) } else { Ok(()) }
            }
        }
    )*};
}

checks! {
    /// The check for a value within a struct or union that is encoded.
    encoding<E: serde::ser::Error> -> E = |_| E::custom("the value exceeds the bound of the interface");
    /// The check for a value within a struct or union that is decoded.
    decoding<E: serde::de::Error> -> E = |count| E::invalid_length(count, &"at most the bound of the interface");
    /// The check for an argument that a server receives.
    argument -> Failure = |_| Failure::GarbageArguments;
    /// The check for results that a server sends.
    results -> Failure = |_| Failure::SystemError;
    /// The check for an argument that a client sends.
    sending -> EncodeError = |_| EncodeError::Refused(Fault::Bound);
    /// The check for results that a client receives.
    receiving -> DecodeError = |count| {
        // The results begin with their length word.
        DecodeError { fault: Fault::Bound, offset: 0, value: u32::try_from(count).ok() }
    };
}
