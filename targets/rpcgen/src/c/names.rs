//! Chooses the C name of each item of a file, so that no two items share a name.

use std::collections::{HashMap, HashSet};

use super::words;
use crate::check::Interface;
use crate::generate::names::{address, without_namespaces};
use crate::generate::words::{Used, shared_prefix};
use crate::tree::{Definition, EnumBody, Procedure, Program, Version, split};

/// Names within the generated functions and structs. A constant or a member of an enum of that name would hide them.
const LOCAL: [&str; 29] = [
    "arguments",
    "bytes",
    "call",
    "client",
    "context",
    "count",
    "heap",
    "i",
    "items",
    "known",
    "length",
    "max",
    "more",
    "number",
    "place",
    "present",
    "reader",
    "request",
    "result",
    "results",
    "size",
    "status",
    "stub",
    "text",
    "u",
    "value",
    "word",
    "writer",
    "memory",
];

/// The names of a version.
#[derive(Clone, Debug, Default)]
pub(super) struct VersionNames {
    /// What all of its names begin with.
    pub name: String,
    /// What all of its macros begin with.
    pub capitals: String,
    /// The names of its procedures, without procedure 0.
    pub procedures: Vec<String>,
}

/// All names. Those of the whole file begin with the prefix of the options.
#[derive(Default)]
pub(super) struct Names<'t> {
    prefix: String,
    /// The names of types that the file defines.
    types: HashMap<&'t str, String>,
    /// The names of bodies without names, by their address.
    bodies: HashMap<usize, String>,
    /// The names of constants and of members of enums.
    pub constants: HashMap<&'t str, String>,
    /// The names of all macros, which no member may have.
    macros: Vec<String>,
    /// The names of each version of each program.
    pub versions: Vec<Vec<VersionNames>>,
    used: Used,
}

impl<'t> Names<'t> {
    pub fn new(interface: &Interface<'t>, prefix: &str) -> Self {
        let mut names = Self { prefix: prefix.to_owned(), ..Self::default() };
        names.of_types(interface);
        names.of_programs(interface);
        names.of_constants(interface);
        names
    }

    /// Returns the name of a type.
    pub fn type_(&self, name: &str) -> &str {
        self.types.get(name).map_or("", String::as_str)
    }

    /// Returns the name of a body without a name in the file, which was [named](Self::name_body).
    pub fn body<B>(&self, body: &B) -> Option<&str> {
        self.bodies.get(&address(body)).map(String::as_str)
    }

    /// Names a body that has no name in the file.
    pub fn name_body<B>(&mut self, body: &B, name: String) {
        self.bodies.insert(address(body), name);
    }

    /// Reserves a name for a type, and those of its functions.
    pub fn take(&mut self, name: String) -> String {
        let functions = |name: &str| ["encode", "decode"].map(|what| format!("{name}_{what}"));
        let mut name = self.used.take(name);
        while functions(&name).iter().any(|function| self.used.has(function)) {
            name = self.used.take(name);
        }
        functions(&name).into_iter().for_each(|function| _ = self.used.take(function));
        name
    }

    /// Reserves the name of a type that is not of the file.
    pub fn take_prefixed(&mut self, name: &str) -> String {
        self.take(format!("{}{name}", self.prefix))
    }

    /// Returns whether a type, a function or a macro of the file has the name.
    pub fn is_used(&self, name: &str) -> bool {
        self.used.has(name)
    }

    /// Reserves a macro.
    pub fn take_macro(&mut self, name: String) -> String {
        let name = self.used.take(name);
        self.macros.push(name.clone());
        name
    }

    /// Returns names of members. None is that of a macro, or is there twice.
    pub fn members<'n>(&self, names: impl Iterator<Item = &'n str>, reserved: &[&str]) -> Vec<String> {
        let mut used = Used::of(reserved);
        let name = |name: &str| {
            let name = words::plain(name);
            let is_macro = self.macros.contains(&name);
            used.take(if is_macro { format!("{name}_") } else { name })
        };
        names.map(name).collect()
    }

    fn of_types(&mut self, interface: &Interface<'t>) {
        let (mut names, mut seen): (Vec<&'t str>, _) = (Vec::new(), HashSet::new());
        for item in interface.items() {
            let name = match &item.definition {
                Definition::Passed(_) => interface.given(item).map(|declaration| &declaration.name),
                Definition::Constant(_) | Definition::Program(_) => None,
                definition => definition.name(),
            };
            names.extend(name.map(|name| name.text.as_str()).filter(|name| seen.insert(*name)));
        }
        for (name, short) in without_namespaces(&names, words::plain) {
            let short = self.take(format!("{}{short}", self.prefix));
            self.types.insert(name, short);
        }
    }

    /// Names versions and procedures. A version is alone if no other has its name, and after its program otherwise.
    fn of_programs(&mut self, interface: &Interface<'t>) {
        let programs = || {
            interface.items().filter_map(|item| match &item.definition {
                Definition::Program(program) => Some(program),
                _ => None,
            })
        };
        let mut count: HashMap<String, usize> = HashMap::new();
        for version in programs().flat_map(|program| &program.versions) {
            *count.entry(words::small(&version.name.text)).or_default() += 1;
        }
        for program in programs() {
            let mut versions = Vec::new();
            for version in &program.versions {
                let name = match words::small(&version.name.text) {
                    name if count.get(&name) == Some(&1) => name,
                    _ => words::small(&format!("{}_{}", split(&program.name.text).1, split(&version.name.text).1)),
                };
                let name = self.used.take(format!("{}{name}", self.prefix));
                let procedures = procedures(interface, program, version);
                for procedure in &procedures {
                    self.used.take(format!("{name}_{procedure}"));
                    self.used.take(format!("{name}_serve_{procedure}"));
                }
                let capitals = name.to_ascii_uppercase();
                ["table", "procedures"].iter().for_each(|what| _ = self.used.take(format!("{name}_{what}")));
                let of_procedure = |procedure: &String| {
                    let of = format!("{capitals}_{}", procedure.to_ascii_uppercase());
                    ["", "_ARGUMENTS_MAX", "_RESULTS_MAX"].map(|end| format!("{of}{end}"))
                };
                let of_all =
                    ["PROGRAM", "VERSION", "CALL_MAX", "REPLY_MAX", "ENTRY"].map(|end| format!("{capitals}_{end}"));
                let macros: Vec<_> = procedures.iter().flat_map(of_procedure).chain(of_all).collect();
                macros.into_iter().for_each(|name| _ = self.take_macro(name));
                versions.push(VersionNames { name, capitals, procedures });
            }
            self.versions.push(versions);
        }
    }

    /// Names constants and members of enums, whose names are those of the whole file in C.
    fn of_constants(&mut self, interface: &Interface<'t>) {
        let (mut constants, mut bodies): (Vec<&'t str>, Vec<&'t EnumBody>) = (Vec::new(), Vec::new());
        for item in interface.items() {
            match &item.definition {
                Definition::Constant(constant) => constants.push(&constant.name.text),
                definition => enums(definition, &mut |body| bodies.push(body)),
            }
        }
        let prefix = self.prefix.to_ascii_uppercase();
        for (name, short) in without_namespaces(&constants, words::plain) {
            let short = self.take_macro(apart(format!("{prefix}{short}")));
            self.constants.insert(name, short);
        }
        let members: Vec<_> =
            bodies.iter().flat_map(|body| &body.members).map(|member| member.name.text.as_str()).collect();
        for (name, short) in without_namespaces(&members, words::plain) {
            let short = self.used.take(apart(format!("{prefix}{short}")));
            self.constants.insert(name, short);
        }
    }
}

/// Returns the names of procedures, without what stands before all of them and without procedure 0.
fn procedures(interface: &Interface<'_>, program: &Program, version: &Version) -> Vec<String> {
    let shared = shared_prefix(version.procedures.iter().map(|procedure| procedure.name.text.as_str()));
    let prefixes = [&version.name, &program.name].map(|name| format!("{}_", name.text));
    // The names of the macros of all procedures.
    let mut used = Used::of(&["program", "version", "call_max", "reply_max", "entry", "table", "procedures"]);
    let numbered = |procedure: &&Procedure| interface.value(&procedure.number).ok() != Some(0);
    let name = |procedure: &Procedure| {
        let whole = procedure.name.text.as_str();
        let letter = |rest: &&str| rest.starts_with(|first: char| first.is_ascii_alphabetic());
        let alone = prefixes.iter().find_map(|prefix| whole.strip_prefix(prefix.as_str()));
        let alone = alone.or_else(|| whole.get(shared..)).filter(letter).unwrap_or(whole);
        used.take(words::small(alone))
    };
    version.procedures.iter().filter(numbered).map(name).collect()
}

/// Returns a name that hides none of the generated functions.
fn apart(name: String) -> String {
    if LOCAL.contains(&name.as_str()) { format!("{name}_") } else { name }
}

/// Passes the bodies of all enums of a definition to `see`.
fn enums<'t>(definition: &'t Definition, see: &mut dyn FnMut(&'t EnumBody)) {
    use crate::tree::{Specifier, StructBody, Type, UnionBody};
    fn of_type<'t>(type_: &'t Type, see: &mut dyn FnMut(&'t EnumBody)) {
        match &type_.specifier {
            Specifier::Enum(body) => see(body),
            Specifier::Struct(body) => of_struct(body, see),
            Specifier::Union(body) => of_union(body, see),
            _ => {}
        }
    }
    fn of_struct<'t>(body: &'t StructBody, see: &mut dyn FnMut(&'t EnumBody)) {
        body.fields.iter().for_each(|field| of_type(&field.declaration.type_, see));
    }
    fn of_union<'t>(body: &'t UnionBody, see: &mut dyn FnMut(&'t EnumBody)) {
        of_type(&body.discriminant.type_, see);
        body.bodies().for_each(|body| of_type(&body.type_, see));
    }
    match definition {
        Definition::Typedef(declaration) => of_type(&declaration.type_, see),
        Definition::Enum(_, body) => see(body),
        Definition::Struct(_, body) => of_struct(body, see),
        Definition::Union(_, body) => of_union(body, see),
        Definition::Program(program) => {
            for procedure in program.versions.iter().flat_map(|version| &version.procedures) {
                let arguments = procedure.arguments.iter().map(|argument| &argument.type_);
                arguments.chain(&procedure.result).for_each(|type_| of_type(type_, see));
            }
        }
        Definition::Constant(_) | Definition::Passed(_) => {}
    }
}
