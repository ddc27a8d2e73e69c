//! Whether a tree is within its bounds.

use core::fmt;

use super::{Nodes, Part};

/// Nodes are no tree, or there is no room for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TreeError {
    /// There is no room for another node.
    Full {
        /// Nodes that there is room for.
        bound: usize,
    },
    /// There is no room for another link.
    LinksFull {
        /// Links that there is room for.
        bound: usize,
    },
    /// The root leads to more nodes than there may be, because several links lead to one node, which is sent once for
    /// each of them.
    Shared {
        /// Nodes that there may be.
        bound: usize,
    },
    /// There are more levels below the root than there may be; or a node is below itself, which has no end.
    Depth {
        /// Levels that there may be.
        bound: usize,
    },
    /// A link leads to a node that is not there: it was made for another tree.
    Stray {
        /// The place of the node, from 0.
        place: usize,
        /// Nodes that there are.
        nodes: usize,
    },
}

impl fmt::Display for TreeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full { bound } => {
                write!(formatter, "the tree has its {bound} nodes below the root already; raise the bound of its type")
            }
            Self::LinksFull { bound } => write!(formatter, "the array of links has its {bound} elements already"),
            Self::Shared { bound } => write!(
                formatter,
                "links that share nodes lead to more than the {bound} nodes that the tree may have; add a node for each link"
            ),
            Self::Depth { bound } => write!(
                formatter,
                "there are more than {bound} levels below the root; raise the bound of the tree's type, or link no node to one above it"
            ),
            Self::Stray { place, nodes } => {
                write!(formatter, "a link leads to node {place} of {nodes}; use links of the tree's own nodes only")
            }
        }
    }
}

impl core::error::Error for TreeError {}

/// Checks what is below a root. It calls itself once a level, at most `depth` times.
pub(super) fn check<T: Part<T>, const N: usize>(
    root: &impl Part<T>,
    nodes: &Nodes<T, N>,
    depth: usize,
) -> Result<(), TreeError> {
    Check { nodes: nodes.as_slice(), left: N, bound: N, depth }.below(root, depth)
}

struct Check<'n, T> {
    nodes: &'n [T],
    /// Nodes that there may be still.
    left: usize,
    bound: usize,
    depth: usize,
}

impl<T: Part<T>> Check<'_, T> {
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
