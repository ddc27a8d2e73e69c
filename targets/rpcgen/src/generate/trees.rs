//! Generates recursive types: nodes with links, and trees of nodes.

use std::collections::HashSet;

use super::Generator;
use super::items::LIFETIME;
use super::memory::{Layout, Layouts};
use super::names::Names;
use super::types::RustType;
use crate::check::{Defined, Interface};
use crate::tree::{Shape, Specifier, StructBody, Type, UnionBody};

/// A type of nodes that links lead to: its name in Rust, and a type of the file that stands for it.
pub(super) struct Kind<'t> {
    pub name: String,
    pub type_: &'t Type,
}

/// Returns the types of nodes that links of a group lead to, each once.
pub(super) fn kinds<'t>(interface: &Interface<'t>, names: &Names<'t>, group: usize) -> Vec<Kind<'t>> {
    let mut kinds = Kinds { interface, names, group, found: Vec::new(), seen: HashSet::new() };
    for (_, defined) in interface.members(group) {
        match defined {
            Defined::Typedef(declaration) => kinds.of_type(&declaration.type_),
            Defined::Struct(body) => kinds.of_struct(body),
            Defined::Union(body) => kinds.of_union(body),
            Defined::Enum(_) => {}
        }
    }
    kinds.found
}

struct Kinds<'i, 't> {
    interface: &'i Interface<'t>,
    names: &'i Names<'t>,
    group: usize,
    found: Vec<Kind<'t>>,
    seen: HashSet<&'i str>,
}

impl<'t> Kinds<'_, 't> {
    fn of_struct(&mut self, body: &'t StructBody) {
        body.fields.iter().for_each(|field| self.of_type(&field.declaration.type_));
    }

    fn of_union(&mut self, body: &'t UnionBody) {
        body.bodies().for_each(|declaration| self.of_type(&declaration.type_));
    }

    fn of_type(&mut self, type_: &'t Type) {
        if !self.interface.touches(type_, self.group) {
            return;
        }
        if matches!(type_.shape, Shape::Optional | Shape::Variable(_)) {
            let name = node(self.interface, self.names, type_);
            let new = name.filter(|name| self.seen.insert(name));
            self.found.extend(new.map(|name| Kind { name: name.to_owned(), type_ }));
        }
        match &type_.specifier {
            Specifier::Struct(body) => self.of_struct(body),
            Specifier::Union(body) => self.of_union(body),
            _ => {}
        }
    }
}

/// Returns the name of the struct or union that a type of a group stands for.
pub(super) fn node<'n>(interface: &Interface<'_>, names: &'n Names<'_>, type_: &Type) -> Option<&'n str> {
    match &type_.specifier {
        Specifier::Named(name) => interface.body_in_the_end(&name.text).map(|name| names.type_(name)),
        Specifier::Struct(body) => Some(names.body(&**body)),
        Specifier::Union(body) => Some(names.body(&**body)),
        _ => None,
    }
}

impl<'t> Generator<'_, 't> {
    /// Returns the type of a field, or of the content of an arm.
    pub fn part(&self, type_: &Type, group: Option<usize>) -> RustType {
        if self.on_heap() {
            return self.heap(type_, group);
        }
        match group.filter(|&group| self.interface.touches(type_, group)) {
            Some(group) => RustType::unbounded(self.within(type_, group)),
            None => self.direct(type_, LIFETIME),
        }
    }

    /// Returns a type that leads to its own group.
    fn within(&self, type_: &Type, group: usize) -> String {
        let of_one = || self.one_within(type_, group);
        let node = node(self.interface, &self.names, type_).map(|node| self.with_group_lifetime(node, group));
        match (&type_.shape, node) {
            (Shape::One, _) => of_one(),
            (Shape::Fixed(size), _) => format!("oncilla::xdr::Fixed<{}, {}>", of_one(), self.generic(&self.size(size))),
            (Shape::Optional, Some(node)) => format!("oncilla::xdr::Link<{node}>"),
            (Shape::Optional, None) => format!("oncilla::xdr::Maybe<{}>", of_one()),
            (Shape::Variable(bound), node) => {
                let bound = self.generic(&self.bound(type_, bound.as_ref(), 1));
                match node {
                    Some(node) => format!("oncilla::xdr::Links<{node}, {bound}>"),
                    None => format!("oncilla::xdr::Several<{}, {bound}>", of_one()),
                }
            }
        }
    }

    fn one_within(&self, type_: &Type, group: usize) -> String {
        if let Some(node) = node(self.interface, &self.names, type_) {
            return self.with_group_lifetime(node, group);
        }
        // A typedef. Outside of the group it is a different type, a tree of its own.
        let Specifier::Named(name) = &type_.specifier else { return String::new() };
        match self.interface.typedef(&name.text) {
            Some(declaration) => self.within(&declaration.type_, group),
            None => String::new(),
        }
    }

    fn with_group_lifetime(&self, name: &str, group: usize) -> String {
        self.with_lifetime(name, self.group_borrows(group), LIFETIME)
    }

    fn group_borrows(&self, group: usize) -> bool {
        self.interface.members(group).next().is_some_and(|(name, defined)| self.borrows(name, defined))
    }

    /// Returns the type of the elements of a group's arena: its only type of nodes, or a type for all of them.
    fn held(&self, group: usize) -> String {
        let held = self.names.held.get(&group).or(self.kinds(group).first().map(|kind| &kind.name));
        held.map_or_else(String::new, |held| self.with_group_lifetime(held, group))
    }

    /// Returns ` in ABNode`, for a node that is not itself the element of the arena.
    pub fn in_held(&self, rust: &str, group: Option<usize>) -> String {
        let Some(group) = group.filter(|_| !self.on_heap()) else { return String::new() };
        let held = self.held(group);
        if held == self.with_group_lifetime(rust, group) { String::new() } else { format!(" in {held}") }
    }

    /// Generates the tree whose root is a recursive type. Before the first tree of a group, generates the elements of
    /// the arena.
    pub fn tree(&self, name: &str) {
        if self.on_heap() {
            return self.deep(name);
        }
        let (Some(tree), Some(group)) = (self.names.trees.get(name), self.interface.group(name)) else { return };
        let first =
            self.interface.members(group).map(|(name, _)| name).find(|name| self.names.trees.contains_key(name));
        if first == Some(name) {
            self.nodes(group);
        }
        let (root, held) = (self.with_group_lifetime(self.names.type_(name), group), self.held(group));
        let nodes = self.bounds.of_list(name).map_or_else(|| self.unbounded(2), |bound| bound.to_string());
        let levels = self.options.levels_of.get(name).map_or_else(|| self.unbounded(3), u32::to_string);
        let held_otherwise = if held == root { String::new() } else { format!(", {held}") };
        let lifetime = if self.group_borrows(group) { "<'a>" } else { "" };
        self.separate();
        self.docs(0, &[format!("`{name}` with all nodes below it."), String::new()]);
        self.docs(0, &self.memory(name, group));
        self.assign(
            0,
            &format!("pub type {tree}{lifetime}"),
            &format!("oncilla::xdr::Tree<{root}, {nodes}, {levels}{held_otherwise}>"),
        );
    }

    /// Returns lines about the bounds of a tree and the memory that it takes.
    fn memory(&self, name: &str, group: usize) -> [String; 2] {
        let mut layouts = self.layouts.borrow_mut();
        let (root, held, nodes) =
            (layouts.root(self, name, group), self.held_layout(&mut layouts, group), self.nodes_of(name));
        let whole = Layouts::tree(root, held, nodes.into());
        let levels = self.options.levels_in(name);
        [
            format!(
                "A root and at most {nodes} nodes below it, on at most {levels} levels. It takes about {} bytes of",
                whole.size
            ),
            format!("memory on a 32-bit processor; each node takes {} of them.", held.size),
        ]
    }

    /// Returns the layout of the elements of a group's arena.
    pub fn held_layout(&self, layouts: &mut Layouts, group: usize) -> Layout {
        if let Some(known) = layouts.held(group) {
            return known;
        }
        let kinds: Vec<_> = self.kinds(group).iter().map(|kind| layouts.node(self, kind.type_, group)).collect();
        layouts.set_held(group, &kinds)
    }

    fn kinds(&self, group: usize) -> &[Kind<'t>] {
        self.names.kinds.get(&group).map_or(&[], Vec::as_slice)
    }

    /// Returns the largest number of nodes of a tree below its root.
    pub fn nodes_of(&self, name: &str) -> u32 {
        self.bounds.of_list(name).unwrap_or(self.options.nodes)
    }

    /// Generates the type that holds any node of a group, if there are several types of nodes.
    fn nodes(&self, group: usize) {
        let Some(held) = self.names.held.get(&group) else { return };
        let lifetime = if self.group_borrows(group) { "<'a>" } else { "" };
        self.separate();
        self.line(0, "oncilla::xdr_nodes! {");
        self.docs(1, &["A node of any type of a recursive group.".into()]);
        self.line(1, super::items::DERIVE);
        self.line(1, &format!("pub enum {held}{lifetime} {{"));
        for Kind { name, .. } in self.kinds(group) {
            self.docs(2, &[format!("A node of the type [`{name}`].")]);
            self.line(2, &format!("{name}{lifetime},"));
        }
        self.line(1, "}");
        self.line(0, "}");
    }
}
