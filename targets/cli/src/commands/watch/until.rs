//! The condition of `--until`: an expression of Jinja over the fields of a result.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use minijinja::value::{Serde, ValueKind};
use minijinja::{Environment, ErrorKind, Expression, UndefinedBehavior};
use oncilla_dynamic::Procedure;
use serde_json::Value;

use super::paths;
use crate::failure::{Done, Failure};

/// The most steps of one evaluation. A step is an operation, or an element of a list or of a text.
const STEPS_MAX: u64 = 1 << 24;

/// The name of JSON's null, which Jinja calls `none`.
const NULL: &str = "null";

static LANGUAGE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut language = Environment::new();
    language.set_undefined_behavior(UndefinedBehavior::Strict);
    language.set_fuel(Some(STEPS_MAX));
    // Functions such as `range` would hide that a field is not there.
    let functions: Vec<String> = language.globals().map(|(name, _)| name.to_owned()).collect();
    functions.iter().for_each(|name| language.remove_global(name));
    language.add_global(NULL, ());
    language
});

/// An expression over the fields of a result.
pub struct Condition {
    text: String,
    expression: Expression<'static, 'static>,
    /// The paths of the fields that it names, such as `STATUS_OK.value`, up to the first index.
    paths: Vec<String>,
    /// Why the latest evaluation had no value.
    pub note: Option<String>,
}

impl Condition {
    /// Compiles an expression.
    pub fn new(text: &str) -> Done<Self> {
        let expression = LANGUAGE.compile_expression_owned(words(text).into_owned()).map_err(|error| {
            let failure =
                Failure::usage(format_args!("the condition {text:?} is not a valid expression: {}", reason(&error)));
            if text.replace("!=", "").contains('!') {
                return failure.help("write `not` for `!`");
            }
            failure.help("write for example `--until 'temperature > 25000 && on'`")
        })?;
        let mut paths: Vec<String> = expression.undeclared_variables(true).into_iter().collect();
        paths.retain(|path| path != NULL);
        paths.sort_unstable();
        Ok(Self { text: text.to_owned(), expression, paths, note: None })
    }

    /// Returns the expression.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Checks that a procedure returns the fields that the expression names.
    pub fn check(&self, procedure: Procedure<'_>) -> Done {
        let check = |path: &String| paths::check(path, procedure.result());
        self.paths.iter().try_for_each(check).map_err(|failure| {
            failure.of(format_args!("the condition {:?} does not fit {}", self.text, procedure.short_name()))
        })
    }

    /// Returns whether it is true for a result.
    ///
    /// It is false where it has no value, for example because a union has another case. [`note`](Self::note) states
    /// why.
    pub fn is_true(&mut self, result: &Value) -> Done<bool> {
        let mut fields = BTreeMap::from([(paths::WHOLE, minijinja::Value::from(Serde(result)))]);
        if let Value::Object(object) = result {
            fields.extend(object.iter().map(|(name, field)| (name.as_str(), minijinja::Value::from(Serde(field)))));
        }
        let text = &self.text;
        let why = match self.expression.eval(minijinja::Value::from_pairs(fields)) {
            Ok(value) if value.kind() == ValueKind::Bool => {
                self.note = None;
                return Ok(value.is_true());
            }
            Ok(value) if !value.is_undefined() => {
                let what = format!("the condition {text:?} evaluates to {value:?}; true or false is needed");
                return Err(Failure::usage(what).help("compare it, as in `--until 'temperature > 25000'`"));
            }
            Ok(_) => "undefined value".to_owned(),
            Err(error) if is_misspelt(&error) => {
                let what = format!("the condition {text:?} is wrong: {}", reason(&error));
                return Err(Failure::usage(what).help("`oncilla watch --help` shows what expressions may contain"));
            }
            Err(error) => reason(&error),
        };
        let missing: Vec<&str> =
            self.paths.iter().map(String::as_str).filter(|path| !paths::is_in(path, result)).collect();
        let why = if missing.is_empty() { why } else { format!("the result has no {}", missing.join(", ")) };
        self.note = Some(format!("the condition {text:?} has no value, so it is false: {why}"));
        Ok(false)
    }
}

/// Returns whether the expression itself is wrong, whatever the result is.
fn is_misspelt(error: &minijinja::Error) -> bool {
    let kinds =
        [ErrorKind::UnknownFilter, ErrorKind::UnknownTest, ErrorKind::UnknownFunction, ErrorKind::UnknownMethod];
    kinds.contains(&error.kind())
}

/// Returns why an expression failed, without its place: it has one line.
fn reason(error: &minijinja::Error) -> String {
    error.detail().map_or_else(|| error.kind().to_string(), str::to_owned)
}

/// Writes `&&` and `||` as Jinja's `and` and `or`, which bind in the same way. Texts stay as they are.
fn words(text: &str) -> Cow<'_, str> {
    if !text.contains("&&") && !text.contains("||") {
        return text.into();
    }
    let (mut words, mut rest, mut quote) = (String::new(), text, None);
    while let Some(first) = rest.chars().next() {
        let (taken, word) = match (quote, first) {
            (None, '&') if rest.starts_with("&&") => (2, " and "),
            (None, '|') if rest.starts_with("||") => (2, " or "),
            // An escaped character of a text.
            (Some(_), '\\') => {
                let taken = 1 + rest.chars().nth(1).map_or(0, char::len_utf8);
                (taken, rest.get(..taken).unwrap_or(rest))
            }
            (None, '"' | '\'') => {
                quote = Some(first);
                (1, rest.get(..1).unwrap_or(rest))
            }
            _ => {
                quote = quote.filter(|quote| *quote != first);
                (first.len_utf8(), rest.get(..first.len_utf8()).unwrap_or(rest))
            }
        };
        words.push_str(word);
        rest = rest.get(taken..).unwrap_or_default();
    }
    words.into()
}

#[cfg(test)]
mod tests {
    use oncilla_dynamic::Interface;
    use serde_json::json;

    use super::*;

    #[test]
    fn expressions_are_over_the_fields() {
        let result = json!({
            "temperature": 25_001, "on": true, "ratio": 0.5, "big": u64::MAX, "place": "hall", "low": -3, "none_yet": null,
            "history": [{"time": 7}, {"time": 9}], "state": {"STATE_OK": {"level": 3}}, "text": "a && b", "range": 2,
        });
        for (text, expected) in [
            ("temperature > 25000 && on", true),
            ("temperature > 25000 and on", true),
            ("temperature > 25001", false),
            ("temperature // 1000 == 25 && temperature % 2 == 1", true),
            ("ratio < 1 && ratio > 0.25", true),
            ("low < 0 || not on", true),
            ("not on || low < 0 && low > -4", true),
            ("place == 'hall' && place is startingwith('h')", true),
            ("text == \"a && b\" && text != 'it\\'s a || b' || on", true),
            ("history[1].time == 9 && history | length == 2", true),
            ("history | map(attribute='time') | max > 8", true),
            ("history | selectattr('time', '>', 9) | list | length > 0", false),
            ("state.STATE_OK.level in [1, 3]", true),
            ("value.on", true),
            ("state.STATE_OK is defined", true),
            ("state.STATE_FAILED is defined", false),
            ("none_yet == null && none_yet is none", true),
            ("range == 2", true),
        ] {
            assert_eq!(Condition::new(text).unwrap().is_true(&result).unwrap(), expected, "{text}");
        }
        assert!(Condition::new("value == 7").unwrap().is_true(&json!(7)).unwrap());
    }

    #[test]
    fn numbers_of_64_bits_are_exact() {
        let result = json!({"big": u64::MAX, "low": i64::MIN});
        for (text, expected) in [
            ("big == 18446744073709551615", true),
            ("big == 18446744073709551614", false),
            ("big > 18446744073709551614", true),
            ("big - 1 == 18446744073709551614", true),
            ("low == -9223372036854775808 && low < big", true),
        ] {
            assert_eq!(Condition::new(text).unwrap().is_true(&result).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn a_missing_field_is_noted_and_anything_else_is_an_error() {
        let result = json!({"temperature": 1, "state": {"STATE_OK": 1}});
        for (text, missing) in [
            ("state.STATE_FAILED.code == 3", "the result has no state.STATE_FAILED.code"),
            ("temprature > 3", "the result has no temprature"),
            ("temprature", "the result has no temprature"),
            ("temperature % 0 == 1", "unable to calculate 1 % 0"),
            // It is the name of a function in Jinja's templates.
            ("range > 3", "the result has no range"),
        ] {
            let mut condition = Condition::new(text).unwrap();
            assert!(!condition.is_true(&result).unwrap());
            assert!(condition.note.as_ref().unwrap().ends_with(missing), "{:?}", condition.note);
        }
        let mut condition = Condition::new("state.STATE_FAILED.code == 3").unwrap();
        assert!(!condition.is_true(&result).unwrap() && condition.note.is_some());
        assert!(condition.is_true(&json!({"state": {"STATE_FAILED": {"code": 3}}})).unwrap());
        assert_eq!(condition.note, None);
        for (text, what) in [
            ("temperature", "true or false is needed"),
            ("temperature | lenght > 1", "filter lenght is unknown"),
            ("temperature is evne", "test evne is unknown"),
        ] {
            let error = Condition::new(text).unwrap().is_true(&result).unwrap_err();
            assert!(error.what().contains(what), "{error}");
        }
        for text in ["", "temperature >", "1 +* 2", "a b", "a & b", "a &&", "'a && b", "'\\"] {
            assert!(Condition::new(text).is_err(), "{text}");
        }
        let error = Condition::new("a != 1 && !b").err().unwrap();
        assert!(error.to_string().contains("write `not` for `!`"), "{error}");
    }

    #[test]
    fn an_evaluation_ends() {
        for text in ["'x' * 1000000000 == 'y'", "[0] * 1000000000 == []", "2 ** 1000000000 > 1"] {
            let mut condition = Condition::new(text).unwrap();
            assert!(!condition.is_true(&json!(1)).unwrap(), "{text}");
            assert!(condition.note.is_some(), "{text}");
        }
        assert!(Condition::new(&"(".repeat(1 << 20)).is_err());
    }

    #[test]
    fn misspelt_fields_are_found_in_the_interface() {
        let interface = Interface::parse(concat!(
            "enum mode { OFF = 0, COOL = 1, HEAT = 2 };",
            "struct sample { hyper time; int level; };",
            "union state switch (mode now) { case HEAT: sample heat; case OFF: void; default: sample *other; };",
            "struct all { state now; sample history<4>; string place<8>; int value; };",
            "program P { version V { all P_ALL(void) = 1; state P_STATE(void) = 2; int P_ONE(void) = 3; void P_NONE(void) = 4; } = 1; } = 5;",
        ));
        let interface = interface.unwrap();
        let check = |name, text| Condition::new(text).unwrap().check(interface.procedure(name).unwrap());
        for (name, text) in [
            ("p.all", "now.HEAT.time > 3 && now.COOL.level == 1 || history[0].time > 1"),
            ("p.all", "value > 3 && place == 'hall' && history | length > 1 && now == 'OFF'"),
            ("p.state", "HEAT.time > 3 && value.HEAT.time > 3 && HEAT is defined && null == none"),
            ("p.one", "value > 3"),
            ("p.none", "value == null"),
        ] {
            check(name, text).unwrap();
        }
        for (name, text, what) in [
            ("p.all", "valeu > 3", "the most similar is `value`"),
            ("p.all", "now.HAET.time > 3", "the most similar is `HEAT`"),
            ("p.all", "now.COOL.xyz > 3", "`now.COOL` has time, level"),
            ("p.all", "history.time > 3", "`history` is a list: write history[0].time"),
            ("p.all", "place.size > 3", "`place` has no fields"),
            ("p.state", "value.HEAT.tmie > 3", "the most similar is `time`"),
            ("p.one", "on", "its name is `value`"),
            ("p.none", "x.y == 3", "its name is `value`"),
        ] {
            let error = check(name, text).unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
    }
}
