//! Types that contain themselves: finds linked lists and groups of types that contain each other, and refuses infinite
//! types.

use std::collections::{HashMap, HashSet};

use super::{Defined, Interface, Meaning, cycles};
use crate::diagnostic::Diagnostic;
use crate::source::Place;
use crate::tree::{Declaration, Item, Name, Shape, Specifier, StructBody, Type, UnionBody};

/// The largest number of typedefs that are followed. More are nested too deeply.
const CHAIN_MAX: usize = 1000;

/// A type contains another, by value or through a pointer.
pub(super) struct Edge<'t> {
    pub to: &'t str,
    pub by_value: bool,
    /// The edge begins in the body of a struct or a union.
    pub in_body: bool,
    pub place: Place,
}

pub(super) type Edges<'t> = HashMap<&'t str, Vec<Edge<'t>>>;

/// Finds linked lists and other types that contain themselves, and reports infinite types.
pub(super) fn check<'t>(interface: &mut Interface<'t>, diagnostics: &mut Vec<Diagnostic>) {
    let mut names: Vec<_> = interface.types.keys().copied().collect();
    names.sort_unstable();
    interface.lists = names.iter().copied().filter(|name| link(interface, name).is_some()).collect();
    let of_all =
        |interface: &Interface<'t>| -> Edges<'t> { names.iter().map(|&name| (name, edges(interface, name))).collect() };
    let mut all = of_all(interface);
    let mut groups = cycles::groups(&names, &all);
    // A node that contains itself also in other ways than through its link is not of a list.
    let lists = interface.lists.len();
    interface.lists.retain(|name| !groups.contains_key(name));
    if interface.lists.len() < lists {
        all = of_all(interface);
        groups = cycles::groups(&names, &all);
    }
    cycles::without_end(&names, &all, diagnostics);
    cycles::without_body(&names, &all, diagnostics);
    interface.groups = groups;
    interface.members = members(interface);
    names.iter().for_each(|name| arrays(interface, name, diagnostics));
    names.iter().for_each(|name| bodies(interface, name, diagnostics));
}

/// Returns the types of each group, in the order of the file.
fn members<'t>(interface: &Interface<'t>) -> HashMap<usize, Vec<&'t str>> {
    let (mut members, mut seen): (HashMap<_, Vec<_>>, _) = (HashMap::new(), HashSet::new());
    for item in interface.items() {
        let Some(name) = defines(interface, item).map(|name| name.text.as_str()) else { continue };
        if let Some(group) = interface.group(name).filter(|_| seen.insert(name)) {
            members.entry(group).or_default().push(name);
        }
    }
    members
}

/// Returns the name that an item, or a line for C, defines.
fn defines<'t>(interface: &Interface<'t>, item: &'t Item) -> Option<&'t Name> {
    interface.given(item).map(|declaration| &declaration.name).or_else(|| item.definition.name())
}

/// Returns the last field of a struct, if it leads to the next node of a list.
fn link<'t>(interface: &Interface<'t>, name: &str) -> Option<&'t Declaration> {
    let Some(Defined::Struct(body)) = interface.types.get(name).copied() else { return None };
    let (last, others) = body.fields.split_last()?;
    // A node has at least one field besides its link.
    let pointer = interface.plain(&last.declaration.type_);
    let leads = pointer.shape == Shape::Optional && target(interface, pointer) == Some(name) && !others.is_empty();
    leads.then_some(&last.declaration)
}

/// Returns the name of the type that a pointer points to.
fn target<'a>(interface: &Interface<'a>, pointer: &'a Type) -> Option<&'a str> {
    let Specifier::Named(name) = &pointer.specifier else { return None };
    match interface.types.get(name.text.as_str()) {
        Some(Defined::Typedef(declaration)) => interface.named_in_the_end(&declaration.type_),
        _ => Some(&name.text),
    }
}

/// Returns the types that a type contains, without the link of a list.
fn edges<'t>(interface: &Interface<'t>, name: &'t str) -> Vec<Edge<'t>> {
    let mut edges = Vec::new();
    let link = link(interface, name).filter(|_| interface.lists.contains(name));
    let typedef = interface.typedef(name).map(|declaration| &declaration.type_);
    types(interface, name, &mut |type_, by_value| {
        let is_link = link.is_some_and(|link| std::ptr::eq(&link.type_, type_));
        let in_body = typedef.is_none_or(|typedef| !std::ptr::eq(typedef, type_));
        if let (Specifier::Named(name), false) = (&type_.specifier, is_link)
            && let Some(Meaning::Defined(_)) = interface.meaning(&name.text)
        {
            edges.push(Edge { to: &name.text, by_value, in_body, place: type_.place });
        }
    });
    edges
}

/// Passes all types that a type consists of to `see`, and whether each is contained by value.
fn types<'t>(interface: &Interface<'t>, name: &str, see: &mut dyn FnMut(&'t Type, bool)) {
    match interface.types.get(name).copied() {
        Some(Defined::Typedef(declaration)) => of_type(&declaration.type_, true, see),
        Some(Defined::Struct(body)) => of_struct(body, true, see),
        Some(Defined::Union(body)) => of_union(body, true, see),
        Some(Defined::Enum(_)) | None => {}
    }
}

fn of_struct<'t>(body: &'t StructBody, by_value: bool, see: &mut dyn FnMut(&'t Type, bool)) {
    body.fields.iter().for_each(|field| of_type(&field.declaration.type_, by_value, see));
}

fn of_union<'t>(body: &'t UnionBody, by_value: bool, see: &mut dyn FnMut(&'t Type, bool)) {
    body.bodies().for_each(|declaration| of_type(&declaration.type_, by_value, see));
}

fn of_type<'t>(type_: &'t Type, by_value: bool, see: &mut dyn FnMut(&'t Type, bool)) {
    let by_value = by_value && matches!(type_.shape, Shape::One | Shape::Fixed(_));
    see(type_, by_value);
    match &type_.specifier {
        Specifier::Struct(body) => of_struct(body, by_value, see),
        Specifier::Union(body) => of_union(body, by_value, see),
        _ => {}
    }
}

/// Reports pointers to arrays, and arrays of arrays, that contain themselves. Only a struct or a union can be a node.
fn arrays(interface: &Interface<'_>, name: &str, diagnostics: &mut Vec<Diagnostic>) {
    let Some(group) = interface.group(name) else { return };
    types(interface, name, &mut |type_, _| {
        let Specifier::Named(name) = &type_.specifier else { return };
        let several = matches!(type_.shape, Shape::Optional | Shape::Variable(_));
        let Some(Defined::Typedef(declaration)) = interface.types.get(name.text.as_str()) else { return };
        let array = interface.plain(&declaration.type_);
        if several && interface.group(&name.text) == Some(group) && matches!(array.shape, Shape::Fixed(_)) {
            let message = format!("the array `{}` contains itself, through a pointer or another array", name.text);
            let error = Diagnostic::error(type_.place, message);
            diagnostics.push(error.label("only structs and unions can contain themselves").help(format!(
                "put the array into a struct, `struct {}_of {{ … }};`; the wire format stays the same",
                name.text
            )));
        }
    });
}

/// Reports typedefs of pointers to, or arrays of, a body without a name that contains itself.
///
/// Outside of the body there is no name for the type that is pointed to.
fn bodies(interface: &Interface<'_>, name: &str, diagnostics: &mut Vec<Diagnostic>) {
    let (Some(group), Some(Declaration { type_, .. })) = (interface.group(name), interface.typedef(name)) else {
        return;
    };
    let word = match &type_.specifier {
        Specifier::Struct(body) if interface.struct_touches(body, group) => "struct",
        Specifier::Union(body) if interface.union_touches(body, group) => "union",
        _ => return,
    };
    if type_.shape != Shape::One {
        let message = format!("the {word} without a name in `{name}` contains itself");
        let error = Diagnostic::error(type_.place, message).label("it needs a name");
        diagnostics.push(error.help(format!(
            "define it separately, `{word} {name}_node …;`, and `{name}` with that name; the wire format stays the same"
        )));
    }
}

impl<'t> Interface<'t> {
    /// Returns whether a type contains itself in another way than as a linked list.
    ///
    /// Such a type has a [bound](Self::unbounded) of nodes and of levels.
    #[must_use]
    pub fn is_recursive(&self, name: &str) -> bool {
        self.groups.contains_key(name)
    }

    /// Returns the number of the group of a type that contains itself.
    pub(crate) fn group(&self, name: &str) -> Option<usize> {
        self.groups.get(name).copied()
    }

    /// Returns the types of a group, in the order of the file.
    pub(crate) fn members(&self, group: usize) -> impl Iterator<Item = (&'t str, Defined<'t>)> {
        let names = self.members.get(&group).into_iter().flatten().copied();
        names.filter_map(|name| Some((name, *self.types.get(name)?)))
    }

    /// Returns all groups, in the order of their first types.
    pub(crate) fn all_groups(&self) -> impl Iterator<Item = usize> {
        let mut seen = HashSet::new();
        self.items().filter_map(|item| self.group(&defines(self, item)?.text)).filter(move |&group| seen.insert(group))
    }

    /// Returns whether a type contains a type of the group.
    pub(crate) fn touches(&self, type_: &Type, group: usize) -> bool {
        match &type_.specifier {
            Specifier::Named(name) => self.group(&name.text) == Some(group),
            Specifier::Struct(body) => self.struct_touches(body, group),
            Specifier::Union(body) => self.union_touches(body, group),
            _ => false,
        }
    }

    pub(crate) fn struct_touches(&self, body: &StructBody, group: usize) -> bool {
        body.fields.iter().any(|field| self.touches(&field.declaration.type_, group))
    }

    pub(crate) fn union_touches(&self, body: &UnionBody, group: usize) -> bool {
        body.bodies().any(|declaration| self.touches(&declaration.type_, group))
    }

    /// Returns the declaration of a typedef.
    pub(crate) fn typedef(&self, name: &str) -> Option<&'t Declaration> {
        match self.types.get(name)? {
            Defined::Typedef(declaration) => Some(declaration),
            _ => None,
        }
    }

    /// Returns the name of the struct or union that a name finally stands for.
    pub(crate) fn body_in_the_end<'a>(&self, name: &'a str) -> Option<&'a str>
    where
        't: 'a,
    {
        let mut name = name;
        for _ in 0..CHAIN_MAX {
            let declaration = match self.types.get(name)? {
                Defined::Typedef(declaration) => declaration,
                Defined::Struct(_) | Defined::Union(_) => return Some(name),
                Defined::Enum(_) => return None,
            };
            match (&declaration.type_.specifier, &declaration.type_.shape) {
                (Specifier::Named(other), Shape::One) => name = &other.text,
                (Specifier::Struct(_) | Specifier::Union(_), Shape::One) => return Some(name),
                _ => return None,
            }
        }
        None
    }
}
