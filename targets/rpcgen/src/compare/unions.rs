//! Unions: the arms for each number.

use std::collections::BTreeMap;

use super::Agreement;
use super::pairs::{Pairs, Used};
use super::wire::{Body, Item, Range, Wire};
use super::words;
use crate::check::Interface;
use crate::source::Place;
use crate::tree::{Declaration, UnionBody};

const FULL: Agreement = Agreement::Full;
const BROKEN: Agreement = Agreement::Broken;

/// An arm: its content, which may be void, and its place.
#[derive(Clone, Copy)]
struct Arm<'t> {
    body: Option<&'t Declaration>,
    place: Place,
}

/// The arms of a union.
struct Arms<'t> {
    cases: BTreeMap<i128, Arm<'t>>,
    default: Option<Arm<'t>>,
    /// Whether the discriminant is a bool, which has no other numbers than 0 and 1.
    is_bool: bool,
}

impl<'t> Arms<'t> {
    fn new(interface: &Interface<'t>, union: Body<'t, UnionBody>) -> Self {
        let discriminant = Item::from(&union.body.discriminant.type_).wire(interface);
        let elsewhere = interface.used_of_headers(union.name);
        let mut cases = BTreeMap::new();
        for arm in &union.body.arms {
            for case in &arm.cases {
                let number = interface.value(case).unwrap_or_default();
                // From 0x80000000 a member is the `int` with the same bits.
                let number = if matches!(discriminant, Wire::Enum(_)) { (number as i32).into() } else { number };
                cases.insert(number, Arm { body: arm.body.as_ref(), place: elsewhere.unwrap_or(case.place()) });
            }
        }
        let default = union.body.default.as_ref().map(|default| {
            let place = default.body.as_ref().map_or(union.body.discriminant.name.place, |body| body.name.place);
            Arm { body: default.body.as_ref(), place: elsewhere.unwrap_or(place) }
        });
        Self { cases, default, is_bool: matches!(discriminant, Wire::Bool) }
    }

    fn arm(&self, number: i128) -> Option<Arm<'t>> {
        let possible = !self.is_bool || (0..=1).contains(&number);
        self.cases.get(&number).copied().or(self.default.filter(|_| possible))
    }
}

/// Compares two unions. `path` is the item that contains them.
pub(super) fn compare<'o, 'n>(
    pairs: &mut Pairs<'o, 'n>,
    node: usize,
    old: Body<'o, UnionBody>,
    new: Body<'n, UnionBody>,
    path: &str,
) {
    let name = if new.name.is_empty() { path.to_owned() } else { format!("`{}`", new.name) };
    if !discriminants(pairs, node, old.body, new.body, &name) {
        return;
    }
    let (had, has) = (Arms::new(pairs.old, old), Arms::new(pairs.new, new));
    let mut numbers: Vec<_> = had.cases.keys().chain(has.cases.keys()).copied().collect();
    numbers.sort_unstable();
    numbers.dedup();
    for &number in &numbers {
        match (had.arm(number), has.arm(number)) {
            (Some(was), Some(is)) => {
                bodies(pairs, node, (old.name, was), (new.name, is), (&format!("case {number} of {name}"), path))
            }
            (Some(was), None) => {
                let message = format!("case {number} was removed from {name}");
                pairs.differs(node, (Some(was.place), None), (BROKEN, FULL), message);
            }
            (None, Some(is)) => {
                let message = format!("case {number} was added to {name}");
                pairs.differs(node, (None, Some(is.place)), (FULL, Agreement::OldValues), message);
            }
            (None, None) => {}
        }
    }
    // All numbers of a bool may have a case.
    let all = |arms: &Arms<'_>| arms.is_bool && [0, 1].iter().all(|number| numbers.contains(number));
    let default = |arms: &Arms<'_>| !all(arms) && arms.default.is_some();
    match (had.default.filter(|_| default(&had)), has.default.filter(|_| default(&has))) {
        (Some(was), Some(is)) => {
            bodies(pairs, node, (old.name, was), (new.name, is), (&format!("the default of {name}"), path));
            if had.is_bool != has.is_bool {
                let agreements = if has.is_bool { (BROKEN, FULL) } else { (FULL, Agreement::OldValues) };
                let message = format!("the default of {name} has other numbers");
                pairs.differs(node, (Some(was.place), Some(is.place)), agreements, message);
            }
        }
        (Some(was), None) => {
            let message = format!("the default was removed from {name}");
            pairs.differs(node, (Some(was.place), None), (BROKEN, FULL), message);
        }
        (None, Some(is)) => {
            let message = format!("a default was added to {name}");
            pairs.differs(node, (None, Some(is.place)), (FULL, Agreement::OldValues), message);
        }
        (None, None) => {}
    }
}

/// Compares the discriminants of two unions. Returns whether the arms can be compared.
fn discriminants<'o, 'n>(
    pairs: &mut Pairs<'o, 'n>,
    node: usize,
    old: &'o UnionBody,
    new: &'n UnionBody,
    name: &str,
) -> bool {
    let was = Item::from(&old.discriminant.type_).wire(pairs.old);
    let is = Item::from(&new.discriminant.type_).wire(pairs.new);
    if let (Wire::Enum(was), Wire::Enum(is)) = (&was, &is) {
        words::moved(pairs, node, was.body, is.body);
    }
    // An enum and a bool are numbers of four bytes with a sign. Which of them are possible, the arms state.
    let range = |wire: &Wire<'_>| match wire {
        Wire::Integer(Range { low, high, wide, .. }) => (*low, *high, *wide),
        _ => (i32::MIN.into(), i32::MAX.into(), false),
    };
    if range(&was) == range(&is) {
        return true;
    }
    let places = (Some(old.discriminant.name.place), Some(new.discriminant.name.place));
    pairs.differs(node, places, (BROKEN, BROKEN), format!("the discriminant of {name} is `{is}`, was `{was}`"));
    false
}

/// Compares two arms. `what` is the case, and `path` the item with the union.
fn bodies<'o, 'n>(
    pairs: &mut Pairs<'o, 'n>,
    node: usize,
    (old_name, old): (&str, Arm<'o>),
    (new_name, new): (&str, Arm<'n>),
    (what, path): (&str, &str),
) {
    match (old.body, new.body) {
        (None, None) => {}
        (Some(was), Some(is)) => {
            let old = [used(was, old_name, path, old.place)];
            let new = [used(is, new_name, path, new.place)];
            pairs.fields(node, &old, &new, what);
        }
        (was, _) => {
            let places = (Some(old.place), Some(new.place));
            let message = if was.is_none() { "has content, was void" } else { "is void, had content" };
            pairs.differs(node, places, (BROKEN, BROKEN), format!("{what} {message}"));
        }
    }
}

fn used<'t>(body: &'t Declaration, union: &str, path: &str, place: Place) -> Used<'t> {
    let within = if union.is_empty() { path.trim_matches('`') } else { union };
    Used { item: (&body.type_).into(), name: "", path: format!("`{within}.{}`", body.name.text), place }
}
