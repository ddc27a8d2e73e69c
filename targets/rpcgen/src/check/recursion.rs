//! Types within themselves: linked lists and groups of types that are within each other are found, and what has no end
//! is refused.

use std::collections::{HashMap, HashSet};

use super::{Defined, Interface, Meaning, cycles};
use crate::diagnostic::Diagnostic;
use crate::source::Place;
use crate::tree::{Declaration, Item, Name, Shape, Specifier, StructBody, Type, UnionBody};

/// Typedefs that are followed from one to the next. More of them are too deep.
const CHAIN_MAX: usize = 1000;

/// One type holds another, by value or behind a pointer.
pub(super) struct Edge<'t> {
    pub to: &'t str,
    pub by_value: bool,
    /// Whether it begins in the body of a struct or a union.
    pub in_body: bool,
    pub place: Place,
}

pub(super) type Edges<'t> = HashMap<&'t str, Vec<Edge<'t>>>;

/// Finds the linked lists and the other types that are within themselves, and reports those that have no end.
pub(super) fn check<'t>(interface: &mut Interface<'t>, diagnostics: &mut Vec<Diagnostic>) {
    let mut names: Vec<_> = interface.types.keys().copied().collect();
    names.sort_unstable();
    interface.lists = names.iter().copied().filter(|name| link(interface, name).is_some()).collect();
    let of_all =
        |interface: &Interface<'t>| -> Edges<'t> { names.iter().map(|&name| (name, edges(interface, name))).collect() };
    let mut all = of_all(interface);
    let mut groups = cycles::groups(&names, &all);
    // A node that is within itself in other ways than by its link is none of a list.
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

/// The types of each group, in their order in the file.
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

/// The name of what an item defines, or of what a line for C gives.
fn defines<'t>(interface: &Interface<'t>, item: &'t Item) -> Option<&'t Name> {
    interface.given(item).map(|declaration| &declaration.name).or_else(|| item.definition.name())
}

/// The last field of a struct, if it leads to the next node of a list.
fn link<'t>(interface: &Interface<'t>, name: &str) -> Option<&'t Declaration> {
    let Some(Defined::Struct(body)) = interface.types.get(name).copied() else { return None };
    let (last, others) = body.fields.split_last()?;
    // A node has something in it beside its link.
    let pointer = interface.plain(&last.declaration.type_);
    let leads = pointer.shape == Shape::Optional && target(interface, pointer) == Some(name) && !others.is_empty();
    leads.then_some(&last.declaration)
}

/// The name of what a pointer points to.
fn target<'a>(interface: &Interface<'a>, pointer: &'a Type) -> Option<&'a str> {
    let Specifier::Named(name) = &pointer.specifier else { return None };
    match interface.types.get(name.text.as_str()) {
        Some(Defined::Typedef(declaration)) => interface.named_in_the_end(&declaration.type_),
        _ => Some(&name.text),
    }
}

/// What a type holds, without the link of a list.
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

/// Shows all types that a type consists of, and whether each is there by value.
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

/// Reports pointers to arrays, and arrays of arrays, that are within themselves: a node is a struct or a union.
fn arrays(interface: &Interface<'_>, name: &str, diagnostics: &mut Vec<Diagnostic>) {
    let Some(group) = interface.group(name) else { return };
    types(interface, name, &mut |type_, _| {
        let Specifier::Named(name) = &type_.specifier else { return };
        let several = matches!(type_.shape, Shape::Optional | Shape::Variable(_));
        let Some(Defined::Typedef(declaration)) = interface.types.get(name.text.as_str()) else { return };
        let array = interface.plain(&declaration.type_);
        if several && interface.group(&name.text) == Some(group) && matches!(array.shape, Shape::Fixed(_)) {
            let message = format!("the array `{}` is within itself, through a pointer or another array", name.text);
            let error = Diagnostic::error(type_.place, message);
            diagnostics.push(error.label("only structs and unions can be").help(format!(
                "put the array into a struct, `struct {}_of {{ … }};`: on the wire it is the same",
                name.text
            )));
        }
    });
}

/// Reports typedefs of pointers to, and arrays of, a body without a name that is within itself: outside of the body
/// there is no name for what is pointed at.
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
        let message = format!("the {word} without a name in `{name}` is within itself");
        let error = Diagnostic::error(type_.place, message).label("it needs a name");
        diagnostics.push(error.help(format!(
            "define it by itself, `{word} {name}_node …;`, and `{name}` of that: on the wire it is the same"
        )));
    }
}

impl<'t> Interface<'t> {
    /// Whether a type is within itself in another way than as a linked list. It has a
    /// [bound](Self::unbounded) of nodes and of levels then.
    #[must_use]
    pub fn is_recursive(&self, name: &str) -> bool {
        self.groups.contains_key(name)
    }

    /// The group of types within each other that a type is of.
    pub(crate) fn group(&self, name: &str) -> Option<usize> {
        self.groups.get(name).copied()
    }

    /// The types of a group, in their order in the file.
    pub(crate) fn members(&self, group: usize) -> impl Iterator<Item = (&'t str, Defined<'t>)> {
        let names = self.members.get(&group).into_iter().flatten().copied();
        names.filter_map(|name| Some((name, *self.types.get(name)?)))
    }

    /// All groups, in the order of their first types.
    pub(crate) fn all_groups(&self) -> impl Iterator<Item = usize> {
        let mut seen = HashSet::new();
        self.items().filter_map(|item| self.group(&defines(self, item)?.text)).filter(move |&group| seen.insert(group))
    }

    /// Whether there is a type of the group in a type.
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

    /// What a typedef stands for.
    pub(crate) fn typedef(&self, name: &str) -> Option<&'t Declaration> {
        match self.types.get(name)? {
            Defined::Typedef(declaration) => Some(declaration),
            _ => None,
        }
    }

    /// The name that a struct or union has where names merely stand for it.
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
