//! From JSON to messages.

mod scalar;
mod union;

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::error::ValueError;
use crate::format::Format;
use crate::interface::Interface;
use crate::path::{self, Step};
use crate::schema::{Count, Field, Id, Kind, Schema};
use crate::similar::similar;
use crate::wire::Put;

/// The largest number of characters of a value that an error shows.
pub(crate) const SHOWN_MAX: usize = 40;

/// The largest number of characters of the names of all fields that an error shows.
const EXPECTED_MAX: usize = 200;

type Result<T> = std::result::Result<T, ValueError>;

/// Encodes one value after another.
pub(crate) struct Encoder<'v> {
    schema: &'v Schema,
    format: Format,
    put: Put,
    path: Vec<Step<'v>>,
    depth: usize,
}

impl<'v> Encoder<'v> {
    /// Appends to bytes.
    pub fn new(interface: &'v Interface, bytes: Vec<u8>) -> Self {
        let Interface { schema, format, .. } = interface;
        Self { schema, format: *format, put: Put::new(format.payload, bytes), path: Vec::new(), depth: 0 }
    }

    pub fn finish(self) -> Vec<u8> {
        self.put.bytes
    }

    /// Encodes a value that is a part of another one.
    pub fn part(&mut self, step: Step<'v>, id: Id, value: &'v Value) -> Result<()> {
        self.path.push(step);
        self.value(id, value)?;
        self.path.pop();
        Ok(())
    }

    /// Encodes the fields of a struct, or named arguments.
    pub fn fields(&mut self, fields: &'v [Field], object: &'v Map<String, Value>) -> Result<()> {
        let mut found = 0;
        for field in fields {
            match object.get(&field.name) {
                Some(value) => {
                    found += 1;
                    self.part(Step::Field(field.name.as_str().into()), field.id, value)?;
                }
                None if self.schema.may_be_left_out(field.id) => self.put.bool(false),
                None => {
                    // An unknown name is most likely the missing one.
                    self.only_known(fields, object)?;
                    return Err(self.error(format!("`{}`", field.name), "nothing"));
                }
            }
        }
        if found == object.len() { Ok(()) } else { self.only_known(fields, object) }
    }

    /// Refuses the first name that no field has.
    fn only_known(&self, fields: &[Field], object: &Map<String, Value>) -> Result<()> {
        let known: HashSet<_> = fields.iter().map(|field| field.name.as_str()).collect();
        let Some(unknown) = object.keys().find(|name| !known.contains(name.as_str())) else { return Ok(()) };
        let names: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
        let expected = if names.is_empty() { "no fields".to_owned() } else { names.join(", ") };
        let mut error = self.error(cut(&expected, EXPECTED_MAX), format!("`{}`", cut(unknown, SHOWN_MAX)));
        error.similar = similar(unknown, names.into_iter());
        Err(error)
    }

    pub fn value(&mut self, id: Id, value: &'v Value) -> Result<()> {
        self.depth += 1;
        if self.depth > self.format.limits.depth {
            return Err(self.error(format!("at most {} levels of nested values", self.format.limits.depth), "more"));
        }
        let schema = self.schema;
        // Each arm is a function, so that the frame of this one, which is recursive, is small.
        let done = match (schema.kind(id), value) {
            (Kind::Bool, Value::Bool(value)) => {
                self.put.bool(*value);
                Ok(())
            }
            (Kind::Integer(integer), value) => self.number(*integer, value),
            (Kind::Float, value) => self.float(value),
            (Kind::Double, value) => self.double(value),
            (Kind::Text(bound), value) => self.text(value, *bound),
            (Kind::Opaque(count), Value::String(text)) => self.opaque(text, *count),
            (Kind::Array(id, count), Value::Array(elements)) => self.array(*id, *count, elements),
            (Kind::Optional(id), value) => self.optional(*id, value),
            (Kind::Enum(members), value) => self.member(members, value),
            (Kind::Struct(fields), Value::Object(object)) => self.fields(fields, object),
            (Kind::List { node, optional }, Value::Array(nodes)) => self.list(*node, *optional, nodes),
            (Kind::Union(union), value) => self.union(union, value),
            (kind, value) => Err(self.mismatch(expected(kind), value)),
        };
        self.depth -= 1;
        done
    }

    fn array(&mut self, id: Id, count: Count, elements: &'v [Value]) -> Result<()> {
        let length = self.count(elements.len(), count, "elements")?;
        if let Count::AtMost(_) = count {
            self.put.length(length);
        }
        for (index, element) in elements.iter().enumerate() {
            self.part(Step::Index(index), id, element)?;
        }
        Ok(())
    }

    fn optional(&mut self, id: Id, value: &'v Value) -> Result<()> {
        let inner = match value {
            // Where `null` is a value of the data, optional data are an array of one element or none.
            Value::Array(elements) if self.schema.has_null(id) && elements.len() < 2 => elements.first(),
            value if self.schema.has_null(id) => return Err(self.mismatch("an array of one element or none", value)),
            Value::Null => None,
            value => Some(value),
        };
        self.put.bool(inner.is_some());
        inner.map_or(Ok(()), |inner| self.value(id, inner))
    }

    fn list(&mut self, node: Id, optional: bool, nodes: &'v [Value]) -> Result<()> {
        if nodes.is_empty() && !optional {
            return Err(self.error("an array of at least one node", "an empty array"));
        }
        for (index, value) in nodes.iter().enumerate() {
            if optional || index > 0 {
                self.put.bool(true);
            }
            self.part(Step::Index(index), node, value)?;
        }
        self.put.bool(false);
        Ok(())
    }

    /// Checks a number of bytes or elements.
    fn count(&self, length: usize, count: Count, what: &str) -> Result<u32> {
        let expected = match count {
            Count::AtMost(bound) if length <= bound as usize => return Ok(length as u32),
            Count::Exactly(size) if length == size as usize => return Ok(size),
            Count::AtMost(bound) => format!("at most {bound} {what}"),
            Count::Exactly(size) => format!("{size} {what}"),
        };
        Err(self.error(expected, length.to_string()))
    }

    /// Returns the error for a value of another type or range.
    pub fn mismatch(&self, expected: impl Into<String>, found: &Value) -> ValueError {
        self.error(expected, shown(found))
    }

    pub fn error(&self, expected: impl Into<String>, found: impl Into<String>) -> ValueError {
        let path = path::write(&self.path);
        ValueError { path, expected: expected.into(), found: found.into(), similar: None, offset: None }
    }
}

/// What a type without further conditions expects.
fn expected(kind: &Kind) -> &'static str {
    match kind {
        Kind::Bool => "true or false",
        Kind::Text(_) => "a text",
        Kind::Opaque(_) => "a text with the bytes",
        Kind::Array(..) => "an array",
        Kind::List { .. } => "an array of nodes",
        Kind::Struct(_) => "an object",
        _ => "another value",
    }
}

pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::Array(elements) => format!("an array of {}", elements.len()),
        Value::Object(object) => format!("an object with {} names", object.len()),
        Value::String(text) => format!("{:?}", cut(text, SHOWN_MAX)),
        other => other.to_string(),
    }
}

pub(crate) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
