//! Bounds that options state for single items.

use std::collections::HashMap;

use crate::check::{Counted, Interface};
use crate::options::Options;
use crate::tree::Type;

/// Bounds of single items.
#[derive(Default)]
pub(crate) struct Bounds {
    /// Bounds of types, by their address in the tree.
    types: HashMap<usize, u32>,
    /// Bounds of lists, by the names of their nodes.
    nodes: HashMap<String, u32>,
}

impl Bounds {
    pub fn new(interface: &Interface<'_>, options: &Options) -> Self {
        let mut bounds = Self::default();
        if options.bounds.is_empty() {
            return bounds;
        }
        for unbounded in interface.unbounded() {
            let Some(&bound) = options.bounds.get(&unbounded.path) else { continue };
            match (unbounded.counted, unbounded.type_) {
                (Counted::Nodes, _) => bounds.nodes.insert(unbounded.path, bound),
                (_, Some(type_)) => bounds.types.insert(address(type_), bound),
                (_, None) => None,
            };
        }
        bounds
    }

    pub fn of_type(&self, type_: &Type) -> Option<u32> {
        self.types.get(&address(type_)).copied()
    }

    pub fn of_list(&self, node: &str) -> Option<u32> {
        self.nodes.get(node).copied()
    }
}

fn address(type_: &Type) -> usize {
    std::ptr::from_ref(type_).addr()
}
