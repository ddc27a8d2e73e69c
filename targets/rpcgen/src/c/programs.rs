//! From the programs of a file to the model of their procedures.

use super::docs;
use super::lower::Lowering;
use super::model::{Field, Kind, Procedure, Shape, Version};
use super::names::VersionNames;
use super::words;
use crate::options::Data;
use crate::tree::{self, Definition};

impl<'t> Lowering<'_, 't> {
    /// Adds all versions of all programs to the model, with the types that only procedures use.
    pub fn programs(&mut self) {
        let interface = self.interface;
        let programs: Vec<_> = interface
            .items()
            .filter_map(|item| match &item.definition {
                Definition::Program(program) => Some((program, &item.comments)),
                _ => None,
            })
            .collect();
        for (index, (program, comments)) in programs.into_iter().enumerate() {
            let names = self.names.versions.get(index).cloned().unwrap_or_default();
            for (version, names) in program.versions.iter().zip(names) {
                let mut lines = docs::lines(comments);
                let more = docs::lines(&version.comments);
                if !lines.is_empty() && !more.is_empty() {
                    lines.push(String::new());
                }
                lines.extend(more);
                let VersionNames { name, capitals, procedures } = names;
                let procedures = self.procedures(version, &name, procedures);
                let shown = format!("Program {}, version {}", program.name.text, version.name.text);
                let (program, number) = (self.unsigned(&program.number), self.unsigned(&version.number));
                self.model.versions.push(Version { name, capitals, shown, lines, program, number, procedures });
            }
        }
    }

    /// Returns a number of a program, version or procedure.
    fn unsigned(&self, value: &tree::Value) -> String {
        let literal = match value {
            tree::Value::Number(_) => self.literal(value),
            tree::Value::Name(_) => words::literal(self.interface.value(value).unwrap_or_default()),
        };
        format!("{}u", literal.trim_end_matches('u'))
    }

    fn procedures(&mut self, version: &'t tree::Version, name: &str, names: Vec<String>) -> Vec<Procedure> {
        let interface = self.interface;
        let numbered = |procedure: &&tree::Procedure| interface.value(&procedure.number).ok() != Some(0);
        let mut procedures = Vec::new();
        for (procedure, short) in version.procedures.iter().filter(numbered).zip(names) {
            let stem = format!("{name}_{short}");
            let arguments = self.arguments(procedure, &stem);
            let result = procedure.result.as_ref().map(|type_| {
                let kind = self.kind(type_, &format!("{stem}_result"));
                self.passed(kind, format!("{stem}_result"))
            });
            let sum = arguments.iter().fold(0, |sum: u64, one| sum.saturating_add(self.size(&one.kind)));
            procedures.push(Procedure {
                declaration: docs::escape(&procedure.to_string()),
                lines: docs::lines(&procedure.comments),
                number: self.unsigned(&procedure.number),
                arguments_size: sum,
                results_size: result.as_ref().map_or(0, |result| self.size(result)),
                arguments,
                result,
                is_oneway: self.options.oneway.contains(&procedure.name.text),
                is_idempotent: self.options.idempotent.contains(&procedure.name.text),
                name: short,
            });
        }
        procedures
    }

    fn arguments(&mut self, procedure: &'t tree::Procedure, stem: &str) -> Vec<Field> {
        let given: Vec<_> = procedure
            .arguments
            .iter()
            .enumerate()
            .map(|(index, argument)| match &argument.name {
                Some(name) => name.text.clone(),
                None if procedure.arguments.len() == 1 => "argument".to_owned(),
                None => format!("argument{}", index + 1),
            })
            .collect();
        let reserved = ["arguments", "client", "context", "memory", "request", "result", "results", "status", "value"];
        let mut names = self.names.members(given.iter().map(String::as_str), &reserved);
        // A parameter would hide the type of the next one.
        names.iter_mut().filter(|name| self.names.is_used(name)).for_each(|name| name.push('_'));
        let mut fields = Vec::new();
        for (argument, name) in procedure.arguments.iter().zip(names) {
            let type_name = format!("{stem}_{name}");
            let kind = match self.kind(&argument.type_, &type_name) {
                // A text that ends with a zero is passed as it is.
                text @ Kind::Text(_) if self.options.data != Data::Borrowed => text,
                kind => self.passed(kind, type_name),
            };
            fields.push(Field { name, kind, lines: Vec::new() });
        }
        fields
    }

    /// Returns a type with a name for a value that has none.
    fn passed(&mut self, kind: Kind, name: String) -> Kind {
        if matches!(kind, Kind::Basic(_) | Kind::Enum(_) | Kind::Type(_)) {
            return kind;
        }
        let name = self.names.take(name);
        let size = self.size(&kind);
        self.add(name.clone(), Vec::new(), Shape::Wrapped(kind), size);
        Kind::Type(name)
    }
}
