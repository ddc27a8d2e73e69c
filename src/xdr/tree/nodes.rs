//! The arena that holds the nodes of a tree.

use core::fmt;

use heapless::VecView;

use super::{Holds, Link, Links, TreeError};

/// The nodes of a [`Tree`](super::Tree) below its root: at most `N`, in one array.
///
/// `T` is the type of the nodes. For nodes of several types it is an enum declared by
/// [`xdr_nodes!`](crate::xdr_nodes). `N` is at most 65 534.
#[derive(Clone)]
pub struct Nodes<T, const N: usize>(heapless::Vec<T, N>);

impl<T, const N: usize> Nodes<T, N> {
    /// Creates an empty arena.
    #[must_use]
    pub const fn new() -> Self {
        const { assert!(N < Link::<T>::COUNT_MAX, "a tree has at most 65 534 nodes, because a link is a number of 16 bits") };
        Self(heapless::Vec::new())
    }

    /// Adds a node, and returns the link to it.
    ///
    /// Put the link into the parent of the node.
    ///
    /// # Errors
    /// [`TreeError::Full`], if the arena already has `N` nodes.
    pub fn add<U>(&mut self, node: U) -> Result<Link<U>, TreeError>
    where
        T: Holds<U>,
    {
        push(&mut self.0, node).ok_or(TreeError::Full { bound: N })
    }

    /// Returns the node that a link refers to, or `None` for [`Link::NONE`].
    #[must_use]
    pub fn get<U>(&self, link: Link<U>) -> Option<&U>
    where
        T: Holds<U>,
    {
        get(&self.0, link)
    }

    /// Returns the node that a link refers to, to change it, or `None` for [`Link::NONE`].
    pub fn get_mut<U>(&mut self, link: Link<U>) -> Option<&mut U>
    where
        T: Holds<U>,
    {
        self.0.get_mut(link.place()?)?.node_mut()
    }

    /// Iterates over the nodes that an array of links refers to.
    pub fn all<'t, U: 't, const M: usize>(&'t self, links: &'t Links<U, M>) -> impl Iterator<Item = &'t U>
    where
        T: Holds<U>,
    {
        links.iter().filter_map(|link| self.get(link))
    }

    /// Returns all nodes in the order in which they were added.
    ///
    /// Decoding adds a node after its children.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        self.0.as_slice()
    }

    /// Returns the number of nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there are no nodes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the nodes as a vector whose type does not depend on `N`.
    pub(super) fn as_view(&mut self) -> &mut VecView<T> {
        &mut self.0
    }
}

/// Adds a node and returns the link to it, unless the arena is full.
pub(super) fn push<T: Holds<U>, U>(nodes: &mut VecView<T>, node: U) -> Option<Link<U>> {
    let link = Link::to(nodes.len())?;
    nodes.push(T::holding(node)).ok()?;
    Some(link)
}

/// Returns the node that a link refers to.
pub(super) fn get<T: Holds<U>, U>(nodes: &[T], link: Link<U>) -> Option<&U> {
    nodes.get(link.place()?)?.node()
}

impl<T, const N: usize> Default for Nodes<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: fmt::Debug, const N: usize> fmt::Debug for Nodes<T, N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
