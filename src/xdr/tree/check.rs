//! The check that a tree is within its bounds, and its errors.

use core::fmt;

use super::{Nodes, Part};

/// The reason why a tree cannot be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TreeError {
    /// The arena is full.
    Full {
        /// The largest number of nodes below the root.
        bound: usize,
    },
    /// The array of links is full.
    LinksFull {
        /// The largest number of links.
        bound: usize,
    },
    /// The encoding would have too many nodes, because several links refer to one node.
    ///
    /// A node is encoded once for each link to it.
    Shared {
        /// The largest number of nodes below the root.
        bound: usize,
    },
    /// There are too many levels below the root, or a node is below itself.
    Depth {
        /// The largest number of levels below the root.
        bound: usize,
    },
    /// A link refers to a node that does not exist.
    ///
    /// The link was made for another tree.
    Stray {
        /// The index of the node that the link refers to.
        place: usize,
        /// The number of nodes in the arena.
        nodes: usize,
    },
}

impl fmt::Display for TreeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full { bound } => {
                write!(formatter, "the tree already has {bound} nodes below the root; raise `NODES` of its type")
            }
            Self::LinksFull { bound } => {
                write!(formatter, "the array of links already has {bound} elements; raise the bound of its type")
            }
            Self::Shared { bound } => write!(
                formatter,
                "links that share nodes make the encoding larger than the {bound} nodes of the tree; raise `NODES` of its type"
            ),
            Self::Depth { bound } => write!(
                formatter,
                "there are more than {bound} levels below the root; raise `DEPTH` of the tree's type, or remove a link from a node to a node above it"
            ),
            Self::Stray { place, nodes } => {
                write!(
                    formatter,
                    "a link refers to node {place}, but the tree has {nodes} nodes, counted from 0; use links of the tree's own nodes only"
                )
            }
        }
    }
}

impl core::error::Error for TreeError {}

/// Checks the nodes below a root.
///
/// It recurses once for each level, at most `depth` times.
pub(super) fn check<T: Part<T>, const N: usize>(
    root: &impl Part<T>,
    nodes: &Nodes<T, N>,
    depth: usize,
) -> Result<(), TreeError> {
    Check { nodes: nodes.as_slice(), left: N, bound: N, depth }.below(root, depth)
}

/// The state of a check.
struct Check<'n, T> {
    nodes: &'n [T],
    /// The number of nodes that may still follow.
    left: usize,
    bound: usize,
    depth: usize,
}

impl<T: Part<T>> Check<'_, T> {
    /// Checks the nodes that a part links to, on at most `levels` levels.
    fn below<P: Part<T>>(&mut self, part: &P, levels: usize) -> Result<(), TreeError> {
        let mut number = 0;
        while let Ok(place) = part.link(number) {
            let node = self.nodes.get(place).ok_or(TreeError::Stray { place, nodes: self.nodes.len() })?;
            let levels = levels.checked_sub(1).ok_or(TreeError::Depth { bound: self.depth })?;
            self.left = self.left.checked_sub(1).ok_or(TreeError::Shared { bound: self.bound })?;
            self.below(node, levels)?;
            number = number.saturating_add(1);
        }
        Ok(())
    }
}
