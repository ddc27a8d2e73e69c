//! Types that a file uses and does not define: lines for C give some, C's own headers have others.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use super::Interface;
use crate::lex::Preprocessor;
use crate::parse::parse_text;
use crate::source::Place;
use crate::tree::{Declaration, Definition, Item, Name, Specification, Specifier, StructBody, Type, UnionBody};

/// What `<rpc/rpc.h>` has besides types of one number, which are in the [prelude](super::prelude). The names and bounds
/// are those of RFC 5531 where it has them.
const HEADERS: &str = "
    typedef string wrapstring<>;
    struct opaque_auth { int flavor; opaque body<400>; };
    struct authsys_parms {
        unsigned int stamp;
        string machinename<255>;
        unsigned int uid;
        unsigned int gid;
        unsigned int gids<16>;
    };
    typedef authsys_parms authunix_parms;
    struct netbuf { unsigned int maxlen; opaque buf<>; };
";

static OF_HEADERS: LazyLock<Specification> =
    LazyLock::new(|| parse_text("rpc.h", HEADERS, &Preprocessor::default()).tree);

/// A type that the file uses without defining it.
#[derive(Debug)]
pub(super) struct Extra<'t> {
    /// A typedef, or the line for C.
    pub item: &'t Item,
    /// Where it is used first.
    pub used: Place,
}

/// The types that are needed of those that lines for C give and of those of C's headers.
pub(super) fn find<'t>(interface: &Interface<'t>) -> BTreeMap<&'t str, Extra<'t>> {
    let items = || interface.items();
    let defined: HashSet<_> = items().filter_map(|item| Some(defines(item)?.text.as_str())).collect();
    let given = given(items());
    let of_headers: HashMap<_, _> =
        OF_HEADERS.items.iter().filter_map(|item| Some((item.definition.name()?.text.as_str(), item))).collect();
    let mut uses: Vec<(&'t Name, Place)> = Vec::new();
    items().for_each(|item| named(item, &mut |name| uses.push((name, name.place))));
    uses.reverse();
    let (mut extras, mut seen) = (BTreeMap::new(), HashSet::new());
    while let Some((name, used)) = uses.pop() {
        let text = name.text.as_str();
        if defined.contains(text) || interface.externals.contains(text) || !seen.insert(text) {
            continue;
        }
        let Some(&item) = given.get(text).and_then(Option::as_ref).or_else(|| of_headers.get(text)) else { continue };
        // A line may give a name that it is meant to have already, as `#define quad_t quad_t` does.
        let mut needs = Vec::new();
        named(item, &mut |name| needs.push(name));
        if needs.iter().any(|other| other.text == text) {
            continue;
        }
        extras.insert(text, Extra { item, used });
        uses.extend(needs.into_iter().map(|name| (name, used)));
    }
    extras
}

/// The types that lines for C give, by name; none where they do not agree, since C's conditions are not followed.
fn given<'t>(items: impl Iterator<Item = &'t Item>) -> HashMap<&'t str, Option<&'t Item>> {
    let mut given: HashMap<&str, Option<&Item>> = HashMap::new();
    let lines = items.filter_map(|item| Some((of_c(item)?, item)));
    for (declaration, item) in lines {
        let known = given.entry(&declaration.name.text).or_insert(Some(item));
        if known.is_some_and(|known| of_c(known) != Some(declaration)) {
            *known = None;
        }
    }
    given
}

/// The type that an item gives, if it is a line for C that does.
pub(super) fn of_c(item: &Item) -> Option<&Declaration> {
    match &item.definition {
        Definition::Passed(passed) => passed.gives(),
        _ => None,
    }
}

/// The name of a type, or of a constant, that an item defines.
fn defines(item: &Item) -> Option<&Name> {
    match &item.definition {
        Definition::Program(_) => None,
        // `typedef struct foo foo;` defines nothing.
        Definition::Typedef(declaration) if super::names::says_nothing(declaration) => None,
        definition => definition.name(),
    }
}

impl Interface<'_> {
    /// Whether there is a type of this name in anything that the file defines.
    pub(crate) fn uses(&self, name: &str) -> bool {
        self.items().any(|item| {
            let mut uses = false;
            named(item, &mut |other| uses |= other.text == name);
            uses
        })
    }
}

/// Shows the names of all types in an item.
fn named<'t>(item: &'t Item, see: &mut dyn FnMut(&'t Name)) {
    match &item.definition {
        Definition::Typedef(declaration) => of_type(&declaration.type_, see),
        Definition::Struct(_, body) => of_struct(body, see),
        Definition::Union(_, body) => of_union(body, see),
        Definition::Program(program) => {
            for procedure in program.versions.iter().flat_map(|version| &version.procedures) {
                let arguments = procedure.arguments.iter().map(|argument| &argument.type_);
                arguments.chain(&procedure.result).for_each(|type_| of_type(type_, see));
            }
        }
        Definition::Passed(passed) => passed.gives().iter().for_each(|given| of_type(&given.type_, see)),
        Definition::Constant(_) | Definition::Enum(..) => {}
    }
}

fn of_type<'t>(type_: &'t Type, see: &mut dyn FnMut(&'t Name)) {
    match &type_.specifier {
        Specifier::Named(name) => see(name),
        Specifier::Struct(body) => of_struct(body, see),
        Specifier::Union(body) => of_union(body, see),
        Specifier::Enum(_) | Specifier::Basic(_) | Specifier::Opaque | Specifier::String => {}
    }
}

fn of_struct<'t>(body: &'t StructBody, see: &mut dyn FnMut(&'t Name)) {
    body.fields.iter().for_each(|field| of_type(&field.declaration.type_, see));
}

fn of_union<'t>(body: &'t UnionBody, see: &mut dyn FnMut(&'t Name)) {
    of_type(&body.discriminant.type_, see);
    let arms = body.arms.iter().filter_map(|arm| arm.body.as_ref());
    let default = body.default.iter().filter_map(|default| default.body.as_ref());
    arms.chain(default).for_each(|arm| of_type(&arm.type_, see));
}
