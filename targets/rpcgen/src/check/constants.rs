//! What constants are worth.

use std::collections::{HashMap, HashSet};

use super::prelude;
use crate::diagnostic::Diagnostic;
use crate::source::Place;
use crate::tree::{ConstantValue, EnumBody, Name, Number, Program, Value};

/// Constants that may stand for one another in a row. A cycle is longer.
const CHAIN_MAX: usize = 1000;

/// Something that has a number: a constant, a member of an enum, a `#define` in a line for C.
#[derive(Clone, Debug)]
pub(super) struct Numbered<'t> {
    pub place: Place,
    from: From<'t>,
    /// What is added: a member without a number follows the one before it.
    plus: i128,
}

#[derive(Clone, Debug)]
enum From<'t> {
    Nothing,
    Value(&'t Value),
    Sum(&'t str),
    Text,
    /// Programs, versions or procedures of one name and several numbers; where the second one stands.
    Several(Place),
}

/// Everything that has a number, by name.
#[derive(Debug, Default)]
pub(super) struct Constants<'t> {
    pub named: HashMap<&'t str, Numbered<'t>>,
    /// `%#define NAME 1024` and `%#define NAME OTHER+1`: `rpcgen` leaves them to the C compiler, for which a size
    /// in the file may well be one of them.
    defined: HashMap<&'t str, Numbered<'t>>,
    /// Programs, versions and procedures, of which `rpcgen` makes constants.
    of_programs: HashMap<&'t str, Numbered<'t>>,
}

impl<'t> Numbered<'t> {
    pub fn constant(place: Place, value: &'t ConstantValue) -> Self {
        let from = match value {
            ConstantValue::Value(value) => From::Value(value),
            ConstantValue::Text(_) => From::Text,
        };
        Self { place, from, plus: 0 }
    }

    /// The members of an enum, with their names.
    pub fn members(body: &'t EnumBody) -> impl Iterator<Item = (&'t str, Self)> {
        let mut last = (From::Nothing, -1);
        body.members.iter().map(move |member| {
            last = match &member.value {
                Some(value) => (From::Value(value), 0),
                None => (last.0.clone(), last.1 + 1),
            };
            (member.name.text.as_str(), Self { place: member.name.place, from: last.0.clone(), plus: last.1 })
        })
    }
}

impl<'t> Constants<'t> {
    /// Takes a line for C, if it defines a number.
    pub fn passed(&mut self, line: &'t str, place: Place) {
        let Some(definition) =
            line.trim_start().strip_prefix('#').and_then(|rest| rest.trim_start().strip_prefix("define"))
        else {
            return;
        };
        let definition = definition.trim();
        if let Some((name, sum)) = definition.split_once(char::is_whitespace) {
            self.defined.insert(name, Numbered { place, from: From::Sum(sum.trim()), plus: 0 });
        }
    }

    /// Takes a program, with its versions and procedures.
    pub fn program(&mut self, program: &'t Program) {
        self.number(&program.name, &program.number);
        for version in &program.versions {
            self.number(&version.name, &version.number);
            version.procedures.iter().for_each(|procedure| self.number(&procedure.name, &procedure.number));
        }
    }

    fn number(&mut self, name: &'t Name, number: &'t Value) {
        let new = Numbered { place: name.place, from: From::Value(number), plus: 0 };
        let known = self.of_programs.entry(&name.text).or_insert(new);
        let same = match (&known.from, number) {
            (From::Value(Value::Number(known)), Value::Number(number)) => known.value == number.value,
            (From::Value(known), number) => *known == number,
            _ => true,
        };
        if !same {
            known.from = From::Several(name.place);
        }
    }

    fn find(&self, name: &str) -> Option<&Numbered<'t>> {
        self.named.get(name).or_else(|| self.defined.get(name)).or_else(|| self.of_programs.get(name))
    }

    /// What a value is worth.
    pub fn value(&self, value: &Value) -> Result<i128, Diagnostic> {
        match value {
            Value::Number(number) => Ok(number.value),
            Value::Name(name) => self.named(&name.text, name.place),
        }
    }

    /// What the constant of this name is worth, which stands at `place`.
    pub fn named(&self, name: &str, place: Place) -> Result<i128, Diagnostic> {
        let (mut name, mut sum, mut seen) = (name, 0i128, HashSet::new());
        while let Some(found) = self.find(name) {
            if !seen.insert(name) || seen.len() > CHAIN_MAX {
                let error = Diagnostic::error(place, format!("`{name}` is defined by itself"));
                return Err(error.other(found.place, "defined here"));
            }
            sum += found.plus;
            match found.from {
                From::Nothing => return Ok(sum),
                From::Value(Value::Number(number)) => return Ok(sum + number.value),
                From::Value(Value::Name(next)) => name = &next.text,
                From::Sum(terms) => return self.sum(terms, place, seen.len()).map(|value| sum + value),
                From::Several(second) => {
                    let message = format!("`{name}` has several numbers");
                    let error = Diagnostic::error(place, message).label("which one is meant?");
                    return Err(error.other(second, "one of several of this name"));
                }
                From::Text => {
                    let error = Diagnostic::error(place, format!("`{name}` is a text")).label("expected a number");
                    return Err(error.other(found.place, "defined here"));
                }
            }
        }
        match prelude::constant(name) {
            Some(value) => Ok(sum + value),
            None => Err(unknown(name, place)),
        }
    }

    /// A sum of numbers and names, as a line for C may have it.
    fn sum(&self, terms: &str, place: Place, depth: usize) -> Result<i128, Diagnostic> {
        let term = |term: &str| {
            // A definition may go on in the next line, behind a backslash.
            let blank = |character: char| character.is_whitespace() || matches!(character, '(' | ')' | '\\');
            let term = term.trim_matches(blank);
            match (Number::parse(term), self.defined.get(term)) {
                (Some(value), _) => Ok(value),
                (None, Some(Numbered { from: From::Sum(terms), .. })) if depth < 8 => self.sum(terms, place, depth + 1),
                _ if self.named.contains_key(term) || self.of_programs.contains_key(term) => self.named(term, place),
                _ => Err(unknown(term, place)),
            }
        };
        terms.split('+').map(term).sum()
    }
}

fn unknown(name: &str, place: Place) -> Diagnostic {
    Diagnostic::error(place, format!("the constant `{name}` is unknown")).label("defined nowhere").help(
        "define it with `const`, or with `-D NAME=VALUE`; a file that has it is included with `#include \"file.x\"`",
    )
}
