//! The arena of a tree.

use core::fmt;

use heapless::VecView;

use super::{Holds, Link, Links, TreeError};

/// The nodes of a [`Tree`](super::Tree) but for its root, at most `N`, side by side in memory.
///
/// `T` holds one node of any type that the tree has: the type itself where there is but one, else what
/// [`xdr_nodes!`](crate::xdr_nodes) declares.
#[derive(Clone)]
pub struct Nodes<T, const N: usize>(heapless::Vec<T, N>);

impl<T, const N: usize> Nodes<T, N> {
    /// Creates an arena without nodes.
    #[must_use]
    pub const fn new() -> Self {
        const { assert!(N < Link::<T>::COUNT_MAX, "a tree has 65 534 nodes at most, as its links are numbers of 16 bits") };
        Self(heapless::Vec::new())
    }

    /// Adds a node and returns the link to it, for the node above it.
    ///
    /// # Errors
    /// [`TreeError::Full`]: there are `N` nodes already.
    pub fn add<U>(&mut self, node: U) -> Result<Link<U>, TreeError>
    where
        T: Holds<U>,
    {
        push(&mut self.0, node).ok_or(TreeError::Full { bound: N })
    }

    /// The node that a link leads to, or none if it leads nowhere.
    #[must_use]
    pub fn get<U>(&self, link: Link<U>) -> Option<&U>
    where
        T: Holds<U>,
    {
        get(&self.0, link)
    }

    /// The same, to change it.
    pub fn get_mut<U>(&mut self, link: Link<U>) -> Option<&mut U>
    where
        T: Holds<U>,
    {
        self.0.get_mut(link.place()?)?.node_mut()
    }

    /// The nodes that the links of an array lead to.
    pub fn all<'t, U: 't, const M: usize>(&'t self, links: &'t Links<U, M>) -> impl Iterator<Item = &'t U>
    where
        T: Holds<U>,
    {
        links.iter().filter_map(|link| self.get(link))
    }

    /// All of them, in the order in which they were added; decoding adds a node after those below it.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        self.0.as_slice()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn as_view(&mut self) -> &mut VecView<T> {
        &mut self.0
    }
}

/// Adds a node, if there is room for it.
pub(super) fn push<T: Holds<U>, U>(nodes: &mut VecView<T>, node: U) -> Option<Link<U>> {
    let link = Link::to(nodes.len())?;
    nodes.push(T::holding(node)).ok()?;
    Some(link)
}

/// The node that a link leads to.
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
