//! The parts of nodes: how each is encoded and decoded.

use heapless::VecView;
use serde::de::{Deserialize, Error, SeqAccess, Unexpected};
use serde::ser::{Serialize, SerializeTupleStruct};

use super::nodes::push;
use super::{Holds, Link, Nodes};
use crate::xdr::field;

/// A part of a node, in a tree whose arena holds `T`.
///
/// A part is a node, a [`Link`], or a value without links. [`xdr_node!`](crate::xdr_node) implements this trait for
/// nodes; every type that implements serde's `Serialize` has it too.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent as a part of a node",
    label = "this type cannot be a part of a node",
    note = "a part of a node is another node of the tree, a `Link` or `Links` to a node, `Fixed`, `Several` or `Maybe` of these, or a type with serde's traits, such as a type declared by `oncilla::xdr_struct!`",
    note = "if nodes of several types contain each other, list them in `oncilla::xdr_nodes! {{ enum Any {{ A, B }} }}`, and declare each as `struct A in Any`"
)]
pub trait Part<T> {
    /// Serializes the part, and all nodes that it links to.
    ///
    /// # Errors
    /// The errors of the serializer.
    #[doc(hidden)]
    fn put<S: SerializeTupleStruct>(&self, parts: &mut S, nodes: &[T]) -> Result<(), S::Error>;

    /// Returns the index of the node that link `number` of the part refers to.
    ///
    /// Links count from 0.
    ///
    /// # Errors
    /// The number of links in the part, if there is no such link.
    #[doc(hidden)]
    fn link(&self, number: usize) -> Result<usize, usize>;
}

/// A [`Part`] that can be decoded.
///
/// [`xdr_node!`](crate::xdr_node) implements this trait for nodes; every type that implements serde's `Deserialize` has
/// it too.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be received as a part of a node",
    label = "this type cannot be a part of a node",
    note = "a part of a node is another node of the tree, a `Link` or `Links` to a node, `Fixed`, `Several` or `Maybe` of these, or a type with serde's traits, such as a type declared by `oncilla::xdr_struct!`",
    note = "if nodes of several types contain each other, list them in `oncilla::xdr_nodes! {{ enum Any {{ A, B }} }}`, and declare each as `struct A in Any`"
)]
pub trait DecodePart<'de, T>: Sized {
    /// Deserializes the part, and all nodes that it links to.
    ///
    /// # Errors
    /// The input is not of this type, or exceeds a bound of the tree.
    #[doc(hidden)]
    fn decode<A: SeqAccess<'de>>(parts: &mut A, decoding: &mut Decoding<'_, T>) -> Result<Self, A::Error>;
}

impl<T, V: Serialize> Part<T> for V {
    #[inline]
    fn put<S: SerializeTupleStruct>(&self, parts: &mut S, _: &[T]) -> Result<(), S::Error> {
        parts.serialize_field(self)
    }

    #[inline]
    fn link(&self, _: usize) -> Result<usize, usize> {
        Err(0)
    }
}

impl<'de, T, V: Deserialize<'de>> DecodePart<'de, T> for V {
    #[inline]
    fn decode<A: SeqAccess<'de>>(parts: &mut A, _: &mut Decoding<'_, T>) -> Result<Self, A::Error> {
        field(parts)
    }
}

/// The state of decoding a tree: the nodes so far, and the levels left.
#[doc(hidden)]
pub struct Decoding<'n, T> {
    nodes: &'n mut VecView<T>,
    levels: usize,
}

impl<'n, T> Decoding<'n, T> {
    /// Starts decoding a tree of at most `levels` levels below the root.
    pub(super) fn new<const N: usize>(nodes: &'n mut Nodes<T, N>, levels: usize) -> Self {
        Self { nodes: nodes.as_view(), levels }
    }

    /// Decodes a node on the next level, and returns the link to it.
    pub(super) fn node<'de, U: DecodePart<'de, T>, A: SeqAccess<'de>>(
        &mut self,
        parts: &mut A,
    ) -> Result<Link<U>, A::Error>
    where
        T: Holds<U>,
    {
        let levels = self.levels;
        self.levels = levels.checked_sub(1).ok_or_else(too_deep)?;
        // Checked before the node is read, because the node would have no place.
        if self.nodes.is_full() {
            return Err(too_many(self.nodes.capacity()));
        }
        let node = U::decode(parts, self)?;
        self.levels = levels;
        push(self.nodes, node).ok_or_else(|| too_many(self.nodes.capacity()))
    }
}

/// Returns the error for more nodes than the arena holds.
fn too_many<E: Error>(bound: usize) -> E {
    E::invalid_length(bound.saturating_add(1), &"a tree with at most as many nodes as its bound")
}

/// Returns the error for more levels than the tree has. [`Fault`](crate::xdr::Fault) maps `Other` to `Depth`.
fn too_deep<E: Error>() -> E {
    E::invalid_type(Unexpected::Other("one level more"), &"a tree with at most as many levels as its bound")
}

/// Returns the error for a link that refers to no node of its type.
///
/// Only a link from another tree can do so.
pub(super) fn no_such_node<E: serde::ser::Error>() -> E {
    E::custom("a link refers to no node of its type; use links of the tree's own nodes only")
}
