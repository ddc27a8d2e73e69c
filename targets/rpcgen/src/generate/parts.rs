//! Chooses the names of the parts of an item: bodies without names, variants, and lists without a pointer.

use std::collections::HashMap;

use super::names::{Names, Variant, address};
use super::words::{Used, camel, shared_prefix, stem};
use crate::check::Interface;
use crate::tree::{Declaration, EnumBody, Shape, Specifier, StructBody, Type, UnionBody, Value, split};

/// Names the parts of an item.
pub(super) struct Parts<'n, 't> {
    pub names: &'n mut Names<'t>,
    pub interface: &'n Interface<'t>,
    pub used: &'n mut Used,
}

impl<'t> Parts<'_, 't> {
    /// Names the parts of a type. A body gets the name `name`, which is already reserved if `known`.
    pub fn type_(&mut self, type_: &'t Type, name: &str, known: bool) {
        self.sizes(&type_.shape);
        self.chain(type_);
        let body = match &type_.specifier {
            Specifier::Enum(body) => address(body),
            Specifier::Struct(body) => address(&**body),
            Specifier::Union(body) => address(&**body),
            _ => return,
        };
        let name = if known { name.to_owned() } else { self.used.take(name.to_owned()) };
        self.names.bodies.insert(body, name.clone());
        match &type_.specifier {
            Specifier::Enum(body) => self.variants(body, &name),
            Specifier::Struct(body) => self.fields(body, &name, false),
            Specifier::Union(body) => self.arms(body, &name),
            _ => {}
        }
    }

    fn sizes(&mut self, shape: &'t Shape) {
        if let Shape::Fixed(Value::Name(name)) | Shape::Variable(Some(Value::Name(name))) = shape {
            self.names.sizes.insert(&name.text);
        }
    }

    /// Names a list of which a node occurs without a pointer.
    fn chain(&mut self, type_: &'t Type) {
        let Specifier::Named(name) = &type_.specifier else { return };
        if type_.shape != Shape::Optional
            && self.interface.is_list(&name.text)
            && !self.names.chains.contains_key(name.text.as_str())
        {
            let chain = self.used.take(format!("{}Chain", stem(self.names.type_(&name.text))));
            self.names.chains.insert(&name.text, chain);
        }
    }

    pub fn members(&mut self, body: &'t EnumBody, name: &str) {
        let name = self.names.type_(name).to_owned();
        self.variants(body, &name);
    }

    /// Names variants. Members with the same number are one variant, with the name of the first.
    fn variants(&mut self, body: &'t EnumBody, of: &str) {
        let mut used = Used::default();
        let mut numbers: HashMap<i32, String> = HashMap::new();
        let prefix = shared_prefix(body.members.iter().map(|member| member.name.split().1));
        for member in &body.members {
            let text = member.name.text.as_str();
            let number = self.interface.member(text);
            let name = match numbers.get(&number) {
                Some(name) => name.clone(),
                None => used.take(camel(&split(text).1[prefix..])),
            };
            numbers.insert(number, name.clone());
            self.names.members.insert(text, Variant { of: of.to_owned(), name });
        }
        self.names.numbers.insert(address(body), numbers);
    }

    pub fn fields(&mut self, body: &'t StructBody, owner: &str, is_list: bool) {
        let count = body.fields.len() - usize::from(is_list);
        body.fields.iter().take(count).for_each(|field| self.declaration(&field.declaration, owner));
    }

    pub fn arms(&mut self, body: &'t UnionBody, owner: &str) {
        let arms = body.arms.iter().filter_map(|arm| arm.body.as_ref());
        let default = body.default.iter().filter_map(|default| default.body.as_ref());
        std::iter::once(&body.discriminant).chain(arms).chain(default).for_each(|arm| self.declaration(arm, owner));
    }

    fn declaration(&mut self, declaration: &'t Declaration, owner: &str) {
        self.type_(&declaration.type_, &format!("{}{}", stem(owner), camel(&declaration.name.text)), false);
    }
}
