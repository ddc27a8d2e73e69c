//! Items without a bound in the file, and their names for [`Options::bound`](crate::Options::bound).

use super::Interface;
use crate::source::Place;
use crate::tree::{Declaration, Definition, Name, Procedure, Shape, Specifier, StructBody, Type, UnionBody};

/// The unit of a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counted {
    /// Bytes of `string<>` and `opaque<>`.
    Bytes,
    /// Elements of an array `<>`.
    Elements,
    /// Nodes of a linked list, or of another recursive type.
    Nodes,
}

/// An item for which the file states no bound. Returned by [`Interface::unbounded`].
#[derive(Clone, Debug)]
pub struct Unbounded<'t> {
    /// The name of the item, as in [`Options::bound`](crate::Options::bound).
    pub path: String,
    /// The unit of the bound.
    pub counted: Counted,
    /// The place of the item.
    pub place: Place,
    /// The type. `None` for the node of a list and for a recursive type.
    pub(crate) type_: Option<&'t Type>,
}

impl<'t> Interface<'t> {
    /// Returns all items for which the file states no bound, in the order of the file.
    #[must_use]
    pub fn unbounded(&self) -> Vec<Unbounded<'t>> {
        let mut found = Vec::new();
        for item in self.items() {
            let first = found.len();
            match &item.definition {
                Definition::Typedef(declaration) => {
                    self.of_nodes(&declaration.name, &mut found);
                    of_type(&declaration.name.text, &declaration.type_, &mut found);
                }
                Definition::Struct(name, body) => {
                    self.of_nodes(name, &mut found);
                    of_struct(&name.text, body, &mut found);
                }
                Definition::Union(name, body) => {
                    self.of_nodes(name, &mut found);
                    of_union(&name.text, body, &mut found);
                }
                Definition::Program(program) => {
                    let procedures = program.versions.iter().flat_map(|version| &version.procedures);
                    procedures.for_each(|procedure| of_procedure(procedure, &mut found));
                }
                Definition::Constant(_) | Definition::Enum(..) | Definition::Passed(_) => {}
            }
            if let Some(used) = self.used(item) {
                found[first..].iter_mut().for_each(|unbounded| unbounded.place = used);
            }
        }
        found
    }

    /// Adds the nodes of a list or of a recursive type, if `name` is one.
    fn of_nodes(&self, name: &Name, found: &mut Vec<Unbounded<'t>>) {
        let text = name.text.as_str();
        if self.is_list(text) || (self.is_recursive(text) && self.body_in_the_end(text) == Some(text)) {
            found.push(Unbounded { path: text.to_owned(), counted: Counted::Nodes, place: name.place, type_: None });
        }
    }
}

fn of_procedure<'t>(procedure: &'t Procedure, found: &mut Vec<Unbounded<'t>>) {
    let name = &procedure.name.text;
    for (place, argument) in procedure.arguments.iter().enumerate() {
        let number = (place + 1).to_string();
        let argument_name = argument.name.as_ref().map_or(&number, |name| &name.text);
        of_type(&format!("{name}.{argument_name}"), &argument.type_, found);
    }
    procedure.result.iter().for_each(|result| of_type(name, result, found));
}

fn of_type<'t>(path: &str, type_: &'t Type, found: &mut Vec<Unbounded<'t>>) {
    if type_.shape == Shape::Variable(None) {
        let bytes = matches!(type_.specifier, Specifier::String | Specifier::Opaque);
        let counted = if bytes { Counted::Bytes } else { Counted::Elements };
        found.push(Unbounded { path: path.to_owned(), counted, place: type_.place, type_: Some(type_) });
    }
    match &type_.specifier {
        Specifier::Struct(body) => of_struct(path, body, found),
        Specifier::Union(body) => of_union(path, body, found),
        _ => {}
    }
}

fn of_struct<'t>(path: &str, body: &'t StructBody, found: &mut Vec<Unbounded<'t>>) {
    body.fields.iter().for_each(|field| of_declaration(path, &field.declaration, found));
}

fn of_union<'t>(path: &str, body: &'t UnionBody, found: &mut Vec<Unbounded<'t>>) {
    let arms = body.arms.iter().filter_map(|arm| arm.body.as_ref());
    let default = body.default.iter().filter_map(|default| default.body.as_ref());
    arms.chain(default).for_each(|arm| of_declaration(path, arm, found));
}

fn of_declaration<'t>(path: &str, declaration: &'t Declaration, found: &mut Vec<Unbounded<'t>>) {
    of_type(&format!("{path}.{}", declaration.name.text), &declaration.type_, found);
}
