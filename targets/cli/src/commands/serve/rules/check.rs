//! Checks values of rules against the interface.

use std::collections::BTreeMap;

use oncilla_dynamic::{Procedure, Type, ValueError};
use serde_json::Value;

use super::{Reference, reference};
use crate::commands::serve::path::Path;

/// The fault of a value, and the part of the value that has it.
#[derive(Debug)]
pub struct Wrong {
    pub path: Path,
    pub what: String,
}

impl Wrong {
    fn new(path: Path, what: impl Into<String>) -> Self {
        Self { path, what: what.into() }
    }

    fn of(error: &ValueError) -> Self {
        Self::new(Path::parse(&error.path).unwrap_or_default(), error.to_string())
    }
}

/// Checks a result, with references replaced by values of their types.
pub fn result(procedure: Procedure<'_>, value: &Value, store: &BTreeMap<String, Value>) -> Result<(), Wrong> {
    let mut checked = value.clone();
    for path in references(value, &Path::default()) {
        let Some(place) = path.of_mut(&mut checked) else { continue };
        *place = match reference(place) {
            Some(Reference::Load(name)) => store
                .get(name)
                .cloned()
                .ok_or_else(|| Wrong::new(path.clone(), unknown("a name in [store]", name, store.keys())))?,
            Some(Reference::Argument(text)) => {
                let argument = argument(procedure, text).map_err(|what| Wrong::new(path.clone(), what))?;
                argument.template().map_err(|error| Wrong::of(&error))?
            }
            None => continue,
        };
    }
    procedure.encode_results(&checked).map(|_| ()).map_err(|error| {
        let wrong = Wrong::of(&error);
        match wrong.path.of(value).and_then(reference) {
            Some(Reference::Argument(text)) => {
                Wrong { what: format!("the argument `{text}`: {}", wrong.what), ..wrong }
            }
            Some(Reference::Load(name)) => Wrong { what: format!("the stored `{name}`: {}", wrong.what), ..wrong },
            None => wrong,
        }
    })
}

/// Returns the type of an argument, or of a part of one.
pub fn argument<'i>(procedure: Procedure<'i>, text: &str) -> Result<Type<'i>, String> {
    let path = Path::parse(text)
        .ok_or_else(|| format!("{text:?} is not a path; write the name of an argument, such as place.rooms[0]"))?;
    path.of_arguments(procedure).ok_or_else(|| {
        let name = procedure.short_name();
        match path.steps().next() {
            Some(Ok(first)) if procedure.arguments().any(|argument| argument == first) => {
                format!("the argument `{first}` of {name} has no part `{text}`")
            }
            _ => unknown(&format!("an argument of {name}"), text, procedure.arguments()),
        }
    })
}

/// Returns the value of an argument as decoding a call returns it.
///
/// An enum is the name of its member, and hexadecimal digits are small letters.
pub fn as_called(type_: Type<'_>, value: &Value) -> Result<Value, Wrong> {
    let bytes = type_.encode(value).map_err(|error| Wrong::of(&error))?;
    type_.decode(&bytes).map_err(|error| Wrong::of(&error))
}

/// Returns the paths of all references in a value.
fn references(value: &Value, path: &Path) -> Vec<Path> {
    if reference(value).is_some() {
        return vec![path.clone()];
    }
    match value {
        Value::Array(values) => {
            values.iter().enumerate().flat_map(|(index, value)| references(value, &path.index(index))).collect()
        }
        Value::Object(object) => object.iter().flat_map(|(name, value)| references(value, &path.field(name))).collect(),
        _ => Vec::new(),
    }
}

/// Returns the error for an unknown name, with the most similar one.
pub fn unknown<N: AsRef<str>>(kind: &str, name: &str, known: impl IntoIterator<Item = N>) -> String {
    let known: Vec<String> = known.into_iter().map(|known| known.as_ref().to_owned()).collect();
    let similar = known.iter().min_by_key(|known| strsim::osa_distance(known, name));
    match similar {
        Some(similar) if strsim::osa_distance(similar, name) <= 2 => {
            format!("`{name}` is not {kind}; the most similar is `{similar}`")
        }
        _ if known.is_empty() => format!("`{name}` is not {kind}; there are none"),
        _ => format!("`{name}` is not {kind}; write one of {}", known.join(", ")),
    }
}
