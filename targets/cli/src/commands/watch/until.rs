//! The condition of `--until`, an expression in CEL (the Common Expression Language).

use std::collections::HashMap;
use std::sync::Arc;

use cel::objects::{Key, Map};
use cel::{Context, Program};
use serde_json::Value;

use crate::failure::{Done, Failure};

/// The name of the whole result in expressions.
const WHOLE: &str = "value";

/// An expression over the fields of a result.
pub struct Condition {
    text: String,
    program: Program,
    /// Why the latest evaluation had no value.
    pub note: Option<String>,
}

impl Condition {
    /// Compiles an expression.
    pub fn new(text: &str) -> Done<Self> {
        let program = Program::compile(text).map_err(|errors| {
            let what = format!("the condition {text:?} is not a valid expression: {}", errors.to_string().trim());
            Failure::usage(what).help("write for example `--until 'temperature > 25000 && on'`")
        })?;
        Ok(Self { text: text.to_owned(), program, note: None })
    }

    /// Returns the expression.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns whether it is true for a result.
    ///
    /// It is false where it has no value, for example because a union has another case. [`note`](Self::note) states
    /// why.
    pub fn is_true(&mut self, result: &Value) -> Done<bool> {
        let mut context = Context::default();
        context.add_variable_from_value(WHOLE, value(result));
        if let Value::Object(object) = result {
            for (name, field) in object {
                context.add_variable_from_value(name.as_str(), value(field));
            }
        }
        let text = &self.text;
        match self.program.execute(&context) {
            Ok(cel::Value::Bool(is_true)) => {
                self.note = None;
                Ok(is_true)
            }
            Ok(other) => {
                let what = format!("the condition {text:?} evaluates to {other:?}; true or false is needed");
                Err(Failure::usage(what).help("compare it, as in `--until 'temperature > 25000'`"))
            }
            Err(error) => {
                self.note = Some(format!("the condition {text:?} has no value, so it is false: {error}"));
                Ok(false)
            }
        }
    }
}

/// Converts a JSON value to a value of CEL.
fn value(json: &Value) -> cel::Value {
    match json {
        Value::Null => cel::Value::Null,
        Value::Bool(value) => cel::Value::Bool(*value),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => cel::Value::Int(number),
            (None, Some(number)) => cel::Value::UInt(number),
            (None, None) => cel::Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => cel::Value::String(Arc::new(text.clone())),
        Value::Array(values) => cel::Value::List(Arc::new(values.iter().map(value).collect())),
        Value::Object(object) => {
            let field = |(name, field): (&String, &Value)| (Key::String(Arc::new(name.clone())), value(field));
            cel::Value::Map(Map { map: Arc::new(object.iter().map(field).collect::<HashMap<_, _>>()) })
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn expressions_are_over_the_fields() {
        let result = json!({
            "temperature": 25_001, "on": true, "ratio": 0.5, "big": u64::MAX, "place": "hall", "low": -3,
            "history": [{"time": 7}, {"time": 9}], "state": {"STATE_OK": {"level": 3}},
        });
        for (text, expected) in [
            ("temperature > 25000 && on", true),
            ("temperature > 25001", false),
            ("temperature / 1000 == 25 && temperature % 2 == 1", true),
            ("ratio < 1 && ratio > 0.25", true),
            ("big > 1", true),
            ("low < 0 || !on", true),
            ("place == 'hall' && place.startsWith('h')", true),
            ("history[1].time == 9 && size(history) == 2", true),
            ("history.exists(sample, sample.time > 8)", true),
            ("state.STATE_OK.level in [1, 3]", true),
            ("value.on", true),
            ("has(state.STATE_OK)", true),
            ("has(state.STATE_FAILED)", false),
        ] {
            assert_eq!(Condition::new(text).unwrap().is_true(&result).unwrap(), expected, "{text}");
        }
        assert!(Condition::new("value == 7").unwrap().is_true(&json!(7)).unwrap());
    }

    #[test]
    fn a_missing_field_is_noted_and_anything_else_is_an_error() {
        let mut condition = Condition::new("state.STATE_FAILED.code == 3").unwrap();
        assert!(!condition.is_true(&json!({"state": {"STATE_OK": 1}})).unwrap());
        assert!(condition.note.as_ref().unwrap().contains("STATE_FAILED"), "{:?}", condition.note);
        let mut typo = Condition::new("temprature > 3").unwrap();
        assert!(!typo.is_true(&json!({"temperature": 1})).unwrap());
        assert!(typo.note.as_ref().unwrap().contains("temprature"));
        let error = Condition::new("temperature").unwrap().is_true(&json!({"temperature": 1})).unwrap_err();
        assert!(error.what().contains("true or false is needed"));
        for text in ["", "temperature >", "1 +* 2", "a b"] {
            assert!(Condition::new(text).is_err(), "{text}");
        }
    }
}
