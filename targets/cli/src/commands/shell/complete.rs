//! Completion by the Tab key, and hints.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use oncilla_dynamic::{Field, Interface, Shape, Type};
use oncilla_rpcgen::harmless;
use rustyline::completion::{Completer, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::{Hint, Hinter};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};

use super::commands::OWN;
use super::help;
use super::line::{self, Line, Word};

/// The names that can be completed.
#[derive(Default)]
pub struct Known {
    pub interface: Option<Arc<Interface>>,
    pub targets: Vec<String>,
    pub stored: Vec<String>,
}

/// The helper of the editor.
pub struct Helper {
    known: Rc<RefCell<Known>>,
    /// The line as it was last shown, and the position of the cursor.
    shown: RefCell<(String, usize)>,
}

impl Helper {
    pub const fn new(known: Rc<RefCell<Known>>) -> Self {
        Self { known, shown: RefCell::new((String::new(), 0)) }
    }

    /// Returns the line that was typed, before and after the cursor.
    pub fn typed(&self) -> (String, String) {
        let (line, position) = &*self.shown.borrow();
        let (before, after) = line.split_at_checked(*position).unwrap_or((line, ""));
        (before.to_owned(), after.to_owned())
    }
}

impl rustyline::Helper for Helper {}

impl Completer for Helper {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        position: usize,
        _: &rustyline::Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let before = line.get(..position).unwrap_or(line);
        let (start, candidates) = self.known.borrow().complete(before);
        // A name that is complete is followed by the next word; a part of a path is not.
        let pair = |text: String| {
            let replacement = if text.ends_with(['=', '.', '[']) { text.clone() } else { format!("{text} ") };
            Pair { display: text, replacement }
        };
        // Names in files may have control characters, which would reach the terminal.
        let candidates = candidates.into_iter().filter(|text| harmless(text) == *text);
        Ok((start, candidates.map(pair).collect()))
    }
}

/// A hint that is only shown.
pub struct Shown(String);

impl Hint for Shown {
    fn display(&self) -> &str {
        &self.0
    }

    fn completion(&self) -> Option<&str> {
        None
    }
}

impl Hinter for Helper {
    type Hint = Shown;

    fn hint(&self, line: &str, position: usize, _: &rustyline::Context<'_>) -> Option<Shown> {
        // The editor asks for a hint whenever the line has changed.
        self.shown.replace((line.to_owned(), position));
        if position < line.len() {
            return None;
        }
        let split = line::split(line);
        let words = split.commands.last().filter(|_| !split.ended)?;
        let [name] = words.as_slice() else { return None };
        let known = self.known.borrow();
        let hint = help::hint(known.interface.as_ref()?, &name.text)?;
        Some(Shown(if split.in_word { format!("  {hint}") } else { format!(" {hint}") }))
    }
}

impl Highlighter for Helper {
    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        // The editor does not count these as columns.
        Cow::Owned(format!("\x1b[2m{hint}\x1b[m"))
    }
}

impl Validator for Helper {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        // JSON may take several lines.
        let is_open = line::split(context.input()).open.is_some();
        Ok(if is_open { ValidationResult::Incomplete } else { ValidationResult::Valid(None) })
    }
}

impl Known {
    /// Returns the start of the word before the cursor, and its completions.
    pub fn complete(&self, before: &str) -> (usize, Vec<String>) {
        let Line { mut commands, in_word, ended, .. } = line::split(before);
        let mut words = if ended { Vec::new() } else { commands.pop().unwrap_or_default() };
        let partial = if in_word { words.pop() } else { None };
        let partial = partial.unwrap_or(Word { text: String::new(), start: before.len() });
        let mut words: &[Word] = &words;
        // What follows `time` is a command.
        while let [first, rest @ ..] = words
            && first.text == "time"
        {
            words = rest;
        }
        let mut candidates = match words {
            [] => self.first(&partial.text),
            [first, rest @ ..] => self.argument(&first.text, rest, &partial.text),
        };
        candidates.retain(|candidate| candidate.starts_with(&partial.text));
        candidates.sort();
        candidates.dedup();
        (partial.start, candidates)
    }

    fn procedures(&self) -> Vec<String> {
        let procedures = self.interface.iter().flat_map(|interface| interface.procedures());
        procedures.map(|procedure| procedure.short_name().to_owned()).collect()
    }

    fn types(&self) -> Vec<String> {
        let types = self.interface.iter().flat_map(|interface| interface.types());
        types.filter_map(|of| of.name()).map(str::to_owned).collect()
    }

    /// Returns the possible first words: commands and procedures.
    fn first(&self, partial: &str) -> Vec<String> {
        if let Some(asked) = partial.strip_prefix('?') {
            let names = self.procedures().into_iter().chain(self.types());
            return names.filter(|name| name.starts_with(asked)).map(|name| format!("?{name}")).collect();
        }
        let own = OWN.iter().map(|own| own.name.to_owned()).filter(|name| name != "?");
        own.chain(self.procedures()).collect()
    }

    /// Returns the possible arguments.
    fn argument(&self, command: &str, before: &[Word], partial: &str) -> Vec<String> {
        let own = OWN.iter().map(|own| own.name.to_owned());
        match (command, before) {
            ("help" | "?", []) => own.chain(self.procedures()).chain(self.types()).collect(),
            ("describe", []) => self.procedures().into_iter().chain(self.types()).collect(),
            ("types", []) => self.types(),
            ("connect", []) => self.targets.clone(),
            ("json", []) => vec!["on".to_owned(), "off".to_owned()],
            ("again", []) => self.stored.iter().cloned().chain(["last".to_owned()]).collect(),
            ("call" | "cast", []) => self.procedures(),
            ("call" | "cast", [procedure, rest @ ..]) => self.of_procedure(&procedure.text, rest, partial),
            (command, _) if OWN.iter().any(|own| own.name == command) => Vec::new(),
            (procedure, rest) => self.of_procedure(procedure, rest, partial),
        }
    }

    fn of_procedure(&self, name: &str, before: &[Word], partial: &str) -> Vec<String> {
        let Some(procedure) = self.interface.as_ref().and_then(|interface| interface.procedure(name).ok()) else {
            return Vec::new();
        };
        let fields: Vec<_> = procedure.argument_fields().collect();
        if let Some((path, _)) = partial.split_once('=') {
            let of = at_path(&fields, path);
            return of
                .map(|of| values(of).into_iter().map(|value| format!("{path}={value}")).collect())
                .unwrap_or_default();
        }
        if let Some((path, _)) = partial.rsplit_once('.') {
            let fields = at_path(&fields, path).map(parts).unwrap_or_default();
            return fields.into_iter().map(|part| format!("{path}.{part}")).collect();
        }
        let given: Vec<_> = before.iter().filter_map(|word| word.text.split_once('=')).map(|(name, _)| name).collect();
        // The next argument in the order of the file may be a value alone.
        let mut candidates: Vec<_> = fields
            .get(before.len() - given.len()..)
            .unwrap_or_default()
            .first()
            .map(|next| values(next.type_))
            .unwrap_or_default();
        let named = fields.iter().filter(|field| !given.contains(&field.name));
        candidates.extend(
            named.map(
                |field| if has_parts(field.type_) { format!("{}.", field.name) } else { format!("{}=", field.name) },
            ),
        );
        candidates
    }
}

/// Returns the type at a path, such as `to.x` or `path[0]`.
fn at_path<'i>(fields: &[Field<'i>], path: &str) -> Option<Type<'i>> {
    let mut of: Option<Type<'i>> = None;
    for part in path.split('.') {
        let (name, index) = part.split_once('[').map_or((part, None), |(name, index)| (name, Some(index)));
        let mut next = match of.map(|of| pointed(of).shape()) {
            None => fields.iter().find(|field| field.name == name)?.type_,
            Some(Shape::Struct(fields)) => fields.iter().find(|field| field.name == name)?.type_,
            Some(Shape::Union { cases, default, .. }) => {
                cases.iter().chain(&default).find(|case| case.name == name)?.body?
            }
            Some(_) => return None,
        };
        if index.is_some() {
            next = match pointed(next).shape() {
                Shape::Array { element, .. } => element,
                Shape::List { node, .. } => node,
                _ => return None,
            };
        }
        of = Some(next);
    }
    of
}

/// Returns the type behind pointers.
fn pointed(mut of: Type<'_>) -> Type<'_> {
    while let Shape::Optional(inner) = of.shape() {
        of = inner;
    }
    of
}

fn has_parts(of: Type<'_>) -> bool {
    matches!(pointed(of).shape(), Shape::Struct(_) | Shape::Union { .. })
}

/// Returns the parts of a struct or a union, as they are typed.
fn parts(of: Type<'_>) -> Vec<String> {
    let ended = |name: &str, of: Option<Type<'_>>| match of {
        Some(of) if has_parts(of) => format!("{name}."),
        _ => format!("{name}="),
    };
    match pointed(of).shape() {
        Shape::Struct(fields) => fields.iter().map(|field| ended(field.name, Some(field.type_))).collect(),
        Shape::Union { cases, default, .. } => {
            cases.iter().chain(&default).map(|case| ended(&case.name, case.body)).collect()
        }
        _ => Vec::new(),
    }
}

/// Returns the values of a type that has few.
fn values(of: Type<'_>) -> Vec<String> {
    match of.shape() {
        Shape::Bool => vec!["false".to_owned(), "true".to_owned()],
        Shape::Enum(members) => members.iter().map(|member| member.name.to_owned()).collect(),
        Shape::Optional(inner) => {
            let mut all = values(inner);
            all.push("null".to_owned());
            all
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let text = "enum mode { OFF = 0, HEAT = 1, HOLD = 2 };
            struct point { int x; bool on; };
            struct place { point at; mode mode; };
            union shape switch (mode kind) { case OFF: void; case HEAT: point p; default: int n; };
            typedef point points<3>;
            program OVEN { version OVEN_1 {
                void OVEN_SET(unsigned int channel, mode mode) = 1;
                void OVEN_MOVE(place to, points path, shape *shape) = 2;
            } = 1; } = 0x20000001;";
        let interface = Some(Arc::new(Interface::parse(text).unwrap()));
        Known { interface, targets: vec!["oven".into(), "scope".into()], stored: vec!["bake".into()] }
    }

    #[test]
    fn words_are_completed_where_they_stand() {
        let known = known();
        for (line, start, expected) in [
            ("ov", 0, vec!["oven.move", "oven.set"]),
            ("oven.s", 0, vec!["oven.set"]),
            ("jso", 0, vec!["json"]),
            ("json o", 5, vec!["off", "on"]),
            ("ping; oven.m", 6, vec!["oven.move"]),
            ("time oven.m", 5, vec!["oven.move"]),
            ("help po", 5, vec!["point", "points"]),
            ("?oven.se", 0, vec!["?oven.set"]),
            ("connect s", 8, vec!["scope"]),
            ("again b", 6, vec!["bake"]),
            ("oven.set ", 9, vec!["channel=", "mode="]),
            ("oven.set 0 ", 11, vec!["HEAT", "HOLD", "OFF", "channel=", "mode="]),
            ("oven.set 0 H", 11, vec!["HEAT", "HOLD"]),
            ("oven.set channel=3 mode=H", 19, vec!["mode=HEAT", "mode=HOLD"]),
            ("call oven.set mode=O", 14, vec!["mode=OFF"]),
            ("oven.move ", 10, vec!["path=", "shape.", "to."]),
            ("oven.move to.", 10, vec!["to.at.", "to.mode="]),
            ("oven.move to.at.o", 10, vec!["to.at.on="]),
            ("oven.move to.at.on=t", 10, vec!["to.at.on=true"]),
            ("oven.move path[0].", 10, vec!["path[0].on=", "path[0].x="]),
            ("oven.move shape.", 10, vec!["shape.HEAT.", "shape.OFF=", "shape.default="]),
            ("oven.move shape.HEAT.", 10, vec!["shape.HEAT.on=", "shape.HEAT.x="]),
            ("oven.move none.x", 10, vec![]),
            ("nothing.such ", 13, vec![]),
            ("timeout 2", 8, vec![]),
        ] {
            assert_eq!(known.complete(line), (start, expected.iter().map(ToString::to_string).collect()), "{line}");
        }
    }

    #[test]
    fn without_an_interface_commands_are_completed() {
        assert_eq!(Known::default().complete("conn"), (0, vec!["connect".to_owned()]));
        assert_eq!(Known::default().complete("oven.set "), (9, vec![]));
    }
}
