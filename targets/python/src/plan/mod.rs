//! How values of an interface are converted, with the Python classes of its types.

mod build;
mod names;
mod path;
mod put;
mod room;
mod scalar;
mod take;
mod union;

use std::collections::HashMap;

use pyo3::prelude::*;

pub use build::{Builder, Classes, docstring};
pub use names::names_of;
pub use path::Misfit;
pub use room::Room;

/// The types of an interface, in one list, in which types refer to each other by index.
#[derive(Default)]
pub struct Plan {
    nodes: Vec<Node>,
    /// Classes by the names of their types in the file.
    classes: Vec<(String, Py<PyAny>)>,
}

/// A type.
enum Node {
    Bool,
    Integer,
    Real,
    Text,
    Opaque,
    /// An array or a list, with the largest number of elements of the file.
    Array {
        element: usize,
        max: usize,
    },
    /// Optional data. `nested` if its value may be `None` itself: then it is a list of one element or none.
    Optional {
        inner: usize,
        nested: bool,
    },
    Enum(Enum),
    Struct {
        class: Py<PyAny>,
        fields: Vec<Field>,
    },
    Union(Box<Union>),
}

/// An enum, which is an `IntEnum`.
struct Enum {
    class: Py<PyAny>,
    by_name: HashMap<String, Py<PyAny>>,
    by_number: HashMap<i64, String>,
    /// The names in the file by those in Python, where they differ.
    renamed: HashMap<String, String>,
}

impl Enum {
    /// Returns the name of a member in the file: Python may have another one.
    fn in_file(&self, name: String) -> String {
        self.renamed.get(&name).cloned().unwrap_or(name)
    }
}

/// A field of a struct, or an argument.
pub struct Field {
    /// The name in the file.
    pub name: String,
    /// The name in Python, which is no keyword.
    pub attribute: String,
    node: usize,
    /// Whether it may be left out.
    pub optional: bool,
}

/// A union, which is a dataclass with a case and a value.
struct Union {
    class: Py<PyAny>,
    selector: Selector,
    /// Cases by their names in JSON. `None` is void.
    cases: HashMap<String, Option<usize>>,
    default: Option<Option<usize>>,
    /// The names of the arms that have a value, by their cases.
    arms: HashMap<String, Arm>,
}

/// The name of an arm in the file and in Python.
struct Arm {
    name: String,
    attribute: String,
}

/// What selects the case of a union.
enum Selector {
    Bool,
    Integer,
    /// The node of an enum.
    Enum(usize),
}

impl Plan {
    /// Returns the classes of named types, in the order of the file.
    pub fn classes(&self) -> &[(String, Py<PyAny>)] {
        &self.classes
    }
}
