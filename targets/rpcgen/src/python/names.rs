//! Chooses the Python name of each item of a file, so that no two items share a name.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::words;
use crate::check::Interface;
use crate::generate::names::{address, without_namespaces};
use crate::generate::words::{Used, stem};
use crate::tree::{Declaration, Definition, Program, Shape, Specifier, StructBody, Type, UnionBody, Version};

/// Names that every generated module has.
const MODULE: [&str; 7] = ["Final", "INTERFACE", "IntEnum", "Optional", "Union", "dataclass", "oncilla_rpc"];

/// All names.
#[derive(Default)]
pub(super) struct Names<'t> {
    /// The names of types that the file defines.
    pub types: HashMap<&'t str, String>,
    /// The names of bodies without names, by their address.
    bodies: HashMap<usize, String>,
    pub constants: HashMap<&'t str, String>,
    /// The classes by the path of their type: `sample`, or `sample.part` for the body of a field.
    pub classes: BTreeMap<String, String>,
    /// The classes of each version of each program.
    pub versions: Vec<Vec<String>>,
    /// The short name of each program, for its newest version.
    pub programs: Vec<Option<String>>,
    used: Used,
}

impl<'t> Names<'t> {
    pub fn new(interface: &Interface<'t>) -> Self {
        let mut names = Self { used: Used::of(&MODULE), ..Self::default() };
        names.of_types(interface);
        names.of_constants(interface);
        names.of_bodies(interface);
        names.of_programs(interface);
        names
    }

    /// Returns the name of a type.
    pub fn type_(&self, name: &str) -> &str {
        self.types.get(name).map_or("", String::as_str)
    }

    /// Returns the name of a body without a name in the file.
    pub fn body<B>(&self, body: &B) -> &str {
        self.bodies.get(&address(body)).map_or("", String::as_str)
    }

    /// Returns whether an item of the module has the name.
    pub fn is_used(&self, name: &str) -> bool {
        self.used.has(name)
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
        for (name, short) in without_namespaces(&names, words::class) {
            self.types.insert(name, self.used.take(short));
        }
    }

    fn of_constants(&mut self, interface: &Interface<'t>) {
        let constants = interface.items().filter_map(|item| match &item.definition {
            Definition::Constant(constant) => Some(constant.name.text.as_str()),
            _ => None,
        });
        for (name, short) in without_namespaces(&constants.collect::<Vec<_>>(), words::plain) {
            self.constants.insert(name, self.used.take(short));
        }
    }

    /// Names bodies, and lists all classes.
    fn of_bodies(&mut self, interface: &Interface<'t>) {
        for item in interface.items() {
            match &item.definition {
                Definition::Typedef(declaration) => self.typedef(declaration),
                Definition::Passed(_) => interface.given(item).into_iter().for_each(|given| self.typedef(given)),
                Definition::Enum(name, _) => {
                    self.class_of(&name.text);
                }
                Definition::Struct(name, body) => {
                    let class = self.class_of(&name.text);
                    self.fields(body, &name.text, &class);
                }
                Definition::Union(name, body) => {
                    let class = self.class_of(&name.text);
                    self.arms(body, &name.text, &class);
                }
                Definition::Program(program) => {
                    for procedure in program.versions.iter().flat_map(|version| &version.procedures) {
                        let (name, class) = (&procedure.name.text, words::class(&procedure.name.text));
                        for (index, argument) in procedure.arguments.iter().enumerate() {
                            let argument_name = argument
                                .name
                                .as_ref()
                                .map_or_else(|| format!("arg{}", index + 1), |name| name.text.clone());
                            let class = format!("{}{}", stem(&class), words::class(&argument_name));
                            self.type_of(&argument.type_, &format!("{name}.{argument_name}"), &class, false);
                        }
                        procedure.result.iter().for_each(|result| self.type_of(result, name, &class, false));
                    }
                }
                Definition::Constant(_) => {}
            }
        }
    }

    fn class_of(&mut self, name: &str) -> String {
        let class = self.type_(name).to_owned();
        self.classes.insert(name.to_owned(), class.clone());
        class
    }

    fn typedef(&mut self, declaration: &'t Declaration) {
        let (name, one) = (&declaration.name.text, declaration.type_.shape == Shape::One);
        let class = self.type_(name).to_owned();
        let class = if one { class } else { format!("{}Element", stem(&class)) };
        self.type_of(&declaration.type_, name, &class, one);
    }

    /// Names the body of a type and what it contains. The name is already reserved if `known`.
    fn type_of(&mut self, type_: &'t Type, path: &str, class: &str, known: bool) {
        let body = match &type_.specifier {
            Specifier::Enum(body) => address(body),
            Specifier::Struct(body) => address(&**body),
            Specifier::Union(body) => address(&**body),
            _ => return,
        };
        let class = if known { class.to_owned() } else { self.used.take(class.to_owned()) };
        self.bodies.insert(body, class.clone());
        self.classes.insert(path.to_owned(), class.clone());
        match &type_.specifier {
            Specifier::Struct(body) => self.fields(body, path, &class),
            Specifier::Union(body) => self.arms(body, path, &class),
            _ => {}
        }
    }

    fn fields(&mut self, body: &'t StructBody, path: &str, class: &str) {
        body.fields.iter().for_each(|field| self.part(&field.declaration, path, class));
    }

    fn arms(&mut self, body: &'t UnionBody, path: &str, class: &str) {
        // At run time a discriminant has no name.
        let of_case = format!("{}{}", stem(class), words::class(&body.discriminant.name.text));
        self.type_of(&body.discriminant.type_, &format!("{path}.case"), &of_case, false);
        body.bodies().for_each(|body| self.part(body, path, class));
    }

    fn part(&mut self, part: &'t Declaration, path: &str, class: &str) {
        let name = &part.name.text;
        let class = format!("{}{}", stem(class), words::class(name));
        self.type_of(&part.type_, &format!("{path}.{name}"), &class, false);
    }

    /// Names the class of each version, and the newest one by its program.
    fn of_programs(&mut self, interface: &Interface<'t>) {
        let programs: Vec<&Program> = interface
            .items()
            .filter_map(|item| match &item.definition {
                Definition::Program(program) => Some(program),
                _ => None,
            })
            .collect();
        let versions: Vec<&str> =
            programs.iter().flat_map(|program| &program.versions).map(|version| version.name.text.as_str()).collect();
        let short: HashMap<_, _> = without_namespaces(&versions, words::class).into_iter().collect();
        for program in programs {
            let class = |version: &Version| short.get(version.name.text.as_str()).cloned().unwrap_or_default();
            let classes: Vec<_> = program.versions.iter().map(|version| self.used.take(class(version))).collect();
            let name = words::class(crate::tree::split(&program.name.text).1);
            let is_free = !self.used.has(&name);
            self.programs.push(is_free.then(|| self.used.take(name)));
            self.versions.push(classes);
        }
    }
}
