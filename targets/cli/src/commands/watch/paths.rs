//! The fields that an expression names: whether a type has them, and whether a value has.

use oncilla_dynamic::{Shape, Type};
use serde_json::Value;

use crate::failure::{Done, Failure};

/// The name of the whole result in expressions.
pub const WHOLE: &str = "value";

/// The largest number of names that an error lists.
const NAMES_MAX: usize = 16;

/// The parts of a type.
enum Parts<'i> {
    /// Names, and what has them. Without a type, it has no parts.
    Named(Vec<(String, Option<Type<'i>>)>),
    /// The elements of a list.
    Elements,
    /// Names that are numbers: cases of a union.
    Numbered,
}

/// Checks that a result of this type can have a field. The path is that of names between dots.
pub fn check(path: &str, result: Option<Type<'_>>) -> Done {
    let mut names = path.split('.').peekable();
    let (mut type_, mut before) = (result, String::new());
    let is_whole = names.peek() == Some(&WHOLE) && !matches!(parts(type_), Parts::Named(parts) if has(&parts, WHOLE));
    if is_whole {
        WHOLE.clone_into(&mut before);
        names.next();
    }
    for name in names {
        match parts(type_) {
            Parts::Named(parts) => match parts.iter().find(|(known, _)| known == name) {
                Some((_, next)) => type_ = *next,
                None => return Err(unknown(path, name, &before, &parts)),
            },
            Parts::Elements => {
                let place = if before.is_empty() { WHOLE } else { &before };
                let help = format!("`{place}` is a list: write {place}[0].{name}");
                return Err(no_field(path).help(help));
            }
            Parts::Numbered => return Ok(()),
        }
        if !before.is_empty() {
            before.push('.');
        }
        before.push_str(name);
    }
    Ok(())
}

fn has(parts: &[(String, Option<Type<'_>>)], name: &str) -> bool {
    parts.iter().any(|(known, _)| known == name)
}

fn no_field(path: &str) -> Failure {
    Failure::usage(format_args!("there is no field `{path}`"))
}

/// Returns the failure for an unknown name, with the most similar one or all.
fn unknown(path: &str, name: &str, before: &str, parts: &[(String, Option<Type<'_>>)]) -> Failure {
    let known = || parts.iter().map(|(known, _)| known.as_str());
    let similar = known().min_by_key(|known| strsim::osa_distance(known, name));
    let similar = similar.filter(|similar| strsim::osa_distance(similar, name) <= 1 + name.len() / 4);
    let failure = no_field(path);
    match similar {
        Some(similar) => failure.help(format_args!("the most similar is `{similar}`")),
        None if parts.is_empty() && before.is_empty() => {
            failure.help(format_args!("the result has no fields; its name is `{WHOLE}`"))
        }
        None if parts.is_empty() => failure.help(format_args!("`{before}` has no fields")),
        None => {
            let names: Vec<_> = known().take(NAMES_MAX).collect();
            let more = if parts.len() > NAMES_MAX { ", …" } else { "" };
            let place = if before.is_empty() { "the result".to_owned() } else { format!("`{before}`") };
            failure.help(format_args!("{place} has {}{more}", names.join(", ")))
        }
    }
}

/// Returns what a value of this type has.
fn parts(type_: Option<Type<'_>>) -> Parts<'_> {
    let Some(type_) = type_ else { return Parts::Named(Vec::new()) };
    match type_.shape() {
        Shape::Struct(fields) => {
            Parts::Named(fields.iter().map(|field| (field.name.to_owned(), Some(field.type_))).collect())
        }
        // A pointer to a pointer is an array.
        Shape::Optional(inner) => match inner.shape() {
            Shape::Optional(_) => Parts::Elements,
            _ => parts(Some(inner)),
        },
        Shape::Array { .. } | Shape::List { .. } => Parts::Elements,
        Shape::Union { discriminant, cases, default } => {
            let mut names: Vec<_> = cases.into_iter().map(|case| (case.name, case.body)).collect();
            let others: Vec<_> = match (default, discriminant.shape()) {
                (None, _) => Vec::new(),
                (Some(other), Shape::Enum(members)) => {
                    members.iter().map(|member| (member.name.to_owned(), other.body)).collect()
                }
                (Some(other), Shape::Bool) => ["true", "false"].map(|name| (name.to_owned(), other.body)).into(),
                (Some(_), _) => return Parts::Numbered,
            };
            for other in others {
                if !has(&names, &other.0) {
                    names.push(other);
                }
            }
            Parts::Named(names)
        }
        _ => Parts::Named(Vec::new()),
    }
}

/// Returns whether a result has a field.
pub fn is_in(path: &str, result: &Value) -> bool {
    let mut names = path.split('.').peekable();
    if names.peek() == Some(&WHOLE) && result.get(WHOLE).is_none() {
        names.next();
    }
    let mut place = Some(result);
    names.all(|name| {
        place = place.and_then(|place| place.get(name));
        place.is_some()
    })
}
