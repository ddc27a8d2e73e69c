//! The values of constants.

use std::collections::HashMap;

use super::prelude;
use super::worth::{Failure, Worth, evaluate};
use crate::diagnostic::Diagnostic;
use crate::source::Place;
use crate::tree::{ConstantValue, EnumBody, Name, Program, Value};

/// An item that has a number: a constant, a member of an enum, or a `#define` in a line for C.
#[derive(Clone, Debug)]
pub(super) struct Numbered<'t> {
    pub place: Place,
    pub from: From<'t>,
    /// What is added to it. A member without a number follows the member before it.
    pub plus: i128,
}

/// What the number of an item is computed from.
#[derive(Clone, Debug)]
pub(super) enum From<'t> {
    Nothing,
    Value(&'t Value),
    /// Numbers and names with `+` between them.
    Sum(&'t str),
    Text,
    /// Programs, versions or procedures with one name and several numbers, and the place of the second.
    Several(Place),
}

/// All items that have a number, by name.
#[derive(Debug, Default)]
pub(super) struct Constants<'t> {
    pub named: HashMap<&'t str, Numbered<'t>>,
    /// `%#define NAME 1024` and `%#define NAME OTHER+1`.
    ///
    /// `rpcgen` passes these lines to the C compiler, so a size in the file may use such a name.
    defined: HashMap<&'t str, Numbered<'t>>,
    /// Programs, versions and procedures, for which `rpcgen` makes constants.
    of_programs: HashMap<&'t str, Numbered<'t>>,
    /// The value of each name, once all names are collected.
    worth: HashMap<&'t str, Worth<'t>>,
}

impl<'t> Numbered<'t> {
    pub fn constant(place: Place, value: &'t ConstantValue) -> Self {
        let from = match value {
            ConstantValue::Value(value) => From::Value(value),
            ConstantValue::Text(_) => From::Text,
        };
        Self { place, from, plus: 0 }
    }

    /// Returns the members of an enum, with their names.
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
    /// Adds the number that a line for C defines, if it does.
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

    /// Adds the numbers of a program, its versions and its procedures.
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

    /// Returns the item of a name. Items of the file hide those of lines for C and of programs.
    pub fn find(&self, name: &str) -> Option<&Numbered<'t>> {
        self.named.get(name).or_else(|| self.defined.get(name)).or_else(|| self.of_programs.get(name))
    }

    /// Computes the value of each name. All names must have been collected.
    pub fn evaluate(&mut self) {
        let names = self.named.keys().chain(self.defined.keys()).chain(self.of_programs.keys());
        let mut names: Vec<_> = names.copied().collect();
        // The order is fixed, so that an error about a cycle always names the same constant.
        names.sort_unstable();
        self.worth = evaluate(self, names);
    }

    /// Returns the number of a value.
    pub fn value(&self, value: &Value) -> Result<i128, Diagnostic> {
        match value {
            Value::Number(number) => Ok(number.value),
            Value::Name(name) => self.named(&name.text, name.place),
        }
    }

    /// Returns the number of the constant `name`, which is used at `place`.
    pub fn named(&self, name: &str, place: Place) -> Result<i128, Diagnostic> {
        match self.worth.get(name) {
            Some(worth) => worth.map_err(|failure| failure.at(place)),
            None => prelude::constant(name).ok_or_else(|| Failure::Unknown(name).at(place)),
        }
    }
}
