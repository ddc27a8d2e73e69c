//! Checks a file: all rules beyond the grammar.

mod constants;
mod cycles;
mod depth;
mod extras;
mod names;
mod numbers;
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

/// A specification that has been checked, with the meaning of its names. Made by [`check`].
#[derive(Debug)]
pub struct Interface<'t> {
    /// The specification.
    pub tree: &'t Specification,
    constants: Constants<'t>,
    types: HashMap<&'t str, Defined<'t>>,
    /// The types that typedefs of names finally stand for.
    plain: HashMap<&'t str, &'t Type>,
    externals: HashSet<&'t str>,
    lists: HashSet<&'t str>,
    /// Types that contain themselves and are not lists, each with the number of its group. All types of a group contain
    /// each other.
    groups: HashMap<&'t str, usize>,
    /// The types of each group.
    members: HashMap<usize, Vec<&'t str>>,
    /// The indices of items that repeat the definition of an item before them.
    repeated: HashSet<usize>,
    /// Types that the file uses and that lines for C or C's headers define.
    extras: BTreeMap<&'t str, Extra<'t>>,
}

/// A type that the file defines.
#[derive(Clone, Copy, Debug)]
pub enum Defined<'t> {
    /// Defined by `typedef`.
    Typedef(&'t Declaration),
    /// Defined by `enum`.
    Enum(&'t EnumBody),
    /// Defined by `struct`.
    Struct(&'t StructBody),
    /// Defined by `union`.
    Union(&'t UnionBody),
}

/// What the name of a type means.
#[derive(Clone, Copy, Debug)]
pub enum Meaning<'t> {
    /// A type of the file.
    Defined(Defined<'t>),
    /// A type that every file can use.
    Prelude(Prelude),
    /// A type that is defined in Rust.
    External,
}

/// Checks a tree and adds all errors to `diagnostics`. `externals` are types that are defined in Rust.
///
/// The interface can be used also when there are errors, but then not all of its names have a meaning.
///
/// ```
/// let parsed = oncilla_rpcgen::parse_text("size.x", "const SIZE = 16;", &oncilla_rpcgen::Preprocessor::default());
/// let mut diagnostics = Vec::new();
/// let interface = oncilla_rpcgen::check(&parsed.tree, [], &mut diagnostics);
/// assert_eq!(interface.number("SIZE"), Some(16));
/// assert!(diagnostics.is_empty());
/// ```
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
    // A cycle has no depth.
    if diagnostics.iter().all(|diagnostic| diagnostic.severity == Severity::Note) {
        depth::check(&interface, diagnostics);
    }
    interface
}

impl<'t> Interface<'t> {
    /// Returns the types of C's headers that the file uses, and the items of the tree without repetitions.
    pub(crate) fn items(&self) -> impl Iterator<Item = &'t Item> {
        let items = self.tree.items.iter().enumerate();
        let items = items.filter(|(number, _)| !self.repeated.contains(number)).map(|(_, item)| item);
        let extras = self.extras.values().map(|extra| extra.item);
        extras.filter(|item| extras::of_c(item).is_none()).chain(items)
    }

    /// Returns the type that a line for C defines, if the file uses it.
    pub(crate) fn given(&self, item: &'t Item) -> Option<&'t Declaration> {
        let declaration = extras::of_c(item)?;
        let extra = self.extras.get(declaration.name.text.as_str())?;
        std::ptr::eq(extra.item, item).then_some(declaration)
    }

    /// Returns the first use of a type of C's headers.
    fn used(&self, item: &Item) -> Option<Place> {
        let extra = self.extras.get(item.definition.name()?.text.as_str())?;
        std::ptr::eq(extra.item, item).then_some(extra.used)
    }

    /// Returns the first use of a type of C's headers, by its name. `None` for types of the file.
    pub(crate) fn used_of_headers(&self, name: &str) -> Option<Place> {
        self.extras.get(name).filter(|extra| extras::of_c(extra.item).is_none()).map(|extra| extra.used)
    }

    /// Returns the number of a value.
    ///
    /// # Errors
    /// The value is a name that is unknown or stands for a text.
    pub fn value(&self, value: &Value) -> Result<i128, Diagnostic> {
        self.constants.value(value)
    }

    /// Returns the number of a constant or of a member of an enum.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i128> {
        self.constants.named(name, Place::default()).ok()
    }

    /// Returns the number of a member of an enum on the wire. From 0x80000000 it is the `int` with the same bits.
    pub(crate) fn member(&self, name: &str) -> i32 {
        self.number(name).unwrap_or_default() as i32
    }

    /// Returns what the name of a type means.
    #[must_use]
    pub fn meaning(&self, name: &str) -> Option<Meaning<'t>> {
        let defined = self.types.get(name).map(|&defined| Meaning::Defined(defined));
        let external = || self.externals.contains(name).then_some(Meaning::External);
        defined.or_else(external).or_else(|| prelude::type_(name).map(Meaning::Prelude))
    }

    /// Returns whether a struct is a node of a linked list.
    ///
    /// Its last field is optional data of its own type, and it is recursive in no other way.
    #[must_use]
    pub fn is_list(&self, name: &str) -> bool {
        self.lists.contains(name)
    }

    /// Follows typedefs that only give another name, such as `typedef foo bar;`, to the type they stand for.
    pub(crate) fn plain<'a>(&self, type_: &'a Type) -> &'a Type
    where
        't: 'a,
    {
        match (&type_.specifier, &type_.shape) {
            (Specifier::Named(name), Shape::One) => self.plain.get(name.text.as_str()).copied().unwrap_or(type_),
            _ => type_,
        }
    }

    /// Returns the basic type that a type finally stands for, if it is one.
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

    /// Returns the enum that a type finally stands for, if it is one.
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

    /// Returns the name of the struct that a type finally stands for, if it is a node of a list.
    pub(crate) fn node<'a>(&self, type_: &'a Type) -> Option<&'a str>
    where
        't: 'a,
    {
        let name = self.named_in_the_end(type_)?;
        self.is_list(name).then_some(name)
    }

    /// Returns the name that a type finally has. `None` if it stands for a type without a name.
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
