//! Resolves names in namespaces, the dialect of xdrpp and xdrgen: `namespace a { … }`, and `a::name` elsewhere.

use std::collections::HashSet;

use crate::tree::{Definition, EnumBody, Item, Name, Shape, Specifier, StructBody, Type, UnionBody, Value};

/// Writes every name in full.
///
/// A defined name gets the namespace of its item. A used name gets the innermost namespace in which it is found.
/// `scopes` has the namespace of each item, empty for none.
pub(super) fn resolve(items: &mut [Item], scopes: &[String]) {
    if scopes.iter().all(String::is_empty) {
        return;
    }
    let mut defined = HashSet::new();
    for (item, scope) in items.iter_mut().zip(scopes) {
        let mut qualify = |name: &mut Name| {
            if !scope.is_empty() {
                name.text = format!("{scope}::{}", name.text);
            }
            defined.insert(name.text.clone());
        };
        visit(item, &mut |name, defines| {
            if defines {
                qualify(name)
            }
        });
    }
    for (item, scope) in items.iter_mut().zip(scopes) {
        visit(item, &mut |name, defines| {
            if !defines && let Some(full) = find(&name.text, scope, &defined) {
                name.text = full;
            }
        });
    }
}

/// Returns the full name of a name used in a namespace, or `None` if it is in none.
fn find(name: &str, scope: &str, defined: &HashSet<String>) -> Option<String> {
    let mut scope = scope;
    while !scope.is_empty() {
        let full = format!("{scope}::{name}");
        if defined.contains(&full) {
            return Some(full);
        }
        scope = scope.rsplit_once("::").map_or("", |(outer, _)| outer);
    }
    None
}

/// Passes all names of an item to `see`, and whether the item defines them.
///
/// Names of fields, arms, versions and procedures are in no namespace.
fn visit(item: &mut Item, see: &mut dyn FnMut(&mut Name, bool)) {
    match &mut item.definition {
        Definition::Constant(constant) => {
            see(&mut constant.name, true);
            if let crate::tree::ConstantValue::Value(value) = &mut constant.value {
                of_value(value, see);
            }
        }
        Definition::Typedef(declaration) => {
            see(&mut declaration.name, true);
            of_type(&mut declaration.type_, see);
        }
        Definition::Enum(name, body) => {
            see(name, true);
            of_enum(body, see);
        }
        Definition::Struct(name, body) => {
            see(name, true);
            of_struct(body, see);
        }
        Definition::Union(name, body) => {
            see(name, true);
            of_union(body, see);
        }
        Definition::Program(program) => {
            see(&mut program.name, true);
            of_value(&mut program.number, see);
            for version in &mut program.versions {
                of_value(&mut version.number, see);
                for procedure in &mut version.procedures {
                    of_value(&mut procedure.number, see);
                    let arguments = procedure.arguments.iter_mut().map(|argument| &mut argument.type_);
                    arguments.chain(&mut procedure.result).for_each(|type_| of_type(type_, see));
                }
            }
        }
        Definition::Passed(_) => {}
    }
}

fn of_value(value: &mut Value, see: &mut dyn FnMut(&mut Name, bool)) {
    if let Value::Name(name) = value {
        see(name, false);
    }
}

fn of_type(type_: &mut Type, see: &mut dyn FnMut(&mut Name, bool)) {
    match &mut type_.specifier {
        Specifier::Named(name) => see(name, false),
        Specifier::Enum(body) => of_enum(body, see),
        Specifier::Struct(body) => of_struct(body, see),
        Specifier::Union(body) => of_union(body, see),
        Specifier::Basic(_) | Specifier::Opaque | Specifier::String => {}
    }
    if let Shape::Fixed(size) | Shape::Variable(Some(size)) = &mut type_.shape {
        of_value(size, see);
    }
}

fn of_enum(body: &mut EnumBody, see: &mut dyn FnMut(&mut Name, bool)) {
    for member in &mut body.members {
        see(&mut member.name, true);
        member.value.iter_mut().for_each(|value| of_value(value, see));
    }
}

fn of_struct(body: &mut StructBody, see: &mut dyn FnMut(&mut Name, bool)) {
    body.fields.iter_mut().for_each(|field| of_type(&mut field.declaration.type_, see));
}

fn of_union(body: &mut UnionBody, see: &mut dyn FnMut(&mut Name, bool)) {
    of_type(&mut body.discriminant.type_, see);
    for arm in &mut body.arms {
        arm.cases.iter_mut().for_each(|case| of_value(case, see));
        arm.body.iter_mut().for_each(|body| of_type(&mut body.type_, see));
    }
    let default = body.default.iter_mut().filter_map(|default| default.body.as_mut());
    default.for_each(|body| of_type(&mut body.type_, see));
}
