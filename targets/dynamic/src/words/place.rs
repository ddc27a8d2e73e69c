//! The place of a value: `place.list[0].name=value`.

use serde_json::{Map, Value};

use super::{Result, error, word};
use crate::encode::{SHOWN_MAX, cut};
use crate::interface::Interface;
use crate::path::Step;
use crate::schema::{Id, Kind};
use crate::similar::similar;

/// Splits `path=value`. Returns `None` for a value without a path.
pub(super) fn split(word: &str) -> Option<(Vec<Step<'_>>, &str)> {
    let (path, value) = word.split_once('=')?;
    let mut steps = Vec::new();
    for (number, part) in path.split('.').enumerate() {
        let (name, mut indices) = part.find('[').map_or((part, ""), |at| part.split_at(at));
        let letter = |character: char| character == '_' || character.is_ascii_alphanumeric();
        // Only within a value may a name be a number: a case of a union.
        let begins = name
            .starts_with(|first: char| if number == 0 { first == '_' || first.is_ascii_alphabetic() } else { true });
        let sign = usize::from(number > 0 && name.starts_with('-'));
        if !begins || !name[sign..].chars().all(|character| letter(character) || character == ':') {
            return None;
        }
        steps.push(Step::Field(name.into()));
        while let Some(rest) = indices.strip_prefix('[') {
            let (index, rest) = rest.split_once(']')?;
            steps.push(Step::Index(index.parse().ok()?));
            indices = rest;
        }
        if !indices.is_empty() {
            return None;
        }
    }
    Some((steps, value))
}

/// Sets parts of values.
pub(super) struct Filler<'i, 's> {
    interface: &'i Interface,
    /// The whole path, for errors.
    steps: &'s [Step<'s>],
}

impl<'i, 's> Filler<'i, 's> {
    pub fn new(interface: &'i Interface, steps: &'s [Step<'s>]) -> Self {
        Self { interface, steps }
    }

    /// Sets the part of a value at a path, whose last steps are `rest`.
    ///
    /// A value that is not set yet is `null`.
    pub fn set(&self, id: Id, value: &mut Value, rest: &[Step<'_>], text: &str) -> Result<()> {
        let (schema, limits) = (&self.interface.schema, self.interface.format.limits);
        if rest.len() > limits.depth {
            return Err(error(&[], format!("a path with at most {} steps", limits.depth), rest.len().to_string()));
        }
        let (mut id, mut value) = (id, value);
        for (index, step) in rest.iter().enumerate() {
            let here = &self.steps[..self.steps.len() - rest.len() + index];
            // The value of optional data stands for itself, unless it may be `null`.
            while let Kind::Optional(inner) = schema.kind(id)
                && !schema.has_null(*inner)
            {
                id = *inner;
            }
            (id, value) = match (schema.kind(id), step) {
                (Kind::Struct(fields), Step::Field(name)) => {
                    let field = fields.iter().find(|field| field.name == **name);
                    let field = field.ok_or_else(|| super::unknown(name, fields)).map_err(|mut error| {
                        error.path = super::error(here, "", "").path;
                        error
                    })?;
                    (field.id, entry(value, name, false))
                }
                (Kind::Union(union), Step::Field(name)) => {
                    let arm = union.number(schema, name).and_then(|number| union.arm(number));
                    match arm {
                        Some(Some(id)) => (id, entry(value, name, true)),
                        Some(None) if text == "null" && index + 1 == rest.len() => {
                            *entry(value, name, true) = Value::Null;
                            return Ok(());
                        }
                        Some(None) => {
                            let found = format!("{:?}", cut(text, SHOWN_MAX));
                            return Err(error(self.steps, "null, since the arm is void", found));
                        }
                        None => {
                            let mut error = error(here, union.description(), format!("`{}`", cut(name, SHOWN_MAX)));
                            let names: Vec<_> =
                                union.cases().iter().map(|case| union.case_name(schema, case.number)).collect();
                            error.similar = similar(name, names.iter().map(|name| &**name));
                            return Err(error);
                        }
                    }
                }
                (Kind::Array(part, _) | Kind::List { node: part, .. } | Kind::Optional(part), Step::Index(at)) => (
                    *part,
                    element(value, *at)
                        .map_err(|length| error(here, format!("[{length}] as the next element"), format!("[{at}]")))?,
                ),
                (Kind::Array(..) | Kind::List { .. } | Kind::Optional(_), Step::Field(name)) => {
                    return Err(error(here, "an index, such as [0]", format!("`{}`", cut(name, SHOWN_MAX))));
                }
                (_, Step::Field(name)) => {
                    return Err(error(here, "a value without parts", format!("`{}`", cut(name, SHOWN_MAX))));
                }
                (_, Step::Index(at)) => return Err(error(here, "a value without elements", format!("[{at}]"))),
            };
        }
        *value =
            word::read(self.interface, id, text).map_err(|(expected, found)| error(self.steps, expected, found))?;
        Ok(())
    }
}

/// Returns the value of a name. An object that has only one name loses another one.
fn entry<'v>(value: &'v mut Value, name: &str, only: bool) -> &'v mut Value {
    let keeps = value.as_object().is_some_and(|object| !only || object.contains_key(name));
    if !keeps {
        *value = Value::Object(Map::new());
    }
    // It is an object.
    &mut value[name]
}

/// Returns the element at an index, which may be the next one.
///
/// # Errors
/// The number of elements.
fn element(value: &mut Value, index: usize) -> std::result::Result<&mut Value, usize> {
    if !value.is_array() {
        *value = Value::Array(Vec::new());
    }
    let Value::Array(elements) = value else { return Err(0) };
    if index == elements.len() {
        elements.push(Value::Null);
    }
    let length = elements.len();
    elements.get_mut(index).ok_or(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_what_can_be_one() {
        let path = |word| split(word).map(|(steps, value)| (crate::path::write(&steps), value.to_owned()));
        let is = |path: &str, value: &str| Some((path.to_owned(), value.to_owned()));
        assert_eq!(path("channel=3"), is("channel", "3"));
        assert_eq!(path("a.b[0][1].c=x=y"), is("a.b[0][1].c", "x=y"));
        assert_eq!(path("a.-16="), is("a.-16", ""));
        for word in ["3", "=3", "1+1=2", "a b=c", "a[x]=1", "a[0=1", "a..b=1", ".a=1", "a[0]b=1", "-a=1", "{\"a\"=1}"] {
            assert_eq!(path(word), None, "{word}");
        }
    }
}
