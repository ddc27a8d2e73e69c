//! From JSON to XDR.

use serde_json::{Map, Value};

use crate::error::ValueError;
use crate::format::Format;
use crate::path::{self, Step};
use crate::real;
use crate::schema::{Count, Enum, Field, Id, Integer, Kind, Schema, Union};
use crate::similar::similar;

/// The largest number of characters of a value that an error shows.
const SHOWN_MAX: usize = 40;

/// The largest number of characters of the names of all fields that an error shows.
const EXPECTED_MAX: usize = 200;

type Result<T> = std::result::Result<T, ValueError>;

/// Encodes one value after another.
pub(crate) struct Encoder<'v> {
    schema: &'v Schema,
    format: Format,
    bytes: Vec<u8>,
    path: Vec<Step<'v>>,
    depth: usize,
}

impl<'v> Encoder<'v> {
    pub fn new(schema: &'v Schema, format: Format) -> Self {
        Self { schema, format, bytes: Vec::new(), path: Vec::new(), depth: 0 }
    }

    pub fn finish(self) -> Vec<u8> {
        self.bytes
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
        let known = |name: &String| fields.iter().any(|field| field.name == **name);
        if let Some(unknown) = object.keys().find(|name| !known(name)) {
            let names: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
            let expected = if names.is_empty() { "no fields".to_owned() } else { names.join(", ") };
            let mut error = self.error(cut(&expected, EXPECTED_MAX), format!("`{}`", cut(unknown, SHOWN_MAX)));
            error.similar = similar(unknown, names.into_iter());
            return Err(error);
        }
        for field in fields {
            match object.get(&field.name) {
                Some(value) => self.part(Step::Field(field.name.as_str().into()), field.id, value)?,
                // Optional data and linked lists may be left out.
                None if matches!(self.schema.kind(field.id), Kind::Optional(_) | Kind::List { optional: true, .. }) => {
                    self.word(0);
                }
                None => return Err(self.error(format!("`{}`", field.name), "nothing")),
            }
        }
        Ok(())
    }

    pub fn value(&mut self, id: Id, value: &'v Value) -> Result<()> {
        self.depth += 1;
        if self.depth > self.format.limits.depth {
            return Err(self.error(format!("at most {} values within each other", self.format.limits.depth), "more"));
        }
        let schema = self.schema;
        // Each arm is a function, so that the frame of this one, which is recursive, is small.
        let done = match (schema.kind(id), value) {
            (Kind::Bool, Value::Bool(value)) => {
                self.word((*value).into());
                Ok(())
            }
            (Kind::Integer(integer), value) => self.number(*integer, value),
            (Kind::Float, value) => self.float(value),
            (Kind::Double, value) => self.double(value),
            (Kind::Text(bound), Value::String(text)) => self.text(text, *bound),
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

    /// Returns the number of a case and its arm.
    fn arm(&self, union: &Union, case: &str) -> Result<(i128, Option<Id>)> {
        let discriminant = self.schema.kind(union.discriminant);
        let number = match discriminant {
            Kind::Bool => match case.to_ascii_lowercase().as_str() {
                "true" => Some(1),
                "false" => Some(0),
                _ => None,
            },
            Kind::Integer(integer) => case.parse().ok().filter(|number| (integer.low..=integer.high).contains(number)),
            Kind::Enum(members) => members.number(case).or_else(|| case.parse().ok()).map(i128::from),
            // An interface with such a union has errors.
            _ => None,
        };
        number.and_then(|number| Some((number, union.arm(number)?))).ok_or_else(|| {
            let mut error = self.error(union.description(), format!("`{}`", cut(case, SHOWN_MAX)));
            if let Kind::Enum(members) = discriminant {
                let has_arm =
                    |member: &&str| members.number(member).is_some_and(|number| union.arm(number.into()).is_some());
                error.similar = similar(case, members.members().filter(has_arm));
            }
            error
        })
    }

    fn number(&mut self, integer: Integer, value: &Value) -> Result<()> {
        let number = integer_of(integer, value).ok_or_else(|| self.mismatch(integer.description(), value))?;
        self.integer(integer, number);
        Ok(())
    }

    fn float(&mut self, value: &Value) -> Result<()> {
        let expected = "a float, \"NaN\", \"Infinity\" or \"-Infinity\"";
        let bits = real::bits_of_single(value).ok_or_else(|| self.mismatch(expected, value))?;
        self.word(bits);
        Ok(())
    }

    fn double(&mut self, value: &Value) -> Result<()> {
        let expected = "a double, \"NaN\", \"Infinity\" or \"-Infinity\"";
        let bits = real::bits_of_double(value).ok_or_else(|| self.mismatch(expected, value))?;
        self.bytes.extend(bits.to_be_bytes());
        Ok(())
    }

    fn text(&mut self, text: &str, bound: u32) -> Result<()> {
        self.length(text.len(), bound, "bytes")?;
        self.padded(text.as_bytes());
        Ok(())
    }

    fn opaque(&mut self, text: &str, count: Count) -> Result<()> {
        let Some(bytes) = self.format.bytes.read(text) else {
            let found = format!("{:?}", cut(text, SHOWN_MAX));
            return Err(self.error(self.format.bytes.name(), found));
        };
        self.count(bytes.len(), count, "bytes")?;
        self.padded(&bytes);
        Ok(())
    }

    fn array(&mut self, id: Id, count: Count, elements: &'v [Value]) -> Result<()> {
        self.count(elements.len(), count, "elements")?;
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
        self.word(inner.is_some().into());
        inner.map_or(Ok(()), |inner| self.value(id, inner))
    }

    fn list(&mut self, node: Id, optional: bool, nodes: &'v [Value]) -> Result<()> {
        if nodes.is_empty() && !optional {
            return Err(self.error("an array of at least one node", "an empty array"));
        }
        for (index, value) in nodes.iter().enumerate() {
            if optional || index > 0 {
                self.word(1);
            }
            self.part(Step::Index(index), node, value)?;
        }
        self.word(0);
        Ok(())
    }

    fn union(&mut self, union: &'v Union, value: &'v Value) -> Result<()> {
        // A void arm may be its name alone.
        let (case, value) = match value {
            Value::Object(object) if object.len() == 1 => object.iter().next(),
            Value::String(case) => Some((case, &Value::Null)),
            _ => None,
        }
        .ok_or_else(|| self.mismatch(format!("an object with {} as its only name", union.description()), value))?;
        let (number, arm) = self.arm(union, case)?;
        match self.schema.kind(union.discriminant) {
            Kind::Integer(integer) => self.integer(*integer, number),
            _ => self.word(number as u32),
        }
        match arm {
            Some(id) => self.part(Step::Field(case.into()), id, value),
            None if value.is_null() => Ok(()),
            None => {
                self.path.push(Step::Field(case.into()));
                Err(self.mismatch("null, since the arm is void", value))
            }
        }
    }

    fn member(&mut self, members: &Enum, value: &Value) -> Result<()> {
        let number = match value {
            Value::String(name) => members.number(name),
            Value::Number(number) => {
                let number = number.as_i64().and_then(|number| i32::try_from(number).ok());
                number.filter(|&number| members.member(number).is_some())
            }
            _ => None,
        };
        let number = number.ok_or_else(|| {
            let mut error = self.mismatch(members.description(), value);
            error.similar = value.as_str().and_then(|name| similar(name, members.members()));
            error
        })?;
        self.word(number as u32);
        Ok(())
    }

    fn integer(&mut self, integer: Integer, number: i128) {
        // In range, so the low bytes are the number.
        if integer.wide { self.bytes.extend((number as u64).to_be_bytes()) } else { self.word(number as u32) }
    }

    fn count(&mut self, length: usize, count: Count, what: &str) -> Result<()> {
        match count {
            Count::AtMost(bound) => self.length(length, bound, what),
            Count::Exactly(size) if length == size as usize => Ok(()),
            Count::Exactly(size) => Err(self.error(format!("{size} {what}"), length.to_string())),
        }
    }

    fn length(&mut self, length: usize, bound: u32, what: &str) -> Result<()> {
        let fits = u32::try_from(length).ok().filter(|&length| length <= bound);
        let length = fits.ok_or_else(|| self.error(format!("at most {bound} {what}"), length.to_string()))?;
        self.word(length);
        Ok(())
    }

    fn padded(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
        self.bytes.resize(self.bytes.len() + bytes.len().wrapping_neg() % 4, 0);
    }

    fn word(&mut self, word: u32) {
        self.bytes.extend(word.to_be_bytes());
    }

    /// An error about a value of another type or range.
    pub fn mismatch(&self, expected: impl Into<String>, found: &Value) -> ValueError {
        self.error(expected, shown(found))
    }

    pub fn error(&self, expected: impl Into<String>, found: impl Into<String>) -> ValueError {
        let path = path::write(&self.path);
        ValueError { path, expected: expected.into(), found: found.into(), similar: None, offset: None }
    }
}

/// Returns the number of a JSON number, or of a text for a number that other languages cannot keep exactly.
fn integer_of(integer: Integer, value: &Value) -> Option<i128> {
    let number = match value {
        Value::Number(number) => number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from)),
        Value::String(text) if integer.wide => text.parse().ok(),
        _ => None,
    };
    number.filter(|number| (integer.low..=integer.high).contains(number))
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

fn shown(value: &Value) -> String {
    match value {
        Value::Array(elements) => format!("an array of {}", elements.len()),
        Value::Object(object) => format!("an object with {} names", object.len()),
        Value::String(text) => format!("{:?}", cut(text, SHOWN_MAX)),
        other => other.to_string(),
    }
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
