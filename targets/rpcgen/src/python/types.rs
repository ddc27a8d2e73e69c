//! Translates types and numbers.

use super::Generator;
use crate::check::{Defined, Meaning, Prelude};
use crate::tree::{Base, Basic, Shape, Specifier, Type, Value};

/// Types of Python that annotations name.
pub(super) const BUILTINS: [&str; 6] = ["bool", "bytes", "float", "int", "list", "str"];

impl Generator<'_, '_> {
    /// Returns the type for an annotation. `hidden` are the names of the class that it is in.
    pub(super) fn annotation(&self, type_: &Type, hidden: &[String]) -> String {
        let builtin = |name: &str| {
            if hidden.iter().any(|one| one == name) { format!("builtins.{name}") } else { name.to_owned() }
        };
        let one = match &type_.specifier {
            Specifier::Opaque => return builtin("bytes"),
            Specifier::String => return builtin("str"),
            Specifier::Basic(basic) => builtin(of_basic(*basic)),
            Specifier::Named(name) => match self.interface.meaning(&name.text) {
                Some(Meaning::Prelude(Prelude::Basic(basic))) => builtin(of_basic(basic)),
                Some(Meaning::Prelude(Prelude::Fixed(_) | Prelude::Variable(_))) => builtin("bytes"),
                _ => self.names.type_(&name.text).to_owned(),
            },
            Specifier::Enum(body) => self.names.body(body).to_owned(),
            Specifier::Struct(body) => self.names.body(&**body).to_owned(),
            Specifier::Union(body) => self.names.body(&**body).to_owned(),
        };
        let is_list = self.is_node(type_);
        let list = |of: &str| format!("{}[{of}]", builtin("list"));
        match &type_.shape {
            Shape::One if is_list => list(&one),
            Shape::One => one,
            // A list may be empty.
            Shape::Optional if is_list => list(&one),
            // None is a value of the type.
            Shape::Optional if self.has_none(type_) => list(&one),
            Shape::Optional => format!("Optional[{one}]"),
            Shape::Fixed(_) | Shape::Variable(_) if is_list => list(&list(&one)),
            Shape::Fixed(_) | Shape::Variable(_) => list(&one),
        }
    }

    /// Returns whether the type names a struct that is a node of a linked list. Other names for it are lists already.
    fn is_node(&self, type_: &Type) -> bool {
        matches!(&type_.specifier, Specifier::Named(name) if self.interface.is_list(&name.text))
    }

    /// Returns whether a pointer to a name leads to optional data.
    fn has_none(&self, type_: &Type) -> bool {
        let mut type_ = type_;
        while let Specifier::Named(name) = &type_.specifier {
            let Some(Meaning::Defined(Defined::Typedef(declaration))) = self.interface.meaning(&name.text) else {
                return false;
            };
            match declaration.type_.shape {
                Shape::Optional => return !self.is_node(&declaration.type_),
                Shape::One => type_ = &declaration.type_,
                _ => return false,
            }
        }
        false
    }

    /// Returns a number, or the name of a constant.
    pub(super) fn literal(&self, value: &Value) -> String {
        let number = match value {
            Value::Number(number) => number,
            Value::Name(name) => {
                return match self.names.constants.get(name.text.as_str()) {
                    Some(constant) => constant.clone(),
                    None => self.interface.value(value).unwrap_or_default().to_string(),
                };
            }
        };
        match number.base() {
            Base::Hexadecimal => number.text.to_ascii_uppercase().replacen("0X", "0x", 1),
            Base::Decimal | Base::Octal => number.value.to_string(),
        }
    }
}

fn of_basic(basic: Basic) -> &'static str {
    match basic {
        Basic::Bool => "bool",
        Basic::Float | Basic::Double => "float",
        _ => "int",
    }
}
