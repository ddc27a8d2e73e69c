//! Fixed arrays of any length.

use core::fmt;
use core::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeTuple, Serializer};

/// A fixed array (RFC 4506 §4.9, §4.12) of any length.
///
/// serde implements its traits for arrays of at most 32 elements. The encoding is that of `[T; N]`: it has no length
/// word, and bytes are packed and padded.
///
/// ```
/// use oncilla::xdr::{self, Array};
/// let mut room = [0; 64];
/// assert_eq!(xdr::encode(&Array([7u8; 61]), &mut room)?, 64);
/// # Ok::<(), xdr::EncodeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Array<T, const N: usize>(pub [T; N]);

impl<T, const N: usize> From<[T; N]> for Array<T, N> {
    fn from(elements: [T; N]) -> Self {
        Self(elements)
    }
}

impl<T: Serialize, const N: usize> Serialize for Array<T, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(N)?;
        for element in &self.0 {
            tuple.serialize_element(element)?;
        }
        tuple.end()
    }
}

/// Reads the elements of an [`Array`].
struct ArrayVisitor<T, const N: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const N: usize> Visitor<'de> for ArrayVisitor<T, N> {
    type Value = Array<T, N>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "an array of {N} elements")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut elements = heapless::Vec::<T, N>::new();
        while let Some(element) = sequence.next_element()? {
            if elements.push(element).is_err() {
                break;
            }
        }
        let found = elements.len();
        elements.into_array().map(Array).map_err(|_| A::Error::invalid_length(found, &self))
    }
}

impl<'de, T: Deserialize<'de>, const N: usize> Deserialize<'de> for Array<T, N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple(N, ArrayVisitor(PhantomData))
    }
}
