//! Paths to parts of values, such as `place.rooms[2].name`.

use std::fmt;

use oncilla_dynamic::{Procedure, Shape, Type};
use serde_json::Value;

/// A path to a part of a value. The empty path is the whole value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Field(String),
    Index(usize),
}

impl Path {
    /// Parses a path. Returns `None` if a bracket has no number.
    pub fn parse(text: &str) -> Option<Self> {
        let mut steps = Vec::new();
        for part in text.split('.').filter(|_| !text.is_empty()) {
            let (name, mut rest) = part.split_at(part.find('[').unwrap_or(part.len()));
            if name.contains(']') {
                return None;
            }
            if !name.is_empty() {
                steps.push(Step::Field(name.to_owned()));
            }
            while let Some((index, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
                steps.push(Step::Index(index.parse().ok()?));
                rest = after;
            }
            if !rest.is_empty() || part.is_empty() {
                return None;
            }
        }
        Some(Self(steps))
    }

    /// Returns this path with a field after it.
    pub fn field(&self, name: &str) -> Self {
        self.with(Step::Field(name.to_owned()))
    }

    /// Returns this path with an index after it.
    pub fn index(&self, index: usize) -> Self {
        self.with(Step::Index(index))
    }

    fn with(&self, step: Step) -> Self {
        Self(self.0.iter().cloned().chain([step]).collect())
    }

    /// Returns the part of a value.
    pub fn of<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(value, |value, step| match step {
            Step::Field(name) => value.get(name),
            Step::Index(index) => value.get(index),
        })
    }

    /// Returns the part of a value, to change it.
    pub fn of_mut<'v>(&self, value: &'v mut Value) -> Option<&'v mut Value> {
        self.0.iter().try_fold(value, |value, step| match step {
            Step::Field(name) => value.get_mut(name),
            Step::Index(index) => value.get_mut(index),
        })
    }

    /// Returns the names and numbers of the steps, from the whole to the part.
    pub fn steps(&self) -> impl Iterator<Item = Result<&str, usize>> {
        self.0.iter().map(|step| match step {
            Step::Field(name) => Ok(name.as_str()),
            Step::Index(index) => Err(*index),
        })
    }

    /// Returns the type of a part of the arguments of a procedure.
    pub fn of_arguments<'i>(&self, procedure: Procedure<'i>) -> Option<Type<'i>> {
        let (Step::Field(first), rest) = self.0.split_first()? else { return None };
        let field = procedure.argument_fields().find(|field| field.name == first)?;
        part(field.type_, rest)
    }
}

fn part<'i>(type_: Type<'i>, steps: &[Step]) -> Option<Type<'i>> {
    let Some((step, rest)) = steps.split_first() else { return Some(type_) };
    let next = match (type_.shape(), step) {
        (Shape::Optional(inner), _) => return part(inner, steps),
        (Shape::Struct(fields), Step::Field(name)) => fields.iter().find(|field| field.name == name)?.type_,
        (Shape::Union { cases, default, .. }, Step::Field(name)) => {
            let case = cases.into_iter().find(|case| case.name == *name).or(default)?;
            case.body?
        }
        (Shape::Array { element, .. }, Step::Index(_)) => element,
        (Shape::List { node, .. }, Step::Index(_)) => node,
        _ => return None,
    };
    part(next, rest)
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, step) in self.0.iter().enumerate() {
            match step {
                Step::Field(name) if number == 0 => formatter.write_str(name)?,
                Step::Field(name) => write!(formatter, ".{name}")?,
                Step::Index(index) => write!(formatter, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_are_parsed_and_followed() {
        let path = Path::parse("rooms[1].names[0]").unwrap();
        assert_eq!(path.to_string(), "rooms[1].names[0]");
        let value = json!({"rooms": [{}, {"names": ["hall"]}]});
        assert_eq!(path.of(&value), Some(&json!("hall")));
        assert_eq!(Path::parse("").unwrap().of(&value), Some(&value));
        assert_eq!(Path::parse("rooms[7]").unwrap().of(&value), None);
        for wrong in ["a[", "a[b]", "a[1", "a]", ".", "a.", "a[1]b"] {
            assert_eq!(Path::parse(wrong), None, "{wrong}");
        }
    }
}
