//! From a checked interface to Python: dataclasses, enums, and a client class for each version of a program.
//!
//! The module that is generated has no protocol. It hands the text of the interface and its classes to the package
//! `oncilla_rpc`, which encodes and decodes.

mod classes;
mod docs;
mod names;
mod programs;
mod types;
mod unions;
mod words;

use crate::check::Interface;
use crate::options::Options;
use crate::tree::{ConstantValue, Definition};
use names::Names;

/// The longest line that formatters of Python leave unchanged.
const WIDTH: usize = 88;

/// Generates Python for an interface without errors. `file` is the name of the source in the first line.
///
/// [`Options::generate_python`] does all steps.
#[must_use]
pub fn generate_python(interface: &Interface<'_>, file: &str, options: &Options) -> String {
    let mut generator = Generator { interface, options, names: Names::new(interface), text: String::new() };
    generator.constants();
    generator.classes();
    generator.aliases();
    generator.interface();
    generator.programs();
    generator.head(file) + &generator.text
}

struct Generator<'i, 't> {
    interface: &'i Interface<'t>,
    options: &'i Options,
    names: Names<'t>,
    text: String,
}

impl Generator<'_, '_> {
    /// Returns the beginning of the file, with the imports that its text needs.
    fn head(&self, file: &str) -> String {
        let uses = |word: &str| {
            self.text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|one| one == word)
        };
        let mut head = format!("# Generated from {file} by oncilla-rpcgen. Do not edit: changes are lost.\n");
        head +=
            &format!("\"\"\"The interface of {}.\"\"\"\n\nfrom __future__ import annotations\n\n", docs::escape(file));
        if self.text.contains("builtins.") {
            head += "import builtins\n";
        }
        if uses("dataclass") {
            head += "from dataclasses import dataclass\n";
        }
        if uses("IntEnum") {
            head += "from enum import IntEnum\n";
        }
        let typing: Vec<_> = ["Final", "Optional", "Union"].into_iter().filter(|word| uses(word)).collect();
        if !typing.is_empty() {
            head += &format!("from typing import {}\n", typing.join(", "));
        }
        if self.text.contains("oncilla_rpc.") {
            head += "\nimport oncilla_rpc\n";
        }
        head
    }

    fn constants(&mut self) {
        let mut is_first = true;
        let interface = self.interface;
        for item in interface.items() {
            let Definition::Constant(constant) = &item.definition else { continue };
            let Some(name) = self.names.constants.get(constant.name.text.as_str()).cloned() else { continue };
            if std::mem::take(&mut is_first) {
                self.separate_line();
            }
            let value = match &constant.value {
                ConstantValue::Text(text) => docs::text_literal(text),
                ConstantValue::Value(value) => self.literal(value),
            };
            self.line(0, &format!("{name}: Final = {value}"));
            self.docs(0, &item.comments, &constant.to_string());
        }
    }

    /// The text of the interface, and its classes by the names of their types in it.
    fn interface(&mut self) {
        self.separate_line();
        self.line(0, &format!("INTERFACE: Final = {}", docs::long_text(&self.interface.tree.to_string())));
        self.line(0, "\"\"\"The text of the interface.\"\"\"");
        let classes: Vec<_> =
            self.names.classes.iter().map(|(path, class)| format!("{}: {class},", docs::text_literal(path))).collect();
        self.line(0, "");
        if classes.is_empty() {
            return self.line(0, "_TYPES: dict[str, type] = {}");
        }
        self.line(0, "_TYPES: dict[str, type] = {");
        classes.iter().for_each(|line| self.line(1, line));
        self.line(0, "}");
    }

    fn line(&mut self, indent: usize, line: &str) {
        if !line.is_empty() {
            self.text.extend(std::iter::repeat_n("    ", indent));
            self.text.push_str(line);
        }
        self.text.push('\n');
    }

    /// Begins a class.
    fn separate(&mut self) {
        self.text.push_str("\n\n");
    }

    /// Begins an item after a class, or after others that are no classes.
    fn separate_line(&mut self) {
        let is_after_class = self.text.lines().next_back().is_some_and(|last| last.starts_with(' '));
        self.text.push_str(if is_after_class { "\n\n" } else { "\n" });
    }
}
