//! Pairs of an old and a new type.
//!
//! Each pair is compared once, and the pairs that it contains are queued, so that recursive types and chains of types
//! need no recursion.

use std::collections::HashMap;
use std::ptr;

use super::Agreement;
use super::unions;
use super::wire::{Body, Count, Item, Wire};
use super::words::{self, Words};
use crate::check::Interface;
use crate::source::Place;
use crate::tree::{EnumBody, StructBody, UnionBody};

/// A difference of two types, wherever they are used.
#[derive(Clone, Debug)]
pub(super) struct Local {
    pub message: String,
    pub old: Option<Place>,
    pub new: Option<Place>,
    /// How new peers understand values of old ones: `Full` or `Broken`.
    pub old_to_new: Agreement,
    /// How old peers understand values of new ones.
    pub new_to_old: Agreement,
}

/// A pair that has been compared, or will be.
#[derive(Default)]
pub(super) struct Node {
    pub differences: Vec<Local>,
    /// The pairs of types that it contains.
    pub inner: Vec<usize>,
}

/// A type where it is used: a field, an argument, an arm.
#[derive(Clone)]
pub(super) struct Used<'t> {
    pub item: Item<'t>,
    /// The name alone, by which fields are matched. May be empty.
    pub name: &'t str,
    /// The name in messages, such as `reading.value`.
    pub path: String,
    pub place: Place,
}

/// Two bodies to be compared.
enum Pair<'o, 'n> {
    Enums(Body<'o, EnumBody>, Body<'n, EnumBody>),
    Structs(Body<'o, StructBody>, Body<'n, StructBody>),
    Unions(Body<'o, UnionBody>, Body<'n, UnionBody>),
}

type Key = (*const (), *const ());

/// All pairs of two interfaces.
pub(super) struct Pairs<'o, 'n> {
    pub old: &'o Interface<'o>,
    pub new: &'n Interface<'n>,
    pub nodes: Vec<Node>,
    known: HashMap<Key, usize>,
    waiting: Vec<(usize, Pair<'o, 'n>, String)>,
}

impl<'o, 'n> Pairs<'o, 'n> {
    pub fn new(old: &'o Interface<'o>, new: &'n Interface<'n>) -> Self {
        Self { old, new, nodes: Vec::new(), known: HashMap::new(), waiting: Vec::new() }
    }

    /// Adds a node for arguments, results or types, and compares all pairs below it.
    pub fn root(&mut self, old: &[Used<'o>], new: &[Used<'n>], what: &str) -> usize {
        let node = self.add();
        self.fields(node, old, new, what);
        while let Some((node, pair, path)) = self.waiting.pop() {
            match pair {
                Pair::Enums(old, new) => words::members(self, node, old, new, &path),
                Pair::Structs(old, new) => self.structs(node, old, new, &path),
                Pair::Unions(old, new) => unions::compare(self, node, old, new, &path),
            }
        }
        node
    }

    fn add(&mut self) -> usize {
        self.nodes.push(Node::default());
        self.nodes.len() - 1
    }

    /// Records a difference. A place is `None` if the interface lacks the item.
    pub fn differs(
        &mut self,
        node: usize,
        places: (Option<Place>, Option<Place>),
        agreements: (Agreement, Agreement),
        message: String,
    ) {
        let (old, new) = places;
        let (old_to_new, new_to_old) = agreements;
        self.nodes[node].differences.push(Local { message, old, new, old_to_new, new_to_old });
    }

    /// Records that a pair contains another one, which is compared once, later.
    fn contains(&mut self, node: usize, key: Key, pair: Pair<'o, 'n>, path: &str) {
        let inner = match self.known.get(&key) {
            Some(&inner) => inner,
            None => {
                let inner = self.add();
                self.known.insert(key, inner);
                self.waiting.push((inner, pair, path.to_owned()));
                inner
            }
        };
        self.nodes[node].inner.push(inner);
    }

    /// Compares two types of one item each. Structs are compared as such only with structs.
    pub fn item(&mut self, node: usize, old: &Used<'o>, new: &Used<'n>) {
        let (mut of_old, mut of_new) = (old.item, new.item);
        let places = (Some(old.place), Some(new.place));
        loop {
            let (was, is) = (of_old.wire(self.old), of_new.wire(self.new));
            match (was, is) {
                (Wire::Array(old_element, had), Wire::Array(new_element, has)) => {
                    if !self.counts(node, (old, new), (had, has), (&was, &is)) {
                        return;
                    }
                    (of_old, of_new) = (old_element, new_element);
                    continue;
                }
                (Wire::Text(had), Wire::Text(has)) => {
                    self.counts(node, (old, new), (Count::AtMost(had), Count::AtMost(has)), (&was, &is));
                }
                (Wire::Opaque(had), Wire::Opaque(has)) => {
                    self.counts(node, (old, new), (had, has), (&was, &is));
                }
                (Wire::Float, Wire::Float) | (Wire::Double, Wire::Double) => {}
                (Wire::Enum(was), Wire::Enum(is)) => {
                    self.contains(node, key(was.body, is.body), Pair::Enums(was, is), &new.path);
                }
                (Wire::Struct(was), Wire::Struct(is)) => {
                    self.contains(node, key(was.body, is.body), Pair::Structs(was, is), &new.path);
                }
                (Wire::Union(was), Wire::Union(is)) => {
                    self.contains(node, key(was.body, is.body), Pair::Unions(was, is), &new.path);
                }
                _ => {
                    let agreements = words::agreements(&Words::of(was, self.old), &Words::of(is, self.new));
                    if agreements != (Agreement::Full, Agreement::Full) || was.to_string() != is.to_string() {
                        self.differs(node, places, agreements, format!("{} `{is}`, {} `{was}`", new.is(), new.was()));
                    }
                }
            }
            return;
        }
    }

    /// Compares numbers of elements or bytes. Returns whether the elements can be compared.
    fn counts(
        &mut self,
        node: usize,
        (old, new): (&Used<'o>, &Used<'n>),
        (had, has): (Count, Count),
        (was, is): (&Wire<'o>, &Wire<'n>),
    ) -> bool {
        let places = (Some(old.place), Some(new.place));
        match (had, has) {
            _ if had == has => true,
            (Count::AtMost(had), Count::AtMost(has)) => {
                let agreements = if has > had {
                    (Agreement::Full, Agreement::OldValues)
                } else {
                    (Agreement::Broken, Agreement::Full)
                };
                let bound =
                    |bound| if bound == u32::MAX { "no bound".to_owned() } else { format!("the bound {bound}") };
                let verb = if new.plural() { ("have", "had") } else { ("has", "had") };
                let message = format!("{} {} {}, {} {}", new.path, verb.0, bound(has), verb.1, bound(had));
                self.differs(node, places, agreements, message);
                true
            }
            _ => {
                let message = format!("{} `{is}`, {} `{was}`", new.is(), new.was());
                self.differs(node, places, (Agreement::Broken, Agreement::Broken), message);
                false
            }
        }
    }
}

impl Used<'_> {
    /// Returns whether the path is that of results.
    fn plural(&self) -> bool {
        self.path.starts_with("the results")
    }

    fn is(&self) -> String {
        format!("{} {}", self.path, if self.plural() { "are" } else { "is" })
    }

    fn was(&self) -> &'static str {
        if self.plural() { "were" } else { "was" }
    }
}

fn key<O, N>(old: &O, new: &N) -> Key {
    (ptr::from_ref(old).cast(), ptr::from_ref(new).cast())
}
