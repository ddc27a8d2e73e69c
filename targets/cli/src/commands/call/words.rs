//! Arguments from the command line, a file, or a stored call.

use std::path::Path;

use oncilla_dynamic::{Procedure, Shape, ValueError};
use serde_json::Value;

use super::callee::{self, Callee, encode};
use crate::failure::{Done, Failure};
use crate::{bytes, input};

/// The source of arguments.
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

/// Returns the arguments as a value, or as digits if they are bytes, and encoded.
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
    let bytes = match callee {
        Callee::Named(procedure) => encode(*procedure, &value).map_err(|error| help(*procedure, error))?,
        Callee::Numbered(_) => callee.encode(&value)?,
    };
    // With names, in whatever form they were given.
    let value = match callee {
        Callee::Named(procedure) => procedure.decode_arguments(&bytes)?,
        Callee::Numbered(_) => value,
    };
    Ok((value, bytes))
}

/// Returns arguments from words, or from one JSON object with all of them.
fn of_words(procedure: Procedure<'_>, words: &[String]) -> Done<Value> {
    if let [word] = words
        && word.trim_start().starts_with('{')
        && let Ok(value @ Value::Object(_)) = serde_json::from_str(word)
        && !callee::is_alone(procedure, &value)
    {
        return Ok(value);
    }
    // A list of all arguments. An only argument may be a list itself.
    if let [word] = words
        && procedure.argument_fields().count() > 1
        && word.trim_start().starts_with('[')
        && let Ok(value @ Value::Array(_)) = serde_json::from_str(word)
    {
        return Ok(value);
    }
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    procedure.arguments_from_words(&words).map_err(|error| match hint(procedure, &words) {
        Some(hint) => Failure::from(error).help(hint),
        None => help(procedure, error),
    })
}

/// Returns what is likely wrong with words that are no arguments.
fn hint(procedure: Procedure<'_>, words: &[&str]) -> Option<String> {
    if let [word] = words
        && word.trim_start().starts_with(['{', '['])
        && let Err(error) = serde_json::from_str::<Value>(word)
    {
        return Some(format!("{word:?} is not JSON: {error}"));
    }
    let fields: Vec<_> = procedure.argument_fields().collect();
    let is_other = |word: &str| {
        let (name, _) = word.split_once('=')?;
        let first = name.split(['.', '[']).next().unwrap_or(name);
        (!fields.iter().any(|field| field.name == first)).then_some(())
    };
    let (place, word) = words.iter().enumerate().find(|(_, word)| is_other(word).is_some())?;
    let field = fields.get(place)?;
    Some(format!("a text with `=` needs its name: {}", shell_word(&format!("{}={word}", field.name))))
}

/// Returns a word for a shell, in quotes if it needs them.
fn shell_word(word: &str) -> String {
    let is_plain = word.chars().all(|character| character.is_alphanumeric() || "=._-/:@%+,".contains(character));
    if is_plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

fn help(procedure: Procedure<'_>, error: ValueError) -> Failure {
    let name = procedure.short_name();
    Failure::from(error).help(format_args!("`oncilla describe {name}` shows the arguments"))
}

/// Returns the arguments of a stored call with changes.
fn over(procedure: Procedure<'_>, stored: &Value, changes: &[String]) -> Done<Value> {
    if changes.is_empty() {
        return Ok(stored.clone());
    }
    let Value::Object(object) = stored else {
        return Err(Failure::usage("the stored arguments have no names, so none can be changed")
            .help("store the call again: `oncilla call NAME ARGUMENTS --save NAME`"));
    };
    // Later words replace earlier ones, also within a value.
    let mut words: Vec<_> = object.iter().map(|(name, value)| format!("{name}={}", word(value))).collect();
    let fields: Vec<_> = procedure.argument_fields().collect();
    let names: Vec<_> = match &fields[..] {
        [only] => match only.type_.shape() {
            Shape::Struct(fields) => fields.iter().map(|field| field.name).collect(),
            _ => vec![only.name],
        },
        fields => fields.iter().map(|field| field.name).collect(),
    };
    let mut nameless = names.iter();
    let arguments: Vec<_> = fields.iter().map(|field| field.name).collect();
    for change in changes {
        let path = change.split_once('=').map_or("", |(path, _)| path);
        let is_named = names.iter().chain(&arguments).any(|name| {
            path.strip_prefix(name)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || rest.starts_with('['))
        });
        let name = if is_named { None } else { nameless.next() };
        words.push(name.map_or_else(|| change.clone(), |name| format!("{name}={change}")));
    }
    of_words(procedure, &words)
}

/// Returns a value as a word: a text is without quotes there.
fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
