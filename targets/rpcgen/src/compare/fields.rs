//! Fields of structs, and arguments: values one after another.

use std::collections::{HashMap, HashSet};

use super::Agreement;
use super::pairs::{Pairs, Used};
use super::wire::{Body, Wire};
use crate::check::Interface;
use crate::tree::{Declaration, StructBody};

/// The largest number of fields to which structs are flattened.
const DISSOLVED_MAX: usize = 4096;

const FULL: (Agreement, Agreement) = (Agreement::Full, Agreement::Full);
const BROKEN: (Agreement, Agreement) = (Agreement::Broken, Agreement::Broken);

impl<'o, 'n> Pairs<'o, 'n> {
    /// Compares two structs.
    pub fn structs(&mut self, node: usize, old: Body<'o, StructBody>, new: Body<'n, StructBody>, path: &str) {
        let (fields, others) = (of_struct(old, path, self.old), of_struct(new, path, self.new));
        let what = if new.name.is_empty() { path.to_owned() } else { format!("`{}`", new.name) };
        self.fields(node, &fields, &others, &what);
    }

    /// Compares values one after another. `what` contains them: a struct, or the arguments of a procedure.
    pub fn fields(&mut self, node: usize, old: &[Used<'o>], new: &[Used<'n>], what: &str) {
        let moved = is_moved(old, new);
        if moved || !self.is_alike(old, new) {
            // A struct has the bytes of its fields, so arguments may become a struct, and a struct its fields.
            let (flat, other) = (dissolve(self.old, old), dissolve(self.new, new));
            if let (Some(flat), Some(other)) = (flat, other)
                && flat.len() == other.len()
                && !is_moved(&flat, &other)
            {
                flat.iter().zip(&other).for_each(|(old, new)| self.item(node, old, new));
                return;
            }
        }
        if moved || old.len() != new.len() {
            return self.by_name(node, old, new, what);
        }
        for (old, new) in old.iter().zip(new) {
            if old.name != new.name && !old.name.is_empty() && !new.name.is_empty() {
                let message = format!("{} has a new name, was {}", new.path, old.path);
                self.differs(node, (Some(old.place), Some(new.place)), FULL, message);
            }
            self.item(node, old, new);
        }
    }

    /// Returns whether so many values have structs at the same places.
    fn is_alike(&self, old: &[Used<'o>], new: &[Used<'n>]) -> bool {
        let is_struct = |wire| matches!(wire, Wire::Struct(_));
        let alike = |(old, new): (&Used<'o>, &Used<'n>)| {
            is_struct(old.item.wire(self.old)) == is_struct(new.item.wire(self.new))
        };
        old.len() == new.len() && old.iter().zip(new).all(alike)
    }

    /// Reports added, removed and moved fields, and compares the others by name.
    fn by_name(&mut self, node: usize, old: &[Used<'o>], new: &[Used<'n>], what: &str) {
        let names = |used: &[Used<'_>]| used.iter().any(|used| used.name.is_empty());
        if names(old) || names(new) {
            return self.by_place(node, old, new, what);
        }
        let had: HashMap<_, _> = old.iter().map(|used| (used.name, used)).collect();
        let has: HashSet<_> = new.iter().map(|used| used.name).collect();
        for used in old.iter().filter(|used| !has.contains(used.name)) {
            self.removed(node, used, what);
        }
        for used in new.iter().filter(|used| !had.contains_key(used.name)) {
            self.added(node, used, what);
        }
        let order: Vec<_> = old.iter().map(|used| used.name).filter(|name| has.contains(name)).collect();
        let common: Vec<_> = new.iter().map(|used| used.name).filter(|name| had.contains_key(name)).collect();
        if order != common
            && let (Some(first), Some(other)) = (old.first(), new.first())
        {
            let message = format!("the order in {what} is {}, was {}", common.join(", "), order.join(", "));
            self.differs(node, (Some(first.place), Some(other.place)), BROKEN, message);
        }
        for used in new {
            if let Some(old) = had.get(used.name) {
                self.item(node, old, used);
            }
        }
    }

    /// Compares arguments without names, of which one side has more.
    fn by_place(&mut self, node: usize, old: &[Used<'o>], new: &[Used<'n>], what: &str) {
        old.iter().zip(new).for_each(|(old, new)| self.item(node, old, new));
        old.iter().skip(new.len()).for_each(|used| self.removed(node, used, what));
        new.iter().skip(old.len()).for_each(|used| self.added(node, used, what));
    }

    fn removed(&mut self, node: usize, used: &Used<'_>, what: &str) {
        let message = format!("{} was removed from {what}", used.path);
        self.differs(node, (Some(used.place), None), BROKEN, message);
    }

    fn added(&mut self, node: usize, used: &Used<'_>, what: &str) {
        let message = format!("{} was added to {what}", used.path);
        self.differs(node, (None, Some(used.place)), BROKEN, message);
    }
}

/// Returns the fields of a struct.
fn of_struct<'t>(of: Body<'t, StructBody>, path: &str, interface: &Interface<'_>) -> Vec<Used<'t>> {
    // A definition of C's headers is in no file that was compiled.
    let elsewhere = interface.used_of_headers(of.name);
    let field = |Declaration { name, type_ }: &'t Declaration| {
        let within = if of.name.is_empty() { path.trim_matches('`') } else { of.name };
        let path = format!("`{within}.{}`", name.text);
        Used { item: type_.into(), name: &name.text, path, place: elsewhere.unwrap_or(name.place) }
    };
    of.body.fields.iter().map(|other| field(&other.declaration)).collect()
}

/// Returns whether a name is at another place than before.
fn is_moved(old: &[Used<'_>], new: &[Used<'_>]) -> bool {
    let (had, has): (HashSet<_>, HashSet<_>) =
        (old.iter().map(|used| used.name).collect(), new.iter().map(|used| used.name).collect());
    let moved = |(old, new): (&Used<'_>, &Used<'_>)| {
        let known = |name: &str, names: &HashSet<&str>| !name.is_empty() && names.contains(name);
        old.name != new.name && (known(old.name, &has) || known(new.name, &had))
    };
    old.iter().zip(new).any(moved)
}

/// Returns the fields of all structs instead of the structs. `None` for too many of them.
fn dissolve<'t>(interface: &Interface<'t>, all: &[Used<'t>]) -> Option<Vec<Used<'t>>> {
    let (mut flat, mut rest): (Vec<Used<'t>>, Vec<Used<'t>>) = (Vec::new(), all.iter().rev().cloned().collect());
    while let Some(used) = rest.pop() {
        match used.item.wire(interface) {
            Wire::Struct(body) => {
                rest.extend(of_struct(body, &used.path, interface).into_iter().rev());
            }
            _ => flat.push(used),
        }
        if flat.len() + rest.len() > DISSOLVED_MAX {
            return None;
        }
    }
    Some(flat)
}
