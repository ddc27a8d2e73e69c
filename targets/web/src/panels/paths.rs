//! Paths to parts of values, such as `STATUS_OK.value` or `samples[0].time`.

use oncilla_dynamic::{Shape, Type};
use serde_json::{Value, json};

/// A step to a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A field of a struct, or a case of a union.
    Name(String),
    /// An element of an array.
    Place(usize),
}

impl Step {
    pub fn json(&self) -> Value {
        match self {
            Self::Name(name) => json!(name),
            Self::Place(place) => json!(place),
        }
    }
}

/// Parses a path. An empty text is the whole value.
pub fn parse(text: &str) -> Result<Vec<Step>, String> {
    let wrong = || format!("`{text}` is no path; write names and places, such as `STATUS_OK.samples[0].value`");
    let mut steps = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('[') {
            let (place, after) = after.split_once(']').ok_or_else(wrong)?;
            steps.push(Step::Place(place.parse().map_err(|_| wrong())?));
            rest = after;
        } else {
            let name = if steps.is_empty() { rest } else { rest.strip_prefix('.').ok_or_else(wrong)? };
            let end = name.find(['.', '[']).unwrap_or(name.len());
            let (name, after) = name.split_at(end);
            if name.is_empty() {
                return Err(wrong());
            }
            steps.push(Step::Name(name.to_owned()));
            rest = after;
        }
    }
    Ok(steps)
}

/// Returns the type of the part at a path.
pub fn follow<'i>(mut type_: Type<'i>, steps: &[Step]) -> Result<Type<'i>, String> {
    for step in steps {
        type_ = part(type_, step)?;
    }
    Ok(within(type_))
}

/// Returns the type of the value of optional data: JSON has the value, or `null`.
fn within(mut type_: Type<'_>) -> Type<'_> {
    while let Shape::Optional(inner) = type_.shape() {
        type_ = inner;
    }
    type_
}

fn part<'i>(type_: Type<'i>, step: &Step) -> Result<Type<'i>, String> {
    let type_ = within(type_);
    let no =
        |what: &str, name: &str, known: Vec<&str>| format!("`{type_}` has no {what} `{name}`; it has {}", list(&known));
    match (type_.shape(), step) {
        (Shape::Struct(fields), Step::Name(name)) => {
            let found = fields.iter().find(|field| field.name == name);
            found
                .map(|field| field.type_)
                .ok_or_else(|| no("field", name, fields.iter().map(|field| field.name).collect()))
        }
        (Shape::Union { cases, default, .. }, Step::Name(name)) => {
            let all: Vec<_> = cases.iter().chain(&default).collect();
            let found = all.iter().find(|case| case.name == *name);
            let names = || all.iter().filter(|case| case.body.is_some()).map(|case| &*case.name).collect();
            found.and_then(|case| case.body).ok_or_else(|| no("case with a value", name, names()))
        }
        (Shape::Array { element, max, .. }, Step::Place(place)) => match max {
            Some(max) if *place >= max as usize => {
                Err(format!("`{type_}` has no place [{place}]; it has at most {max} elements"))
            }
            _ => Ok(element),
        },
        (Shape::List { node, .. }, Step::Place(_)) => Ok(node),
        (Shape::Array { .. } | Shape::List { .. }, Step::Name(name)) => {
            Err(format!("`{type_}` is an array; write a place such as [0] before `{name}`"))
        }
        (_, Step::Name(name)) => Err(format!("`{type_}` has no parts, and so no `{name}`")),
        (_, Step::Place(place)) => Err(format!("`{type_}` is no array, and has no place [{place}]")),
    }
}

/// Returns the names that are allowed, for an error.
pub fn list(names: &[&str]) -> String {
    let shown: Vec<_> = names.iter().take(12).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > 12 { format!(" and {} more", names.len() - 12) } else { String::new() };
    if shown.is_empty() { "none".to_owned() } else { format!("{}{more}", shown.join(", ")) }
}
