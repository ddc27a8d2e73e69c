//! Linked lists of any length: a chain on the wire, a vector in memory.

use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeTupleStruct, Serializer};

use super::{LISTED, out_of_memory};
use crate::xdr::deep;

/// A linked list (RFC 4506 §4.19) as a vector on the heap.
///
/// In an `.x` file it is a `node *`, where `struct node { T element; node *next; }`. On the wire, a bool of 1 precedes
/// each element, and a bool of 0 ends the list. Long lists need no more stack than short ones, also to clone, compare
/// and drop. An interface states the bound beside the type: `VecList<u32> [..1000]`, or `VecList<u32> [..]` for any
/// number of elements within the limit of the message.
///
/// ```
/// use oncilla::xdr::VecList;
///
/// oncilla::xdr_struct! {
///     #[derive(Clone, Debug, PartialEq)]
///     pub struct Entry { pub fileid: u64, pub name: String [..255] }
/// }
/// oncilla::xdr_struct! {
///     #[derive(Clone, Debug, PartialEq)]
///     pub struct Directory { pub entries: VecList<Entry> [..10_000] }
/// }
/// let entry = Entry { fileid: 7, name: "hall".into() };
/// let directory = Directory { entries: [entry].into_iter().collect() };
/// let mut room = [0; 24];
/// assert_eq!(oncilla::xdr::encode(&directory, &mut room)?, 24);
/// assert_eq!(room, *b"\0\0\0\x01\0\0\0\0\0\0\0\x07\0\0\0\x04hall\0\0\0\0");
/// # Ok::<(), oncilla::xdr::EncodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VecList<T>(pub Vec<T>);

impl<T> Default for VecList<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> From<Vec<T>> for VecList<T> {
    fn from(elements: Vec<T>) -> Self {
        Self(elements)
    }
}

impl<T> FromIterator<T> for VecList<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Self(elements.into_iter().collect())
    }
}

impl<T> IntoIterator for VecList<T> {
    type Item = T;
    type IntoIter = alloc::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'v, T> IntoIterator for &'v VecList<T> {
    type Item = &'v T;
    type IntoIter = core::slice::Iter<'v, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T> core::ops::Deref for VecList<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T> core::ops::DerefMut for VecList<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        &mut self.0
    }
}

// As in `List`: a tuple struct has any number of parts, with nothing encoded between them.
const NAME: &str = "VecList";

/// The most parts of a list. More would be taken for a [`Deep`](crate::xdr::Deep) value.
const PARTS: usize = deep::FIELDS - 1;

/// Writes a list.
pub(crate) fn write_chain<S: Serializer>(
    elements: impl ExactSizeIterator<Item: Serialize>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let parts = elements.len().saturating_mul(2).saturating_add(1);
    let mut chain = serializer.serialize_tuple_struct(NAME, parts)?;
    for element in elements {
        chain.serialize_field(&true)?;
        chain.serialize_field(&element)?;
    }
    chain.serialize_field(&false)?;
    chain.end()
}

/// Reads a list of at most `bound` elements. `value` returns the element that was read as an `R`.
pub(crate) fn read_chain<'de, R: Deserialize<'de>, T, D: Deserializer<'de>>(
    bound: usize,
    value: fn(R) -> T,
    deserializer: D,
) -> Result<VecList<T>, D::Error> {
    deserializer.deserialize_tuple_struct(NAME, PARTS, Chain { bound, value })
}

/// Reads the bools and elements of a list.
struct Chain<R, T> {
    bound: usize,
    value: fn(R) -> T,
}

impl<'de, R: Deserialize<'de>, T> Visitor<'de> for Chain<R, T> {
    type Value = VecList<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a list of at most {} elements", self.bound)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut chain: A) -> Result<VecList<T>, A::Error> {
        let mut elements = Vec::new();
        while crate::xdr::field(&mut chain)? {
            if elements.len() >= self.bound {
                return Err(serde::de::Error::invalid_length(self.bound, &self));
            }
            let Listed(element) = crate::xdr::field(&mut chain)?;
            elements.try_reserve(1).map_err(|_| out_of_memory())?;
            elements.push((self.value)(element));
        }
        Ok(VecList(elements))
    }
}

/// An element that was charged to the memory of the decoder.
struct Listed<R>(R);

impl<'de, R: Deserialize<'de>> Deserialize<'de> for Listed<R> {
    #[inline]
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(LISTED, ListedVisitor(PhantomData)).map(Self)
    }
}

/// Reads an element. Its `Value` is the type that is charged.
struct ListedVisitor<R>(PhantomData<R>);

impl<'de, R: Deserialize<'de>> Visitor<'de> for ListedVisitor<R> {
    type Value = R;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an element of a list")
    }

    #[inline]
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<R, D::Error> {
        R::deserialize(deserializer)
    }
}

impl<T: Serialize> Serialize for VecList<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write_chain(self.0.iter(), serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for VecList<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_chain(usize::MAX, |element| element, deserializer)
    }
}
