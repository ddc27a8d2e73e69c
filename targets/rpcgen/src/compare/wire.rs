//! The forms of types on the wire. Names of types are resolved.

use std::fmt;

use crate::check::{Defined, Interface, Meaning, Prelude};
use crate::tree::{Basic, EnumBody, Shape, Specifier, StructBody, Type, UnionBody, Value};

/// The largest number of typedefs that are followed. An interface without errors has fewer.
const CHAIN_MAX: usize = 100_000;

/// A type, or the element of an array.
#[derive(Clone, Copy)]
pub(super) struct Item<'t> {
    of: Of<'t>,
    /// `None` is one element.
    shape: Option<&'t Shape>,
}

/// The type of one element.
#[derive(Clone, Copy)]
enum Of<'t> {
    Specifier(&'t Specifier),
    Name(&'t str),
}

/// A number of bytes or elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    Exactly(u32),
    AtMost(u32),
}

/// A body and the name of its type. The name may be empty.
pub(super) struct Body<'t, B> {
    pub name: &'t str,
    pub body: &'t B,
}

// Derived, it would need a body that is `Copy`.
impl<B> Clone for Body<'_, B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B> Copy for Body<'_, B> {}

/// An integer type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub name: &'static str,
    pub low: i128,
    pub high: i128,
    /// Whether it takes eight bytes instead of four.
    pub wide: bool,
}

/// The form on the wire.
#[derive(Clone, Copy)]
pub(super) enum Wire<'t> {
    Integer(Range),
    Bool,
    Float,
    Double,
    Text(u32),
    Opaque(Count),
    /// An array. Optional data are an array of at most one element (RFC 4506 §4.19).
    Array(Item<'t>, Count),
    Enum(Body<'t, EnumBody>),
    Struct(Body<'t, StructBody>),
    Union(Body<'t, UnionBody>),
}

impl<'t> From<&'t Type> for Item<'t> {
    fn from(type_: &'t Type) -> Self {
        Self { of: Of::Specifier(&type_.specifier), shape: Some(&type_.shape) }
    }
}

/// A type by its name.
impl<'t> From<&'t str> for Item<'t> {
    fn from(name: &'t str) -> Self {
        Self { of: Of::Name(name), shape: None }
    }
}

impl<'t> Item<'t> {
    /// Returns the form of the type on the wire.
    pub fn wire(self, interface: &Interface<'t>) -> Wire<'t> {
        let mut item = self;
        for _ in 0..CHAIN_MAX {
            let count = match item.shape {
                None | Some(Shape::One) => None,
                Some(Shape::Optional) => Some(Count::AtMost(1)),
                Some(Shape::Fixed(size)) => Some(Count::Exactly(number(interface, size))),
                Some(Shape::Variable(bound)) => {
                    Some(Count::AtMost(bound.as_ref().map_or(u32::MAX, |bound| number(interface, bound))))
                }
            };
            let specifier = match (item.of, count) {
                (of, Some(count)) if !matches!(of, Of::Specifier(Specifier::String | Specifier::Opaque)) => {
                    return Wire::Array(Self { of, shape: None }, count);
                }
                (Of::Name(name), _) => Err(name),
                (Of::Specifier(specifier), _) => Ok(specifier),
            };
            let name = match (specifier, count) {
                (Ok(Specifier::String), count) => {
                    let (Count::AtMost(bound) | Count::Exactly(bound)) = count.unwrap_or(Count::AtMost(u32::MAX));
                    return Wire::Text(bound);
                }
                (Ok(Specifier::Opaque), count) => return Wire::Opaque(count.unwrap_or(Count::AtMost(u32::MAX))),
                (Ok(Specifier::Basic(basic)), _) => return of_basic(*basic),
                (Ok(Specifier::Enum(body)), _) => return Wire::Enum(Body { name: "", body }),
                (Ok(Specifier::Struct(body)), _) => return Wire::Struct(Body { name: "", body }),
                (Ok(Specifier::Union(body)), _) => return Wire::Union(Body { name: "", body }),
                (Ok(Specifier::Named(name)), _) => name.text.as_str(),
                (Err(name), _) => name,
            };
            match interface.meaning(name) {
                Some(Meaning::Defined(Defined::Typedef(declaration))) => item = (&declaration.type_).into(),
                Some(Meaning::Defined(Defined::Enum(body))) => return Wire::Enum(Body { name, body }),
                Some(Meaning::Defined(Defined::Struct(body))) => return Wire::Struct(Body { name, body }),
                Some(Meaning::Defined(Defined::Union(body))) => return Wire::Union(Body { name, body }),
                Some(Meaning::Prelude(Prelude::Basic(basic))) => return of_basic(basic),
                Some(Meaning::Prelude(Prelude::Fixed(size))) => return Wire::Opaque(Count::Exactly(size)),
                Some(Meaning::Prelude(Prelude::Variable(bound))) => return Wire::Opaque(Count::AtMost(bound)),
                // An interface without errors has no unknown types.
                Some(Meaning::External) | None => break,
            }
        }
        Wire::Opaque(Count::Exactly(0))
    }
}

fn number(interface: &Interface<'_>, value: &Value) -> u32 {
    interface.value(value).ok().and_then(|number| u32::try_from(number).ok()).unwrap_or_default()
}

fn of_basic(basic: Basic) -> Wire<'static> {
    let integer = |name, low: i128, high: i128, wide| Wire::Integer(Range { name, low, high, wide });
    match basic {
        Basic::Char => integer("char", i8::MIN.into(), i8::MAX.into(), false),
        Basic::UnsignedChar => integer("unsigned char", 0, u8::MAX.into(), false),
        Basic::Short => integer("short", i16::MIN.into(), i16::MAX.into(), false),
        Basic::UnsignedShort => integer("unsigned short", 0, u16::MAX.into(), false),
        Basic::Int => integer("int", i32::MIN.into(), i32::MAX.into(), false),
        Basic::UnsignedInt => integer("unsigned int", 0, u32::MAX.into(), false),
        Basic::Hyper => integer("hyper", i64::MIN.into(), i64::MAX.into(), true),
        Basic::UnsignedHyper => integer("unsigned hyper", 0, u64::MAX.into(), true),
        Basic::Float => Wire::Float,
        Basic::Double => Wire::Double,
        Basic::Bool => Wire::Bool,
    }
}

/// The type for a message.
impl fmt::Display for Wire<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |count: &Count| match count {
            Count::Exactly(size) => format!("[{size}]"),
            Count::AtMost(u32::MAX) => "<>".to_owned(),
            Count::AtMost(bound) => format!("<{bound}>"),
        };
        let of = |kind: &str, name: &str| if name.is_empty() { kind.to_owned() } else { format!("{kind} {name}") };
        let text = match self {
            Self::Integer(range) => range.name.to_owned(),
            Self::Bool => "bool".to_owned(),
            Self::Float => "float".to_owned(),
            Self::Double => "double".to_owned(),
            Self::Text(bound) => format!("string{}", count(&Count::AtMost(*bound))),
            Self::Opaque(bytes) => format!("opaque{}", count(bytes)),
            Self::Array(_, elements) => format!("array{}", count(elements)),
            Self::Enum(Body { name, .. }) => of("enum", name),
            Self::Struct(Body { name, .. }) => of("struct", name),
            Self::Union(Body { name, .. }) => of("union", name),
        };
        formatter.write_str(&text)
    }
}
