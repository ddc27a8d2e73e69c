//! From the syntax tree to the list of types.
//!
//! No function is recursive over names, because a chain of types may be as long as a file. The parser limits how deeply
//! types are nested.

use std::collections::HashMap;
use std::sync::Arc;

use oncilla_rpcgen::tree::{
    Basic, Comments, Declaration, EnumBody, Shape, Specifier, StructBody, Type, UnionBody, Value,
};
use oncilla_rpcgen::{Defined, Interface, Meaning, Prelude, harmless};

use super::{Arm, Case, Count, Enum, Field, Id, Integer, Kind, Member, Named, Schema, Union};

/// Builds the types of a file.
pub(crate) struct Builder<'i, 't> {
    interface: &'i Interface<'t>,
    schema: Schema,
    /// Types by name, some of which are still to be built.
    named: HashMap<&'t str, Id>,
    /// Names of types to be built, and their indices.
    waiting: Vec<(&'t str, Id)>,
}

impl<'i, 't> Builder<'i, 't> {
    pub fn new(interface: &'i Interface<'t>) -> Self {
        Self { interface, schema: Schema::default(), named: HashMap::new(), waiting: Vec::new() }
    }

    /// Returns the index of a type. The type is complete after [`finish`](Self::finish).
    pub fn type_(&mut self, type_: &'t Type) -> Id {
        match (&type_.specifier, &type_.shape) {
            (Specifier::Named(name), Shape::One) => self.named(&name.text),
            _ => {
                let kind = self.kind(type_);
                self.add(kind)
            }
        }
    }

    /// Adds a type that the file defines. Of several definitions, which are equal, the first counts.
    pub fn define(&mut self, name: &'t str, comments: &Comments) {
        if self.schema.by_name.contains_key(name) {
            return;
        }
        let (id, index, shared) = (self.named(name), self.schema.named.len(), Arc::<str>::from(name));
        self.schema.by_name.insert(shared.clone(), index);
        // Not the documentation of another name for the type.
        if self.schema.name(id) == Some(name) {
            self.schema.by_id.insert(id, index);
        }
        self.schema.named.push(Named { name: shared, id, documentation: documentation(comments) });
    }

    /// Builds all types that were named.
    pub fn finish(mut self) -> Schema {
        while let Some((name, id)) = self.waiting.pop() {
            let kind = match self.interface.meaning(name) {
                Some(Meaning::Defined(Defined::Typedef(declaration))) => self.kind(&declaration.type_),
                Some(Meaning::Defined(Defined::Enum(body))) => Kind::Enum(self.enum_(name, body)),
                Some(Meaning::Defined(Defined::Union(body))) => self.union(name, body),
                Some(Meaning::Defined(Defined::Struct(body))) if self.interface.is_list(name) => {
                    let node = self.struct_(body, true);
                    Kind::List { node: self.add(node), optional: false }
                }
                Some(Meaning::Defined(Defined::Struct(body))) => self.struct_(body, false),
                Some(Meaning::Prelude(Prelude::Basic(basic))) => of_basic(basic),
                Some(Meaning::Prelude(Prelude::Fixed(size))) => Kind::Opaque(Count::Exactly(size)),
                Some(Meaning::Prelude(Prelude::Variable(bound))) => Kind::Opaque(Count::AtMost(bound)),
                // An interface with an unknown type has errors, and is not built.
                Some(Meaning::External) | None => Kind::Struct(Vec::new()),
            };
            self.schema.kinds[id] = kind;
        }
        self.complete();
        self.schema
    }

    /// Completes what depends on another type, once all types are known.
    fn complete(&mut self) {
        for id in 0..self.schema.kinds.len() {
            match &self.schema.kinds[id] {
                // The pointer to a list.
                Kind::Optional(inner) => {
                    if let Kind::List { node, optional: false } = self.schema.kinds[*inner] {
                        self.schema.kinds[id] = Kind::List { node, optional: true };
                    }
                }
                Kind::Union(union) if matches!(self.schema.kinds[union.discriminant], Kind::Enum(_)) => {
                    let mut union = union.clone();
                    union.wrap();
                    self.schema.kinds[id] = Kind::Union(union);
                }
                _ => {}
            }
        }
    }

    fn add(&mut self, kind: Kind) -> Id {
        self.schema.kinds.push(kind);
        self.schema.names.push(None);
        self.schema.kinds.len() - 1
    }

    /// Returns the index of a named type. Other names for it have the same index.
    fn named(&mut self, mut name: &'t str) -> Id {
        let mut passed = Vec::new();
        let id = loop {
            if let Some(&id) = self.named.get(name) {
                break id;
            }
            passed.push(name);
            let defined = self.interface.meaning(name);
            if let Some(Meaning::Defined(Defined::Typedef(declaration))) = defined
                && let (Specifier::Named(other), Shape::One) = (&declaration.type_.specifier, &declaration.type_.shape)
                // `typedef struct foo foo;` has errors unless it is the same type.
                && other.text != name
            {
                name = &other.text;
                continue;
            }
            let id = self.add(Kind::Bool);
            self.schema.names[id] = Some(name.into());
            self.waiting.push((name, id));
            break id;
        };
        self.named.extend(passed.into_iter().map(|name| (name, id)));
        id
    }

    /// Returns a type that is not just another name.
    fn kind(&mut self, type_: &'t Type) -> Kind {
        let count = match &type_.shape {
            Shape::Fixed(size) => Some(Count::Exactly(self.size(size))),
            Shape::Variable(Some(bound)) => Some(Count::AtMost(self.size(bound))),
            Shape::Variable(None) => Some(Count::AtMost(u32::MAX)),
            Shape::One | Shape::Optional => None,
        };
        match (&type_.specifier, count) {
            (Specifier::String, Some(Count::AtMost(bound) | Count::Exactly(bound))) => return Kind::Text(bound),
            (Specifier::String, None) => return Kind::Text(u32::MAX),
            (Specifier::Opaque, Some(count)) => return Kind::Opaque(count),
            _ => {}
        }
        let one = match &type_.specifier {
            Specifier::Named(name) => {
                let id = self.named(&name.text);
                return match (count, &type_.shape) {
                    (Some(count), _) => Kind::Array(id, count),
                    (None, Shape::Optional) => Kind::Optional(id),
                    // The name of a type that is itself: not reached without an error in the file.
                    (None, _) => Kind::Struct(Vec::new()),
                };
            }
            Specifier::Basic(basic) => of_basic(*basic),
            Specifier::Enum(body) => Kind::Enum(self.enum_("", body)),
            Specifier::Struct(body) => self.struct_(body, false),
            Specifier::Union(body) => self.union("", body),
            Specifier::Opaque | Specifier::String => Kind::Opaque(Count::AtMost(u32::MAX)),
        };
        match (count, &type_.shape) {
            (Some(count), _) => Kind::Array(self.add(one), count),
            (None, Shape::Optional) => Kind::Optional(self.add(one)),
            (None, _) => one,
        }
    }

    /// Returns a struct. The last field of a node of a list is its link, which is left out.
    fn struct_(&mut self, body: &'t StructBody, node: bool) -> Kind {
        let fields = &body.fields[..body.fields.len() - usize::from(node && !body.fields.is_empty())];
        let field = |field: &'t oncilla_rpcgen::tree::Field| {
            let declaration = &field.declaration;
            let (name, id) = (declaration.name.text.clone(), self.type_(&declaration.type_));
            Field { name, id, documentation: documentation(&field.comments) }
        };
        Kind::Struct(fields.iter().map(field).collect())
    }

    fn enum_(&self, name: &str, body: &'t EnumBody) -> Enum {
        let mut members = Enum::new(name);
        for member in &body.members {
            // From 0x80000000 a member is the `int` with the same bits.
            let number = self.interface.number(&member.name.text).unwrap_or_default() as i32;
            let (name, documentation) = (member.name.text.clone(), documentation(&member.comments));
            members.add(Member { name, number, documentation });
        }
        members
    }

    fn union(&mut self, name: &str, body: &'t UnionBody) -> Kind {
        let discriminant = self.type_(&body.discriminant.type_);
        let mut cases = Vec::new();
        for arm in &body.arms {
            let (cases_of, arm) = (&arm.cases, self.arm(arm.body.as_ref(), &arm.comments));
            let number = |case| self.interface.value(case).unwrap_or_default();
            cases.extend(cases_of.iter().map(|case| Case { number: number(case), arm: arm.clone() }));
        }
        let default = body.default.as_ref().map(|default| self.arm(default.body.as_ref(), &default.comments));
        Kind::Union(Box::new(Union::new(name, discriminant, cases, default)))
    }

    fn arm(&mut self, body: Option<&'t Declaration>, comments: &Comments) -> Arm {
        let field = body.map_or("", |body| &body.name.text).into();
        Arm { body: body.map(|body| self.type_(&body.type_)), field, documentation: documentation(comments).into() }
    }

    fn size(&self, value: &Value) -> u32 {
        self.interface.value(value).ok().and_then(|size| u32::try_from(size).ok()).unwrap_or_default()
    }
}

/// Returns the text of comments, which may be printed to a terminal.
pub(crate) fn documentation(comments: &Comments) -> String {
    harmless(&comments.text()).into_owned()
}

fn of_basic(basic: Basic) -> Kind {
    let integer = |name, low: i128, high: i128, wide| Kind::Integer(Integer { name, low, high, wide });
    match basic {
        Basic::Char => integer("char", i8::MIN.into(), i8::MAX.into(), false),
        Basic::UnsignedChar => integer("unsigned char", 0, u8::MAX.into(), false),
        Basic::Short => integer("short", i16::MIN.into(), i16::MAX.into(), false),
        Basic::UnsignedShort => integer("unsigned short", 0, u16::MAX.into(), false),
        Basic::Int => integer("int", i32::MIN.into(), i32::MAX.into(), false),
        Basic::UnsignedInt => integer("unsigned int", 0, u32::MAX.into(), false),
        Basic::Hyper => integer("hyper", i64::MIN.into(), i64::MAX.into(), true),
        Basic::UnsignedHyper => integer("unsigned hyper", 0, u64::MAX.into(), true),
        Basic::Float => Kind::Float,
        Basic::Double => Kind::Double,
        Basic::Bool => Kind::Bool,
    }
}
