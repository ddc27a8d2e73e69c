//! Cycles of types that hold each other. Nothing here calls itself, as a chain of types may be as long as a file.

use std::collections::{HashMap, HashSet};

use super::recursion::{Edge, Edges};
use crate::diagnostic::Diagnostic;

/// Types of a cycle that an error names.
const ROUTE_MAX: usize = 8;

/// The types that are within themselves, each with the number of the group that are all within each other.
///
/// This is Tarjan's algorithm for strongly connected components.
pub(super) fn groups<'t>(names: &[&'t str], edges: &Edges<'t>) -> HashMap<&'t str, usize> {
    let mut search =
        Search { edges, seen: HashMap::new(), lowest: HashMap::new(), open: Vec::new(), groups: HashMap::new() };
    names.iter().for_each(|name| search.from(name));
    search.groups
}

struct Search<'t, 'e> {
    edges: &'e Edges<'t>,
    /// When each type was found.
    seen: HashMap<&'t str, usize>,
    /// The first of the types that each leads back to; types that are done are not here.
    lowest: HashMap<&'t str, usize>,
    /// Types whose group may grow.
    open: Vec<&'t str>,
    groups: HashMap<&'t str, usize>,
}

impl<'t> Search<'t, '_> {
    fn from(&mut self, start: &'t str) {
        let mut path = Vec::new();
        self.enter(start, &mut path);
        while let Some((name, next)) = path.last_mut() {
            let name = *name;
            let edge = self.edges.get(name).and_then(|edges| edges.get(*next));
            *next += 1;
            match edge {
                Some(edge) if self.seen.contains_key(edge.to) => self.lower(name, edge.to),
                Some(edge) => self.enter(edge.to, &mut path),
                None => {
                    path.pop();
                    path.iter().last().into_iter().for_each(|&(above, _)| self.lower(above, name));
                    self.leave(name);
                }
            }
        }
    }

    fn enter(&mut self, name: &'t str, path: &mut Vec<(&'t str, usize)>) {
        let number = self.seen.len();
        if self.seen.contains_key(name) {
            return;
        }
        self.seen.insert(name, number);
        self.lowest.insert(name, number);
        self.open.push(name);
        path.push((name, 0));
    }

    /// What one type leads to, the other does too.
    fn lower(&mut self, name: &'t str, to: &'t str) {
        let Some(&other) = self.lowest.get(to) else { return };
        self.lowest.entry(name).and_modify(|lowest| *lowest = other.min(*lowest));
    }

    /// Closes the group that begins with a type, if one does.
    fn leave(&mut self, name: &'t str) {
        if self.lowest.get(name) != self.seen.get(name) {
            return;
        }
        let Some(begin) = self.open.iter().rposition(|open| *open == name) else { return };
        let group = self.open.split_off(begin);
        group.iter().for_each(|name| _ = self.lowest.remove(name));
        let within_itself = |edges: &Vec<Edge<'_>>| edges.iter().any(|edge| edge.to == name);
        if group.len() > 1 || self.edges.get(name).is_some_and(within_itself) {
            let number = self.seen.get(name).copied().unwrap_or_default();
            self.groups.extend(group.into_iter().map(|name| (name, number)));
        }
    }
}

/// Reports types that hold themselves by value.
pub(super) fn without_end<'t>(names: &[&'t str], edges: &Edges<'t>, diagnostics: &mut Vec<Diagnostic>) {
    let mut done = HashSet::new();
    for &start in names {
        if !done.insert(start) {
            continue;
        }
        // The types on the way, with the edge that each is left by.
        let (mut path, mut on_path) = (vec![(start, 0)], HashMap::from([(start, 0)]));
        while let Some((name, next)) = path.last_mut() {
            let Some(edge) = edges.get(name).and_then(|edges| edges.get(*next)) else {
                on_path.remove(name);
                path.pop();
                continue;
            };
            *next += 1;
            if !edge.by_value {
                continue;
            }
            if let Some(&begin) = on_path.get(edge.to) {
                let route = path[begin..].iter().filter_map(|(name, next)| edges.get(name)?.get(next - 1));
                diagnostics.push(error(route, path.len() - begin, edge));
            } else if done.insert(edge.to) {
                on_path.insert(edge.to, path.len());
                path.push((edge.to, 0));
            }
        }
    }
}

fn error<'e>(cycle: impl Iterator<Item = &'e Edge<'e>>, count: usize, last: &Edge<'_>) -> Diagnostic {
    let mut route: Vec<_> = cycle.take(ROUTE_MAX).map(|edge| format!("`{}`", edge.to)).collect();
    if count > ROUTE_MAX {
        route.push(format!("and {} more", count - ROUTE_MAX));
    }
    let within = format!("`{}` is within itself", last.to);
    let message = if count > 1 { format!("{within}, through {}", route.join(", ")) } else { within };
    Diagnostic::error(last.place, message)
        .label("it would have no end")
        .help("a type leads to itself by a pointer, `*` before the name of a field, or by an array with a bound, `<>`")
}
