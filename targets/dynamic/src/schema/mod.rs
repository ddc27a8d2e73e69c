//! The types of an interface, in one list.
//!
//! Types refer to each other by index, so recursive types need no pointers.

mod build;
mod enums;
mod kind;
mod size;
mod union;

use std::collections::HashMap;
use std::sync::Arc;

pub(crate) use build::{Builder, documentation};
pub(crate) use enums::{Enum, Member};
pub(crate) use kind::{Count, Field, Integer, Kind};
pub use size::Size;
pub(crate) use size::{Sizes, sum};
pub(crate) use union::{Arm, Case, Union};

/// The index of a type.
pub(crate) type Id = usize;

/// All types of an interface.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schema {
    kinds: Vec<Kind>,
    /// The names of types. A type that is declared where it is used has none.
    names: Vec<Option<Arc<str>>>,
    /// The types that the file defines, in its order. Several may be one type.
    pub named: Vec<Named>,
    by_name: HashMap<Arc<str>, usize>,
    by_id: HashMap<Id, usize>,
}

/// A type that the file defines.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub name: Arc<str>,
    pub id: Id,
    pub documentation: String,
}

impl Schema {
    /// Returns a type.
    pub fn kind(&self, id: Id) -> &Kind {
        // Every index comes from the builder.
        &self.kinds[id]
    }

    /// Returns all types, by their indices.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// Returns the name of a type, if it has one.
    pub fn name(&self, id: Id) -> Option<&str> {
        self.names.get(id)?.as_deref()
    }

    /// Returns the documentation of a type, which may be empty.
    pub fn documentation(&self, id: Id) -> &str {
        self.by_id.get(&id).and_then(|&index| self.named.get(index)).map_or("", |named| &named.documentation)
    }

    /// Returns the type that the file defines by this name.
    pub fn find(&self, name: &str) -> Option<&Named> {
        self.named.get(*self.by_name.get(name)?)
    }

    /// Returns whether `null` is a value of the type.
    pub fn has_null(&self, id: Id) -> bool {
        matches!(self.kind(id), Kind::Optional(_))
    }

    /// Returns whether a field of the type may be left out.
    pub fn may_be_left_out(&self, id: Id) -> bool {
        matches!(self.kind(id), Kind::Optional(_) | Kind::List { optional: true, .. })
    }
}
