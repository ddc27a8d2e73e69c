//! What nodes consist of.

use heapless::VecView;
use serde::de::{Deserialize, Error, SeqAccess, Unexpected};
use serde::ser::{Serialize, SerializeTupleStruct};

use super::nodes::push;
use super::{Holds, Link, Nodes};
use crate::xdr::field;

/// A part of a recursive type whose nodes are held as `T`: a node, a [`Link`], or any value that has nothing to do with
/// the recursion.
///
/// [`xdr_node!`](crate::xdr_node) implements it; every type that serde can serialise has it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent as a part of a node",
    label = "this type is no part of a node",
    note = "a part is a node of this tree, a `Link` or `Links` to one, `Fixed`, `Several` or `Maybe` of these, or a type with serde's traits, such as those of `oncilla::xdr_struct!`",
    note = "where nodes of several types are within each other, list all in `oncilla::xdr_nodes! {{ enum Any {{ A, B }} }}`, and declare each as `struct A in Any`"
)]
pub trait Part<T> {
    /// Writes the part and all that it links to.
    ///
    /// # Errors
    /// The serialiser's.
    #[doc(hidden)]
    fn put<S: SerializeTupleStruct>(&self, parts: &mut S, nodes: &[T]) -> Result<(), S::Error>;

    /// The place that the link of this number, from 0, leads to.
    ///
    /// # Errors
    /// There are only so many links.
    #[doc(hidden)]
    fn link(&self, number: usize) -> Result<usize, usize>;
}

/// A [`Part`] that can be received.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be received as a part of a node",
    label = "this type is no part of a node",
    note = "a part is a node of this tree, a `Link` or `Links` to one, `Fixed`, `Several` or `Maybe` of these, or a type with serde's traits, such as those of `oncilla::xdr_struct!`",
    note = "where nodes of several types are within each other, list all in `oncilla::xdr_nodes! {{ enum Any {{ A, B }} }}`, and declare each as `struct A in Any`"
)]
pub trait TakePart<'de, T>: Sized {
    /// Reads the part and all that it links to.
    ///
    /// # Errors
    /// What came is not of this type, or it is too much.
    #[doc(hidden)]
    fn take<A: SeqAccess<'de>>(parts: &mut A, taken: &mut Taken<'_, T>) -> Result<Self, A::Error>;
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

impl<'de, T, V: Deserialize<'de>> TakePart<'de, T> for V {
    #[inline]
    fn take<A: SeqAccess<'de>>(parts: &mut A, _: &mut Taken<'_, T>) -> Result<Self, A::Error> {
        field(parts)
    }
}

/// The nodes that have been received so far, and the levels that there may be still.
#[doc(hidden)]
pub struct Taken<'n, T> {
    nodes: &'n mut VecView<T>,
    levels: usize,
}

impl<'n, T> Taken<'n, T> {
    pub(super) fn new<const N: usize>(nodes: &'n mut Nodes<T, N>, levels: usize) -> Self {
        Self { nodes: nodes.as_view(), levels }
    }

    /// Takes a node, one level deeper.
    pub(super) fn node<'de, U: TakePart<'de, T>, A: SeqAccess<'de>>(
        &mut self,
        parts: &mut A,
    ) -> Result<Link<U>, A::Error>
    where
        T: Holds<U>,
    {
        let levels = self.levels;
        self.levels = levels.checked_sub(1).ok_or_else(too_deep)?;
        // Before the node is read: it would be read for nothing.
        if self.nodes.is_full() {
            return Err(too_many(self.nodes.capacity()));
        }
        let node = U::take(parts, self)?;
        self.levels = levels;
        push(self.nodes, node).ok_or_else(|| too_many(self.nodes.capacity()))
    }
}

fn too_many<E: Error>(bound: usize) -> E {
    E::invalid_length(bound.saturating_add(1), &"a tree of as many nodes as its bound allows")
}

/// `Other` is what [`Fault`](crate::xdr::Fault) knows as `Depth`.
fn too_deep<E: Error>() -> E {
    E::invalid_type(Unexpected::Other("one level more"), &"a tree of as many levels as its bound allows")
}

/// A link leads to a node of another type. It cannot, unless it is a link of another tree.
pub(super) fn lost<E: serde::ser::Error>() -> E {
    E::custom("a link leads to no node of its type")
}
