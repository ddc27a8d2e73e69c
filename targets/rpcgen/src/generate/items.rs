//! Generates constants and types.

use std::collections::HashSet;

use super::types::RustType;
use super::words::{Used, camel, snake};
use super::{Generator, docs};
use crate::check::{Defined, Meaning};
use crate::tree::{
    Arm, Basic, Comments, Constant, Declaration, DefaultArm, EnumBody, Shape, Specifier, StructBody, Type, UnionBody,
    Value,
};

pub(super) const LIFETIME: &str = "'a";
pub(super) const DERIVE: &str = "#[derive(Clone, Debug, PartialEq)]";

impl Generator<'_, '_> {
    pub fn constant(&self, constant: &Constant, comments: &Comments) {
        let Some(rust) = self.names.constants.get(constant.name.text.as_str()) else { return };
        let (type_, value) = self.constant_value(&constant.name.text, &constant.value);
        self.separate();
        self.docs(0, &docs::lines(comments, &constant.to_string()));
        self.assign(0, &format!("pub const {rust}: {type_}"), &value);
    }

    pub fn typedef(&self, declaration: &Declaration, comments: &Comments) {
        let (name, type_) = (&declaration.name.text, &declaration.type_);
        let same = matches!(&type_.specifier, Specifier::Named(other) if other.text == *name);
        if same && type_.shape == Shape::One {
            return;
        }
        let rust = self.names.type_(name);
        let docs = docs::lines(comments, &format!("typedef {declaration}"));
        // A body without a name gets the name of the typedef.
        if self.body(type_, self.interface.group(name), &docs) && type_.shape == Shape::One {
            return self.tree(name);
        }
        let target = self.direct(type_, LIFETIME).text;
        let borrows = self.borrows(name, Defined::Typedef(declaration));
        let lifetime = if borrows { "<'a>" } else { "" };
        self.separate();
        self.docs(0, &docs);
        self.assign(0, &format!("pub type {rust}{lifetime}"), &target);
    }

    /// Generates the body without a name of a type, if it has one. `group` is the group of recursive types around it.
    fn body(&self, type_: &Type, group: Option<usize>, docs: &[String]) -> bool {
        let group = group.filter(|&group| self.interface.touches(type_, group));
        match &type_.specifier {
            Specifier::Enum(body) => self.enum_(body, self.names.body(body), docs),
            Specifier::Struct(body) => self.struct_(body, self.names.body(&**body), None, group, docs),
            Specifier::Union(body) => self.union(body, self.names.body(&**body), group, docs),
            _ => return false,
        }
        true
    }

    /// Generates the bodies without names in declarations. They need names in Rust.
    fn bodies<'d>(&self, declarations: impl Iterator<Item = &'d Declaration>, group: Option<usize>) {
        for declaration in declarations {
            self.body(&declaration.type_, group, &[format!("`{declaration}`")]);
        }
    }

    pub fn enum_(&self, body: &EnumBody, rust: &str, docs: &[String]) {
        let (mut seen, mut aliases) = (HashSet::new(), Vec::new());
        self.separate();
        self.line(0, "oncilla::xdr_enum! {");
        self.docs(1, docs);
        self.line(1, &format!("pub enum {rust} {{"));
        for member in &body.members {
            let Some(variant) = self.names.members.get(member.name.text.as_str()) else { continue };
            if !seen.insert(&variant.name) {
                aliases.push((member, variant));
                continue;
            }
            let number = self.interface.member(&member.name.text);
            let value = match &member.value {
                Some(value) => self.value(value, "i32"),
                None => number.to_string(),
            };
            self.docs(2, &docs::lines(&member.comments, &format!("{} = {number}", member.name.text)));
            self.line(2, &format!("{} = {value},", variant.name));
        }
        self.line(1, "}");
        self.line(0, "}");
        if aliases.is_empty() {
            return;
        }
        // Members with the number of another member.
        self.separate();
        self.line(0, &format!("impl {rust} {{"));
        let mut used = Used::default();
        for (place, (member, variant)) in aliases.into_iter().enumerate() {
            if place > 0 {
                self.line(0, "");
            }
            let number = self.interface.member(&member.name.text);
            let name = used.take(super::words::capitals(member.name.split().1));
            self.docs(1, &docs::lines(&member.comments, &format!("{} = {number}", member.name.text)));
            self.assign(1, &format!("pub const {name}: Self"), &format!("Self::{}", variant.name));
        }
        self.line(0, "}");
    }

    pub fn named_struct(&self, name: &str, body: &StructBody, comments: &Comments) {
        let (rust, is_list) = (self.names.type_(name), self.interface.is_list(name));
        let mut docs = docs::lines(comments, &format!("struct {name}"));
        if is_list {
            let list = if self.on_heap() { "a `oncilla::xdr::VecList`" } else { "an `oncilla::xdr::List`" };
            let node = "A node of a linked list, without the pointer to the next.";
            docs.extend([String::new(), format!("{node} The list is {list}.")]);
        }
        self.struct_(body, rust, Some(name), self.interface.group(name), &docs);
        self.tree(name);
        if let Some(chain) = self.names.chains.get(name).filter(|_| is_list) {
            self.chain(name, rust, chain);
        }
    }

    /// Generates a list of at least one node, for a node that is not a pointer.
    fn chain(&self, name: &str, rust: &str, chain: &str) {
        let borrows =
            matches!(self.interface.meaning(name), Some(Meaning::Defined(defined)) if self.borrows(name, defined));
        let lifetime = if borrows { "<'a>" } else { "" };
        self.separate();
        self.line(0, "oncilla::xdr_struct! {");
        self.docs(1, &[format!("`struct {name}` that is not a pointer: a list of one or more nodes.")]);
        self.line(1, DERIVE);
        self.line(1, &format!("pub struct {chain}{lifetime} {{"));
        self.docs(2, &["The first node.".into()]);
        self.line(2, &format!("pub first: {rust}{lifetime},"));
        self.docs(2, &["The other nodes.".into()]);
        let rest = if self.on_heap() {
            RustType { text: self.heap_list(name), bounds: vec![self.heap_nodes(name)] }
        } else {
            RustType::unbounded(self.list(name, LIFETIME))
        };
        self.line(2, &format!("pub rest: {},", rest.with_bounds()));
        self.line(1, "}");
        self.line(0, "}");
    }

    /// Returns the macro that declares a struct or a union. Those of a tree that is not on the heap are nodes.
    fn declares(&self, group: Option<usize>, what: &str) -> String {
        let what = if group.is_some() && !self.on_heap() { "node" } else { what };
        format!("oncilla::xdr_{what}! {{")
    }

    fn struct_(&self, body: &StructBody, rust: &str, name: Option<&str>, group: Option<usize>, docs: &[String]) {
        self.bodies(self.fields(body, name).map(|field| &field.declaration), group);
        let lifetime = if self.struct_borrows(body, name) { "<'a>" } else { "" };
        self.separate();
        self.line(0, &self.declares(group, "struct"));
        self.docs(1, docs);
        self.line(1, DERIVE);
        self.line(1, &format!("pub struct {rust}{lifetime}{} {{", self.in_held(rust, group)));
        let mut used = Used::default();
        for field in self.fields(body, name) {
            let declaration = &field.declaration;
            let type_ = self.part(&declaration.type_, group).with_bounds();
            self.docs(2, &docs::lines(&field.comments, &declaration.to_string()));
            self.line(2, &format!("pub {}: {type_},", used.take(snake(&declaration.name.text))));
        }
        self.line(1, "}");
        self.line(0, "}");
    }

    pub fn union(&self, body: &UnionBody, rust: &str, group: Option<usize>, docs: &[String]) {
        let bodies = body.arms.iter().filter_map(|arm| arm.body.as_ref());
        let default = body.default.iter().filter_map(|default| default.body.as_ref());
        self.bodies(std::iter::once(&body.discriminant).chain(bodies).chain(default), group);
        let lifetime = if self.union_borrows(body) { "<'a>" } else { "" };
        self.separate();
        self.line(0, &self.declares(group, "union"));
        self.docs(1, docs);
        self.line(1, DERIVE);
        let type_ = self.discriminant(&body.discriminant.type_);
        let stated = if type_ == "i32" { String::new() } else { format!(": {type_}") };
        self.line(1, &format!("pub enum {rust}{lifetime}{stated}{} {{", self.in_held(rust, group)));
        let mut used = Used::default();
        for arm in &body.arms {
            if let (Some(holds), [_, _, ..]) = (&arm.body, arm.cases.as_slice()) {
                self.shared(arm, holds, &body.discriminant, group, &mut used);
                continue;
            }
            for case in &arm.cases {
                let name = used.take(self.arm_name(case, arm, &body.discriminant.type_));
                let holds = self.holds(arm.body.as_ref(), group);
                self.docs(2, &docs::lines(&arm.comments, &format!("case {case}: {}", of(arm.body.as_ref()))));
                self.line(2, &format!("{name}{holds} = {},", self.case(case, &body.discriminant.type_)));
            }
        }
        let is_bool = self.interface.basic(&body.discriminant.type_) == Some(Basic::Bool);
        if let Some(default) = body.default.as_ref().filter(|_| is_bool) {
            self.other_bool(body, default, group, &mut used);
        } else if let Some(default) = &body.default {
            let mut docs = docs::lines(&default.comments, &format!("default: {}", of(default.body.as_ref())));
            docs.extend([
                String::new(),
                format!("Any other number, which is the first value: `{}`.", body.discriminant),
            ]);
            self.docs(2, &docs);
            self.line(2, &format!("_ => {}{},", used.take("Default".into()), self.holds(default.body.as_ref(), group)));
        }
        self.line(1, "}");
        self.line(0, "}");
    }

    /// Generates an arm for several numbers. It holds the number that was received.
    fn shared(
        &self,
        arm: &Arm,
        holds: &Declaration,
        discriminant: &Declaration,
        group: Option<usize>,
        used: &mut Used,
    ) {
        let cases: Vec<_> = arm.cases.iter().map(|case| format!("case {case}:")).collect();
        let mut docs = docs::lines(&arm.comments, &format!("{} {holds}", cases.join(" ")));
        docs.extend([String::new(), format!("One of these numbers, which is the first value: `{discriminant}`.")]);
        self.docs(2, &docs);
        let numbers: Vec<_> = arm.cases.iter().map(|case| self.case(case, &discriminant.type_)).collect();
        let (name, holds) = (used.take(camel(&holds.name.text)), self.holds(Some(holds), group));
        let line = format!("_ in [{}] => {name}{holds},", numbers.join(", "));
        if 8 + line.len() <= super::WIDTH {
            return self.line(2, &line);
        }
        self.line(2, "_ in [");
        numbers.iter().for_each(|number| self.line(3, &format!("{number},")));
        self.line(2, &format!("] => {name}{holds},"));
    }

    /// Generates the default arm of a `bool`, for the value that has no case, if any.
    fn other_bool(&self, body: &UnionBody, default: &DefaultArm, group: Option<usize>, used: &mut Used) {
        let cases = || body.arms.iter().flat_map(|arm| &arm.cases).filter_map(|case| self.interface.value(case).ok());
        for (number, name) in [(0, "False"), (1, "True")] {
            if cases().all(|case| case != number) {
                self.docs(2, &docs::lines(&default.comments, &format!("default: {}", of(default.body.as_ref()))));
                let holds = self.holds(default.body.as_ref(), group);
                self.line(2, &format!("{}{holds} = {number},", used.take(name.into())));
            }
        }
    }

    /// Returns the type of a union's numbers. Narrower integers have 32 bits on the wire.
    fn discriminant(&self, discriminant: &Type) -> &'static str {
        match self.interface.basic(discriminant) {
            Some(Basic::UnsignedInt | Basic::UnsignedShort | Basic::UnsignedChar) => "u32",
            Some(Basic::Hyper) => "i64",
            Some(Basic::UnsignedHyper) => "u64",
            _ => "i32",
        }
    }

    fn holds(&self, body: Option<&Declaration>, group: Option<usize>) -> String {
        let arm = |type_| if self.on_heap() { self.heap_arm(type_, group) } else { self.part(type_, group) };
        body.map_or_else(String::new, |body| format!("({})", arm(&body.type_).with_bounds()))
    }

    /// Returns the name of an arm: that of the member of an enum, of the constant, or `True`.
    ///
    /// After a number alone, it is the name of the field, or `Case7`.
    fn arm_name(&self, case: &Value, arm: &Arm, discriminant: &Type) -> String {
        let number = self.interface.value(case).unwrap_or_default();
        if self.interface.basic(discriminant) == Some(Basic::Bool) {
            return if number == 0 { "False".into() } else { "True".into() };
        }
        // From 0x80000000 on, a member is the `int` with the same bits.
        let variant = self.interface.enum_(discriminant).and_then(|body| self.names.variant(body, number as i32));
        match (variant, case, &arm.body) {
            (Some(variant), ..) => variant.to_owned(),
            (None, Value::Name(name), _) => camel(name.split().1),
            (None, Value::Number(_), Some(body)) if arm.cases.len() == 1 => camel(&body.name.text),
            (None, Value::Number(_), _) if number < 0 => format!("CaseMinus{}", -number),
            (None, Value::Number(_), _) => format!("Case{number}"),
        }
    }

    fn case(&self, case: &Value, discriminant: &Type) -> String {
        if self.interface.basic(discriminant) == Some(Basic::Bool) {
            return self.interface.value(case).unwrap_or_default().to_string();
        }
        self.value(case, self.discriminant(discriminant))
    }

    /// Generates bodies without names in a procedure.
    pub fn bodies_of_procedure<'d>(&self, types: impl Iterator<Item = &'d Type>) {
        for type_ in types {
            self.body(type_, None, &["A type of a procedure.".into()]);
        }
    }
}

fn of(body: Option<&Declaration>) -> String {
    body.map_or_else(|| "void".into(), ToString::to_string)
}
