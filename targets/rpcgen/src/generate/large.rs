//! Reports types whose values are too large for a stack, or for Rust.

use std::collections::HashSet;

use super::Generator;
use super::memory::Layouts;
use crate::check::Interface;
use crate::diagnostic::Diagnostic;
use crate::options::{Data, Options};
use crate::tree::{Declaration, Definition, Specifier, StructBody, Type, UnionBody};

/// The size from which values are reported: a quarter of the default stack of a thread on a host.
const LARGE: u64 = 512 << 10;
/// The limit of rustc for the size of a type.
const MAX: u64 = 1 << 47;

/// Returns a note for each large type that no other type contains, and an error if rustc does not accept it.
pub(crate) fn large(interface: &Interface<'_>, options: &Options) -> Vec<Diagnostic> {
    let (generator, mut layouts) = (Generator::new(interface, options), Layouts::default());
    let mut held = HashSet::new();
    for item in interface.items() {
        let mut parts = HashSet::new();
        match &item.definition {
            Definition::Typedef(declaration) => of_type(&declaration.type_, &mut parts),
            Definition::Struct(_, body) => of_struct(body, &mut parts),
            Definition::Union(_, body) => of_union(body, &mut parts),
            _ => continue,
        }
        // A type that contains itself is not contained in another for that reason.
        let Some(name) = item.definition.name().map(|name| name.text.as_str()) else { continue };
        let group = interface.group(name);
        let within = |part: &&str| *part == name || (group.is_some() && interface.group(part) == group);
        held.extend(parts.into_iter().filter(|part| !within(part)));
    }
    let names = interface.items().filter_map(|item| item.definition.name().map(|name| (name, item)));
    let mut diagnostics = Vec::new();
    for (name, item) in names {
        let is_type =
            matches!(item.definition, Definition::Typedef(_) | Definition::Struct(..) | Definition::Union(..));
        if !is_type || held.contains(name.text.as_str()) {
            continue;
        }
        let size = layouts.size(&generator, &name.text);
        let message = format!("a value of `{}` takes {}", name.text, shown(size));
        let help = match options.data {
            Data::Heap => {
                "such a value does not fit on a stack, because of its fixed arrays; make them variable, `<>` instead of `[]`, \
                 or use the value through a pointer"
            }
            Data::Owned | Data::Borrowed => {
                "such a value does not fit on a stack; state smaller bounds for its parts (`--bound PATH=COUNT`, `--bytes`, \
                 `--elements`, `--nodes`), borrow data (`--data borrowed`), or put them on the heap of a host (`--data heap`)"
            }
        };
        if size >= MAX {
            diagnostics.push(Diagnostic::error(name.place, message).label("too large for Rust").help(help));
        } else if size >= LARGE {
            diagnostics.push(Diagnostic::note(name.place, message).help(help));
        }
    }
    diagnostics
}

fn shown(size: u64) -> String {
    match size {
        0..1_000_000 => format!("about {} kB of memory", size / 1_000),
        1_000_000..1_000_000_000 => format!("about {} MB of memory", size / 1_000_000),
        1_000_000_000..MAX => format!("about {} GB of memory", size / 1_000_000_000),
        _ => "more memory than any machine has".into(),
    }
}

fn of_struct<'t>(body: &'t StructBody, held: &mut HashSet<&'t str>) {
    body.fields.iter().for_each(|field| of_type(&field.declaration.type_, held));
}

fn of_union<'t>(body: &'t UnionBody, held: &mut HashSet<&'t str>) {
    body.bodies().for_each(|declaration: &Declaration| of_type(&declaration.type_, held));
}

fn of_type<'t>(type_: &'t Type, held: &mut HashSet<&'t str>) {
    match &type_.specifier {
        Specifier::Named(name) => _ = held.insert(&name.text),
        Specifier::Struct(body) => of_struct(body, held),
        Specifier::Union(body) => of_union(body, held),
        _ => {}
    }
}
