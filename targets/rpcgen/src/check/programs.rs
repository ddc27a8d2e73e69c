//! Checks the numbers and names of programs, versions and procedures.

use std::collections::HashMap;

use super::Interface;
use super::numbers::Numbers;
use crate::diagnostic::Diagnostic;
use crate::source::Place;
use crate::tree::{Definition, Name, Procedure, Value, Version};

/// Checks all programs of the file.
pub(super) fn check(interface: &Interface<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut numbers = Numbers { interface, diagnostics };
    let mut programs = Once::default();
    for item in interface.items() {
        let Definition::Program(program) = &item.definition else { continue };
        programs.number(&mut numbers, &program.number, "program");
        let mut versions = Once::default();
        for version in &program.versions {
            versions.name(&mut numbers, &version.name);
            versions.number(&mut numbers, &version.number, "version");
            procedures(&mut numbers, version);
        }
    }
}

fn procedures(numbers: &mut Numbers<'_, '_>, version: &Version) {
    let mut once = Once::default();
    for procedure in &version.procedures {
        once.name(numbers, &procedure.name);
        if once.number(numbers, &procedure.number, "procedure") == Some(0) {
            null(numbers, procedure);
        }
    }
}

/// Reports a procedure 0 with arguments or results.
///
/// Procedure 0 has none and does nothing (RFC 5531 §12.1); every server answers it. `rpcgen` accepts others.
fn null(numbers: &mut Numbers<'_, '_>, procedure: &Procedure) {
    let not_void = procedure.result.iter().chain(procedure.arguments.iter().map(|argument| &argument.type_)).next();
    if let Some(type_) = not_void {
        let message =
            format!("`{}` is left out, because procedure 0 has no arguments and no results", procedure.name.text);
        let note = Diagnostic::note(type_.place, message).label("expected `void`");
        numbers.diagnostics.push(
            note.help("every server answers procedure 0 itself, without arguments; number your procedures from 1"),
        );
    }
}

/// Names and numbers that may occur once.
#[derive(Default)]
struct Once<'t> {
    names: HashMap<&'t str, Place>,
    numbers: HashMap<i128, Place>,
}

impl<'t> Once<'t> {
    fn name(&mut self, numbers: &mut Numbers<'_, '_>, name: &'t Name) {
        if let Some(first) = self.names.insert(&name.text, name.place) {
            let error = Diagnostic::error(name.place, format!("`{}` is defined twice", name.text));
            numbers.diagnostics.push(error.label("defined again").other(first, "defined here first"));
        }
    }

    fn number(&mut self, numbers: &mut Numbers<'_, '_>, value: &Value, of: &str) -> Option<i128> {
        let number = numbers.check(value, &format!("a {of} number"), 0, u32::MAX.into())?;
        if let Some(first) = self.numbers.insert(number, value.place()) {
            let error = Diagnostic::error(value.place(), format!("the {of} number {number} is used twice"));
            numbers.diagnostics.push(error.label("used again").other(first, "used here first"));
        }
        Some(number)
    }
}
