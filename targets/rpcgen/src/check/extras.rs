//! Types that a file uses and does not define: lines for C or C's headers define them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use super::Interface;
use crate::lex::Preprocessor;
use crate::parse::parse_text;
use crate::source::Place;
use crate::tree::{Declaration, Definition, Item, Name, Specification, Specifier, StructBody, Type, UnionBody};

/// What `<rpc/rpc.h>` defines besides types of one number, which are in the [prelude](super::prelude).
///
/// Names and bounds are those of RFC 5531 where it has them.
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
    /// A definition of C's headers, or a line for C.
    pub item: &'t Item,
    /// The first use of the type.
    pub used: Place,
}

/// Returns the types of lines for C and of C's headers that the file uses.
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
        // A line may define a name as itself, such as `#define quad_t quad_t`. It defines nothing.
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

/// Returns the types that lines for C define, by name.
///
/// If two lines differ, the name has no type, because C's conditions are not evaluated.
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

/// Returns the type that an item defines if it is a line for C.
pub(super) fn of_c(item: &Item) -> Option<&Declaration> {
    match &item.definition {
        Definition::Passed(passed) => passed.gives(),
        _ => None,
    }
}

/// Returns the name of the type or constant that an item defines.
fn defines(item: &Item) -> Option<&Name> {
    match &item.definition {
        Definition::Program(_) => None,
        // `typedef struct foo foo;` defines nothing.
        Definition::Typedef(declaration) if super::names::says_nothing(declaration) => None,
        definition => definition.name(),
    }
}

impl Interface<'_> {
    /// Returns whether any definition of the file uses a type of this name.
    pub(crate) fn uses(&self, name: &str) -> bool {
        self.items().any(|item| {
            let mut uses = false;
            named(item, &mut |other| uses |= other.text == name);
            uses
        })
    }
}

/// Passes the names of all types that an item uses to `see`.
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
