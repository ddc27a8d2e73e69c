//! Linked lists: a chain on the wire, a vector in memory.

use core::fmt;
use core::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeTupleStruct, Serializer};

use super::{MaxSize, UNIT};

/// A linked list (RFC 4506 §4.19) of at most `N` elements.
///
/// In an `.x` file it is a `node *`, where `struct node { T element; node *next; }`. On the wire, a bool of 1 precedes
/// each element, and a bool of 0 ends the list.
///
/// In memory the list is a vector, so decoding a long list needs no more stack than a short one. Decoding more than `N`
/// elements fails with [`Fault::Bound`](super::Fault::Bound).
///
/// ```
/// use oncilla::xdr::{self, List};
/// let list = List::<u32, 4>::from_iter([7, 9]);
/// let mut room = [0; 20];
/// assert_eq!(xdr::encode(&list, &mut room)?, 20);
/// assert_eq!(room, *b"\0\0\0\x01\0\0\0\x07\0\0\0\x01\0\0\0\x09\0\0\0\0");
/// # Ok::<(), xdr::EncodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T, const N: usize>(pub heapless::Vec<T, N>);

impl<T, const N: usize> List<T, N> {
    /// Creates an empty list.
    #[must_use]
    pub const fn new() -> Self {
        Self(heapless::Vec::new())
    }
}

impl<T, const N: usize> Default for List<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, const N: usize> FromIterator<T> for List<T, N> {
    /// Collects the first `N` elements, and drops further elements.
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut list = heapless::Vec::new();
        for element in elements.into_iter().take(N) {
            // Cannot fail: `take` passes at most `N` elements.
            let _ = list.push(element);
        }
        Self(list)
    }
}

impl<T, const N: usize> core::ops::Deref for List<T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

#[diagnostic::do_not_recommend]
impl<T: MaxSize, const N: usize> MaxSize for List<T, N> {
    const MAX_SIZE: usize = N.saturating_mul(UNIT.saturating_add(T::MAX_SIZE)).saturating_add(UNIT);
}

// In serde, only a tuple struct has any number of parts, with nothing encoded between them.
const NAME: &str = "List";

impl<T: Serialize, const N: usize> Serialize for List<T, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Saturates only above half the address space, which no list can fill.
        let parts = self.len().saturating_mul(2).saturating_add(1);
        let mut chain = serializer.serialize_tuple_struct(NAME, parts)?;
        for element in self.iter() {
            chain.serialize_field(&true)?;
            chain.serialize_field(element)?;
        }
        chain.serialize_field(&false)?;
        chain.end()
    }
}

/// Reads the bools and elements of a [`List`].
struct ListVisitor<T, const N: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const N: usize> Visitor<'de> for ListVisitor<T, N> {
    type Value = List<T, N>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a list of at most {N} elements")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut chain: A) -> Result<Self::Value, A::Error> {
        let mut elements = heapless::Vec::new();
        while crate::xdr::field(&mut chain)? {
            if elements.is_full() {
                return Err(A::Error::invalid_length(N, &self));
            }
            // Cannot fail: the vector is not full.
            let _ = elements.push(crate::xdr::field(&mut chain)?);
        }
        Ok(List(elements))
    }
}

impl<'de, T: Deserialize<'de>, const N: usize> Deserialize<'de> for List<T, N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple_struct(NAME, 2 * N + 1, ListVisitor(PhantomData))
    }
}
