//! Cycles of types that contain each other. No function here is recursive, because a chain of types may be as long as a
//! file.

use std::collections::{HashMap, HashSet};

use super::recursion::{Edge, Edges};
use crate::diagnostic::Diagnostic;

/// The largest number of types of a cycle that an error names.
const ROUTE_MAX: usize = 8;

/// Returns the types that contain themselves, each with the number of its group. All types of a group contain each
/// other.
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
    /// The order in which the types were found.
    seen: HashMap<&'t str, usize>,
    /// The first type that each type leads back to. Finished types are removed.
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

    /// Notes that `name` leads to whatever `to` leads to.
    fn lower(&mut self, name: &'t str, to: &'t str) {
        let Some(&other) = self.lowest.get(to) else { return };
        self.lowest.entry(name).and_modify(|lowest| *lowest = other.min(*lowest));
    }

    /// Closes the group that begins with a type, if there is one.
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

/// Reports types that contain themselves by value.
pub(super) fn without_end<'t>(names: &[&'t str], edges: &Edges<'t>, diagnostics: &mut Vec<Diagnostic>) {
    cycles(
        names,
        edges,
        |edge| edge.by_value,
        |cycle| {
            let error = cycle.error().label("this type would be infinitely large");
            diagnostics
                .push(error.help("use a pointer (`*` before the name of the field) or an array with a bound (`<>`)"));
        },
    );
}

/// Reports typedefs that lead to themselves through pointers and arrays alone.
pub(super) fn without_body<'t>(names: &[&'t str], edges: &Edges<'t>, diagnostics: &mut Vec<Diagnostic>) {
    cycles(
        names,
        edges,
        |edge| !edge.in_body,
        |cycle| {
            // Cycles by value are reported as infinitely large. A typedef leads to one type, so each is examined once.
            if cycle.edges().any(|edge| !edge.by_value) {
                let error = cycle.error().label("this type holds no data");
                diagnostics.push(error.help("only structs and unions can contain themselves: put a struct between"));
            }
        },
    );
}

/// Types that lead to each other in a cycle.
struct Cycle<'p, 't> {
    all: &'p Edges<'t>,
    /// The types, each with the index after the edge by which the cycle leaves it.
    types: &'p [(&'t str, usize)],
    /// The edge that leads back to the first type.
    last: &'p Edge<'t>,
}

impl<'p, 't> Cycle<'p, 't> {
    fn edges(&self) -> impl Iterator<Item = &'p Edge<'t>> {
        self.types.iter().filter_map(|(name, next)| self.all.get(name)?.get(next - 1))
    }

    fn error(&self) -> Diagnostic {
        let mut route: Vec<_> = self.edges().take(ROUTE_MAX).map(|edge| format!("`{}`", edge.to)).collect();
        if self.types.len() > ROUTE_MAX {
            route.push(format!("and {} more", self.types.len() - ROUTE_MAX));
        }
        let within = format!("`{}` contains itself", self.last.to);
        let message = if self.types.len() > 1 { format!("{within}, through {}", route.join(", ")) } else { within };
        Diagnostic::error(self.last.place, message)
    }
}

/// Passes each cycle of edges for which `counts` is true to `see`.
fn cycles<'t>(
    names: &[&'t str],
    edges: &Edges<'t>,
    counts: impl Fn(&Edge<'t>) -> bool,
    mut see: impl FnMut(&Cycle<'_, 't>),
) {
    let mut done = HashSet::new();
    for &start in names {
        if !done.insert(start) {
            continue;
        }
        // The types on the path, each with the index of its next edge.
        let (mut path, mut on_path) = (vec![(start, 0)], HashMap::from([(start, 0)]));
        while let Some((name, next)) = path.last_mut() {
            let Some(edge) = edges.get(name).and_then(|edges| edges.get(*next)) else {
                on_path.remove(name);
                path.pop();
                continue;
            };
            *next += 1;
            if !counts(edge) {
                continue;
            }
            if let Some(&begin) = on_path.get(edge.to) {
                see(&Cycle { all: edges, types: &path[begin..], last: edge });
            } else if done.insert(edge.to) {
                on_path.insert(edge.to, path.len());
                path.push((edge.to, 0));
            }
        }
    }
}
