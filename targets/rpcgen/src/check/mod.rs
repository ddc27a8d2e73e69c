//! Whether a file makes sense: every rule that is not one of grammar.

mod constants;
mod cycles;
mod depth;
mod extras;
mod names;
mod prelude;
mod programs;
mod recursion;
mod types;
mod unbounded;
mod unions;
mod worth;

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::Place;
use crate::tree::{
    Basic, Declaration, EnumBody, Item, Shape, Specification, Specifier, StructBody, Type, UnionBody, Value,
};
use constants::Constants;
use extras::Extra;
pub use prelude::Prelude;
pub use unbounded::{Counted, Unbounded};

/// A specification that has been checked: what its names mean.
#[derive(Debug)]
pub struct Interface<'t> {
    /// What was checked.
    pub tree: &'t Specification,
    constants: Constants<'t>,
    types: HashMap<&'t str, Defined<'t>>,
    /// What typedefs of names stand for in the end.
    plain: HashMap<&'t str, &'t Type>,
    externals: HashSet<&'t str>,
    lists: HashSet<&'t str>,
    /// Types within themselves that are no lists, with the number of the group that are all within each other.
    groups: HashMap<&'t str, usize>,
    /// The types of each group.
    members: HashMap<usize, Vec<&'t str>>,
    /// Items, by their place in the tree, that define once more what an item before them defines.
    repeated: HashSet<usize>,
    /// Types that lines for C or C's headers give, and that the file needs.
    extras: BTreeMap<&'t str, Extra<'t>>,
}

/// A type that the file defines.
#[derive(Clone, Copy, Debug)]
pub enum Defined<'t> {
    /// By `typedef`.
    Typedef(&'t Declaration),
    /// By `enum`.
    Enum(&'t EnumBody),
    /// By `struct`.
    Struct(&'t StructBody),
    /// By `union`.
    Union(&'t UnionBody),
}

/// What the name of a type means.
#[derive(Clone, Copy, Debug)]
pub enum Meaning<'t> {
    /// A type of the file.
    Defined(Defined<'t>),
    /// A type that every file knows.
    Prelude(Prelude),
    /// A type that is defined elsewhere, in Rust.
    External,
}

/// Checks a tree and tells all that is wrong. `externals` are types that are defined in Rust.
///
/// The interface is there to be asked also when there are errors, but not all of its names mean something then.
pub fn check<'t>(
    tree: &'t Specification,
    externals: impl IntoIterator<Item = &'t str>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Interface<'t> {
    let mut interface = Interface {
        tree,
        constants: Constants::default(),
        types: HashMap::new(),
        plain: HashMap::new(),
        externals: externals.into_iter().collect(),
        lists: HashSet::new(),
        groups: HashMap::new(),
        members: HashMap::new(),
        repeated: HashSet::new(),
        extras: BTreeMap::new(),
    };
    names::gather(&mut interface, diagnostics);
    types::check(&interface, diagnostics);
    programs::check(&interface, diagnostics);
    recursion::check(&mut interface, diagnostics);
    // A circle has no depth.
    if diagnostics.iter().all(|diagnostic| diagnostic.severity == Severity::Note) {
        depth::check(&interface, diagnostics);
    }
    interface
}

impl<'t> Interface<'t> {
    /// Types of C's headers that the tree needs, and the items of the tree, each definition once.
    pub(crate) fn items(&self) -> impl Iterator<Item = &'t Item> {
        let items = self.tree.items.iter().enumerate();
        let items = items.filter(|(number, _)| !self.repeated.contains(number)).map(|(_, item)| item);
        let extras = self.extras.values().map(|extra| extra.item);
        extras.filter(|item| extras::of_c(item).is_none()).chain(items)
    }

    /// The type that a line for C gives, if the file needs it.
    pub(crate) fn given(&self, item: &'t Item) -> Option<&'t Declaration> {
        let declaration = extras::of_c(item)?;
        let extra = self.extras.get(declaration.name.text.as_str())?;
        std::ptr::eq(extra.item, item).then_some(declaration)
    }

    /// Where a type of C's headers is used first.
    fn used(&self, item: &Item) -> Option<Place> {
        let extra = self.extras.get(item.definition.name()?.text.as_str())?;
        std::ptr::eq(extra.item, item).then_some(extra.used)
    }

    /// What a value is worth.
    ///
    /// # Errors
    /// It has a name that is unknown, or that of a text.
    pub fn value(&self, value: &Value) -> Result<i128, Diagnostic> {
        self.constants.value(value)
    }

    /// What the constant, or the member of an enum, of this name is worth.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i128> {
        self.constants.named(name, Place::default()).ok()
    }

    /// The number of a member of an enum as it travels: from 0x80000000 it is the `int` with the same bits.
    pub(crate) fn member(&self, name: &str) -> i32 {
        self.number(name).unwrap_or_default() as i32
    }

    /// What the name of a type means.
    #[must_use]
    pub fn meaning(&self, name: &str) -> Option<Meaning<'t>> {
        let defined = self.types.get(name).map(|&defined| Meaning::Defined(defined));
        let external = || self.externals.contains(name).then_some(Meaning::External);
        defined.or_else(external).or_else(|| prelude::type_(name).map(Meaning::Prelude))
    }

    /// Whether a struct is a node of a linked list: its last field is optional data of its own type, and it is
    /// recursive in no other way.
    #[must_use]
    pub fn is_list(&self, name: &str) -> bool {
        self.lists.contains(name)
    }

    /// The type that is meant where names merely stand for names: `typedef foo bar;`.
    pub(crate) fn plain<'a>(&self, type_: &'a Type) -> &'a Type
    where
        't: 'a,
    {
        match (&type_.specifier, &type_.shape) {
            (Specifier::Named(name), Shape::One) => self.plain.get(name.text.as_str()).copied().unwrap_or(type_),
            _ => type_,
        }
    }

    /// The type of the language that a type is in the end, if it is one.
    pub(crate) fn basic(&self, type_: &Type) -> Option<Basic> {
        let type_ = self.plain(type_);
        match (&type_.specifier, &type_.shape) {
            (Specifier::Basic(basic), Shape::One) => Some(*basic),
            (Specifier::Named(name), Shape::One) => match self.meaning(&name.text) {
                Some(Meaning::Prelude(Prelude::Basic(basic))) => Some(basic),
                _ => None,
            },
            _ => None,
        }
    }

    /// The enum that a type is in the end, if it is one.
    pub(crate) fn enum_<'a>(&self, type_: &'a Type) -> Option<&'a EnumBody>
    where
        't: 'a,
    {
        let type_ = self.plain(type_);
        match (&type_.specifier, &type_.shape) {
            (Specifier::Enum(body), Shape::One) => Some(body),
            (Specifier::Named(name), Shape::One) => match self.meaning(&name.text) {
                Some(Meaning::Defined(Defined::Enum(body))) => Some(body),
                _ => None,
            },
            _ => None,
        }
    }

    /// The name of the struct that a type is in the end, if it is a node of a list.
    pub(crate) fn node<'a>(&self, type_: &'a Type) -> Option<&'a str>
    where
        't: 'a,
    {
        let name = self.named_in_the_end(type_)?;
        self.is_list(name).then_some(name)
    }

    /// The name that a type has in the end, when it is one of a type that is no typedef of something without a name.
    pub(crate) fn named_in_the_end<'a>(&self, type_: &'a Type) -> Option<&'a str>
    where
        't: 'a,
    {
        let type_ = self.plain(type_);
        match (&type_.specifier, &type_.shape) {
            (Specifier::Named(name), Shape::One) => Some(&name.text),
            _ => None,
        }
    }
}
