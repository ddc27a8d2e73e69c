//! Collects all names, and reports names that are defined twice.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use super::constants::Numbered;
use super::{Defined, Interface, extras};
use crate::diagnostic::Diagnostic;
use crate::source::Place;
use crate::tree::{Declaration, Definition, EnumBody, Item, Name, Shape, Specifier, StructBody, Type, UnionBody};

/// Fills the interface.
pub(super) fn gather<'t>(interface: &mut Interface<'t>, diagnostics: &mut Vec<Diagnostic>) {
    interface.repeated = repeated(&interface.tree.items);
    interface.extras = extras::find(interface);
    let mut names = Names { interface, seen: HashMap::new(), programs: HashMap::new(), diagnostics };
    for item in names.interface.items().collect::<Vec<_>>() {
        match &item.definition {
            Definition::Constant(constant) => {
                let numbered = Numbered::constant(constant.name.place, &constant.value);
                if names.add(&constant.name) {
                    names.interface.constants.named.insert(&constant.name.text, numbered);
                }
            }
            Definition::Typedef(declaration) if says_nothing(declaration) => {}
            Definition::Typedef(declaration) => {
                names.type_(&declaration.name, Defined::Typedef(declaration));
                names.within(declaration);
            }
            Definition::Enum(name, body) => {
                names.type_(name, Defined::Enum(body));
                names.members(body);
            }
            Definition::Struct(name, body) => {
                names.type_(name, Defined::Struct(body));
                names.fields(body);
            }
            Definition::Union(name, body) => {
                names.type_(name, Defined::Union(body));
                names.arms(body);
            }
            Definition::Program(program) => {
                names.interface.constants.program(program);
                if let Some(first) = names.programs.insert(&program.name.text, program.name.place) {
                    names.twice(&program.name, first);
                }
            }
            Definition::Passed(line) => {
                names.interface.constants.passed(line.text(), item.place);
                if let Some(declaration) = names.interface.given(item) {
                    names.type_(&declaration.name, Defined::Typedef(declaration));
                }
            }
        }
    }
    interface.constants.evaluate();
    interface.plain = plain(&interface.types);
}

/// Returns the type that each typedef of a name finally stands for. For typedefs in a cycle, which is an error, it is
/// any of them.
fn plain<'t>(types: &HashMap<&'t str, Defined<'t>>) -> HashMap<&'t str, &'t Type> {
    let mut plain: HashMap<&'t str, &'t Type> = HashMap::new();
    for &start in types.keys() {
        let (mut path, mut name, mut end) = (HashSet::new(), start, None);
        while let Some(Defined::Typedef(declaration)) = types.get(name) {
            if let Some(&known) = plain.get(name) {
                end = Some(known);
                break;
            }
            if !path.insert(name) {
                break;
            }
            end = Some(&declaration.type_);
            let (Specifier::Named(next), Shape::One) = (&declaration.type_.specifier, &declaration.type_.shape) else {
                break;
            };
            name = &next.text;
        }
        plain.extend(path.into_iter().zip(std::iter::repeat(end)).filter_map(|(name, end)| Some((name, end?))));
    }
    plain
}

/// Returns the items that repeat an item before them, apart from comments. This happens when several files include a
/// third.
fn repeated(items: &[Item]) -> HashSet<usize> {
    // The copy without comments is made only when a name is repeated.
    let mut first: HashMap<(&str, bool), (&Item, Option<Item>)> = HashMap::new();
    let mut repeated = HashSet::new();
    let bare = |item: &Item| {
        let mut item = item.clone();
        item.strip_comments();
        item
    };
    for (number, item) in items.iter().enumerate() {
        let Some(name) = item.definition.name() else { continue };
        // Programs have a namespace of their own.
        let is_program = matches!(item.definition, Definition::Program(_));
        match first.entry((&name.text, is_program)) {
            Entry::Vacant(vacant) => {
                vacant.insert((item, None));
            }
            Entry::Occupied(mut occupied) => {
                let (known, cached) = occupied.get_mut();
                if cached.get_or_insert_with(|| bare(known)).definition == bare(item).definition {
                    repeated.insert(number);
                }
            }
        }
    }
    repeated
}

/// Returns whether a declaration is of the kind `typedef struct foo foo;`, a habit from C.
pub(super) fn says_nothing(declaration: &Declaration) -> bool {
    let same = matches!(&declaration.type_.specifier, Specifier::Named(name) if name.text == declaration.name.text);
    same && declaration.type_.shape == Shape::One
}

struct Names<'t, 'i> {
    interface: &'i mut Interface<'t>,
    seen: HashMap<&'t str, Place>,
    programs: HashMap<&'t str, Place>,
    diagnostics: &'i mut Vec<Diagnostic>,
}

impl<'t> Names<'t, '_> {
    /// Adds a name and returns whether it is new. Types, constants and members of enums share a namespace (RFC 4506
    /// §6.4).
    fn add(&mut self, name: &'t Name) -> bool {
        match self.seen.get(name.text.as_str()).copied() {
            None => self.seen.insert(&name.text, name.place).is_none(),
            Some(first) => {
                self.twice(name, first);
                false
            }
        }
    }

    fn twice(&mut self, name: &Name, first: Place) {
        let error = Diagnostic::error(name.place, format!("`{}` is defined twice", name.text));
        self.diagnostics.push(error.label("defined again").other(first, "defined here first"));
    }

    fn type_(&mut self, name: &'t Name, defined: Defined<'t>) {
        if self.interface.externals.contains(name.text.as_str()) {
            let error = Diagnostic::error(name.place, format!("`{}` is defined here and by `--extern`", name.text));
            self.diagnostics.push(error.label("a type of the file").help(
                "remove the definition here, or `--extern` (`Options::external`), which is for types that the file does not define",
            ));
        }
        if self.add(name) {
            self.interface.types.insert(&name.text, defined);
        }
    }

    fn members(&mut self, body: &'t EnumBody) {
        for (member, (name, numbered)) in body.members.iter().zip(Numbered::members(body)) {
            if self.add(&member.name) {
                self.interface.constants.named.insert(name, numbered);
            }
        }
    }

    fn fields(&mut self, body: &'t StructBody) {
        self.unique(body.fields.iter().map(|field| &field.declaration.name));
        body.fields.iter().for_each(|field| self.within(&field.declaration));
    }

    fn arms(&mut self, body: &'t UnionBody) {
        let arms = body.arms.iter().filter_map(|arm| arm.body.as_ref());
        let arms = arms.chain(body.default.iter().filter_map(|default| default.body.as_ref()));
        let arms: Vec<_> = arms.collect();
        // In C, the discriminant is not among the arms, so its name may equal one of theirs.
        self.unique(arms.iter().map(|declaration| &declaration.name));
        std::iter::once(&body.discriminant).chain(arms).for_each(|declaration| self.within(declaration));
    }

    /// Adds the names in a body without a name.
    fn within(&mut self, declaration: &'t Declaration) {
        match &declaration.type_.specifier {
            Specifier::Enum(body) => self.members(body),
            Specifier::Struct(body) => self.fields(body),
            Specifier::Union(body) => self.arms(body),
            _ => {}
        }
    }

    fn unique(&mut self, names: impl Iterator<Item = &'t Name>) {
        let mut seen = HashMap::new();
        for name in names {
            if let Some(first) = seen.insert(&name.text, name.place) {
                self.twice(name, first);
            }
        }
    }
}
