//! Prints the header: constants, types, encoders and decoders.

use std::collections::HashSet;

use super::docs;
use super::model::{Arm, Field, Kind, Model, Shape, Type};
use crate::options::Data;
use crate::tree::Basic;

/// The members of structs that stand for values.
const MEMBERS: [&str; 7] = ["length", "bytes", "text", "count", "items", "present", "value"];

/// Prints what a header has of constants and types.
pub(super) struct Header<'m> {
    pub model: &'m Model,
    pub data: Data,
    /// The name of the header without its end.
    pub stem: &'m str,
    pub text: String,
    /// The names of the members of the type that is printed.
    members: HashSet<&'m str>,
}

/// Returns the C type of a number.
pub(super) fn of_basic(basic: Basic) -> &'static str {
    match basic {
        Basic::Char => "int8_t",
        Basic::UnsignedChar => "uint8_t",
        Basic::Short => "int16_t",
        Basic::UnsignedShort => "uint16_t",
        Basic::Int => "int32_t",
        Basic::UnsignedInt => "uint32_t",
        Basic::Hyper => "int64_t",
        Basic::UnsignedHyper => "uint64_t",
        Basic::Float => "float",
        Basic::Double => "double",
        Basic::Bool => "bool",
    }
}

/// Returns the C type of a value that has a name for it.
pub(super) fn named(kind: &Kind) -> &str {
    match kind {
        Kind::Basic(basic) => of_basic(*basic),
        Kind::Enum(name) | Kind::Type(name) => name,
        _ => "",
    }
}

impl<'m> Header<'m> {
    pub fn new(model: &'m Model, data: Data, stem: &'m str, text: String) -> Self {
        Self { model, data, stem, text, members: HashSet::new() }
    }

    /// Returns the C type of a value within a struct. In C++, a member of the same name would change its meaning.
    fn type_of(&self, kind: &Kind) -> String {
        match kind {
            Kind::Enum(name) if self.members.contains(name.as_str()) => format!("enum {name}"),
            Kind::Type(name) if self.members.contains(name.as_str()) => format!("struct {name}"),
            kind => named(kind).to_owned(),
        }
    }

    pub fn constants(&mut self) {
        for constant in &self.model.constants {
            self.text += "\n";
            self.text += &docs::comment("", &constant.lines);
            self.text += &format!("#define {} {}\n", constant.name, constant.value);
        }
    }

    pub fn types(&mut self) {
        let model = self.model;
        for type_ in &model.types {
            self.text += "\n";
            self.text += &docs::comment("", &type_.lines);
            self.type_(type_);
            if !type_.size_macro.is_empty() {
                let name = &type_.name;
                self.text += &format!("\n/** Bytes of the largest encoding of `{name}`. */\n");
                self.text += &format!("#define {} {}u\n\n", type_.size_macro, type_.size);
                self.text += &format!("{};\n{};\n", encoder(type_), decoder(type_));
            }
        }
    }

    fn type_(&mut self, Type { name, shape, .. }: &'m Type) {
        self.members = match shape {
            Shape::Struct(fields) => fields.iter().map(|field| field.name.as_str()).collect(),
            Shape::Union(discriminant, arms) => {
                let bodies = arms.iter().filter_map(|arm| arm.body.as_ref());
                bodies.chain([discriminant]).map(|field| field.name.as_str()).chain(["u"]).collect()
            }
            _ => HashSet::new(),
        };
        if !matches!(shape, Shape::Alias(_) | Shape::Enum(_)) {
            self.members.extend(MEMBERS);
        }
        match shape {
            Shape::Alias(kind) => self.text += &format!("typedef {} {name};\n", named(kind)),
            Shape::Enum(members) => {
                self.text += &format!("typedef enum {name} {{\n");
                for (index, member) in members.iter().enumerate() {
                    self.text += &docs::comment("    ", &member.lines);
                    let comma = if index + 1 < members.len() { "," } else { "" };
                    let number = super::words::literal(member.number.into());
                    self.text += &format!("    {} = {number}{comma}\n", member.name);
                }
                self.text += &format!("}} {name};\n");
            }
            Shape::Struct(fields) => {
                self.text += &format!("typedef struct {name} {{\n");
                fields.iter().for_each(|field| self.field("    ", field));
                self.text += &format!("}} {name};\n");
            }
            Shape::Union(discriminant, arms) => self.union(name, discriminant, arms),
            Shape::Wrapped(kind) => {
                self.text += &format!("typedef struct {name} {{\n");
                self.members("    ", kind);
                self.text += &format!("}} {name};\n");
            }
            Shape::List { node, bound, .. } => {
                self.text += &format!(
                    "typedef struct {name} {{\n    uint32_t count;\n    {} items[{}];\n}} {name};\n",
                    self.type_of(&Kind::Type(node.clone())),
                    bound.size()
                );
            }
        }
    }

    fn union(&mut self, name: &str, discriminant: &Field, arms: &[Arm]) {
        self.text += &format!("typedef struct {name} {{\n");
        self.field("    ", discriminant);
        let with_bodies: Vec<_> = arms.iter().filter_map(|arm| Some((arm, arm.body.as_ref()?))).collect();
        if !with_bodies.is_empty() {
            self.text += "    union {\n";
            for (arm, body) in with_bodies {
                let cases = match &arm.cases[..] {
                    [] => "Of all other cases.".to_owned(),
                    cases => format!("Of {}.", cases.join(", ")),
                };
                let mut lines = body.lines.clone();
                if !lines.is_empty() {
                    lines.push(String::new());
                }
                lines.push(cases);
                self.field("        ", &Field { lines, ..body.clone() });
            }
            self.text += "    } u;\n";
        }
        self.text += &format!("}} {name};\n");
    }

    fn field(&mut self, indent: &str, Field { name, kind, lines }: &Field) {
        self.text += &docs::comment(indent, lines);
        match kind {
            Kind::Basic(_) | Kind::Enum(_) | Kind::Type(_) => {
                self.text += &format!("{indent}{} {name};\n", self.type_of(kind));
            }
            Kind::Text(bound) if self.data != Data::Borrowed => {
                self.text += &format!("{indent}char {name}[{} + 1];\n", bound.shown);
            }
            Kind::Bytes(bound) => self.text += &format!("{indent}uint8_t {name}[{}];\n", bound.size()),
            Kind::Array(element, bound) => {
                self.text += &format!("{indent}{} {name}[{}];\n", self.type_of(element), bound.size());
            }
            Kind::Text(_) | Kind::Opaque(_) | Kind::Counted(..) | Kind::Optional(_) => {
                self.text += &format!("{indent}struct {{\n");
                self.members(&format!("{indent}    "), kind);
                self.text += &format!("{indent}}} {name};\n");
            }
        }
    }

    /// Prints the members of a struct that stands for a value.
    fn members(&mut self, indent: &str, kind: &Kind) {
        let is_borrowed = self.data == Data::Borrowed;
        let text = match kind {
            Kind::Basic(_) | Kind::Enum(_) | Kind::Type(_) => format!("{indent}{} value;\n", self.type_of(kind)),
            Kind::Text(_) if is_borrowed => format!("{indent}uint32_t length;\n{indent}const char *text;\n"),
            Kind::Text(bound) => format!("{indent}char text[{} + 1];\n", bound.shown),
            Kind::Bytes(bound) => format!("{indent}uint8_t bytes[{}];\n", bound.size()),
            Kind::Opaque(_) if is_borrowed => format!("{indent}uint32_t length;\n{indent}const uint8_t *bytes;\n"),
            Kind::Opaque(bound) => format!("{indent}uint32_t length;\n{indent}uint8_t bytes[{}];\n", bound.size()),
            Kind::Array(element, bound) => format!("{indent}{} items[{}];\n", self.type_of(element), bound.size()),
            Kind::Counted(element, bound) => {
                format!("{indent}uint32_t count;\n{indent}{} items[{}];\n", self.type_of(element), bound.size())
            }
            Kind::Optional(value) => format!("{indent}bool present;\n{indent}{} value;\n", self.type_of(value)),
        };
        self.text += &text;
    }
}

/// Returns the declaration of the encoder of a type.
pub(super) fn encoder(type_: &Type) -> String {
    let value = match type_.shape {
        Shape::Enum(_) => format!("{} value", type_.name),
        _ => format!("const {} *value", type_.name),
    };
    format!("oncilla_status {}_encode(oncilla_writer *writer, {value})", type_.name)
}

/// Returns the declaration of the decoder of a type.
pub(super) fn decoder(type_: &Type) -> String {
    let name = &type_.name;
    format!("oncilla_status {name}_decode(oncilla_reader *reader, {name} *value)")
}
