//! Links from a node to other nodes.

use core::fmt;
use core::marker::PhantomData;

use serde::de::{Error, SeqAccess};
use serde::ser::SerializeTupleStruct;

use super::nodes::get;
use super::part::no_such_node;
use super::{DecodePart, Decoding, Holds, Part, TreeError};
use crate::xdr::field;
use crate::xdr::{MaxSize, UNIT};

/// A link to a node of the same tree, or to no node.
///
/// It is the optional data `node *next` of a recursive type. [`Nodes::add`](super::Nodes::add) returns links. See
/// [`Tree`](super::Tree) for an example.
///
/// A link is an index of two bytes among the nodes of one tree, and is not valid for another tree. For that reason, two
/// links are equal if both refer to a node, or neither does. The comparison of two trees compares their nodes.
pub struct Link<T>(u16, PhantomData<fn() -> T>);

/// The index of a link to no node.
const NOWHERE: u16 = u16::MAX;

impl<T> Link<T> {
    /// The link to no node.
    pub const NONE: Self = Self(NOWHERE, PhantomData);

    /// The number of nodes that links can refer to.
    pub(super) const COUNT_MAX: usize = NOWHERE as usize;

    /// Returns whether the link refers to no node.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == NOWHERE
    }

    /// Returns the link to the node at index `place`, if a link can hold the index.
    pub(super) fn to(place: usize) -> Option<Self> {
        let place = u16::try_from(place).ok().filter(|&place| place != NOWHERE)?;
        Some(Self(place, PhantomData))
    }

    /// Returns the index of the node.
    pub(super) fn place(self) -> Option<usize> {
        (!self.is_none()).then_some(self.0.into())
    }
}

impl<T> Default for Link<T> {
    fn default() -> Self {
        Self::NONE
    }
}

impl<T> Clone for Link<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Link<T> {}

impl<T> PartialEq for Link<T> {
    fn eq(&self, other: &Self) -> bool {
        self.is_none() == other.is_none()
    }
}

impl<T> Eq for Link<T> {}

impl<T> fmt::Debug for Link<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place() {
            Some(place) => write!(formatter, "Link({place})"),
            None => formatter.write_str("Link::NONE"),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T> MaxSize for Link<T> {
    const MAX_SIZE: usize = UNIT;
}

impl<T: Holds<U>, U: Part<T>> Part<T> for Link<U> {
    fn put<S: SerializeTupleStruct>(&self, parts: &mut S, nodes: &[T]) -> Result<(), S::Error> {
        parts.serialize_field(&!self.is_none())?;
        if self.is_none() { Ok(()) } else { get(nodes, *self).ok_or_else(no_such_node)?.put(parts, nodes) }
    }

    fn link(&self, number: usize) -> Result<usize, usize> {
        match self.place() {
            Some(place) if number == 0 => Ok(place),
            Some(_) => Err(1),
            None => Err(0),
        }
    }
}

impl<'de, T: Holds<U>, U: DecodePart<'de, T>> DecodePart<'de, T> for Link<U> {
    fn decode<A: SeqAccess<'de>>(parts: &mut A, decoding: &mut Decoding<'_, T>) -> Result<Self, A::Error> {
        if field(parts)? { decoding.node(parts) } else { Ok(Self::NONE) }
    }
}

/// An array of at most `N` links to nodes of the same tree.
///
/// It is the array `node children<4>` of a recursive type. It takes two bytes for each of the `N` links, and a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Links<T, const N: usize>(heapless::Vec<Link<T>, N>);

impl<T, const N: usize> Links<T, N> {
    /// Creates an array without links.
    #[must_use]
    pub const fn new() -> Self {
        Self(heapless::Vec::new())
    }

    /// Appends a link. [`Link::NONE`] is not appended.
    ///
    /// # Errors
    /// [`TreeError::LinksFull`], if the array already has `N` links.
    pub fn push(&mut self, link: Link<T>) -> Result<(), TreeError> {
        if link.is_none() {
            return Ok(());
        }
        self.0.push(link).map_err(|_| TreeError::LinksFull { bound: N })
    }

    /// Iterates over the links.
    pub fn iter(&self) -> impl Iterator<Item = Link<T>> {
        self.0.iter().copied()
    }

    /// Returns the number of links.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there are no links.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T, const N: usize> Default for Links<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, const N: usize, const M: usize> From<[Link<T>; M]> for Links<T, N> {
    /// Collects links, except [`Link::NONE`]. More than `N` links do not compile.
    fn from(links: [Link<T>; M]) -> Self {
        const { assert!(M <= N, "there are more links than the bound of the array") };
        let mut all = Self::new();
        for link in links {
            // Cannot fail: `M` is at most `N`.
            let _ = all.push(link);
        }
        all
    }
}

#[diagnostic::do_not_recommend]
impl<T, const N: usize> MaxSize for Links<T, N> {
    // The elements are nodes, which the tree counts.
    const MAX_SIZE: usize = UNIT;
}

impl<T: Holds<U>, U: Part<T>, const N: usize> Part<T> for Links<U, N> {
    fn put<S: SerializeTupleStruct>(&self, parts: &mut S, nodes: &[T]) -> Result<(), S::Error> {
        // Never saturates: a tree has at most 65 534 nodes.
        parts.serialize_field(&u32::try_from(self.len()).unwrap_or(u32::MAX))?;
        self.iter().try_for_each(|link| get(nodes, link).ok_or_else(no_such_node)?.put(parts, nodes))
    }

    fn link(&self, number: usize) -> Result<usize, usize> {
        self.0.get(number).and_then(|link| link.place()).ok_or(self.len())
    }
}

impl<'de, T: Holds<U>, U: DecodePart<'de, T>, const N: usize> DecodePart<'de, T> for Links<U, N> {
    fn decode<A: SeqAccess<'de>>(parts: &mut A, decoding: &mut Decoding<'_, T>) -> Result<Self, A::Error> {
        let mut links = Self::new();
        for _ in 0..length::<N, A>(parts)? {
            // Cannot fail: the length is at most `N`.
            let _ = links.0.push(decoding.node(parts)?);
        }
        Ok(links)
    }
}

/// Reads the length of an array of at most `N` elements.
pub(super) fn length<'de, const N: usize, A: SeqAccess<'de>>(parts: &mut A) -> Result<usize, A::Error> {
    let length: u32 = field(parts)?;
    match usize::try_from(length) {
        Ok(length) if length <= N => Ok(length),
        other => Err(A::Error::invalid_length(other.unwrap_or(usize::MAX), &"at most as many elements as the bound")),
    }
}
