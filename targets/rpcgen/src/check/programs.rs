//! Numbers and names of programs, versions and procedures.

use std::collections::HashMap;

use super::Interface;
use super::types::Types;
use crate::diagnostic::Diagnostic;
use crate::source::Place;
use crate::tree::{Definition, Name, Procedure, Value, Version};

/// Checks all programs of the file.
pub(super) fn check(interface: &Interface<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut types = Types::new(interface, diagnostics);
    let mut programs = Once::default();
    for item in interface.items() {
        let Definition::Program(program) = &item.definition else { continue };
        programs.number(&mut types, &program.number, "program");
        let mut versions = Once::default();
        for version in &program.versions {
            versions.name(&mut types, &version.name);
            versions.number(&mut types, &version.number, "version");
            procedures(&mut types, version);
        }
    }
}

fn procedures(types: &mut Types<'_, '_>, version: &Version) {
    let mut once = Once::default();
    for procedure in &version.procedures {
        once.name(types, &procedure.name);
        if once.number(types, &procedure.number, "procedure") == Some(0) {
            null(types, procedure);
        }
    }
}

/// Procedure 0 takes nothing, gives nothing and does nothing (RFC 5531 §12.1), which every server does by itself.
/// `rpcgen` takes others, too.
fn null(types: &mut Types<'_, '_>, procedure: &Procedure) {
    let not_void = procedure.result.iter().chain(procedure.arguments.iter().map(|argument| &argument.type_)).next();
    if let Some(type_) = not_void {
        let message = format!("`{}` is left out, as procedure 0 has no arguments and no results", procedure.name.text);
        let note = Diagnostic::note(type_.place, message).label("expected `void`");
        types
            .diagnostics
            .push(note.help("every server answers calls of 0 by itself, without arguments; number yours from 1"));
    }
}

/// What must be there once.
#[derive(Default)]
struct Once<'t> {
    names: HashMap<&'t str, Place>,
    numbers: HashMap<i128, Place>,
}

impl<'t> Once<'t> {
    fn name(&mut self, types: &mut Types<'_, '_>, name: &'t Name) {
        if let Some(first) = self.names.insert(&name.text, name.place) {
            let error = Diagnostic::error(name.place, format!("`{}` is defined twice", name.text));
            types.diagnostics.push(error.label("defined again").other(first, "defined here first"));
        }
    }

    fn number(&mut self, types: &mut Types<'_, '_>, value: &Value, of: &str) -> Option<i128> {
        let number = types.number(value, &format!("a {of} number"), 0, u32::MAX.into())?;
        if let Some(first) = self.numbers.insert(number, value.place()) {
            let error = Diagnostic::error(value.place(), format!("the {of} number {number} is there twice"));
            types.diagnostics.push(error.label("again").other(first, "here first"));
        }
        Some(number)
    }
}
