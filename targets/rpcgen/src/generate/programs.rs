//! Generates programs: a module for each version.

use super::words::{Used, shared_prefixes, snake};
use super::{Generator, docs};
use crate::tree::{Argument, Comments, Procedure, Program, Type, Value, Version};

/// Names of other functions of a client, and types that a procedure of the same name would hide.
const TAKEN: [&str; 15] =
    ["new", "null", "bool", "str", "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "f32", "f64", "usize"];

/// The number of arguments from which clippy warns, less one for `self`.
const ARGUMENTS_MAX: usize = 6;

impl Generator<'_, '_> {
    pub fn program(&self, program: &Program, modules: &[String], comments: &Comments) {
        for (version, module) in program.versions.iter().zip(modules) {
            self.version(program, version, module, comments);
        }
    }

    fn version(&self, program: &Program, version: &Version, module: &str, comments: &Comments) {
        let procedures: Vec<_> = self.procedures(program, version);
        for (_, procedure) in &procedures {
            let types = procedure.result.iter().chain(procedure.arguments.iter().map(|argument| &argument.type_));
            self.bodies_of_procedure(types);
        }
        self.separate();
        self.line(0, "oncilla::program! {");
        let mut lines = docs::text(comments);
        let of_version =
            docs::lines(&version.comments, &format!("program {}, version {}", program.name.text, version.name.text));
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(of_version);
        self.docs(1, &lines);
        if procedures.iter().any(|(_, procedure)| procedure.arguments.len() > ARGUMENTS_MAX) {
            self.line(1, "#[allow(clippy::too_many_arguments)]");
        }
        let number = self.number(&version.number);
        let mut limit = String::new();
        if self.is_limited(version) {
            self.needs_limit.set(true);
            limit = format!(", limit {}", self.names.limit);
        }
        self.line(1, &format!("pub mod {module} = {}, version {number}{limit} {{", self.number(&program.number)));
        for (name, procedure) in &procedures {
            self.procedure(name, procedure);
        }
        self.line(1, "}");
        self.line(0, "}");
        // On the heap, sizes of single procedures size nothing: the buffers grow.
        if !self.on_heap() {
            self.sizes(module, &procedures);
        }
    }

    /// Returns the procedures and their names in Rust, without procedure 0.
    ///
    /// A prefix that all names share is removed if it only serves C, which has one namespace: `NFSPROC_GETATTR`,
    /// `CLOCK_SET` of the program `CLOCK`, `GX3_SQUARE` of the version `GX_V3`. In `GET_THIS` and `GET_THAT` it has a
    /// meaning and stays.
    fn procedures<'p>(&self, program: &Program, version: &'p Version) -> Vec<(String, &'p Procedure)> {
        let names = version.procedures.iter().map(|procedure| procedure.name.text.as_str());
        let is_space = |prefix: &str| {
            let prefix = plain(prefix);
            // The number of the version is elsewhere in its name.
            let letters = prefix.trim_end_matches(|last: char| last.is_ascii_digit());
            let begins = |name: &crate::tree::Name| plain(name.split().1).starts_with(letters);
            prefix.contains("proc") || !letters.is_empty() && [&program.name, &version.name].into_iter().any(begins)
        };
        let prefixes = shared_prefixes(names.clone());
        let first = names.clone().next().unwrap_or_default();
        let prefix = prefixes.into_iter().rev().find(|&prefix| is_space(&first[..prefix])).unwrap_or(0);
        let mut used = Used::of(&TAKEN);
        let numbered = |procedure: &&Procedure| self.interface.value(&procedure.number).ok() != Some(0);
        let named = |procedure: &'p Procedure| (used.take(snake(&procedure.name.text[prefix..])), procedure);
        version.procedures.iter().filter(numbered).map(named).collect()
    }

    fn procedure(&self, name: &str, procedure: &Procedure) {
        self.docs(2, &docs::lines(&procedure.comments, procedure.to_string().trim_end_matches(';')));
        let names = arguments(&procedure.arguments);
        let argument = |(name, argument): (&String, &Argument)| {
            format!("{name}: {}", self.direct(&argument.type_, "'_").with_bounds())
        };
        let arguments: Vec<_> = names.iter().zip(&procedure.arguments).map(argument).collect();
        let result = procedure.result.as_ref().map(|result| self.direct(result, "'_").with_bounds());
        let result = result.map_or_else(String::new, |result| format!(" -> {result}"));
        let said = |names: &[String]| names.contains(&procedure.name.text);
        let style = match (said(&self.options.oneway), said(&self.options.idempotent)) {
            (true, _) => ", oneway",
            (false, true) => ", idempotent",
            (false, false) => "",
        };
        let number = self.number(&procedure.number);
        let line = format!("fn {name}({}){result} = {number}{style};", arguments.join(", "));
        if 8 + line.len() <= super::WIDTH {
            return self.line(2, &line);
        }
        self.line(2, &format!("fn {name}("));
        arguments.iter().for_each(|argument| self.line(3, &format!("{argument},")));
        self.line(2, &format!("){result} = {number}{style};"));
    }

    /// Returns a number as written, or the value of a name.
    fn number(&self, value: &Value) -> String {
        match value {
            Value::Number(number) => super::values::literal(number, "u32"),
            Value::Name(_) => self.interface.value(value).unwrap_or_default().to_string(),
        }
    }

    /// Generates the sizes of the largest arguments and results of each procedure.
    fn sizes(&self, module: &str, procedures: &[(String, &Procedure)]) {
        let mut constants = Vec::new();
        for (name, procedure) in procedures {
            let name = name.trim_start_matches("r#").to_uppercase();
            let arguments: Vec<_> = procedure.arguments.iter().map(|argument| self.max_size(&argument.type_)).collect();
            if !arguments.is_empty() {
                constants.push((format!("{name}_ARGUMENTS_MAX"), "arguments", &procedure.name.text, arguments));
            }
            if let Some(result) = &procedure.result {
                constants.push((
                    format!("{name}_RESULTS_MAX"),
                    "results",
                    &procedure.name.text,
                    vec![self.max_size(result)],
                ));
            }
        }
        if constants.is_empty() {
            return;
        }
        let Some(name) = self.names.sizes_of.get(module) else { return };
        self.separate();
        self.docs(
            0,
            &[format!(
                "The largest arguments and results of each procedure of [`{}`], in bytes.",
                module.trim_start_matches("r#")
            )],
        );
        self.line(0, &format!("pub mod {name} {{"));
        let terms = || constants.iter().flat_map(|(.., terms)| terms);
        if terms().any(|term| term.contains("::MAX_SIZE")) {
            self.line(1, "#[allow(unused_imports)]");
            self.line(1, "use super::*;");
            self.line(1, "use oncilla::xdr::MaxSize as _;");
            self.line(0, "");
        } else if terms().any(|term| has_named_bound(term)) {
            self.line(1, "use super::*;");
            self.line(0, "");
        }
        let mut used = Used::default();
        for (place, (name, what, procedure, terms)) in constants.into_iter().enumerate() {
            if place > 0 {
                self.line(0, "");
            }
            self.docs(1, &[format!("The {what} of `{procedure}`.")]);
            self.sum(&format!("pub const {}: usize", used.take(name)), &terms);
        }
        self.line(0, "}");
    }

    fn max_size(&self, type_: &Type) -> String {
        let rust = self.direct(type_, "'_");
        match rust.bounds.first() {
            Some(bound) => format!("oncilla::xdr::opaque_max_size({bound})"),
            None if rust.text.starts_with(|first: char| first.is_ascii_uppercase()) && !rust.text.contains('<') => {
                format!("{}::MAX_SIZE", rust.text)
            }
            None if rust.text.chars().all(|character| character.is_ascii_alphanumeric()) => {
                format!("{}::MAX_SIZE", rust.text)
            }
            None => format!("<{}>::MAX_SIZE", rust.text),
        }
    }

    /// Writes a sum, on several lines if it is too long for one.
    fn sum(&self, left: &str, terms: &[String]) {
        let right = terms.join(" + ");
        if terms.len() < 2 || 8 + right.len() + ";".len() <= super::WIDTH {
            return self.assign(1, left, &right);
        }
        let Some((first, others)) = terms.split_first() else { return };
        self.line(1, &format!("{left} = {first}"));
        for (place, term) in others.iter().enumerate() {
            self.line(2, &format!("+ {term}{}", if place + 1 == others.len() { ";" } else { "" }));
        }
    }
}

/// Returns whether the bound in a term is a constant of the file.
fn has_named_bound(term: &str) -> bool {
    term.split_once('(').is_some_and(|(_, bound)| !bound.starts_with(|first: char| first.is_ascii_digit()))
}

/// Returns the letters of a name.
fn plain(name: &str) -> String {
    name.to_lowercase().replace('_', "")
}

/// Returns the names of arguments: as in the file, or `arg`, or `arg1` and so on, as in rpcgen.
fn arguments(arguments: &[Argument]) -> Vec<String> {
    let mut used = Used::default();
    let name = |(place, argument): (usize, &Argument)| match &argument.name {
        Some(name) => used.take(snake(&name.text)),
        None if arguments.len() == 1 => used.take("arg".into()),
        None => used.take(format!("arg{}", place + 1)),
    };
    arguments.iter().enumerate().map(name).collect()
}
