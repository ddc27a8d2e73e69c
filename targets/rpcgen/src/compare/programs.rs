//! Programs, versions and procedures, matched by their numbers.

use std::collections::{HashMap, HashSet};

use super::pairs::{Pairs, Used};
use super::{Agreement, Comparison, Difference, Part};
use crate::check::Interface;
use crate::source::Place;
use crate::tree::{Argument, Definition, Item, Name, Procedure, Program, Value, Version};

const FULL: Agreement = Agreement::Full;
const BROKEN: Agreement = Agreement::Broken;

/// A program, version or procedure that is compared.
trait Numbered {
    const WHAT: &'static str;
    fn name(&self) -> &Name;
    fn number(&self) -> &Value;
}

macro_rules! numbered {
    ($type:ty, $what:literal) => {
        impl Numbered for $type {
            const WHAT: &'static str = $what;
            fn name(&self) -> &Name {
                &self.name
            }
            fn number(&self) -> &Value {
                &self.number
            }
        }
    };
}

numbered!(Program, "program");
numbered!(Version, "version");
numbered!(Procedure, "procedure");

/// Compares two interfaces.
pub(super) fn compare<'o, 'n>(old: &'o Interface<'o>, new: &'n Interface<'n>) -> Comparison {
    let mut comparing =
        Comparing { pairs: Pairs::new(old, new), comparison: Comparison::default(), known: HashMap::new() };
    let (had, has) = (programs(old), programs(new));
    if had.is_empty() && has.is_empty() {
        comparing.types();
    }
    let (common, _) = comparing.numbers(&had, &has, "", (BROKEN, FULL));
    for (was, is) in common {
        let (common, unknown) =
            comparing.numbers(&refs(&was.versions), &refs(&is.versions), &was.name.text, (BROKEN, FULL));
        if common.is_empty() && !unknown {
            let message = format!("program `{}` has none of its old versions", is.name.text);
            comparing.add(message, (Some(was.name.place), Some(is.name.place)), (FULL, BROKEN));
        }
        for (was, is) in common {
            let (had, has) = (refs(&was.procedures), refs(&is.procedures));
            let (common, _) = comparing.numbers(&had, &has, &was.name.text, (BROKEN, FULL));
            common.into_iter().for_each(|(was, is)| comparing.procedure(was, is));
        }
    }
    comparing.comparison
}

fn programs<'t>(interface: &Interface<'t>) -> Vec<&'t Program> {
    let program = |item: &'t Item| match &item.definition {
        Definition::Program(program) => Some(program),
        _ => None,
    };
    interface.items().filter_map(program).collect()
}

fn refs<T>(items: &[T]) -> Vec<&T> {
    items.iter().collect()
}

struct Comparing<'o, 'n> {
    pairs: Pairs<'o, 'n>,
    comparison: Comparison,
    /// The differences of pairs of types by the pair and its difference.
    known: HashMap<(usize, usize), usize>,
}

impl<'o, 'n> Comparing<'o, 'n> {
    fn add(
        &mut self,
        message: String,
        (old, new): (Option<Place>, Option<Place>),
        (old_clients, old_servers): (Agreement, Agreement),
    ) {
        let difference = Difference { message, old, new, uses: Vec::new(), old_clients, old_servers };
        self.comparison.differences.push(difference);
    }

    /// Records items that were added, removed or renumbered.
    ///
    /// Returns the items that both have, and whether a number has changed.
    fn numbers<T: Numbered>(
        &mut self,
        old: &[&'o T],
        new: &[&'n T],
        within: &str,
        removed: (Agreement, Agreement),
    ) -> (Vec<(&'o T, &'n T)>, bool) {
        let what = T::WHAT;
        let of_old = |of: &T| self.pairs.old.value(of.number()).unwrap_or_default();
        let of_new = |of: &T| self.pairs.new.value(of.number()).unwrap_or_default();
        let had: HashMap<_, _> = old.iter().map(|of| (of.name().text.as_str(), of_old(of))).collect();
        let by_number: HashMap<_, _> = new.iter().map(|of| (of_new(of), *of)).collect();
        let by_name: HashMap<_, _> = new.iter().map(|of| (of.name().text.as_str(), (*of, of_new(of)))).collect();
        let before: Vec<_> = old.iter().map(|of| (of_old(of), *of)).collect();
        let after: Vec<_> = new.iter().map(|of| (of_new(of), *of)).collect();
        let within = if within.is_empty() { String::new() } else { format!(" of `{within}`") };
        let shown = |number: i128| if what == "program" { format!("{number:#x}") } else { number.to_string() };
        let (mut common, mut changed) = (Vec::new(), false);
        for (number, was) in &before {
            let name = &was.name().text;
            match (by_number.get(number), by_name.get(name.as_str()).copied()) {
                // The name has another number.
                (_, Some((is, other))) if other != *number => {
                    changed = true;
                    let message = format!("{what} `{name}`{within} is {}, was {}", shown(other), shown(*number));
                    self.add(message, (Some(was.name().place), Some(is.name().place)), (BROKEN, BROKEN));
                }
                (Some(is), _) if had.get(is.name().text.as_str()).is_none_or(|had| had == number) => {
                    if is.name().text != *name {
                        let message = format!(
                            "{what} {}{within} has the name `{}`, had `{name}`",
                            shown(*number),
                            is.name().text
                        );
                        self.add(message, (Some(was.name().place), Some(is.name().place)), (FULL, FULL));
                    }
                    common.push((*was, *is));
                }
                // The NULL procedure is always served.
                _ if what == "procedure" && *number == 0 => {}
                _ => {
                    let message = format!("{what} {} `{name}`{within} was removed", shown(*number));
                    self.add(message, (Some(was.name().place), None), removed);
                }
            }
        }
        let numbers: HashSet<_> = before.iter().map(|(number, _)| *number).collect();
        for (number, is) in &after {
            let is_new = !numbers.contains(number) && !had.contains_key(is.name().text.as_str());
            if is_new && !(what == "procedure" && *number == 0) {
                let answer = match what {
                    "procedure" => "PROC_UNAVAIL",
                    "version" => "PROG_MISMATCH",
                    _ => "PROG_UNAVAIL",
                };
                let name = &is.name().text;
                let message =
                    format!("{what} {} `{name}`{within} was added; an old server answers {answer}", shown(*number));
                self.add(message, (None, Some(is.name().place)), (FULL, FULL));
            }
        }
        (common, changed)
    }

    fn procedure(&mut self, old: &'o Procedure, new: &'n Procedure) {
        let (was, is) = (arguments(old), arguments(new));
        let node = self.pairs.root(&was, &is, &format!("the arguments of `{}`", new.name.text));
        self.uses(node, &old.name.text, Part::Arguments);
        match (results(old), results(new)) {
            (Some(was), Some(is)) => {
                let node = self.pairs.root(&[was], &[is], &format!("the results of `{}`", new.name.text));
                self.uses(node, &old.name.text, Part::Results);
            }
            (None, None) => {}
            (was, _) => {
                let verb = if was.is_none() { "has results, had none" } else { "has no results, had some" };
                let message = format!("procedure `{}` {verb}", new.name.text);
                self.add(message, (Some(old.name.place), Some(new.name.place)), (BROKEN, BROKEN));
            }
        }
    }

    /// Compares the types with the same name.
    ///
    /// They are compared as if a procedure had them as arguments and results.
    fn types(&mut self) {
        let others: HashMap<_, _> = {
            let names = self.pairs.new.items().filter_map(|item| type_name(&item.definition));
            names.map(|name| (name.text.as_str(), name)).collect()
        };
        for name in self.pairs.old.items().filter_map(|item| type_name(&item.definition)) {
            let Some(other) = others.get(name.text.as_str()) else {
                let message = format!("the type `{}` was removed", name.text);
                self.add(message, (Some(name.place), None), (BROKEN, FULL));
                continue;
            };
            let path = format!("`{}`", name.text);
            let was = Used { item: name.text.as_str().into(), name: "", path: path.clone(), place: name.place };
            let is = Used { item: other.text.as_str().into(), name: "", path: path.clone(), place: other.place };
            let node = self.pairs.root(&[was], &[is], &path);
            self.uses(node, "", Part::Arguments);
            self.uses(node, "", Part::Results);
        }
    }

    /// Collects the differences of all pairs that a pair contains.
    fn uses(&mut self, root: usize, procedure: &str, part: Part) {
        let mut seen = vec![false; self.pairs.nodes.len()];
        let mut waiting = vec![root];
        while let Some(node) = waiting.pop() {
            if std::mem::replace(&mut seen[node], true) {
                continue;
            }
            let pair = &self.pairs.nodes[node];
            waiting.extend(pair.inner.iter().rev());
            for (index, local) in pair.differences.iter().enumerate() {
                let (clients, servers) = match part {
                    Part::Arguments => (local.old_to_new, local.new_to_old),
                    Part::Results => (local.new_to_old, local.old_to_new),
                };
                let differences = &mut self.comparison.differences;
                let known = *self.known.entry((node, index)).or_insert_with(|| {
                    let (message, uses) = (local.message.clone(), Vec::new());
                    let (old_clients, old_servers) = (FULL, FULL);
                    differences.push(Difference {
                        message,
                        old: local.old,
                        new: local.new,
                        uses,
                        old_clients,
                        old_servers,
                    });
                    differences.len() - 1
                });
                let difference = &mut differences[known];
                difference.old_clients = difference.old_clients.max(clients);
                difference.old_servers = difference.old_servers.max(servers);
                if !procedure.is_empty() {
                    difference.uses.push((procedure.to_owned(), part));
                }
            }
        }
    }
}

fn arguments(procedure: &Procedure) -> Vec<Used<'_>> {
    let argument = |(index, argument)| {
        let Argument { name, type_ }: &Argument = argument;
        let (path, place) = match name {
            Some(name) => (format!("argument `{}` of `{}`", name.text, procedure.name.text), name.place),
            None => (format!("argument {} of `{}`", index + 1, procedure.name.text), type_.place),
        };
        Used { item: type_.into(), name: name.as_ref().map_or("", |name| &name.text), path, place }
    };
    procedure.arguments.iter().enumerate().map(argument).collect()
}

/// Returns the results, which may be void.
fn results(procedure: &Procedure) -> Option<Used<'_>> {
    let type_ = procedure.result.as_ref()?;
    let path = format!("the results of `{}`", procedure.name.text);
    Some(Used { item: type_.into(), name: "", path, place: type_.place })
}

/// Returns the name of a type that a file defines.
fn type_name(definition: &Definition) -> Option<&Name> {
    let is_type = !matches!(definition, Definition::Constant(_) | Definition::Program(_) | Definition::Passed(_));
    definition.name().filter(|_| is_type)
}
