//! The names of `--field` and `--plot`: whether a result of a type can have such a field.

use oncilla_dynamic::{Shape, Type};

use super::fields;
use crate::failure::{Done, Failure};

/// The largest number of fields of a type that are compared. Beyond it, any name is accepted.
const FIELDS_MAX: usize = 1_000;

/// How deep types may be nested. Deeper ones accept any name.
const DEPTH_MAX: usize = 16;

/// The largest number of fields that an error lists.
const LISTED_MAX: usize = 16;

/// Checks that a result of this type can have the fields of an option.
pub fn check(option: &str, names: &[String], result: Option<Type<'_>>) -> Done {
    let mut paths = Vec::new();
    if names.is_empty() || !collect(result, String::new(), 0, &mut paths) {
        return Ok(());
    }
    // The elements of an array have numbers, which the type does not limit.
    let unknown = |name: &&String| {
        let name = without_numbers(name);
        !paths.iter().any(|path| fields::is_named(path, &name) || fields::is_named(&path.replace("[]", ""), &name))
    };
    let Some(name) = names.iter().find(unknown) else { return Ok(()) };
    let listed: Vec<_> = paths.iter().take(LISTED_MAX).map(String::as_str).collect();
    let more = if paths.len() > LISTED_MAX { ", …" } else { "" };
    let failure = Failure::usage(format_args!("{option}: the result has no field {name:?}"));
    let last = |path: &String| path.rsplit('.').next().unwrap_or_default().to_owned();
    let distance = |other: &str| strsim::osa_distance(other, name);
    let similar = paths.iter().flat_map(|path| [path.clone(), last(path)]).min_by_key(|path| distance(path));
    let similar = similar.filter(|similar| distance(similar) <= 1 + name.len() / 4);
    let failure = match similar {
        Some(similar) => failure.help(format_args!("the most similar is `{similar}`")),
        None => failure,
    };
    Err(failure.help(format_args!("its fields are: {}{more}", listed.join(", "))))
}

/// Returns a path with `[]` for the number of each element.
fn without_numbers(path: &str) -> String {
    let mut text = String::new();
    let mut parts = path.split('[');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        text.push('[');
        text.push_str(part.trim_start_matches(|character: char| character.is_ascii_digit()));
    }
    text
}

/// Adds the paths of all fields of a type. Returns whether that is possible.
fn collect(type_: Option<Type<'_>>, path: String, depth: usize, paths: &mut Vec<String>) -> bool {
    if paths.len() >= FIELDS_MAX || depth >= DEPTH_MAX {
        return false;
    }
    let child = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match type_.map(|type_| type_.shape()) {
        Some(Shape::Struct(fields)) => {
            fields.into_iter().all(|field| collect(Some(field.type_), child(field.name), depth + 1, paths))
        }
        Some(Shape::Optional(inner)) => match inner.shape() {
            // A pointer to a pointer is an array.
            Shape::Optional(element) => collect(Some(element), format!("{path}[]"), depth + 1, paths),
            _ => collect(Some(inner), path, depth + 1, paths),
        },
        Some(Shape::Array { element, .. } | Shape::List { node: element, .. }) => {
            collect(Some(element), format!("{path}[]"), depth + 1, paths)
        }
        Some(Shape::Union { discriminant, cases, default }) => {
            let mut cases: Vec<_> = cases.into_iter().map(|case| (case.name, case.body)).collect();
            match (default, discriminant.shape()) {
                (None, _) => {}
                (Some(other), Shape::Enum(members)) => {
                    for member in members {
                        if !cases.iter().any(|(name, _)| name == member.name) {
                            cases.push((member.name.to_owned(), other.body));
                        }
                    }
                }
                (Some(other), Shape::Bool) => {
                    for name in ["true", "false"] {
                        if !cases.iter().any(|(known, _)| known == name) {
                            cases.push((name.to_owned(), other.body));
                        }
                    }
                }
                // Any number is a case.
                (Some(_), _) => return false,
            }
            cases.into_iter().all(|(name, body)| collect(body, child(&name), depth + 1, paths))
        }
        _ => {
            paths.push(if path.is_empty() { fields::WHOLE.to_owned() } else { path });
            true
        }
    }
}
