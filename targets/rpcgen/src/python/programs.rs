//! Generates a client class for each version of a program.

use super::{Generator, docs, words};
use crate::generate::words::Used;
use crate::tree::{Argument, Comments, Definition, Procedure, Program, Version};

/// Names of arguments that every call has.
const TAKEN: [&str; 4] = ["self", "timeout", "retries", "result"];

impl<'t> Generator<'_, 't> {
    pub(super) fn programs(&mut self) {
        let interface = self.interface;
        let programs: Vec<(&'t Program, &'t Comments)> = interface
            .items()
            .filter_map(|item| match &item.definition {
                Definition::Program(program) => Some((program, &item.comments)),
                _ => None,
            })
            .collect();
        for (index, (program, comments)) in programs.into_iter().enumerate() {
            let classes = self.names.versions.get(index).cloned().unwrap_or_default();
            for (version, class) in program.versions.iter().zip(&classes) {
                self.version(program, version, class, comments);
            }
            let newest = program.versions.iter().zip(&classes);
            let newest = newest.max_by_key(|(version, _)| self.interface.value(&version.number).unwrap_or_default());
            if let (Some(Some(name)), Some((version, class))) = (self.names.programs.get(index).cloned(), newest) {
                self.separate();
                self.line(0, &format!("{name} = {class}"));
                self.docstring(
                    0,
                    &[format!("The newest version of ``{}``: ``{}``.", program.name.text, version.name.text)],
                );
            }
        }
    }

    fn version(&mut self, program: &Program, version: &Version, class: &str, comments: &Comments) {
        self.separate();
        self.line(0, &format!("class {class}(oncilla_rpc.Client):"));
        let mut lines: Vec<_> = comments.lines().iter().map(|line| docs::escape(line)).collect();
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let of = format!("program {}, version {}", program.name.text, version.name.text);
        lines.extend(docs::lines(&version.comments, &of));
        self.docstring(1, &lines);
        let (number, of) = (self.literal(&program.number), self.literal(&version.number));
        self.line(0, "");
        self.line(1, &format!("PROGRAM = {number}"));
        self.line(1, &format!("VERSION = {of}"));
        self.line(1, "_INTERFACE = INTERFACE");
        self.line(1, "_TYPES = _TYPES");
        let procedures = self.procedures(program, version);
        let names: Vec<_> = procedures.iter().map(|(name, _)| name.clone()).collect();
        for (name, procedure) in &procedures {
            self.procedure(name, procedure, &names);
        }
    }

    fn procedure(&mut self, name: &str, procedure: &Procedure, hidden: &[String]) {
        let arguments = arguments(&procedure.arguments);
        let typed = arguments.iter().zip(&procedure.arguments);
        let typed = typed.map(|(name, argument)| format!("{name}: {}", self.annotation(&argument.type_, hidden)));
        let mut parameters = vec!["self".to_owned()];
        parameters.extend(typed);
        let is_oneway = self.options.oneway.contains(&procedure.name.text);
        let [float, int] = ["float", "int"].map(|name| {
            if hidden.iter().any(|one| one == name) { format!("builtins.{name}") } else { name.to_owned() }
        });
        parameters.extend(["*".to_owned(), format!("timeout: Optional[{float}] = None")]);
        if !is_oneway {
            parameters.push(format!("retries: Optional[{int}] = None"));
        }
        let result = procedure.result.as_ref().map(|result| self.annotation(result, hidden));
        let returned = result.clone().unwrap_or_else(|| "None".into());
        self.line(0, "");
        let line = format!("def {name}({}) -> {returned}:", parameters.join(", "));
        if 4 + line.len() <= super::WIDTH {
            self.line(1, &line);
        } else {
            self.line(1, &format!("def {name}("));
            parameters.iter().for_each(|parameter| self.line(2, &format!("{parameter},")));
            self.line(1, &format!(") -> {returned}:"));
        }
        self.docs(2, &procedure.comments, procedure.to_string().trim_end_matches(';'));
        let mut passed = vec![self.literal(&procedure.number)];
        passed.extend(arguments);
        passed.push("timeout=timeout".into());
        if !is_oneway {
            passed.push("retries=retries".into());
        }
        let call = if is_oneway { "self._cast" } else { "self._call" };
        let head = result.as_ref().map_or_else(|| format!("{call}("), |type_| format!("result: {type_} = {call}("));
        let passed = passed.join(", ");
        if 8 + head.len() + passed.len() < super::WIDTH {
            self.line(2, &format!("{head}{passed})"));
        } else if 12 + passed.len() <= super::WIDTH {
            self.line(2, &head);
            self.line(3, &passed);
            self.line(2, ")");
        } else {
            self.line(2, &head);
            passed.split(", ").for_each(|one| self.line(3, &format!("{one},")));
            self.line(2, ")");
        }
        if result.is_some() {
            self.line(2, "return result");
        }
    }

    /// Returns the procedures and their names in Python, without procedure 0.
    ///
    /// What stands before the names is removed by the same rule as in `oncilla-dynamic`, so that `device.sensor.read` is
    /// also the name of a method here.
    fn procedures<'p>(&self, program: &Program, version: &'p Version) -> Vec<(String, &'p Procedure)> {
        let shared = shared_prefix(&version.procedures);
        let prefixes = [&version.name, &program.name].map(|name| format!("{}_", small(&name.text)));
        let mut used = Used::of(&["_call", "_cast", "aio", "in_flight"]);
        let numbered = |procedure: &&Procedure| self.interface.value(&procedure.number).ok() != Some(0);
        let named = |procedure: &'p Procedure| {
            let whole = small(&procedure.name.text);
            let alone = prefixes.iter().find_map(|prefix| whole.strip_prefix(prefix.as_str()));
            let alone = alone.or_else(|| whole.get(shared..)).filter(|rest| !rest.is_empty()).unwrap_or(&whole);
            (used.take(words::method(alone)), procedure)
        };
        version.procedures.iter().filter(numbered).map(named).collect()
    }
}

fn small(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// Returns the length of the prefix up to a `_` that all names share.
fn shared_prefix(procedures: &[Procedure]) -> usize {
    let [first, others @ ..] = procedures else { return 0 };
    if others.is_empty() {
        return 0;
    }
    let first = first.name.text.as_str();
    let same = |other: &Procedure| first.bytes().zip(other.name.text.bytes()).take_while(|(a, b)| a == b).count();
    let shared = others.iter().map(same).min().unwrap_or(0);
    first.get(..shared).and_then(|shared| shared.rfind('_')).map_or(0, |at| at + 1)
}

/// Returns the names of arguments: as in the file, or `arg1` and so on.
fn arguments(arguments: &[Argument]) -> Vec<String> {
    let mut used = Used::of(&TAKEN);
    let name = |(place, argument): (usize, &Argument)| match &argument.name {
        Some(name) => used.take(words::plain(&name.text)),
        None => used.take(format!("arg{}", place + 1)),
    };
    arguments.iter().enumerate().map(name).collect()
}
