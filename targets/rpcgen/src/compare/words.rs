//! Integers, enums and bools: the sets of values that types have.

use std::collections::{BTreeMap, HashMap};

use super::Agreement;
use super::pairs::Pairs;
use super::wire::{Body, Wire};
use crate::check::Interface;
use crate::source::Place;
use crate::tree::EnumBody;

/// The values of a type on the wire.
pub(super) enum Words {
    Range {
        low: i128,
        high: i128,
        wide: bool,
    },
    /// Single numbers of four bytes.
    Members(Vec<i32>),
    /// UTF-8 of at most this number of bytes.
    Text(u32),
    /// At most this number of bytes.
    Bytes(u32),
    /// Another type.
    Other,
}

impl Words {
    pub fn of(wire: Wire<'_>, interface: &Interface<'_>) -> Self {
        use super::wire::Count::AtMost;
        match wire {
            Wire::Integer(range) => Self::Range { low: range.low, high: range.high, wide: range.wide },
            Wire::Bool => Self::Members(vec![0, 1]),
            Wire::Enum(Body { body, .. }) => Self::Members(numbers(interface, body).into_keys().collect()),
            Wire::Text(bound) => Self::Text(bound),
            Wire::Opaque(AtMost(bound)) => Self::Bytes(bound),
            _ => Self::Other,
        }
    }

    /// Returns whether another type has every value, with the same bytes.
    fn are_of(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Range { low, high, wide }, Self::Range { low: least, high: most, wide: width }) => {
                wide == width && least <= low && high <= most
            }
            (Self::Members(members), Self::Range { low, high, wide: false }) => {
                members.iter().all(|&member| (*low..=*high).contains(&member.into()))
            }
            (Self::Members(members), Self::Members(others)) => members.iter().all(|member| others.contains(member)),
            (Self::Text(bound), Self::Text(other) | Self::Bytes(other)) | (Self::Bytes(bound), Self::Bytes(other)) => {
                bound <= other
            }
            _ => false,
        }
    }
}

/// Returns how values of each type are decoded as the other type.
pub(super) fn agreements(old: &Words, new: &Words) -> (Agreement, Agreement) {
    match (old.are_of(new), new.are_of(old)) {
        (true, true) => (Agreement::Full, Agreement::Full),
        (true, false) => (Agreement::Full, Agreement::OldValues),
        (false, true) => (Agreement::Broken, Agreement::Full),
        // One number may be read as another.
        (false, false) => (Agreement::Broken, Agreement::Broken),
    }
}

/// Returns the members of an enum by number, the first if several are equal.
pub(super) fn numbers<'t>(interface: &Interface<'_>, body: &'t EnumBody) -> BTreeMap<i32, (&'t str, Place)> {
    let mut numbers = BTreeMap::new();
    for member in &body.members {
        let number = interface.member(&member.name.text);
        numbers.entry(number).or_insert((member.name.text.as_str(), member.name.place));
    }
    numbers
}

fn by_name<'t>(interface: &Interface<'_>, body: &'t EnumBody) -> HashMap<&'t str, (i32, Place)> {
    let of = |name: &str| interface.member(name);
    body.members.iter().map(|member| (member.name.text.as_str(), (of(&member.name.text), member.name.place))).collect()
}

/// Compares the members of two enums.
pub(super) fn members<'o, 'n>(
    pairs: &mut Pairs<'o, 'n>,
    node: usize,
    old: Body<'o, EnumBody>,
    new: Body<'n, EnumBody>,
    path: &str,
) {
    moved(pairs, node, old.body, new.body);
    let (had, has) = (numbers(pairs.old, old.body), numbers(pairs.new, new.body));
    let old_names = by_name(pairs.old, old.body);
    let is_known = |name: &str| old_names.contains_key(name);
    let of = |name: &str| if name.is_empty() { path.to_owned() } else { format!("`{name}`") };
    for (number, (name, place)) in &had {
        match has.get(number) {
            None => {
                let message = format!("`{name}` = {number} was removed from {}", of(new.name));
                pairs.differs(node, (Some(*place), None), (Agreement::Broken, Agreement::Full), message);
            }
            Some((other, new_place)) if other != name && !is_known(other) => {
                let message = format!("{number} of {} has the name `{other}`, had `{name}`", of(new.name));
                let full = (Agreement::Full, Agreement::Full);
                pairs.differs(node, (Some(*place), Some(*new_place)), full, message);
            }
            Some(_) => {}
        }
    }
    for (number, (name, place)) in has.iter().filter(|(number, _)| !had.contains_key(number)) {
        let message = format!("`{name}` = {number} was added to {}", of(new.name));
        pairs.differs(node, (None, Some(*place)), (Agreement::Full, Agreement::OldValues), message);
    }
}

/// Records members whose numbers have changed.
pub(super) fn moved(pairs: &mut Pairs<'_, '_>, node: usize, old: &EnumBody, new: &EnumBody) {
    let (had, has) = (by_name(pairs.old, old), by_name(pairs.new, new));
    for member in &old.members {
        let name = member.name.text.as_str();
        let (Some((was, old_place)), Some((is, new_place))) = (had.get(name), has.get(name)) else { continue };
        if was != is {
            let places = (Some(*old_place), Some(*new_place));
            let message = format!("`{name}` is {is}, was {was}");
            pairs.differs(node, places, (Agreement::Broken, Agreement::Broken), message);
        }
    }
}
