//! The kinds of types.

use super::{Enum, Id, Union};

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
    /// Returns the number of bits of the type in memory. On the wire, XDR has at least 32.
    pub fn bits(self) -> u32 {
        match self.high - self.low {
            0xff => 8,
            0xffff => 16,
            _ if self.wide => 64,
            _ => 32,
        }
    }

    /// Returns the type of the number in a generated union, of at least 32 bits.
    pub fn widened(self) -> Self {
        match (self.bits(), self.low < 0) {
            (8 | 16, true) => Self { low: i32::MIN.into(), high: i32::MAX.into(), ..self },
            (8 | 16, false) => Self { low: 0, high: u32::MAX.into(), ..self },
            _ => self,
        }
    }

    /// Returns the type for a message.
    pub fn description(self) -> String {
        let article = if self.name.starts_with(['i', 'u']) { "an" } else { "a" };
        format!("{article} {} from {} to {}", self.name, self.low, self.high)
    }
}

/// A field of a struct, or an argument.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    pub name: String,
    pub id: Id,
    /// Empty without a comment.
    pub documentation: String,
}
