//! A linked list (RFC 4506 §4.19) without pointers.

use std::fmt;
use std::marker::PhantomData;

use oncilla::xdr::{MaxSize, UNIT};
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeTupleStruct, Serializer};

/// What follows a node is optional data again, so on the wire each node stands behind a `true` and the last is
/// followed by a `false`: flat, however deep the type nests.
#[derive(Clone)]
pub struct List<T, const N: usize>(pub heapless::Vec<T, N>);

impl<T: MaxSize, const N: usize> MaxSize for List<T, N> {
    const MAX_SIZE: usize = N * (UNIT + T::MAX_SIZE) + UNIT;
}

impl<T: Serialize, const N: usize> Serialize for List<T, N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_tuple_struct("List", 2 * self.0.len() + 1)?;
        for node in &self.0 {
            fields.serialize_field(&true)?;
            fields.serialize_field(node)?;
        }
        fields.serialize_field(&false)?;
        fields.end()
    }
}

impl<'de, T: Deserialize<'de>, const N: usize> Deserialize<'de> for List<T, N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple_struct("List", usize::MAX, Nodes(PhantomData))
    }
}

struct Nodes<T, const N: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const N: usize> Visitor<'de> for Nodes<T, N> {
    type Value = List<T, N>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a list of {N} nodes at most")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut nodes = heapless::Vec::new();
        while fields.next_element()? == Some(true) {
            let node = fields.next_element()?.ok_or_else(|| A::Error::custom("a node is missing"))?;
            nodes.push(node).map_err(|_| A::Error::invalid_length(N + 1, &self))?;
        }
        Ok(List(nodes))
    }
}
