//! Ways through a tree.

use super::Part;

/// The nodes right below another one: [`Tree::children`](super::Tree::children).
#[derive(Clone, Debug)]
pub struct Children<'t, P, T> {
    of: &'t P,
    next: usize,
    nodes: &'t [T],
}

impl<'t, P: Part<T>, T> Children<'t, P, T> {
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

/// All nodes below a root with their levels: [`Tree::walk`](super::Tree::walk).
#[derive(Clone, Debug)]
pub struct Walk<'t, R, T, const DEPTH: usize> {
    below_root: Children<'t, R, T>,
    /// On each level below, what is still to come of it.
    path: heapless::Vec<Children<'t, T, T>, DEPTH>,
}

impl<'t, R: Part<T>, T, const DEPTH: usize> Walk<'t, R, T, DEPTH> {
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
        // There is room, as a tree has no more levels.
        let _ = self.path.push(Children::new(node, self.below_root.nodes));
        Some((self.path.len(), node))
    }
}

/// Whether what is below two nodes is the same. It calls itself once a level, at most `levels` times.
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
