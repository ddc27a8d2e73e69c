//! Rules, by which a stand-in answers calls.

mod check;
mod draw;
mod read;
mod table;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use oncilla::ProcedureId;
use serde_json::Value;

use super::fault::Fault;
use super::path::Path;

pub use draw::{Drawn, State};

/// The rules of a file. They are tried in its order.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The seed of random numbers. Without one, each run has other numbers.
    pub seed: Option<u64>,
    /// The outcome of a call that no rule answers.
    pub default: Otherwise,
    /// The initial values of the store.
    pub store: BTreeMap<String, Value>,
    pub list: Vec<Rule>,
}

/// The outcome of a call that no rule answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Otherwise {
    /// The least value of the type.
    #[default]
    Template,
    Random,
    Fault(Fault),
}

/// A rule.
///
/// After a rule without an answer has delayed or stored, the next rules are tried.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The line in the file.
    pub line: usize,
    /// `None` stands for all procedures.
    pub procedure: Option<ProcedureId>,
    /// The values that parts of the arguments must have.
    pub when: Vec<(Path, Value)>,
    /// How often the rule applies, from 0 to 1.
    pub probability: f64,
    pub delay: Option<RangeInclusive<Duration>>,
    /// Names, and the parts of the arguments that are stored under them.
    pub store: Vec<(String, Path)>,
    pub answer: Option<Answer>,
}

/// The answer of a rule.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A value, which may refer to arguments and stored values.
    Value(Value),
    /// One value after another, then from the first again, or the last for ever.
    Sequence {
        values: Vec<Value>,
        repeats: bool,
    },
    Random,
    Fault(Fault),
}

/// The field of an object that stands for an argument: `{"$argument": "name"}`.
const ARGUMENT: &str = "$argument";

/// The field of an object that stands for a stored value: `{"$load": "name"}`.
const LOAD: &str = "$load";

/// A reference in a value.
enum Reference<'v> {
    Argument(&'v str),
    Load(&'v str),
}

/// Returns the reference, if a value is one.
fn reference(value: &Value) -> Option<Reference<'_>> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    let (name, value) = object.iter().next()?;
    match &**name {
        ARGUMENT => value.as_str().map(Reference::Argument),
        LOAD => value.as_str().map(Reference::Load),
        _ => None,
    }
}
