//! Types are known and sizes are possible, wherever a type stands.

use std::collections::HashMap;

use super::{Interface, unions};
use crate::diagnostic::Diagnostic;
use crate::source::Place;
use crate::tree::{Declaration, Definition, EnumBody, Shape, Specifier, StructBody, Type, UnionBody, Value};

/// Checks all definitions.
pub(super) fn check(interface: &Interface<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut types = Types::new(interface, diagnostics);
    for item in interface.items() {
        match &item.definition {
            Definition::Constant(constant) => {
                if let crate::tree::ConstantValue::Value(value) = &constant.value {
                    types.number(value, "a constant", i64::MIN.into(), u64::MAX.into());
                }
            }
            Definition::Typedef(declaration) => types.declaration(declaration),
            Definition::Enum(_, body) => types.enum_(body),
            Definition::Struct(_, body) => types.struct_(body),
            Definition::Union(_, body) => types.union(body),
            Definition::Program(program) => {
                for procedure in program.versions.iter().flat_map(|version| &version.procedures) {
                    procedure.result.iter().for_each(|result| types.type_(result));
                    procedure.arguments.iter().for_each(|argument| types.type_(&argument.type_));
                }
            }
            Definition::Passed(_) => {
                interface.given(item).into_iter().for_each(|declaration| types.declaration(declaration));
            }
        }
    }
}

pub(super) struct Types<'i, 't> {
    pub interface: &'i Interface<'t>,
    pub diagnostics: &'i mut Vec<Diagnostic>,
    /// Words of lines for C, once they are asked for.
    lines: Option<HashMap<&'t str, Place>>,
}

impl<'i, 't> Types<'i, 't> {
    pub fn new(interface: &'i Interface<'t>, diagnostics: &'i mut Vec<Diagnostic>) -> Self {
        Self { interface, diagnostics, lines: None }
    }

    fn declaration(&mut self, declaration: &Declaration) {
        self.type_(&declaration.type_);
    }

    fn type_(&mut self, type_: &Type) {
        match &type_.specifier {
            Specifier::Named(name) if self.interface.meaning(&name.text).is_none() => {
                let error = Diagnostic::error(name.place, format!("the type `{}` is unknown", name.text));
                let error = match self.lines().get(name.text.as_str()) {
                    Some(&place) if place.range() != name.place.range() => {
                        error.label("not defined for XDR").other(place, "a line for the C compiler has it")
                    }
                    _ => error.label("defined nowhere"),
                };
                self.diagnostics.push(error.help(
                    "define it, include the file that does with `#include \"file.x\"` (`%#include \"file.h\"` reads `file.x` \
                     where that is found), or name a Rust type for it with `--extern NAME=PATH` or `Options::external`",
                ));
            }
            Specifier::Enum(body) => self.enum_(body),
            Specifier::Struct(body) => self.struct_(body),
            Specifier::Union(body) => self.union(body),
            _ => {}
        }
        match &type_.shape {
            Shape::Fixed(size) => self.size(size, "the size of an array"),
            Shape::Variable(Some(bound)) => self.size(bound, "a bound"),
            Shape::One | Shape::Optional | Shape::Variable(None) => {}
        }
    }

    /// Where each word of the lines for C stands first.
    fn lines(&mut self) -> &HashMap<&'t str, Place> {
        let items = &self.interface.tree.items;
        self.lines.get_or_insert_with(|| {
            let mut lines = HashMap::new();
            for item in items {
                if let Definition::Passed(line) = &item.definition {
                    line.words().for_each(|word| _ = lines.entry(word).or_insert(item.place));
                }
            }
            lines
        })
    }

    fn size(&mut self, size: &Value, what: &str) {
        self.number(size, what, 0, u32::MAX.into());
    }

    /// Tells when a value is not a number from `low` to `high`, and returns the number otherwise.
    pub fn number(&mut self, value: &Value, what: &str, low: i128, high: i128) -> Option<i128> {
        match self.interface.value(value) {
            Ok(number) if (low..=high).contains(&number) => return Some(number),
            Ok(number) => {
                let which = if number < low { "too small" } else { "too large" };
                let error = Diagnostic::error(value.place(), format!("{number} is {which} for {what}"));
                self.diagnostics.push(error.label(format!("expected {low} to {high}")));
            }
            Err(error) => self.diagnostics.push(error),
        }
        None
    }

    fn enum_(&mut self, body: &EnumBody) {
        for member in &body.members {
            let name = Value::Name(member.name.clone());
            // What is told of a name is told where its number is written, if it is.
            if let Some(value) = &member.value {
                self.number(value, "a member of an enum", i32::MIN.into(), u32::MAX.into());
            } else if self.interface.value(&name).is_ok() {
                self.number(&name, "a member of an enum", i32::MIN.into(), u32::MAX.into());
            }
        }
    }

    fn struct_(&mut self, body: &StructBody) {
        body.fields.iter().for_each(|field| self.declaration(&field.declaration));
    }

    fn union(&mut self, body: &UnionBody) {
        self.declaration(&body.discriminant);
        unions::check(self, body);
        let arms = body.arms.iter().filter_map(|arm| arm.body.as_ref());
        let default = body.default.iter().filter_map(|default| default.body.as_ref());
        arms.chain(default).for_each(|declaration| self.declaration(declaration));
    }
}
