//! Checks that all types are known and all sizes are possible.

use std::collections::HashMap;

use super::numbers::Numbers;
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
                    types.numbers.check(value, "a constant", i64::MIN.into(), u64::MAX.into());
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

struct Types<'i, 't> {
    numbers: Numbers<'i, 't>,
    /// The words of lines for C, once they are needed.
    lines: Option<HashMap<&'t str, Place>>,
}

impl<'i, 't> Types<'i, 't> {
    fn new(interface: &'i Interface<'t>, diagnostics: &'i mut Vec<Diagnostic>) -> Self {
        Self { numbers: Numbers { interface, diagnostics }, lines: None }
    }

    fn declaration(&mut self, declaration: &Declaration) {
        self.type_(&declaration.type_);
    }

    fn type_(&mut self, type_: &Type) {
        match &type_.specifier {
            Specifier::Named(name) if self.numbers.interface.meaning(&name.text).is_none() => {
                let error = Diagnostic::error(name.place, format!("the type `{}` is unknown", name.text));
                let error = match self.lines().get(name.text.as_str()) {
                    Some(&place) if place.range() != name.place.range() => {
                        error.label("not defined in XDR").other(place, "a line for the C compiler defines it")
                    }
                    _ => error.label("defined nowhere"),
                };
                self.numbers.diagnostics.push(error.help(
                    "define it, include the file that defines it with `#include \"file.x\"` (`%#include \"file.h\"` reads `file.x` \
                     if it is found), or set a Rust type for it with `--extern NAME=PATH` or `Options::external`",
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

    /// Returns the first place of each word of the lines for C.
    fn lines(&mut self) -> &HashMap<&'t str, Place> {
        let items = &self.numbers.interface.tree.items;
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
        self.numbers.check(size, what, 0, u32::MAX.into());
    }

    fn enum_(&mut self, body: &EnumBody) {
        for member in &body.members {
            let name = Value::Name(member.name.clone());
            // An error in a number is reported where the number is written.
            if let Some(value) = &member.value {
                self.numbers.check(value, "a member of an enum", i32::MIN.into(), u32::MAX.into());
            } else if self.numbers.interface.value(&name).is_ok() {
                self.numbers.check(&name, "a member of an enum", i32::MIN.into(), u32::MAX.into());
            }
        }
    }

    fn struct_(&mut self, body: &StructBody) {
        body.fields.iter().for_each(|field| self.declaration(&field.declaration));
    }

    fn union(&mut self, body: &UnionBody) {
        self.declaration(&body.discriminant);
        unions::check(&mut self.numbers, body);
        let arms = body.arms.iter().filter_map(|arm| arm.body.as_ref());
        let default = body.default.iter().filter_map(|default| default.body.as_ref());
        arms.chain(default).for_each(|declaration| self.declaration(declaration));
    }
}
