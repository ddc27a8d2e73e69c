//! Computes each constant once, in time linear in the file and without recursion. A chain of constants may be as long
//! as the file.

use std::collections::HashMap;
use std::str::Split;

use super::constants::{Constants, From};
use super::prelude;
use crate::diagnostic::Diagnostic;
use crate::source::Place;
use crate::tree::{Number, Value};

/// The number of a constant, or why it has none.
pub(super) type Worth<'t> = Result<i128, Failure<'t>>;

/// Why a constant has no number. The failure may be that of another constant, which is named.
#[derive(Clone, Copy, Debug)]
pub(super) enum Failure<'t> {
    Unknown(&'t str),
    Circle(&'t str, Place),
    Text(&'t str, Place),
    /// The name has several numbers; the place is that of the second.
    Several(&'t str, Place),
    /// The number takes more than 64 bits.
    TooLarge(&'t str, Place),
}

impl Failure<'_> {
    /// Returns the error for a use of the constant at `place`.
    pub fn at(self, place: Place) -> Diagnostic {
        match self {
            Self::Unknown(name) => Diagnostic::error(place, format!("the constant `{name}` is unknown"))
                .label("defined nowhere")
                .help("define it with `const` or `-D NAME=VALUE`, or include the file that defines it with `#include \"file.x\"`"),
            Self::Circle(name, defined) => Diagnostic::error(place, format!("`{name}` is defined by itself"))
                .other(defined, "defined here"),
            Self::Text(name, defined) => Diagnostic::error(place, format!("`{name}` is a text, not a number"))
                .label("expected a number")
                .other(defined, "defined here"),
            Self::Several(name, second) => Diagnostic::error(place, format!("`{name}` has several numbers"))
                .label("ambiguous")
                .other(second, "another item of this name"),
            Self::TooLarge(name, defined) => Diagnostic::error(place, format!("`{name}` takes more than 64 bits"))
                .label(format!("expected {} to {}", i64::MIN, u64::MAX))
                .other(defined, "defined here"),
        }
    }
}

/// Returns the numbers of all names.
pub(super) fn evaluate<'t>(constants: &Constants<'t>, names: Vec<&'t str>) -> HashMap<&'t str, Worth<'t>> {
    let mut evaluation = Evaluation { constants, states: HashMap::new() };
    names.into_iter().for_each(|name| evaluation.evaluate(name));
    let known = |(name, state)| match state {
        State::Known(worth) => Some((name, worth)),
        State::UnderWay => None,
    };
    evaluation.states.into_iter().filter_map(known).collect()
}

enum State<'t> {
    /// The constant waits for another. A constant that needs this one is part of a cycle.
    UnderWay,
    Known(Worth<'t>),
}

struct Evaluation<'c, 't> {
    constants: &'c Constants<'t>,
    states: HashMap<&'t str, State<'t>>,
}

/// A constant whose terms are being added.
struct Sum<'t> {
    name: &'t str,
    place: Place,
    worth: Worth<'t>,
    terms: Option<Split<'t, char>>,
}

impl<'t> Sum<'t> {
    fn next(&mut self) -> Option<&'t str> {
        // After a failure, the other terms do not matter.
        self.terms.as_mut().filter(|_| self.worth.is_ok())?.next()
    }

    fn add(&mut self, term: Worth<'t>) {
        self.worth = self.worth.and_then(|sum| {
            let sum = sum + term?;
            let fits = (i64::MIN.into()..=u64::MAX.into()).contains(&sum);
            if fits { Ok(sum) } else { Err(Failure::TooLarge(self.name, self.place)) }
        });
    }
}

impl<'t> Evaluation<'_, 't> {
    /// Follows a name to the names that it needs, and returns with their numbers.
    fn evaluate(&mut self, name: &'t str) {
        let mut waiting: Vec<_> = self.begin(name).into_iter().collect();
        while let Some(sum) = waiting.last_mut() {
            let Some(term) = sum.next() else {
                self.states.insert(sum.name, State::Known(sum.worth));
                let worth = sum.worth;
                waiting.pop();
                if let Some(sum) = waiting.last_mut() {
                    sum.add(worth);
                }
                continue;
            };
            match self.term(term) {
                Some(worth) => sum.add(worth),
                None => waiting.extend(self.begin(term.trim_matches(blank))),
            }
        }
    }

    /// Returns the number of a term: a number, or a name whose number is known.
    fn term(&self, term: &'t str) -> Option<Worth<'t>> {
        let term = term.trim_matches(blank);
        let numbered = match (self.states.get(term), self.constants.find(term)) {
            (Some(State::Known(worth)), _) => return Some(*worth),
            (Some(State::UnderWay), Some(numbered)) => numbered,
            (None, Some(_)) => return None,
            (_, None) => {
                let number = Number::parse(term).or_else(|| prelude::constant(term));
                return Some(number.ok_or(Failure::Unknown(term)));
            }
        };
        Some(Err(Failure::Circle(term, numbered.place)))
    }

    fn begin(&mut self, name: &'t str) -> Option<Sum<'t>> {
        if self.states.contains_key(name) {
            return None;
        }
        let numbered = self.constants.find(name)?;
        self.states.insert(name, State::UnderWay);
        let place = numbered.place;
        let (first, terms) = match numbered.from {
            From::Nothing => (Ok(0), None),
            From::Value(Value::Number(number)) => (Ok(number.value), None),
            From::Value(Value::Name(next)) => (Ok(0), Some(next.text.split('+'))),
            From::Sum(terms) => (Ok(0), Some(terms.split('+'))),
            From::Text => (Err(Failure::Text(name, place)), None),
            From::Several(second) => (Err(Failure::Several(name, second)), None),
        };
        let mut sum = Sum { name, place, worth: Ok(numbered.plus), terms };
        sum.add(first);
        Some(sum)
    }
}

/// Returns whether a character may surround a term. A definition may continue on the next line after a backslash.
fn blank(character: char) -> bool {
    character.is_whitespace() || matches!(character, '(' | ')' | '\\')
}
