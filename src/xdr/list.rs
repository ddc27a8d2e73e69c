//! Linked lists of the wire, flat in memory.

use core::fmt;
use core::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeTupleStruct, Serializer};

use super::{MaxSize, UNIT};

/// A linked list (RFC 4506 §4.19) of at most `N` elements: on the wire each element follows a bool that
/// says that there is one, as `struct node { T element; node *next; }` with a `node *` at its head.
///
/// In memory it is a vector, so that its length costs no stack on decoding, and what a peer sends
/// beyond the bound is refused with [`Fault::Bound`](super::Fault::Bound).
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
    /// Creates a list without elements.
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
    /// The first `N` elements; what is beyond them is dropped.
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut list = heapless::Vec::new();
        for element in elements.into_iter().take(N) {
            // There is room for as many.
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
    const MAX_SIZE: usize = N * (UNIT + T::MAX_SIZE) + UNIT;
}

// A tuple struct is the one thing in serde whose parts stand one after another with nothing between
// them, however many there are.
const NAME: &str = "List";

impl<T: Serialize, const N: usize> Serialize for List<T, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A list with so many elements that this is too large would not fit in memory.
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

struct Chain<T, const N: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const N: usize> Visitor<'de> for Chain<T, N> {
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
            // There is room for it.
            let _ = elements.push(crate::xdr::field(&mut chain)?);
        }
        Ok(List(elements))
    }
}

impl<'de, T: Deserialize<'de>, const N: usize> Deserialize<'de> for List<T, N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple_struct(NAME, 2 * N + 1, Chain(PhantomData))
    }
}
