//! From the checked tree to the model of its types in C, each after those that it contains.

use std::collections::{HashMap, HashSet};

use super::docs;
use super::model::{Arm, Bound, Constant, Field, Kind, Member, Model, Shape, Type};
use super::names::Names;
use super::words;
use crate::check::{Defined, Interface, Meaning, Prelude};
use crate::generate::bounds::Bounds;
use crate::options::Options;
use crate::tree::{
    self, Base, Basic, Comments, ConstantValue, Declaration, Definition, EnumBody, Number, Specifier, StructBody,
    UnionBody, Value,
};

pub(super) struct Lowering<'i, 't> {
    pub interface: &'i Interface<'t>,
    pub options: &'i Options,
    pub names: Names<'t>,
    bounds: Bounds,
    pub model: Model,
    /// The bytes of the largest encoding of each type, by its name in C.
    sizes: HashMap<String, u64>,
    /// The names in C of types that every file can use.
    of_headers: HashMap<String, String>,
    /// The names of types of the file that are in the model.
    done: HashSet<String>,
    comments: HashMap<&'t str, &'t Comments>,
}

impl<'i, 't> Lowering<'i, 't> {
    pub fn new(interface: &'i Interface<'t>, options: &'i Options, prefix: &str) -> Self {
        let mut comments = HashMap::new();
        for item in interface.items() {
            let given = interface.given(item).map(|declaration| &declaration.name);
            if let Some(name) = given.or_else(|| item.definition.name()) {
                comments.entry(name.text.as_str()).or_insert(&item.comments);
            }
        }
        Self {
            interface,
            options,
            names: Names::new(interface, prefix),
            bounds: Bounds::new(interface, options),
            model: Model::default(),
            sizes: HashMap::new(),
            of_headers: HashMap::new(),
            done: HashSet::new(),
            comments,
        }
    }

    /// Adds all constants and types to the model.
    pub fn types(&mut self) {
        let interface = self.interface;
        for item in interface.items() {
            if let Definition::Constant(constant) = &item.definition {
                let Some(name) = self.names.constants.get(constant.name.text.as_str()).cloned() else { continue };
                let value = match &constant.value {
                    ConstantValue::Text(text) => docs::text_literal(text),
                    ConstantValue::Value(value) => match self.literal(value) {
                        negative if negative.starts_with('-') => format!("({negative})"),
                        literal => literal,
                    },
                };
                self.model.constants.push(Constant { name, value, lines: docs::lines(&item.comments) });
            }
        }
        for item in interface.items() {
            let given = interface.given(item).map(|declaration| declaration.name.text.as_str());
            let name = match &item.definition {
                Definition::Constant(_) | Definition::Program(_) => None,
                definition => given.or_else(|| definition.name().map(|name| name.text.as_str())),
            };
            name.into_iter().for_each(|name| self.defined(name));
        }
    }

    /// Adds a type of the file to the model, after those that it contains.
    fn defined(&mut self, name: &str) {
        let Some(Meaning::Defined(defined)) = self.interface.meaning(name) else { return };
        if !self.done.insert(name.to_owned()) {
            return;
        }
        let c_name = self.names.type_(name).to_owned();
        let lines = self.comments.get(name).map(|comments| docs::lines(comments)).unwrap_or_default();
        match defined {
            Defined::Enum(body) => self.enum_(c_name, body, lines),
            Defined::Struct(body) => {
                let is_list = self.interface.is_list(name);
                self.struct_(c_name, body, is_list, lines);
            }
            Defined::Union(body) => self.union(c_name, body, lines),
            Defined::Typedef(declaration) => self.typedef(name, c_name, declaration, lines),
        }
    }

    fn typedef(&mut self, name: &str, c_name: String, declaration: &'t Declaration, lines: Vec<String>) {
        let type_ = &declaration.type_;
        if type_.shape == tree::Shape::One {
            match &type_.specifier {
                // The body has the name of the typedef.
                Specifier::Enum(body) => return self.enum_(c_name, body, lines),
                Specifier::Struct(body) => return self.struct_(c_name, body, false, lines),
                Specifier::Union(body) => return self.union(c_name, body, lines),
                // `typedef struct foo foo;`
                Specifier::Named(other) if other.text == name => return,
                _ => {}
            }
        }
        let kind = self.kind(type_, &format!("{c_name}_element"));
        let size = self.size(&kind);
        let shape = match &kind {
            Kind::Basic(_) | Kind::Enum(_) | Kind::Type(_) => Shape::Alias(kind),
            _ => Shape::Wrapped(kind),
        };
        self.add(c_name, lines, shape, size);
    }

    pub fn add(&mut self, name: String, lines: Vec<String>, shape: Shape, size: u64) {
        let size_macro = match shape {
            Shape::Alias(_) => String::new(),
            _ => self.names.take_macro(format!("{}_SIZE_MAX", words::capitals(&name))),
        };
        self.sizes.insert(name.clone(), size);
        self.model.types.push(Type { name, lines, shape, size, size_macro });
    }

    fn enum_(&mut self, name: String, body: &'t EnumBody, lines: Vec<String>) {
        let member = |member: &'t tree::Member| Member {
            name: self.names.constants.get(member.name.text.as_str()).cloned().unwrap_or_default(),
            number: self.interface.member(&member.name.text),
            lines: docs::lines(&member.comments),
        };
        let members = body.members.iter().map(member).collect();
        self.add(name, lines, Shape::Enum(members), 4);
    }

    fn struct_(&mut self, name: String, body: &'t StructBody, is_list: bool, lines: Vec<String>) {
        let fields = &body.fields[..body.fields.len() - usize::from(is_list)];
        let names: Vec<_> = fields.iter().map(|field| field.declaration.name.text.as_str()).collect();
        let kinds: Vec<_> = fields
            .iter()
            .zip(&names)
            .map(|(field, part)| self.kind(&field.declaration.type_, &format!("{name}_{}", words::plain(part))))
            .collect();
        let names = self.names.members(names.into_iter(), &[]);
        let size = kinds.iter().fold(0, |size: u64, kind| size.saturating_add(self.size(kind)));
        let fields = fields.iter().zip(names).zip(kinds);
        let fields = fields.map(|((field, name), kind)| Field { name, kind, lines: docs::lines(&field.comments) });
        let fields = fields.collect();
        self.add(name, lines, Shape::Struct(fields), size);
    }

    fn union(&mut self, name: String, body: &'t UnionBody, lines: Vec<String>) {
        let discriminant = &body.discriminant;
        let kind = self.kind(&discriminant.type_, &format!("{name}_{}", words::plain(&discriminant.name.text)));
        // The default arm also has numbers that are no members.
        let kind = match kind {
            Kind::Enum(_) if body.default.is_some() => Kind::Basic(Basic::Int),
            kind => kind,
        };
        let bodies: Vec<_> = body.bodies().collect();
        let kinds: Vec<_> = bodies
            .iter()
            .map(|part| self.kind(&part.type_, &format!("{name}_{}", words::plain(&part.name.text))))
            .collect();
        let names = self.names.members(bodies.iter().map(|body| body.name.text.as_str()), &[]);
        let largest = kinds.iter().map(|kind| self.size(kind)).max().unwrap_or_default();
        let size = self.size(&kind).saturating_add(largest);
        let mut parts = names.into_iter().zip(kinds);
        let mut part = |body: &Option<Declaration>, comments: &Comments| {
            let (name, kind) = body.as_ref().and_then(|_| parts.next())?;
            Some(Field { name, kind, lines: docs::lines(comments) })
        };
        let mut arms: Vec<_> = body
            .arms
            .iter()
            .map(|arm| Arm {
                cases: arm.cases.iter().map(|case| self.case(case, discriminant)).collect(),
                numbers: arm.cases.iter().map(|case| self.interface.value(case).unwrap_or_default()).collect(),
                body: part(&arm.body, &arm.comments),
            })
            .collect();
        arms.extend(body.default.as_ref().map(|default| Arm {
            cases: Vec::new(),
            numbers: Vec::new(),
            body: part(&default.body, &default.comments),
        }));
        let named = self.names.members(std::iter::once(discriminant.name.text.as_str()), &["u"]);
        let discriminant = Field {
            name: named.into_iter().next().unwrap_or_default(),
            kind,
            lines: docs::lines(&Comments::default()),
        };
        self.add(name, lines, Shape::Union(discriminant, arms), size);
    }

    /// Returns a case as it is written after `case`.
    fn case(&self, case: &Value, discriminant: &Declaration) -> String {
        let number = self.interface.value(case).unwrap_or_default();
        match self.interface.basic(&discriminant.type_) {
            // Members of enums beyond the largest int are the ints with the same bits.
            None => self.constant(case).unwrap_or_else(|| words::literal((number as i32).into())),
            Some(Basic::Bool) => (if number == 0 { "false" } else { "true" }).into(),
            Some(Basic::Int) if number > i128::from(i32::MAX) => words::literal((number as i32).into()),
            // A member of an enum is an int in C, whatever its number is in the file.
            Some(_) if !(-0x7fff_ffff..=0x7fff_ffff).contains(&number) => words::literal(number),
            Some(_) => self.literal(case),
        }
    }

    /// Returns the C of a type that is used. A body without a name gets the name `name`.
    pub fn kind(&mut self, type_: &'t tree::Type, name: &str) -> Kind {
        let bytes =
            |bound: Bound| if type_.specifier == Specifier::String { Kind::Text(bound) } else { Kind::Opaque(bound) };
        let is_bytes = matches!(type_.specifier, Specifier::String | Specifier::Opaque);
        if type_.shape == tree::Shape::Optional
            && let Some(node) = self.node(type_)
        {
            return self.list(node, false);
        }
        match &type_.shape {
            tree::Shape::One => self.one(type_, name),
            tree::Shape::Optional => Kind::Optional(Box::new(self.one(type_, name))),
            tree::Shape::Fixed(size) if is_bytes => Kind::Bytes(self.bound(size)),
            tree::Shape::Fixed(size) => Kind::Array(Box::new(self.one(type_, name)), self.bound(size)),
            tree::Shape::Variable(Some(bound)) if is_bytes => bytes(self.bound(bound)),
            tree::Shape::Variable(Some(bound)) => Kind::Counted(Box::new(self.one(type_, name)), self.bound(bound)),
            tree::Shape::Variable(None) => {
                let all = if is_bytes { self.options.bytes } else { self.options.elements };
                let number = u64::from(self.bounds.of_type(type_).unwrap_or(all));
                let bound = Bound { number, shown: words::literal(number.into()) };
                if is_bytes { bytes(bound) } else { Kind::Counted(Box::new(self.one(type_, name)), bound) }
            }
        }
    }

    /// Returns the node of a list that a type names.
    fn node(&self, type_: &'t tree::Type) -> Option<&'t str> {
        let Specifier::Named(name) = &type_.specifier else { return None };
        let node = self.interface.body_in_the_end(&name.text)?;
        self.interface.is_list(node).then_some(node)
    }

    fn one(&mut self, type_: &'t tree::Type, name: &str) -> Kind {
        if let Some(node) = self.node(type_) {
            return self.list(node, true);
        }
        match &type_.specifier {
            Specifier::Basic(basic) => Kind::Basic(*basic),
            Specifier::Named(name) => self.named(&name.text),
            Specifier::Enum(body) => {
                let name = self.body(body, name, |lowering, name| lowering.enum_(name, body, Vec::new()));
                Kind::Enum(name)
            }
            Specifier::Struct(body) => {
                let name = self.body(&**body, name, |lowering, name| lowering.struct_(name, body, false, Vec::new()));
                Kind::Type(name)
            }
            Specifier::Union(body) => {
                let name = self.body(&**body, name, |lowering, name| lowering.union(name, body, Vec::new()));
                Kind::Type(name)
            }
            // Only in a shape with a bound, which is handled by the caller.
            Specifier::Opaque | Specifier::String => Kind::Bytes(Bound { number: 0, shown: "0".into() }),
        }
    }

    fn body<B>(&mut self, body: &B, name: &str, add: impl FnOnce(&mut Self, String)) -> String {
        if let Some(known) = self.names.body(body) {
            return known.to_owned();
        }
        let name = self.names.take(name.to_owned());
        self.names.name_body(body, name.clone());
        add(self, name.clone());
        name
    }

    fn named(&mut self, name: &str) -> Kind {
        let interface = self.interface;
        match interface.meaning(name) {
            Some(Meaning::Prelude(Prelude::Basic(basic))) => Kind::Basic(basic),
            Some(Meaning::Prelude(Prelude::Fixed(size))) => self.of_headers(name, Kind::Bytes(number(size.into()))),
            Some(Meaning::Prelude(Prelude::Variable(bound))) => {
                self.of_headers(name, Kind::Opaque(number(bound.into())))
            }
            Some(Meaning::Defined(defined)) => {
                self.defined(name);
                match defined {
                    Defined::Enum(_) => Kind::Enum(self.names.type_(name).to_owned()),
                    Defined::Typedef(declaration) => self.typedefed(name, &declaration.type_),
                    Defined::Struct(_) | Defined::Union(_) => Kind::Type(self.names.type_(name).to_owned()),
                }
            }
            Some(Meaning::External) | None => Kind::Basic(Basic::Int),
        }
    }

    /// Returns a type of opaque data that every file can use.
    fn of_headers(&mut self, name: &str, kind: Kind) -> Kind {
        if let Some(known) = self.of_headers.get(name) {
            return Kind::Type(known.clone());
        }
        let c_name = self.names.take_prefixed(name);
        self.of_headers.insert(name.to_owned(), c_name.clone());
        let size = self.size(&kind);
        self.add(c_name.clone(), Vec::new(), Shape::Wrapped(kind), size);
        Kind::Type(c_name)
    }

    /// Returns what a typedef stands for, if it is only another name.
    fn typedefed(&mut self, name: &str, type_: &'t tree::Type) -> Kind {
        match (&type_.shape, &type_.specifier) {
            (tree::Shape::One, Specifier::Enum(_)) => Kind::Enum(self.names.type_(name).to_owned()),
            (tree::Shape::One, Specifier::Basic(basic)) => Kind::Basic(*basic),
            (tree::Shape::One, Specifier::Named(other)) if other.text != name => match self.node(type_) {
                Some(node) => self.list(node, true),
                None => self.named(&other.text),
            },
            (tree::Shape::Optional, _) => match self.node(type_) {
                Some(node) => self.list(node, false),
                None => Kind::Type(self.names.type_(name).to_owned()),
            },
            _ => Kind::Type(self.names.type_(name).to_owned()),
        }
    }

    /// Returns the array for a list.
    fn list(&mut self, node: &str, is_chain: bool) -> Kind {
        self.defined(node);
        let node_name = self.names.type_(node).to_owned();
        let key = format!("{node}{}", if is_chain { "*+" } else { "*" });
        let name = format!("{node_name}_{}", if is_chain { "chain" } else { "list" });
        if !self.done.insert(key.clone()) {
            return Kind::Type(self.lists_name(&node_name, is_chain).unwrap_or(name));
        }
        let name = self.names.take(name);
        let nodes = self.bounds.of_list(node).unwrap_or(self.options.nodes);
        let bound = number(nodes.into());
        let each = self.sizes.get(&node_name).copied().unwrap_or_default().saturating_add(4);
        let size = each.saturating_mul(nodes.into()).saturating_add(if is_chain { 0 } else { 4 });
        let what = if is_chain { "One or more" } else { "Any number of" };
        let lines = vec![format!("{what} nodes of the linked list `{node_name}`.")];
        self.add(name.clone(), lines, Shape::List { node: node_name, bound, is_chain }, size);
        Kind::Type(name)
    }

    fn lists_name(&self, node: &str, chain: bool) -> Option<String> {
        let is_it = |type_: &&Type| matches!(&type_.shape, Shape::List { node: of, is_chain, .. } if of == node && *is_chain == chain);
        self.model.types.iter().find(is_it).map(|type_| type_.name.clone())
    }

    fn bound(&self, value: &Value) -> Bound {
        let number = self.interface.value(value).ok().and_then(|number| u64::try_from(number).ok()).unwrap_or_default();
        Bound { number, shown: self.literal(value) }
    }

    /// Returns the name of the constant that a value is.
    fn constant(&self, value: &Value) -> Option<String> {
        let Value::Name(name) = value else { return None };
        self.names.constants.get(name.text.as_str()).cloned()
    }

    /// Returns a number, or the name of a constant.
    pub fn literal(&self, value: &Value) -> String {
        if let Some(constant) = self.constant(value) {
            return constant;
        }
        let number = self.interface.value(value).unwrap_or_default();
        match value {
            Value::Number(Number { text, .. })
                if matches!(value, Value::Number(written) if written.base() == Base::Hexadecimal) && number >= 0 =>
            {
                let digits = text.trim_start_matches("0x").trim_start_matches("0X").to_ascii_lowercase();
                let end = words::literal(number);
                let end = end.trim_start_matches(|letter: char| letter.is_ascii_digit());
                format!("0x{digits}{end}")
            }
            _ => words::literal(number),
        }
    }

    /// Returns the bytes of the largest encoding.
    pub fn size(&self, kind: &Kind) -> u64 {
        match kind {
            Kind::Basic(Basic::Hyper | Basic::UnsignedHyper | Basic::Double) => 8,
            Kind::Basic(_) | Kind::Enum(_) => 4,
            Kind::Type(name) => self.sizes.get(name).copied().unwrap_or_default(),
            Kind::Bytes(bound) => padded(bound.number),
            Kind::Text(bound) | Kind::Opaque(bound) => padded(bound.number).saturating_add(4),
            Kind::Array(element, bound) => self.size(element).saturating_mul(bound.number),
            Kind::Counted(element, bound) => self.size(element).saturating_mul(bound.number).saturating_add(4),
            Kind::Optional(value) => self.size(value).saturating_add(4),
        }
    }
}

fn number(number: u64) -> Bound {
    Bound { number, shown: words::literal(number.into()) }
}

fn padded(bytes: u64) -> u64 {
    bytes.saturating_add(3) / 4 * 4
}
