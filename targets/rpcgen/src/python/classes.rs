//! Generates enums, dataclasses and other names of types.

use std::collections::HashSet;

use super::types::BUILTINS;
use super::{Generator, docs, words};
use crate::generate::words::Used;
use crate::tree::{Comments, Declaration, Definition, EnumBody, Shape, Specifier, StructBody, Type};

impl<'t> Generator<'_, 't> {
    /// Generates all classes, in the order of the file.
    pub(super) fn classes(&mut self) {
        let interface = self.interface;
        for item in interface.items() {
            match &item.definition {
                Definition::Typedef(declaration) => self.body_of(declaration, &item.comments),
                Definition::Enum(name, body) => {
                    let class = self.names.type_(&name.text).to_owned();
                    self.enum_(&class, body, &docs::lines(&item.comments, &format!("enum {}", name.text)));
                }
                Definition::Struct(name, body) => {
                    let (class, is_list) =
                        (self.names.type_(&name.text).to_owned(), self.interface.is_list(&name.text));
                    let mut lines = docs::lines(&item.comments, &format!("struct {}", name.text));
                    if is_list {
                        lines.extend([String::new(), "A node of a linked list, which is a ``list`` of nodes.".into()]);
                    }
                    self.struct_(&class, body, is_list, &lines);
                }
                Definition::Union(name, body) => {
                    let class = self.names.type_(&name.text).to_owned();
                    self.union(&class, body, &docs::lines(&item.comments, &format!("union {}", name.text)));
                }
                Definition::Program(program) => {
                    for procedure in program.versions.iter().flat_map(|version| &version.procedures) {
                        let lines = [format!("A type of ``{}``.", procedure.name.text)];
                        let arguments = procedure.arguments.iter().map(|argument| &argument.type_);
                        arguments.chain(&procedure.result).for_each(|type_| self.body(type_, &lines));
                    }
                }
                Definition::Constant(_) | Definition::Passed(_) => {}
            }
        }
    }

    /// Generates the other names of types, each after those that it uses.
    pub(super) fn aliases(&mut self) {
        let mut waiting: Vec<(&'t Declaration, &'t Comments)> = Vec::new();
        let interface = self.interface;
        for item in interface.items() {
            match &item.definition {
                Definition::Typedef(declaration) if !is_class(declaration) => {
                    waiting.push((declaration, &item.comments))
                }
                Definition::Passed(_) => {
                    waiting.extend(self.interface.given(item).map(|declaration| (declaration, &item.comments)));
                }
                _ => {}
            }
        }
        let mut open: HashSet<&str> = waiting.iter().map(|(declaration, _)| declaration.name.text.as_str()).collect();
        let mut is_first = true;
        while !waiting.is_empty() {
            let count = waiting.len();
            let mut later = Vec::new();
            for (declaration, comments) in waiting {
                let name = declaration.name.text.as_str();
                let uses = match &declaration.type_.specifier {
                    Specifier::Named(other) if other.text != name => Some(other.text.as_str()),
                    _ => None,
                };
                if uses.is_some_and(|other| open.contains(other)) {
                    later.push((declaration, comments));
                    continue;
                }
                open.remove(name);
                if std::mem::take(&mut is_first) {
                    self.separate_line();
                }
                let type_ = self.annotation(&declaration.type_, &[]);
                self.line(0, &format!("{} = {type_}", self.names.type_(name)));
                self.docs(0, comments, &format!("typedef {declaration}"));
            }
            // Without errors, typedefs are in no circle.
            waiting = if later.len() < count { later } else { Vec::new() };
        }
    }

    fn body_of(&mut self, declaration: &Declaration, comments: &Comments) {
        self.body(&declaration.type_, &docs::lines(comments, &format!("typedef {declaration}")));
    }

    /// Generates the class of a body without a name, if the type has one.
    fn body(&mut self, type_: &Type, lines: &[String]) {
        match &type_.specifier {
            Specifier::Enum(body) => {
                let class = self.names.body(body).to_owned();
                self.enum_(&class, body, lines);
            }
            Specifier::Struct(body) => {
                let class = self.names.body(&**body).to_owned();
                self.struct_(&class, body, false, lines);
            }
            Specifier::Union(body) => {
                let class = self.names.body(&**body).to_owned();
                self.union(&class, body, lines);
            }
            _ => {}
        }
    }

    pub(super) fn bodies<'d>(&mut self, declarations: impl Iterator<Item = &'d Declaration>) {
        declarations.for_each(|part| self.body(&part.type_, &[format!("``{}``", docs::escape(&part.to_string()))]));
    }

    fn enum_(&mut self, class: &str, body: &EnumBody, lines: &[String]) {
        self.separate();
        self.line(0, &format!("class {class}(IntEnum):"));
        self.docstring(1, lines);
        self.line(0, "");
        let mut used = Used::default();
        for member in &body.members {
            let name = used.take(words::member(&member.name.text));
            self.line(1, &format!("{name} = {}", self.interface.member(&member.name.text)));
            let comments: Vec<_> = member.comments.lines().iter().map(|line| docs::escape(line)).collect();
            self.docstring(1, &comments);
        }
    }

    fn struct_(&mut self, class: &str, body: &StructBody, is_list: bool, lines: &[String]) {
        let fields = &body.fields[..body.fields.len() - usize::from(is_list)];
        self.bodies(fields.iter().map(|field| &field.declaration));
        let names =
            self.attributes(fields.iter().map(|field| field.declaration.name.text.as_str()), &words::OF_STRUCTS);
        self.dataclass(class, "Record", lines);
        for (name, field) in names.iter().zip(fields) {
            let type_ = self.annotation(&field.declaration.type_, &names);
            self.line(1, &format!("{name}: {type_}"));
            self.docs(1, &field.comments, &field.declaration.to_string());
        }
    }

    /// Writes the head of a dataclass.
    pub(super) fn dataclass(&mut self, class: &str, base: &str, lines: &[String]) {
        self.separate();
        self.line(0, "@dataclass(eq=False)");
        self.line(0, &format!("class {class}(oncilla_rpc.{base}):"));
        self.docstring(1, lines);
        self.line(0, "");
    }

    /// Returns the names of attributes. A name that is that of a class gets a `_`, since annotations name the class, as
    /// does a reserved one.
    pub(super) fn attributes<'n>(&self, names: impl Iterator<Item = &'n str>, reserved: &[&str]) -> Vec<String> {
        let mut used = Used::default();
        let name = |name: &str| {
            let name = words::plain(name);
            let is_class = self.names.is_used(&name) && !BUILTINS.contains(&name.as_str());
            let is_reserved = reserved.contains(&name.as_str());
            used.take(if is_class || is_reserved { format!("{name}_") } else { name })
        };
        names.map(name).collect()
    }
}

/// Returns whether a typedef defines a class: the body of one value.
fn is_class(declaration: &Declaration) -> bool {
    let has_body =
        matches!(declaration.type_.specifier, Specifier::Enum(_) | Specifier::Struct(_) | Specifier::Union(_));
    let itself = matches!(&declaration.type_.specifier, Specifier::Named(name) if name.text == declaration.name.text);
    declaration.type_.shape == Shape::One && (has_body || itself)
}
