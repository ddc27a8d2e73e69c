//! The types of an interface, in one list. A type refers to another one by its index, so that recursive types need no
//! pointers.

mod build;

use std::collections::HashMap;

pub(crate) use build::Builder;

/// The index of a type.
pub(crate) type Id = usize;

/// All types of an interface.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schema {
    kinds: Vec<Kind>,
}

impl Schema {
    /// Returns a type.
    pub fn kind(&self, id: Id) -> &Kind {
        // Every index comes from the builder.
        &self.kinds[id]
    }

    /// Returns whether `null` is a value of the type.
    pub fn has_null(&self, id: Id) -> bool {
        matches!(self.kind(id), Kind::Optional(_))
    }
}

/// A type.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Bool,
    Integer(Integer),
    Float,
    Double,
    /// A string of at most this number of bytes.
    Text(u32),
    Opaque(Count),
    Array(Id, Count),
    Optional(Id),
    Enum(Enum),
    Struct(Vec<Field>),
    /// A linked list of nodes, which are structs without their link. An optional list may be empty.
    List {
        node: Id,
        optional: bool,
    },
    Union(Box<Union>),
}

/// A number of bytes or elements.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Count {
    Exactly(u32),
    AtMost(u32),
}

/// An integer type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Integer {
    pub name: &'static str,
    pub low: i128,
    pub high: i128,
    /// Whether it takes eight bytes instead of four.
    pub wide: bool,
}

impl Integer {
    /// Returns the type for a message.
    pub fn description(self) -> String {
        let article = if self.name.starts_with(['i', 'u']) { "an" } else { "a" };
        format!("{article} {} from {} to {}", self.name, self.low, self.high)
    }
}

/// A field of a struct.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub name: String,
    pub id: Id,
}

/// An enum.
#[derive(Clone, Debug, Default)]
pub(crate) struct Enum {
    /// The name; empty for an enum without a name.
    pub name: String,
    by_name: HashMap<String, i32>,
    by_number: HashMap<i32, String>,
}

impl Enum {
    /// Adds a member. Of several members with one number, the first names it.
    fn add(&mut self, name: &str, number: i32) {
        self.by_name.insert(name.to_owned(), number);
        self.by_number.entry(number).or_insert_with(|| name.to_owned());
    }

    pub fn number(&self, name: &str) -> Option<i32> {
        self.by_name.get(name).copied()
    }

    pub fn member(&self, number: i32) -> Option<&str> {
        self.by_number.get(&number).map(String::as_str)
    }

    pub fn members(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(String::as_str)
    }

    /// Returns the enum for a message.
    pub fn description(&self) -> String {
        if self.name.is_empty() { "a member of the enum".to_owned() } else { format!("a member of `{}`", self.name) }
    }
}

/// A union.
#[derive(Clone, Debug)]
pub(crate) struct Union {
    /// The name; empty for a union without a name.
    pub name: String,
    /// A bool, an integer or an enum.
    pub discriminant: Id,
    /// The arms by their numbers. `None` is void.
    pub arms: HashMap<i128, Option<Id>>,
    /// The arm for all other numbers.
    pub default: Option<Option<Id>>,
}

impl Union {
    /// Returns the arm for a number.
    pub fn arm(&self, number: i128) -> Option<Option<Id>> {
        self.arms.get(&number).copied().or(self.default)
    }

    /// Returns the union for a message.
    pub fn description(&self) -> String {
        if self.name.is_empty() { "a case of the union".to_owned() } else { format!("a case of `{}`", self.name) }
    }
}
