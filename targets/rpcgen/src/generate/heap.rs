//! Translates types of the file to `String`, `Vec` and `Box`. Their bounds stand beside the types.

use super::Generator;
use super::types::{RustType, one_of};
use crate::check::{Defined, Meaning, Prelude};
use crate::options::Data;
use crate::tree::{Shape, Specifier, Type};

impl Generator<'_, '_> {
    /// Returns whether data are on the heap.
    pub fn on_heap(&self) -> bool {
        self.options.data == Data::Heap
    }

    /// Returns the type of a value on the heap. `group` is the group of recursive types that contains the value.
    pub fn heap(&self, type_: &Type, group: Option<usize>) -> RustType {
        RustType { text: self.heap_text(type_, group), bounds: self.heap_bounds(type_, group) }
    }

    fn heap_text(&self, type_: &Type, group: Option<usize>) -> String {
        if let Some(bytes) = self.bytes(type_) {
            return self.owned_bytes(type_, &bytes);
        }
        match &type_.shape {
            Shape::One => self.heap_one(type_, group),
            Shape::Optional => match self.pointed_at(type_) {
                Some(node) => self.heap_list(node),
                None if self.is_boxed(type_, group) => format!("Option<Box<{}>>", self.heap_inner(type_, group)),
                None => format!("Option<{}>", self.heap_inner(type_, group)),
            },
            Shape::Fixed(size) => {
                let element = self.byte(type_).unwrap_or_else(|| self.heap_inner(type_, group));
                self.fixed_of(&element, size)
            }
            Shape::Variable(_) => {
                format!("Vec<{}>", self.byte(type_).unwrap_or_else(|| self.heap_inner(type_, group)))
            }
        }
    }

    /// Returns the content of an arm. Large values are in a `Box`.
    pub fn heap_arm(&self, type_: &Type, group: Option<usize>) -> RustType {
        let RustType { text, bounds } = self.heap(type_, group);
        let by_value = matches!(type_.shape, Shape::One | Shape::Fixed(_));
        match by_value && self.is_boxed(type_, group) {
            true => RustType { text: format!("Box<{text}>"), bounds },
            false => RustType { text, bounds },
        }
    }

    /// Returns whether what a pointer points to, or what an arm holds, is in a `Box`, because it is recursive or large.
    pub fn is_boxed(&self, type_: &Type, group: Option<usize>) -> bool {
        self.layouts.borrow_mut().is_boxed(self, type_, group)
    }

    /// Returns the type of one element of an array or optional.
    fn heap_inner(&self, type_: &Type, group: Option<usize>) -> String {
        match type_.specifier {
            Specifier::Named(_) => self.heap_text(&one_of(type_), group),
            // A body is identified by its address, so it must not be copied.
            _ => self.heap_one(type_, group),
        }
    }

    fn heap_one(&self, type_: &Type, group: Option<usize>) -> String {
        let Specifier::Named(name) = &type_.specifier else { return self.one(type_, "") };
        if group.is_none() || self.interface.group(&name.text) != group {
            return self.named(&name.text, "");
        }
        // In its group a name stands for a node. Outside of it, it may stand for a tree.
        match (self.interface.body_in_the_end(&name.text), self.interface.typedef(&name.text)) {
            (Some(node), _) => self.names.type_(node).to_owned(),
            (None, Some(declaration)) => self.heap_text(&declaration.type_, group),
            (None, None) => String::new(),
        }
    }

    /// Returns the type of a linked list, by the name of its node.
    pub fn heap_list(&self, node: &str) -> String {
        format!("oncilla::xdr::VecList<{}>", self.names.type_(node))
    }

    /// Returns the bound of a linked list; empty if it has none.
    pub fn heap_nodes(&self, node: &str) -> String {
        match self.bounds.of_list(node) {
            Some(bound) => bound.to_string(),
            None => self.unbounded_on_heap(2),
        }
    }

    /// Returns the bounds of a value, from the outside to the inside. A bound may be empty.
    fn heap_bounds(&self, type_: &Type, group: Option<usize>) -> Vec<String> {
        if let Some(bytes) = self.bytes(type_) {
            return vec![bytes.bound];
        }
        let bound = match &type_.shape {
            Shape::One => return self.bounds_of_one(type_, group),
            Shape::Optional => match self.pointed_at(type_) {
                Some(node) => return vec![self.heap_nodes(node)],
                None => None,
            },
            Shape::Fixed(_) => None,
            Shape::Variable(bound) => Some(self.bound(type_, bound.as_ref(), 1)),
        };
        let inner = match type_.specifier {
            _ if self.is_within(type_, group) => vec![String::new()],
            Specifier::Named(_) => self.heap_bounds(&one_of(type_), group),
            _ => Vec::new(),
        };
        bound.into_iter().chain(inner).collect()
    }

    fn bounds_of_one(&self, type_: &Type, group: Option<usize>) -> Vec<String> {
        match &type_.specifier {
            Specifier::Named(name) => match self.interface.meaning(&name.text) {
                Some(Meaning::Defined(Defined::Typedef(declaration))) => self.heap_bounds(&declaration.type_, group),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// Returns whether a pointer or an array leads back to the recursive types around it, so that its size must not be
    /// computed.
    fn is_within(&self, type_: &Type, group: Option<usize>) -> bool {
        let is_body = super::trees::node(self.interface, &self.names, type_).is_some();
        is_body && group.is_some_and(|group| self.interface.touches(type_, group))
    }

    /// Returns whether a type is a recursive struct or union.
    pub fn is_recursive(&self, type_: &Type) -> bool {
        match &type_.specifier {
            Specifier::Named(name) => {
                self.interface.body_in_the_end(&name.text).is_some_and(|body| self.interface.is_recursive(body))
            }
            _ => false,
        }
    }

    /// Returns whether a value, or what a pointer points to, consists of structs, unions, numbers and fixed arrays, which
    /// have no bounds beside their type.
    pub fn is_plain(&self, type_: &Type) -> bool {
        match (&type_.specifier, &type_.shape) {
            (_, Shape::Variable(_)) => false,
            (Specifier::Named(name), _) => match self.interface.meaning(&name.text) {
                Some(Meaning::Defined(Defined::Typedef(declaration))) => {
                    declaration.type_.shape != Shape::Optional && self.is_plain(&declaration.type_)
                }
                Some(Meaning::Prelude(Prelude::Variable(_))) => false,
                _ => true,
            },
            _ => true,
        }
    }

    /// Generates the type of trees with a limit of levels, if an option states one.
    pub fn deep(&self, name: &str) {
        let Some(tree) = self.names.trees.get(name) else { return };
        let levels = self.options.levels_in(name);
        self.separate();
        self.docs(0, &[format!("`{name}` that is nested at most {levels} levels deep.")]);
        let node = self.names.type_(name);
        self.assign(0, &format!("pub type {tree}"), &format!("oncilla::xdr::Deep<{node}, {levels}>"));
    }
}
