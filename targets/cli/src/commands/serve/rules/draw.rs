//! Chooses the rule that answers a call, and its answer.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use fastrand::Rng;
use oncilla_dynamic::Procedure;
use serde_json::Value;

use super::{Answer, Otherwise, Reference, Rule, Rules, reference};
use crate::commands::serve::fault::Fault;
use crate::commands::serve::path::Path;

/// The state that changes while rules are applied.
#[derive(Debug)]
pub struct State {
    rng: Rng,
    store: BTreeMap<String, Value>,
    /// How often each sequence has answered.
    asked: HashMap<usize, usize>,
}

/// The outcome of a call.
#[derive(Clone, Debug)]
pub struct Drawn {
    pub delay: Duration,
    /// The line of the rule that answered.
    pub line: Option<usize>,
    /// The value or the fault. `None` if no rule answers.
    pub outcome: Option<Result<Value, Fault>>,
}

impl State {
    pub fn new(rules: &Rules) -> Self {
        let rng = rules.seed.map_or_else(Rng::new, Rng::with_seed);
        Self { rng, store: rules.store.clone(), asked: HashMap::new() }
    }

    /// Replaces the rules. Stored values with the same names stay.
    pub fn reload(&mut self, rules: &Rules) {
        let before = std::mem::replace(self, Self::new(rules));
        for (name, value) in before.store {
            if let Some(place) = self.store.get_mut(&name) {
                *place = value;
            }
        }
    }

    /// Tries the rules in their order.
    pub fn draw(&mut self, rules: &Rules, procedure: Procedure<'_>, arguments: &Value) -> Drawn {
        let mut delay = Duration::ZERO;
        for (index, rule) in rules.list.iter().enumerate() {
            if !self.applies(rule, procedure, arguments) {
                continue;
            }
            if let Some(range) = &rule.delay {
                delay += range.start().saturating_add((*range.end() - *range.start()).mul_f64(self.rng.f64()));
            }
            for (name, path) in &rule.store {
                // Optional data may be absent.
                self.store.insert(name.clone(), path.of(arguments).cloned().unwrap_or_default());
            }
            if let Some(answer) = &rule.answer {
                let outcome = self.answer(index, answer, procedure, arguments);
                return Drawn { delay, line: Some(rule.line), outcome: Some(outcome) };
            }
        }
        Drawn { delay, line: None, outcome: None }
    }

    /// Returns the outcome of a call that no rule answers.
    pub fn otherwise(&mut self, otherwise: Otherwise, procedure: Procedure<'_>) -> Result<Value, Fault> {
        match otherwise {
            Otherwise::Template => template(procedure),
            Otherwise::Random => Ok(self.random(procedure)),
            Otherwise::Fault(fault) => Err(fault),
        }
    }

    fn applies(&mut self, rule: &Rule, procedure: Procedure<'_>, arguments: &Value) -> bool {
        rule.procedure.is_none_or(|id| id == procedure.id())
            && rule.when.iter().all(|(path, value)| path.of(arguments) == Some(value))
            && (rule.probability >= 1.0 || self.rng.f64() < rule.probability)
    }

    fn answer(
        &mut self,
        index: usize,
        answer: &Answer,
        procedure: Procedure<'_>,
        arguments: &Value,
    ) -> Result<Value, Fault> {
        match answer {
            Answer::Value(value) => Ok(self.resolved(value, arguments)),
            Answer::Sequence { values, repeats } => {
                let asked = self.asked.entry(index).or_default();
                let place = if *repeats { *asked % values.len() } else { (*asked).min(values.len() - 1) };
                *asked += 1;
                // A sequence has at least one value.
                Ok(values.get(place).map(|value| self.resolved(value, arguments)).unwrap_or_default())
            }
            Answer::Random => Ok(self.random(procedure)),
            Answer::Fault(fault) => Err(*fault),
        }
    }

    /// Returns a value with its references replaced.
    fn resolved(&self, value: &Value, arguments: &Value) -> Value {
        match reference(value) {
            Some(Reference::Argument(path)) => {
                Path::parse(path).and_then(|path| path.of(arguments).cloned()).unwrap_or_default()
            }
            Some(Reference::Load(name)) => self.store.get(name).cloned().unwrap_or_default(),
            None => match value {
                Value::Array(values) => values.iter().map(|value| self.resolved(value, arguments)).collect(),
                Value::Object(object) => Value::Object(
                    object.iter().map(|(name, value)| (name.clone(), self.resolved(value, arguments))).collect(),
                ),
                value => value.clone(),
            },
        }
    }

    fn random(&mut self, procedure: Procedure<'_>) -> Value {
        let Self { rng, .. } = self;
        procedure.result().map_or(Value::Null, |type_| type_.random(&mut || rng.u64(..)))
    }
}

/// Returns the least value of the results.
fn template(procedure: Procedure<'_>) -> Result<Value, Fault> {
    match procedure.result().map(|type_| type_.template()) {
        None => Ok(Value::Null),
        Some(Ok(value)) => Ok(value),
        // It is too large for any reply.
        Some(Err(_)) => Err(Fault::Refused(oncilla::Refusal::SystemError)),
    }
}
