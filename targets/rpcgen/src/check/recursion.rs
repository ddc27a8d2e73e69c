//! Types within themselves: linked lists are found, all else is refused.

use std::collections::{HashMap, HashSet};

use super::{Defined, Interface, Meaning};
use crate::diagnostic::Diagnostic;
use crate::source::Place;
use crate::tree::{Declaration, Shape, Specifier, StructBody, Type, UnionBody};

/// One type holds another, by value or behind a pointer.
struct Edge<'t> {
    to: &'t str,
    by_value: bool,
    place: Place,
}

/// Finds the linked lists, and tells of recursion that is none.
pub(super) fn check(interface: &mut Interface<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let lists: HashSet<_> = interface.types.keys().copied().filter(|name| link(interface, name).is_some()).collect();
    interface.lists = lists;
    let mut search = Search { edges: HashMap::new(), done: HashSet::new(), diagnostics };
    let mut names: Vec<_> = interface.types.keys().copied().collect();
    names.sort_unstable();
    for name in &names {
        search.edges.insert(name, edges(interface, name));
    }
    names.into_iter().for_each(|name| search.from(name));
}

/// The last field of a struct, if it leads to the next node of a list.
fn link<'t>(interface: &Interface<'t>, name: &str) -> Option<&'t Declaration> {
    let Some(Defined::Struct(body)) = interface.types.get(name).copied() else { return None };
    let (last, others) = body.fields.split_last()?;
    // A node has something in it beside its link.
    let pointer = interface.plain(&last.declaration.type_);
    let leads = pointer.shape == Shape::Optional && target(interface, pointer) == Some(name) && !others.is_empty();
    leads.then_some(&last.declaration)
}

/// The name of what a pointer points to.
fn target<'a>(interface: &Interface<'a>, pointer: &'a Type) -> Option<&'a str> {
    let Specifier::Named(name) = &pointer.specifier else { return None };
    match interface.types.get(name.text.as_str()) {
        Some(Defined::Typedef(declaration)) => interface.named_in_the_end(&declaration.type_),
        _ => Some(&name.text),
    }
}

fn edges<'t>(interface: &Interface<'t>, name: &'t str) -> Vec<Edge<'t>> {
    let mut edges = Vec::new();
    match interface.types.get(name).copied() {
        Some(Defined::Typedef(declaration)) => of_type(interface, &declaration.type_, true, &mut edges),
        Some(Defined::Struct(body)) => of_struct(interface, body, link(interface, name), true, &mut edges),
        Some(Defined::Union(body)) => of_union(interface, body, true, &mut edges),
        Some(Defined::Enum(_)) | None => {}
    }
    edges
}

fn of_struct<'t>(
    interface: &Interface<'t>,
    body: &'t StructBody,
    link: Option<&Declaration>,
    by_value: bool,
    edges: &mut Vec<Edge<'t>>,
) {
    let declarations = body.fields.iter().map(|field| &field.declaration);
    for declaration in declarations.filter(|declaration| !link.is_some_and(|link| std::ptr::eq(link, *declaration))) {
        of_type(interface, &declaration.type_, by_value, edges);
    }
}

fn of_union<'t>(interface: &Interface<'t>, body: &'t UnionBody, by_value: bool, edges: &mut Vec<Edge<'t>>) {
    let arms = body.arms.iter().filter_map(|arm| arm.body.as_ref());
    let default = body.default.iter().filter_map(|default| default.body.as_ref());
    arms.chain(default).for_each(|declaration| of_type(interface, &declaration.type_, by_value, edges));
}

fn of_type<'t>(interface: &Interface<'t>, type_: &'t Type, by_value: bool, edges: &mut Vec<Edge<'t>>) {
    let by_value = by_value && matches!(type_.shape, Shape::One | Shape::Fixed(_));
    match &type_.specifier {
        Specifier::Named(name) => {
            if let Some(Meaning::Defined(_)) = interface.meaning(&name.text) {
                edges.push(Edge { to: &name.text, by_value, place: type_.place });
            }
        }
        Specifier::Struct(body) => of_struct(interface, body, None, by_value, edges),
        Specifier::Union(body) => of_union(interface, body, by_value, edges),
        _ => {}
    }
}

struct Search<'t, 'd> {
    edges: HashMap<&'t str, Vec<Edge<'t>>>,
    done: HashSet<&'t str>,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl<'t> Search<'t, '_> {
    /// Goes along all edges, depth first. Not by calling itself, as a chain of types may be as long as a file.
    fn from(&mut self, start: &'t str) {
        if !self.done.insert(start) {
            return;
        }
        let mut path: Vec<(&'t str, usize)> = vec![(start, 0)];
        while let Some((name, next)) = path.last_mut() {
            let Some(edge) = self.edges.get(name).and_then(|edges| edges.get(*next)) else {
                path.pop();
                continue;
            };
            *next += 1;
            if let Some(begin) = path.iter().position(|(name, _)| *name == edge.to) {
                let cycle = path[begin..].iter().filter_map(|(name, next)| self.edges.get(name)?.get(next - 1));
                let error = error(&cycle.collect::<Vec<_>>(), edge);
                self.diagnostics.push(error);
            } else if self.done.insert(edge.to) {
                path.push((edge.to, 0));
            }
        }
    }
}

fn error(cycle: &[&Edge<'_>], last: &Edge<'_>) -> Diagnostic {
    let route: Vec<_> = cycle.iter().map(|edge| format!("`{}`", edge.to)).collect();
    let within = format!("`{}` is within itself", last.to);
    let message = if cycle.len() > 1 { format!("{within}, through {}", route.join(", ")) } else { within };
    let error = Diagnostic::error(last.place, message);
    if cycle.iter().all(|edge| edge.by_value) {
        error.label("it would have no end").help("a linked list has `*` before the name of its last field")
    } else {
        error.label("its size has no bound").help(
            "of recursive types only linked lists fit into bounded memory: structs whose last field is `NAME *next`",
        )
    }
}
