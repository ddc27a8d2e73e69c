//! Iterators over the nodes of a tree, and the comparison of two trees.

use super::Part;

/// An iterator over the children of a node, made by [`Tree::children`](super::Tree::children).
#[derive(Clone, Debug)]
pub struct Children<'t, P, T> {
    of: &'t P,
    next: usize,
    nodes: &'t [T],
}

impl<'t, P: Part<T>, T> Children<'t, P, T> {
    /// Starts with the first child of `of`.
    pub(super) const fn new(of: &'t P, nodes: &'t [T]) -> Self {
        Self { of, next: 0, nodes }
    }
}

impl<'t, P: Part<T>, T> Iterator for Children<'t, P, T> {
    type Item = &'t T;

    fn next(&mut self) -> Option<&'t T> {
        let place = self.of.link(self.next).ok()?;
        self.next = self.next.saturating_add(1);
        self.nodes.get(place)
    }
}

/// An iterator over all nodes below the root, made by [`Tree::walk`](super::Tree::walk).
#[derive(Clone, Debug)]
pub struct Walk<'t, R, T, const DEPTH: usize> {
    below_root: Children<'t, R, T>,
    /// The remaining children on each level of the path to the current node.
    path: heapless::Vec<Children<'t, T, T>, DEPTH>,
}

impl<'t, R: Part<T>, T, const DEPTH: usize> Walk<'t, R, T, DEPTH> {
    /// Starts with the first child of `root`.
    pub(super) fn new(root: &'t R, nodes: &'t [T]) -> Self
    where
        T: Part<T>,
    {
        Self { below_root: Children::new(root, nodes), path: heapless::Vec::new() }
    }
}

impl<'t, R: Part<T>, T: Part<T>, const DEPTH: usize> Iterator for Walk<'t, R, T, DEPTH> {
    type Item = (usize, &'t T);

    fn next(&mut self) -> Option<(usize, &'t T)> {
        let node = loop {
            match self.path.last_mut() {
                None => break self.below_root.next()?,
                Some(level) => match level.next() {
                    Some(node) => break node,
                    None => self.path.pop(),
                },
            };
        };
        // Cannot fail: a tree has at most `DEPTH` levels.
        let _ = self.path.push(Children::new(node, self.below_root.nodes));
        Some((self.path.len(), node))
    }
}

/// Returns whether the nodes below two nodes are equal.
///
/// It recurses once for each level, at most `levels` times.
pub(super) fn same<P: Part<T>, T: Part<T> + PartialEq>(
    one: &P,
    ones: &[T],
    other: &P,
    others: &[T],
    levels: usize,
) -> bool {
    let (mut one, mut other) = (Children::new(one, ones), Children::new(other, others));
    loop {
        match (one.next(), other.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if one == other => {
                let Some(levels) = levels.checked_sub(1) else { return false };
                if !same(one, ones, other, others, levels) {
                    return false;
                }
            }
            _ => return false,
        }
    }
}
