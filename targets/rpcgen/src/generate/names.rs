//! Chooses the Rust name of each item of a file, so that no two items share a name.

use std::collections::{HashMap, HashSet};

use super::parts::Parts;
use super::trees::Kind;
use super::words::{Used, camel, capitals, snake, stem};
use super::{description, trees};
use crate::check::Interface;
use crate::options::{Data, Description, Options};
use crate::tree::{Definition, EnumBody, Shape, split};

/// Names of types on the heap.
const ON_HEAP: [&str; 3] = ["Box", "String", "Vec"];
/// Names with another meaning in a generated module, or in the expansion of `program!`.
const TYPES: [&str; 5] = ["Option", "Client", "Service", "UnsignedChar", "Result"];
const CONSTANTS: [&str; 6] = ["PROGRAM", "VERSION", "CALL_MAX", "REPLY_MAX", "SLOT_MAX", "NAMES"];
const MODULES: [&str; 2] = ["oncilla", "heapless"];

/// A member of an enum: the enum and the variant.
#[derive(Clone, Debug)]
pub(super) struct Variant {
    pub of: String,
    pub name: String,
}

/// All names.
#[derive(Default)]
pub(super) struct Names<'t> {
    types: HashMap<&'t str, String>,
    externals: HashMap<String, String>,
    /// All names of types in Rust.
    used: Used,
    /// There is a description, which needs names too.
    described: bool,
    /// Names of bodies without names in the file, by their address.
    pub bodies: HashMap<usize, String>,
    pub constants: HashMap<&'t str, String>,
    pub members: HashMap<&'t str, Variant>,
    /// The variants of enums by their numbers. An enum is identified by its address.
    pub numbers: HashMap<usize, HashMap<i32, String>>,
    /// The modules of each version of each program.
    pub modules: Vec<Vec<String>>,
    /// The module with the sizes, for each module of a version.
    pub sizes_of: HashMap<String, String>,
    /// Constants that are used as a size.
    pub sizes: HashSet<&'t str>,
    /// Nodes of lists that also occur without a pointer, with the name of the whole list.
    pub chains: HashMap<&'t str, String>,
    /// The names of trees, by the type of their root.
    pub trees: HashMap<&'t str, String>,
    /// The name of the type that holds a node of any type of a group, if there are several.
    pub held: HashMap<usize, String>,
    /// The types of nodes that links of a group lead to.
    pub kinds: HashMap<usize, Vec<Kind<'t>>>,
    /// The names of bounds that the file does not state: bytes, elements, nodes, levels.
    pub unbounded: [String; 4],
    /// The name of the limit of messages.
    pub limit: String,
}

impl<'t> Names<'t> {
    pub fn new(interface: &Interface<'t>, options: &Options) -> Self {
        let mut names = Self { described: options.description != Description::None, ..Self::default() };
        let mut used = Used::of(&TYPES);
        let described = if names.described { &description::TYPES[..] } else { &[] };
        let on_heap = if options.data == Data::Heap { &ON_HEAP[..] } else { &[] };
        for &name in described.iter().chain(on_heap) {
            used.take(name.into());
        }
        names.externals = options.externals.keys().map(|name| (name.clone(), used.take(camel(name)))).collect();
        names.of_types(interface, &mut used);
        names.of_parts(interface, &mut used);
        names.of_trees(interface, options, &mut used);
        names.used = used;
        names.of_constants(interface);
        names.of_modules(interface);
        names
    }

    /// Returns the name of a type.
    pub fn type_(&self, name: &str) -> &str {
        self.types.get(name).map_or("", String::as_str)
    }

    /// Returns the name of a type that is defined in Rust.
    pub fn external(&self, name: &str) -> &str {
        self.externals.get(name).map_or("", String::as_str)
    }

    /// Returns whether a type has this name in Rust.
    pub fn is_type(&self, rust: &str) -> bool {
        self.used.has(rust)
    }

    /// Returns the variant of an enum for a number.
    pub fn variant(&self, of: &EnumBody, number: i32) -> Option<&str> {
        self.numbers.get(&address(of))?.get(&number).map(String::as_str)
    }

    /// Returns the name of a body without a name in the file.
    pub fn body<B>(&self, body: &B) -> &str {
        self.bodies.get(&address(body)).map_or("", String::as_str)
    }

    fn of_types(&mut self, interface: &Interface<'t>, used: &mut Used) {
        let (mut names, mut seen): (Vec<&'t str>, _) = (Vec::new(), HashSet::new());
        for item in interface.items() {
            let name = match &item.definition {
                Definition::Typedef(declaration) => &declaration.name.text,
                Definition::Enum(name, _) | Definition::Struct(name, _) | Definition::Union(name, _) => &name.text,
                Definition::Passed(_) => match interface.given(item) {
                    Some(declaration) => &declaration.name.text,
                    None => continue,
                },
                _ => continue,
            };
            // `typedef struct foo foo;` is not a second definition.
            if seen.insert(name.as_str()) {
                names.push(name);
            }
        }
        for (name, short) in without_namespaces(&names, camel) {
            self.types.insert(name, used.take(short));
        }
    }

    /// Names bodies without names, members of enums, and lists that occur without a pointer.
    fn of_parts(&mut self, interface: &Interface<'t>, used: &mut Used) {
        for item in interface.items() {
            let mut parts = Parts { names: self, interface, used };
            match &item.definition {
                Definition::Typedef(declaration) => {
                    let name = parts.names.type_(&declaration.name.text).to_owned();
                    // The body has the name of the typedef, unless it is an array of bodies.
                    let one = declaration.type_.shape == Shape::One;
                    let body = if one { name } else { format!("{}Element", stem(&name)) };
                    parts.type_(&declaration.type_, &body, one);
                }
                Definition::Enum(name, body) => parts.members(body, name.text.as_str()),
                Definition::Struct(name, body) => {
                    let owner = parts.names.type_(&name.text).to_owned();
                    parts.fields(body, &owner, interface.is_list(&name.text));
                }
                Definition::Union(name, body) => {
                    let owner = parts.names.type_(&name.text).to_owned();
                    parts.arms(body, &owner);
                }
                Definition::Program(program) => {
                    for procedure in program.versions.iter().flat_map(|version| &version.procedures) {
                        let types = procedure.arguments.iter().map(|argument| &argument.type_);
                        for type_ in types.chain(&procedure.result) {
                            parts.type_(type_, &camel(&procedure.name.text), false);
                        }
                    }
                }
                Definition::Constant(_) | Definition::Passed(_) => {}
            }
        }
    }

    /// Names trees. The name of a recursive type is that of its node.
    ///
    /// On the heap, trees differ from their nodes only if they have levels of their own.
    fn of_trees(&mut self, interface: &Interface<'t>, options: &Options, used: &mut Used) {
        let on_heap = options.data == Data::Heap;
        let is_tree = |name| !on_heap || options.levels.is_some() || options.levels_of.contains_key(name);
        for group in interface.all_groups() {
            let members = interface.members(group).map(|(name, _)| name);
            for name in members.filter(|&name| interface.body_in_the_end(name) == Some(name) && is_tree(name)) {
                let node = self.type_(name);
                let tree = if node.ends_with("Tree") { format!("Whole{node}") } else { format!("{}Tree", stem(node)) };
                self.trees.insert(name, used.take(tree));
            }
            if on_heap {
                continue;
            }
            let kinds = trees::kinds(interface, self, group);
            if let [first, _, ..] = &kinds[..] {
                let held = format!("{}Node", stem(&first.name));
                self.held.insert(group, used.take(held));
            }
            self.kinds.insert(group, kinds);
        }
    }

    fn of_constants(&mut self, interface: &Interface<'t>) {
        let mut used = Used::of(&CONSTANTS);
        if self.described {
            used.take(description::CONSTANT.into());
        }
        let constants = interface.items().filter_map(|item| match &item.definition {
            Definition::Constant(constant) => Some(constant.name.text.as_str()),
            _ => None,
        });
        for (name, short) in without_namespaces(&constants.collect::<Vec<_>>(), capitals) {
            self.constants.insert(name, used.take(short));
        }
        self.limit = used.take("MESSAGE_LIMIT".into());
        self.unbounded = ["BYTES", "ELEMENTS", "NODES", "LEVELS"].map(|what| used.take(format!("UNBOUNDED_{what}")));
    }

    /// Names modules: by the version, if no other version has that name.
    fn of_modules(&mut self, interface: &Interface<'t>) {
        let programs = || {
            interface.items().filter_map(|item| match &item.definition {
                Definition::Program(program) => Some(program),
                _ => None,
            })
        };
        let mut count = HashMap::new();
        for version in programs().flat_map(|program| &program.versions) {
            *count.entry(snake(&version.name.text)).or_insert(0) += 1;
        }
        let mut used = Used::of(&MODULES);
        if self.described {
            used.take(description::MODULE.into());
        }
        for program in programs() {
            let name = |version: &crate::tree::Version| match snake(&version.name.text) {
                name if count[&name] == 1 => name,
                _ => snake(&format!("{}_{}", program.name.text, version.name.text)),
            };
            let mut modules = Vec::new();
            for version in &program.versions {
                let module = used.take(name(version));
                let sizes = used.take(format!("{}_sizes", stem(&module)));
                self.sizes_of.insert(module.clone(), sizes);
                modules.push(module);
            }
            self.modules.push(modules);
        }
    }
}

/// Returns Rust names without namespaces. A namespace stays if several names would be equal.
pub(crate) fn without_namespaces<'n>(names: &[&'n str], style: fn(&str) -> String) -> Vec<(&'n str, String)> {
    let short = |name: &str| style(split(name).1);
    let mut count: HashMap<_, usize> = HashMap::new();
    names.iter().for_each(|name| *count.entry(short(name)).or_default() += 1);
    let unique = |name: &str| count.get(&short(name)) == Some(&1);
    let rust = |&name: &&'n str| (name, if unique(name) { short(name) } else { style(&name.replace("::", "_")) });
    names.iter().map(rust).collect()
}

/// Returns the address of a body, which identifies it.
pub(crate) fn address<B>(body: &B) -> usize {
    std::ptr::from_ref(body).addr()
}
