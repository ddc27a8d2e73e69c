//! Translates types of the file to Rust types.

use super::Generator;
use crate::check::{Counted, Defined, Meaning, Prelude};
use crate::options::Data;
use crate::tree::{Basic, Shape, Specifier, StructBody, Type, UnionBody, Value};

/// The largest array that serde implements its traits for, in elements.
const SERDE_ARRAY_MAX: i128 = 32;

/// A Rust type, and the bounds that stand beside it: one of borrowed data, any number of data on the heap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RustType {
    pub text: String,
    pub bounds: Vec<String>,
}

impl RustType {
    pub fn unbounded(text: impl Into<String>) -> Self {
        Self { text: text.into(), bounds: Vec::new() }
    }

    /// Returns the type as the core's macros accept it: `&str [..16]`.
    pub fn with_bounds(&self) -> String {
        self.bounds.iter().fold(self.text.clone(), |text, bound| format!("{text} [..{bound}]"))
    }
}

/// Bytes of a variable length: whether they are text, and their bound.
///
/// The bound is empty, if the bytes are on the heap and have none.
pub(super) struct Bytes {
    pub text: bool,
    pub bound: String,
}

impl Generator<'_, '_> {
    /// Returns the type where it may borrow, with the given lifetime.
    pub fn direct(&self, type_: &Type, lifetime: &str) -> RustType {
        if self.on_heap() {
            return self.heap(type_, None);
        }
        if let Some(bytes) = self.bytes(type_).filter(|_| self.options.data == Data::Borrowed) {
            let lifetime = if lifetime == "'_" { String::new() } else { format!("{lifetime} ") };
            let text = format!("&{lifetime}{}", if bytes.text { "str" } else { "[u8]" });
            return RustType { text, bounds: vec![bytes.bound] };
        }
        RustType::unbounded(self.owned(type_, lifetime))
    }

    /// Returns the type where only structs may borrow: within another type.
    pub fn owned(&self, type_: &Type, lifetime: &str) -> String {
        if let Some(bytes) = self.bytes(type_) {
            return self.owned_bytes(type_, &bytes);
        }
        match &type_.shape {
            Shape::One => self.one(type_, lifetime),
            Shape::Optional => match self.pointed_at(type_) {
                Some(node) => self.list(node, lifetime),
                None => format!("Option<{}>", self.inner(type_, lifetime)),
            },
            Shape::Fixed(size) => self.fixed(type_, size, lifetime),
            Shape::Variable(bound) => {
                let bound = self.bound(type_, bound.as_ref(), 1);
                format!("heapless::Vec<{}, {}>", self.element(type_, lifetime), self.generic(&bound))
            }
        }
    }

    pub fn owned_bytes(&self, type_: &Type, bytes: &Bytes) -> String {
        // A named type is used by its name.
        if let (Specifier::Named(name), Data::Owned | Data::Heap) = (&type_.specifier, self.options.data)
            && let Some(Meaning::Defined(_)) = self.interface.meaning(&name.text)
        {
            return self.names.type_(&name.text).to_owned();
        }
        if self.on_heap() {
            return if bytes.text { "String" } else { "Vec<u8>" }.into();
        }
        let bound = self.generic(&bytes.bound);
        if bytes.text { format!("heapless::String<{bound}>") } else { format!("heapless::Vec<u8, {bound}>") }
    }

    /// Returns the bytes that a type finally stands for, if it does.
    pub fn bytes(&self, type_: &Type) -> Option<Bytes> {
        let type_ = self.interface.plain(type_);
        match (&type_.specifier, &type_.shape) {
            (Specifier::String, Shape::Variable(bound)) => {
                Some(Bytes { text: !self.options.strings_as_bytes, bound: self.bound(type_, bound.as_ref(), 0) })
            }
            (Specifier::Opaque, Shape::Variable(bound)) => {
                Some(Bytes { text: false, bound: self.bound(type_, bound.as_ref(), 0) })
            }
            (Specifier::Named(name), Shape::One) => match self.interface.meaning(&name.text)? {
                Meaning::Prelude(Prelude::Variable(bound)) => Some(Bytes { text: false, bound: bound.to_string() }),
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns the type of one element.
    pub fn one(&self, type_: &Type, lifetime: &str) -> String {
        match &type_.specifier {
            Specifier::Basic(basic) => rust(*basic).to_owned(),
            Specifier::Named(name) => self.named(&name.text, lifetime),
            Specifier::Enum(body) => self.names.body(body).to_owned(),
            Specifier::Struct(body) => {
                self.with_lifetime(self.names.body(&**body), self.struct_borrows(body, None), lifetime)
            }
            Specifier::Union(body) => self.with_lifetime(self.names.body(&**body), self.union_borrows(body), lifetime),
            // Their shape is never one.
            Specifier::Opaque | Specifier::String => String::new(),
        }
    }

    pub fn named(&self, name: &str, lifetime: &str) -> String {
        match self.interface.meaning(name) {
            Some(Meaning::Prelude(Prelude::Basic(basic))) => rust(basic).to_owned(),
            Some(Meaning::Prelude(Prelude::Fixed(size))) => format!("[u8; {size}]"),
            Some(Meaning::Prelude(Prelude::Variable(bound))) => format!("heapless::Vec<u8, {bound}>"),
            Some(Meaning::External) => {
                self.needs_external.borrow_mut().insert(name.to_owned());
                self.names.external(name).to_owned()
            }
            Some(Meaning::Defined(defined)) => {
                let rust = match (self.names.chains.get(name), self.names.trees.get(name)) {
                    (Some(chain), _) if self.interface.is_list(name) => chain,
                    (_, Some(tree)) => tree,
                    _ => self.names.type_(name),
                };
                self.with_lifetime(rust, self.borrows(name, defined), lifetime)
            }
            None => String::new(),
        }
    }

    pub fn with_lifetime(&self, name: &str, borrows: bool, lifetime: &str) -> String {
        if borrows { format!("{name}<{lifetime}>") } else { name.to_owned() }
    }

    /// Returns the type of a linked list, by the name of its node.
    pub fn list(&self, node: &str, lifetime: &str) -> String {
        let borrows = self.interface.meaning(node).is_some_and(|meaning| match meaning {
            Meaning::Defined(defined) => self.borrows(node, defined),
            _ => false,
        });
        let element = self.with_lifetime(self.names.type_(node), borrows, lifetime);
        let nodes = self.bounds.of_list(node).map_or_else(|| self.unbounded(2), |bound| bound.to_string());
        format!("oncilla::xdr::List<{element}, {nodes}>")
    }

    /// Returns the node of the list that a pointer stands for, if it does.
    pub fn pointed_at<'a>(&'a self, pointer: &'a Type) -> Option<&'a str> {
        let Specifier::Named(name) = &pointer.specifier else { return None };
        match self.interface.meaning(&name.text)? {
            Meaning::Defined(Defined::Typedef(declaration)) => self.interface.node(&declaration.type_),
            _ => Some(name.text.as_str()).filter(|name| self.interface.is_list(name)),
        }
    }

    fn fixed(&self, type_: &Type, size: &Value, lifetime: &str) -> String {
        self.fixed_of(&self.element(type_, lifetime), size)
    }

    /// Returns an array of a fixed size.
    pub fn fixed_of(&self, element: &str, size: &Value) -> String {
        let (number, size) = (self.interface.value(size).unwrap_or_default(), self.size(size));
        if number <= SERDE_ARRAY_MAX {
            format!("[{element}; {size}]")
        } else {
            format!("oncilla::xdr::Array<{element}, {}>", self.generic(&size))
        }
    }

    /// Returns the element of an array.
    fn element(&self, array: &Type, lifetime: &str) -> String {
        self.byte(array).unwrap_or_else(|| self.inner(array, lifetime))
    }

    /// Returns the element of an array of bytes. A byte that is a number must differ from a byte of opaque data.
    pub fn byte(&self, array: &Type) -> Option<String> {
        if array.specifier == Specifier::Opaque {
            return Some("u8".into());
        }
        if matches!(array.specifier, Specifier::Basic(_) | Specifier::Named(_))
            && self.interface.basic(&one_of(array)) == Some(Basic::UnsignedChar)
        {
            self.needs_unsigned_char.set(true);
            return Some("UnsignedChar".into());
        }
        None
    }

    /// Returns the type of one element of an array or optional.
    fn inner(&self, type_: &Type, lifetime: &str) -> String {
        match type_.specifier {
            Specifier::Named(_) => self.owned(&one_of(type_), lifetime),
            // A body is identified by its address, so it must not be copied.
            _ => self.one(type_, lifetime),
        }
    }

    /// Returns a bound: that of the file, that of an option for this item, or that of the options for bytes, elements
    /// or nodes.
    pub fn bound(&self, type_: &Type, bound: Option<&Value>, unbounded: usize) -> String {
        match (bound, self.bounds.of_type(type_)) {
            (Some(bound), _) => self.size(bound),
            (None, Some(bound)) => bound.to_string(),
            (None, None) if self.on_heap() => self.unbounded_on_heap(unbounded),
            (None, None) => self.unbounded(unbounded),
        }
    }

    /// Returns the bound that an option sets for all items of a kind. Data on the heap need none.
    pub fn unbounded_on_heap(&self, which: usize) -> String {
        let kind = [Counted::Bytes, Counted::Elements, Counted::Nodes][which];
        if self.options.chosen.contains(&kind) { self.unbounded(which) } else { String::new() }
    }

    pub fn unbounded(&self, which: usize) -> String {
        self.needs_unbounded[which].set(true);
        self.names.unbounded[which].clone()
    }

    /// Returns a size as an expression of the type `usize`.
    pub fn size(&self, size: &Value) -> String {
        self.value(size, "usize")
    }

    /// Returns an expression as an argument of a generic type. A name that is also a type needs braces.
    pub fn generic(&self, expression: &str) -> String {
        if expression.contains(' ') || self.names.is_type(expression) {
            format!("{{ {expression} }}")
        } else {
            expression.to_owned()
        }
    }

    /// Returns whether the type of this name has a lifetime.
    pub fn borrows(&self, name: &str, defined: Defined<'_>) -> bool {
        if self.options.data != Data::Borrowed {
            return false;
        }
        if let Some(&known) = self.borrowing.borrow().get(name) {
            return known;
        }
        let set = |name: &str, borrows| self.borrowing.borrow_mut().insert(name.to_owned(), borrows);
        let Some(group) = self.interface.group(name) else {
            let borrows = self.parts_borrow(name, defined);
            set(name, borrows);
            return borrows;
        };
        // The types of a group have a lifetime if one of them borrows.
        let members = || self.interface.members(group);
        members().for_each(|(name, _)| _ = set(name, false));
        let borrows = members().any(|(name, defined)| self.parts_borrow(name, defined));
        members().for_each(|(name, _)| _ = set(name, borrows));
        borrows
    }

    fn parts_borrow(&self, name: &str, defined: Defined<'_>) -> bool {
        match defined {
            Defined::Typedef(declaration) => self.type_borrows(&declaration.type_),
            Defined::Struct(body) => self.struct_borrows(body, Some(name)),
            Defined::Union(body) => self.union_borrows(body),
            Defined::Enum(_) => false,
        }
    }

    pub fn struct_borrows(&self, body: &StructBody, name: Option<&str>) -> bool {
        self.fields(body, name).any(|field| self.type_borrows(&field.declaration.type_))
    }

    pub fn union_borrows(&self, body: &UnionBody) -> bool {
        let arms = body.arms.iter().filter_map(|arm| arm.body.as_ref());
        let default = body.default.iter().filter_map(|default| default.body.as_ref());
        arms.chain(default).any(|declaration| self.type_borrows(&declaration.type_))
    }

    fn type_borrows(&self, type_: &Type) -> bool {
        if self.options.data != Data::Borrowed {
            return false;
        }
        let type_ = self.interface.plain(type_);
        if self.bytes(type_).is_some() {
            return true;
        }
        match &type_.specifier {
            Specifier::Named(name) => match self.interface.meaning(&name.text) {
                // An array of bytes is owned.
                Some(Meaning::Defined(_)) if type_.shape != Shape::One && self.bytes(&one_of(type_)).is_some() => false,
                Some(Meaning::Defined(defined)) => self.borrows(&name.text, defined),
                _ => false,
            },
            Specifier::Struct(body) => self.struct_borrows(body, None),
            Specifier::Union(body) => self.union_borrows(body),
            _ => false,
        }
    }
}

/// Returns the type of one element of a named type.
pub(super) fn one_of(type_: &Type) -> Type {
    Type { shape: Shape::One, ..type_.clone() }
}

fn rust(basic: Basic) -> &'static str {
    match basic {
        Basic::Char => "i8",
        Basic::UnsignedChar => "u8",
        Basic::Short => "i16",
        Basic::UnsignedShort => "u16",
        Basic::Int => "i32",
        Basic::UnsignedInt => "u32",
        Basic::Hyper => "i64",
        Basic::UnsignedHyper => "u64",
        Basic::Float => "f32",
        Basic::Double => "f64",
        Basic::Bool => "bool",
    }
}
