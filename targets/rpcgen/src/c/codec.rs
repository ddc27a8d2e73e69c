//! Prints the encoders and decoders of all types.

use std::collections::HashSet;

use super::header::{decoder, encoder};
use super::helpers::Helpers;
use super::model::{Arm, Bound, Field, Kind, Member, Model, Shape, Type};
use crate::options::Data;
use crate::tree::Basic;

/// Encodes or decodes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Encode,
    Decode,
}
use Way::{Decode, Encode};

/// Prints functions. Also used for the arguments and results of procedures.
pub(super) struct Codec {
    pub data: Data,
    pub helpers: Helpers,
    pub text: String,
    /// The reader and the writer, as they are named.
    pub reader: &'static str,
    pub writer: &'static str,
    /// The function has a variable `i`.
    loops: bool,
}

/// A value as it is reached in C: by itself, and before the names of its members.
#[derive(Clone)]
pub(super) struct Access {
    whole: String,
    address: String,
    members: String,
}

impl Access {
    /// Returns the access to a member or a variable.
    pub fn to(whole: impl Into<String>) -> Self {
        let whole = whole.into();
        Self { members: format!("{whole}."), address: format!("&{whole}"), whole }
    }

    /// Returns the access to what a variable points to.
    pub fn through(pointer: &str) -> Self {
        Self { whole: format!("*{pointer}"), address: pointer.to_owned(), members: format!("{pointer}->") }
    }

    /// Returns the access to the only value of a struct that is pointed to.
    fn wrapped(kind: &Kind) -> Self {
        let member = match kind {
            Kind::Text(_) => "text",
            Kind::Bytes(_) => "bytes",
            Kind::Array(..) => "items",
            _ => "value",
        };
        let whole = format!("value->{member}");
        Self { address: format!("&{whole}"), whole, members: "value->".into() }
    }
}

impl Codec {
    pub fn new(data: Data) -> Self {
        let (helpers, text) = (Helpers::default(), String::new());
        Self { data, helpers, text, reader: "reader", writer: "writer", loops: false }
    }

    pub fn types(&mut self, model: &Model) {
        for type_ in &model.types {
            if !matches!(type_.shape, Shape::Alias(_)) {
                self.function(type_, Encode);
                self.function(type_, Decode);
            }
        }
    }

    fn function(&mut self, type_: &Type, way: Way) {
        if let (Shape::Enum(members), Encode) = (&type_.shape, way) {
            self.membership(&type_.name, members);
        }
        let head = if way == Encode { encoder(type_) } else { decoder(type_) };
        let before = std::mem::take(&mut self.text);
        self.loops = false;
        match &type_.shape {
            Shape::Alias(_) => {}
            Shape::Enum(_) => self.enum_(&type_.name, way),
            Shape::Struct(fields) => fields
                .iter()
                .for_each(|field| self.value(way, &field.kind, &Access::to(format!("value->{}", field.name)), 1)),
            Shape::Union(discriminant, arms) => self.union(way, discriminant, arms),
            Shape::Wrapped(kind) => self.value(way, kind, &Access::wrapped(kind), 1),
            Shape::List { node, bound, is_chain } => self.list(way, node, bound, *is_chain),
        }
        let body = std::mem::replace(&mut self.text, before);
        self.text += &format!("\n{head}\n{{\n");
        if self.loops {
            self.text += "    uint32_t i;\n";
        }
        if matches!((&type_.shape, way), (Shape::List { .. }, Decode)) {
            self.text += "    uint32_t more = 1;\n";
        }
        if matches!((&type_.shape, way), (Shape::Enum(_), Decode)) {
            self.text += "    int32_t number = 0;\n";
        }
        if !self.text.ends_with("{\n") {
            self.text.push('\n');
        }
        self.text += &body;
        self.text += &format!("    return {}->status;\n}}\n", if way == Encode { "writer" } else { "reader" });
    }

    fn line(&mut self, indent: usize, line: &str) {
        self.text += &"    ".repeat(indent);
        self.text += line;
        self.text.push('\n');
    }

    /// Prints the function that checks the number of an enum. Of several members with one number, the first is named.
    fn membership(&mut self, name: &str, members: &[Member]) {
        self.text += &format!("\nstatic bool is_{name}(int32_t number)\n{{\n    switch (number) {{\n");
        let mut seen = HashSet::new();
        for member in members.iter().filter(|member| seen.insert(member.number)) {
            self.text += &format!("    case {}:\n", member.name);
        }
        self.text += "        return true;\n    default:\n        return false;\n    }\n}\n";
    }

    fn enum_(&mut self, name: &str, way: Way) {
        if way == Encode {
            self.helpers.refuse_writing();
            self.line(1, &format!("if (!is_{name}((int32_t)value)) {{"));
            self.line(2, "refuse_writing(writer, ONCILLA_VARIANT);");
            self.line(1, "}");
            self.line(1, "(void)oncilla_put_i32(writer, (int32_t)value);");
        } else {
            self.helpers.refuse_reading();
            self.line(1, "(void)oncilla_get_i32(reader, &number);");
            self.line(1, &format!("if (!is_{name}(number)) {{"));
            self.line(2, "refuse_reading(reader, ONCILLA_VARIANT);");
            self.line(1, "}");
            self.line(1, &format!("*value = ({name})number;"));
        }
    }

    /// Prints the encoding or decoding of a value.
    pub fn value(&mut self, way: Way, kind: &Kind, access: &Access, indent: usize) {
        let Access { whole, address, members } = access;
        let (r, w) = (self.reader, self.writer);
        let is_borrowed = self.data == Data::Borrowed;
        match (kind, way) {
            (Kind::Basic(basic), Encode) => {
                let line = match basic {
                    Basic::Bool => format!("(void)oncilla_put_bool({w}, {whole} ? 1u : 0u);"),
                    _ => format!("(void)oncilla_put_{}({w}, {whole});", word(*basic)),
                };
                self.line(indent, &line);
            }
            (Kind::Basic(basic), Decode) => {
                let line = match self.helpers.get(*basic) {
                    Some(helper) => format!("{helper}({r}, {address});"),
                    None => format!("(void)oncilla_get_{}({r}, {address});", word(*basic)),
                };
                self.line(indent, &line);
            }
            (Kind::Enum(name), Encode) => self.line(indent, &format!("(void){name}_encode({w}, {whole});")),
            (Kind::Type(name), Encode) => self.line(indent, &format!("(void){name}_encode({w}, {address});")),
            (Kind::Enum(name) | Kind::Type(name), Decode) => {
                self.line(indent, &format!("(void){name}_decode({r}, {address});"));
            }
            (Kind::Text(bound), Encode) if is_borrowed => {
                self.helpers.put_bytes();
                let bytes = format!("(const uint8_t *){members}text");
                self.line(indent, &format!("put_bytes({w}, {bytes}, {members}length, {});", bound.shown));
            }
            (Kind::Text(bound), Decode) if is_borrowed => {
                self.helpers.get_text();
                self.line(indent, &format!("get_text({r}, &{members}text, &{members}length, {});", bound.shown));
            }
            (Kind::Text(bound), Encode) => {
                self.line(indent, &format!("(void)oncilla_put_string({w}, {whole}, {});", bound.shown));
            }
            (Kind::Text(_), Decode) => {
                self.line(indent, &format!("(void)oncilla_get_string({r}, {whole}, sizeof {whole});"));
            }
            (Kind::Bytes(bound), _) if bound.number == 0 => {}
            (Kind::Bytes(bound), Encode) => {
                self.line(indent, &format!("(void)oncilla_put_fixed({w}, {whole}, {});", bound.shown));
            }
            (Kind::Bytes(bound), Decode) => {
                self.line(indent, &format!("(void)oncilla_get_fixed({r}, {whole}, {});", bound.shown));
            }
            (Kind::Opaque(bound), Encode) => {
                self.helpers.put_bytes();
                self.line(indent, &format!("put_bytes({w}, {members}bytes, {members}length, {});", bound.shown));
            }
            (Kind::Opaque(bound), Decode) if is_borrowed => {
                self.helpers.get_bytes();
                self.line(indent, &format!("get_bytes({r}, &{members}bytes, &{members}length, {});", bound.shown));
            }
            (Kind::Opaque(bound), Decode) => {
                self.line(indent, &format!("(void)oncilla_get_count({r}, &{members}length, {});", bound.shown));
                self.line(indent, &format!("(void)oncilla_get_fixed({r}, {members}bytes, {members}length);"));
            }
            (Kind::Array(_, bound), _) if bound.number == 0 => {}
            (Kind::Array(element, bound), _) => {
                self.each(way, element, &bound.shown, whole, indent);
            }
            (Kind::Counted(element, bound), _) => {
                match way {
                    Encode => {
                        self.helpers.put_count();
                        self.line(indent, &format!("put_count({w}, {members}count, {});", bound.shown));
                    }
                    Decode => {
                        self.line(indent, &format!("(void)oncilla_get_count({r}, &{members}count, {});", bound.shown));
                    }
                }
                self.each(way, element, &format!("{members}count"), &format!("{members}items"), indent);
            }
            (Kind::Optional(value), _) => {
                self.value(way, &Kind::Basic(Basic::Bool), &Access::to(format!("{members}present")), indent);
                self.line(indent, &format!("if ({members}present) {{"));
                self.value(way, value, &Access::to(format!("{members}value")), indent + 1);
                self.line(indent, "}");
            }
        }
    }

    /// Prints a loop over elements. It ends at the first error, so that a count that was refused is not followed.
    fn each(&mut self, way: Way, element: &Kind, count: &str, items: &str, indent: usize) {
        self.loops = true;
        let status = if way == Encode { self.writer } else { self.reader };
        self.line(indent, &format!("for (i = 0; i < {count} && {status}->status == ONCILLA_OK; i++) {{"));
        self.value(way, element, &Access::to(format!("{items}[i]")), indent + 1);
        self.line(indent, "}");
    }

    fn list(&mut self, way: Way, node: &str, bound: &Bound, is_chain: bool) {
        let max = &bound.shown;
        self.loops = true;
        if way == Encode {
            self.helpers.refuse_writing();
            let wrong = if is_chain {
                format!("value->count == 0u || value->count > {max}")
            } else {
                format!("value->count > {max}")
            };
            self.line(1, &format!("if ({wrong}) {{"));
            self.line(2, "refuse_writing(writer, ONCILLA_BOUND);");
            self.line(1, "}");
            self.line(1, "for (i = 0; i < value->count && writer->status == ONCILLA_OK; i++) {");
            if is_chain {
                self.line(2, "if (i > 0u) {");
                self.line(3, "(void)oncilla_put_bool(writer, 1u);");
                self.line(2, "}");
            } else {
                self.line(2, "(void)oncilla_put_bool(writer, 1u);");
            }
            self.line(2, &format!("(void){node}_encode(writer, &value->items[i]);"));
            self.line(1, "}");
            self.line(1, "(void)oncilla_put_bool(writer, 0u);");
        } else {
            self.helpers.refuse_reading();
            self.line(1, "value->count = 0;");
            self.line(1, &format!("for (i = 0; i <= {max} && reader->status == ONCILLA_OK; i++) {{"));
            if is_chain {
                self.line(2, "if (i > 0u) {");
                self.line(3, "(void)oncilla_get_bool(reader, &more);");
                self.line(2, "}");
            } else {
                self.line(2, "(void)oncilla_get_bool(reader, &more);");
            }
            self.line(2, "if (more == 0u) {");
            self.line(3, "break;");
            self.line(2, "}");
            self.line(2, &format!("if (i == {max}) {{"));
            self.line(3, "refuse_reading(reader, ONCILLA_BOUND);");
            self.line(2, "} else {");
            self.line(3, &format!("(void){node}_decode(reader, &value->items[i]);"));
            self.line(3, "value->count = i + 1u;");
            self.line(2, "}");
            self.line(1, "}");
        }
    }

    fn union(&mut self, way: Way, discriminant: &Field, arms: &[Arm]) {
        let name = format!("value->{}", discriminant.name);
        self.value(way, &discriminant.kind, &Access::to(&name), 1);
        if matches!(discriminant.kind, Kind::Basic(Basic::Bool)) {
            return self.by_bool(way, &name, arms);
        }
        self.line(1, &format!("switch ({name}) {{"));
        for arm in arms {
            arm.cases.iter().for_each(|case| self.line(1, &format!("case {case}:")));
            if arm.cases.is_empty() {
                self.line(1, "default:");
            }
            self.body(way, arm.body.as_ref(), 2);
            self.line(2, "break;");
        }
        if arms.last().is_none_or(|arm| !arm.cases.is_empty()) {
            self.line(1, "default:");
            self.refuse(way, 2);
            self.line(2, "break;");
        }
        self.line(1, "}");
    }

    fn by_bool(&mut self, way: Way, name: &str, arms: &[Arm]) {
        let arm = |number: i128| {
            let listed = arms.iter().find(|arm| arm.numbers.contains(&number));
            listed.or_else(|| arms.iter().find(|arm| arm.cases.is_empty()))
        };
        self.line(1, &format!("if ({name}) {{"));
        self.arm(way, arm(1));
        self.line(1, "} else {");
        self.arm(way, arm(0));
        self.line(1, "}");
    }

    fn arm(&mut self, way: Way, arm: Option<&Arm>) {
        match arm {
            Some(arm) => self.body(way, arm.body.as_ref(), 2),
            None => self.refuse(way, 2),
        }
    }

    fn body(&mut self, way: Way, body: Option<&Field>, indent: usize) {
        match body {
            Some(body) => self.value(way, &body.kind, &Access::to(format!("value->u.{}", body.name)), indent),
            None => self.line(indent, "/* void */"),
        }
    }

    fn refuse(&mut self, way: Way, indent: usize) {
        if way == Encode {
            self.helpers.refuse_writing();
            self.line(indent, "refuse_writing(writer, ONCILLA_VARIANT);");
        } else {
            self.helpers.refuse_reading();
            self.line(indent, "refuse_reading(reader, ONCILLA_VARIANT);");
        }
    }
}

/// Returns the end of the names of the library's functions for a number.
fn word(basic: Basic) -> &'static str {
    match basic {
        Basic::Char | Basic::Short | Basic::Int => "i32",
        Basic::UnsignedChar | Basic::UnsignedShort | Basic::UnsignedInt => "u32",
        Basic::Hyper => "i64",
        Basic::UnsignedHyper => "u64",
        Basic::Float => "f32",
        Basic::Double => "f64",
        Basic::Bool => "bool",
    }
}
