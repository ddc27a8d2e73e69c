//! Arguments from the words of a command line, from a file, or from a stored call.

use std::path::Path;

use oncilla_dynamic::Procedure;
use serde_json::{Map, Value};

use super::callee::{self, Callee};
use crate::failure::{Done, Failure};
use crate::{bytes, input};

/// Where arguments come from.
#[derive(Clone, Debug)]
pub enum Input {
    /// Words of the command line.
    Words(Vec<String>),
    /// A stored call, and the words that change it.
    Stored(Value, Vec<String>),
    /// Encoded arguments.
    Bytes(Vec<u8>),
}

impl Input {
    /// Returns whether no interface is needed to encode the arguments.
    pub fn is_bytes(&self) -> bool {
        match self {
            Self::Words(words) => words.is_empty(),
            Self::Stored(value, words) => value.is_string() && words.is_empty(),
            Self::Bytes(_) => true,
        }
    }
}

/// Returns the arguments as a value, or hexadecimal digits if they are bytes; and encoded.
pub fn resolve(callee: &Callee<'_>, input: &Input) -> Done<(Value, Vec<u8>)> {
    let value = match (input, callee) {
        (Input::Bytes(bytes), _) => return Ok((bytes::hex(bytes).into(), bytes.clone())),
        (Input::Stored(Value::String(hex), words), _) if words.is_empty() => {
            return Ok((hex.as_str().into(), bytes::parse_hex(hex)?));
        }
        (Input::Words(words), Callee::Named(procedure)) => match &words[..] {
            [word] if word.starts_with('@') => input::json(Path::new(&word[1..]))?,
            words => of_words(*procedure, words)?,
        },
        (Input::Stored(stored, words), Callee::Named(procedure)) => over(*procedure, stored, words)?,
        (Input::Words(words) | Input::Stored(_, words), Callee::Numbered(_)) if words.is_empty() => Value::Null,
        (_, Callee::Numbered(_)) => {
            return Err(Failure::usage(format_args!("the interface has no procedure {}", callee.name()))
                .help("give its arguments as bytes: `--raw-arguments HEX`"));
        }
    };
    let bytes = callee.encode(&value)?;
    Ok((value, bytes))
}

/// Returns arguments from words: values in their order, or `name=value`.
fn of_words(procedure: Procedure<'_>, words: &[String]) -> Done<Value> {
    if let [word] = words
        && word.trim_start().starts_with('{')
        && let Ok(value @ Value::Object(_)) = serde_json::from_str(word)
        && !callee::is_alone(procedure, &value)
    {
        return Ok(value);
    }
    let names: Vec<_> = procedure.arguments().collect();
    let mut values = Map::new();
    for (index, word) in words.iter().enumerate() {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name.to_owned(), value),
            None => (names.get(index).map_or_else(|| format!("arg{}", index + 1), ToString::to_string), word.as_str()),
        };
        values.insert(name, serde_json::from_str(value).unwrap_or_else(|_| value.into()));
    }
    Ok(Value::Object(values))
}

/// Returns the arguments of a stored call with changes.
fn over(procedure: Procedure<'_>, stored: &Value, words: &[String]) -> Done<Value> {
    if words.is_empty() {
        return Ok(stored.clone());
    }
    let changes = of_words(procedure, words)?;
    let mut values = stored.clone();
    merge(&mut values, changes);
    Ok(values)
}

/// Sets what `changes` has, in objects within objects.
fn merge(value: &mut Value, changes: Value) {
    match (value, changes) {
        (Value::Object(object), Value::Object(changes)) => {
            for (name, change) in changes {
                merge(object.entry(name).or_insert(Value::Null), change);
            }
        }
        (value, changes) => *value = changes,
    }
}
