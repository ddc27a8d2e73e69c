//! How deeply types are nested. rustc has a limit, and its error has no place in the `.x` file.

use std::collections::HashMap;

use super::{Defined, Interface};
use crate::diagnostic::Diagnostic;
use crate::source::Place;
use crate::tree::{Declaration, Shape, Specifier, StructBody, Type, UnionBody};

/// The largest depth. rustc's limit for what it computes of a type is 128.
const DEPTH_MAX: usize = 100;
/// The depth that an array of variable length adds. Its Rust type consists of several nested types.
const ARRAY: usize = 8;
/// The unit of depth, for one type. A mere name for another type adds a tenth, because rustc follows many of them.
const TYPE: usize = 10;

/// A type in another, the depth that it adds, and its place.
type Step<'t> = (&'t str, usize, Place);

/// Reports types that are nested too deeply. It is not recursive over names, because a chain of types may be as long as
/// a file.
pub(super) fn check(interface: &Interface<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut names: Vec<_> = interface.types.keys().copied().collect();
    names.sort_unstable();
    let mut depths: HashMap<&str, Option<usize>> = HashMap::new();
    for name in names {
        let mut path = Vec::new();
        begin(interface, name, &mut depths, &mut path);
        while let Some((name, steps, depth)) = path.last_mut() {
            let Some((inner, cost, place)) = steps.pop() else {
                depths.insert(name, Some(*depth));
                path.pop();
                continue;
            };
            match depths.get(inner) {
                Some(Some(below)) => {
                    let (within, all) = (*depth <= DEPTH_MAX * TYPE && *below <= DEPTH_MAX * TYPE, below + cost);
                    *depth = all.max(*depth);
                    // Types around this one are too deep as well, and are not reported.
                    if within && all > DEPTH_MAX * TYPE {
                        let error = Diagnostic::error(place, format!("`{inner}` is nested too deeply"));
                        diagnostics.push(error.label(format!("more than {DEPTH_MAX} nested types")).help(format!(
                            "rustc does not compile types nested so deeply; `<>` and `*` count as {ARRAY} each"
                        )));
                    }
                }
                // A cycle, which other checks report.
                Some(None) => {}
                None => {
                    steps.push((inner, cost, place));
                    begin(interface, inner, &mut depths, &mut path);
                }
            }
        }
    }
}

type Path<'t> = Vec<(&'t str, Vec<Step<'t>>, usize)>;

fn begin<'t>(
    interface: &Interface<'t>,
    name: &'t str,
    depths: &mut HashMap<&'t str, Option<usize>>,
    path: &mut Path<'t>,
) {
    if depths.contains_key(name) {
        return;
    }
    let mut steps = Vec::new();
    match interface.types.get(name).copied() {
        Some(Defined::Typedef(declaration)) => of_type(&declaration.type_, 1, &mut steps),
        Some(Defined::Struct(body)) => of_struct(body, TYPE, &mut steps),
        Some(Defined::Union(body)) => of_union(body, TYPE, &mut steps),
        Some(Defined::Enum(_)) | None => {}
    }
    // The types of a group are nodes of one tree, and not nested.
    if let Some(group) = interface.group(name) {
        steps.retain(|(inner, ..)| interface.group(inner) != Some(group));
    }
    depths.insert(name, None);
    path.push((name, steps, TYPE));
}

fn of_struct<'t>(body: &'t StructBody, cost: usize, steps: &mut Vec<Step<'t>>) {
    body.fields.iter().for_each(|field| of_type(&field.declaration.type_, cost, steps));
}

fn of_union<'t>(body: &'t UnionBody, cost: usize, steps: &mut Vec<Step<'t>>) {
    let of = |declaration: &'t Declaration| of_type(&declaration.type_, cost, steps);
    let arms = body.arms.iter().filter_map(|arm| arm.body.as_ref());
    arms.chain(body.default.iter().filter_map(|default| default.body.as_ref())).for_each(of);
}

fn of_type<'t>(type_: &'t Type, cost: usize, steps: &mut Vec<Step<'t>>) {
    let cost = match type_.shape {
        Shape::One => cost,
        Shape::Fixed(_) => cost + TYPE,
        Shape::Optional | Shape::Variable(_) => cost + ARRAY * TYPE,
    };
    match &type_.specifier {
        Specifier::Named(name) => steps.push((&name.text, cost, type_.place)),
        Specifier::Struct(body) => of_struct(body, cost + TYPE, steps),
        Specifier::Union(body) => of_union(body, cost + TYPE, steps),
        _ => {}
    }
}
