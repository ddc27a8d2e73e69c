//! Bounds that an interface states beside a type that has none of its own: `data: &[u8] [..64]`.

use crate::message::Failure;
use crate::xdr::{DecodeError, EncodeError, Fault, MaxSize, UNIT, padding};

use serde::{Serialize, Serializer};

/// A type of no fixed largest size, whose elements can be counted.
pub trait Countable {
    /// Bytes of one element in the encoding.
    const ELEMENT_SIZE: usize;

    /// How many elements there are.
    fn count(&self) -> usize;

    /// The elements as bytes, if they are.
    fn bytes(&self) -> Option<&[u8]>;
}

/// Serialises bytes as one block, and all else as it does itself.
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

/// Bytes of the largest encoding of at most `bound` elements of so many bytes: the length word, they, their padding.
#[must_use]
pub const fn max_size_within(element_size: usize, bound: usize) -> usize {
    let elements = bound * element_size;
    UNIT + elements + padding(elements)
}

/// A check of the bound for each place where a value passes; they differ only in the error.
macro_rules! checks {
    ($($(#[$attribute:meta])* $place:ident$(<$parameter:ident: $trait:path>)? -> $error:ty = $over:expr;)*) => {$(
        $(#[$attribute])*
        pub mod $place {
            #[allow(unused_imports)]
            use super::*;

            /// Refuses a value of more elements than its bound.
            #[inline]
            pub fn check$(<$parameter: $trait>)?(count: usize, bound: usize) -> Result<(), $error> {
                if count > bound { Err($over(count)) } else { Ok(()) }
            }
        }
    )*};
}

checks! {
    /// In a struct or union that is encoded.
    encoding<E: serde::ser::Error> -> E = |_| E::custom("over the bound of the interface");
    /// In a struct or union that is decoded.
    decoding<E: serde::de::Error> -> E = |count| E::invalid_length(count, &"the bound of the interface at most");
    /// An argument that came to a server.
    argument -> Failure = |_| Failure::GarbageArguments;
    /// Results that a server sends.
    results -> Failure = |_| Failure::SystemError;
    /// An argument that a client sends.
    sending -> EncodeError = |_| EncodeError::Refused(Fault::Bound);
    /// Results that came to a client.
    receiving -> DecodeError = |count| {
        // They begin with their length.
        DecodeError { fault: Fault::Bound, offset: 0, value: u32::try_from(count).ok() }
    };
}
