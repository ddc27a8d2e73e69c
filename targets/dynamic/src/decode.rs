//! From XDR to JSON.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::error::ValueError;
use crate::format::Format;
use crate::path::{self, Step};
use crate::real;
use crate::schema::{Count, Enum, Field, Id, Integer, Kind, Schema, Union};

/// The estimated memory of a value, and of an entry of an object beside its name.
const VALUE: usize = size_of::<Value>();
const ENTRY: usize = 3 * VALUE;

type Result<T> = std::result::Result<T, ValueError>;

/// Decodes one value after another. Nothing is taken from the message before its length is checked.
pub(crate) struct Decoder<'s, 'b> {
    schema: &'s Schema,
    format: Format,
    message: &'b [u8],
    offset: usize,
    path: Vec<Step<'s>>,
    depth: usize,
    /// The memory that may still be taken.
    memory: usize,
}

impl<'s, 'b> Decoder<'s, 'b> {
    pub fn new(schema: &'s Schema, format: Format, message: &'b [u8]) -> Self {
        let Format { limits, .. } = format;
        Self { schema, format, message, offset: 0, path: Vec::new(), depth: 0, memory: limits.memory }
    }

    /// Decodes a value that is a part of another one.
    pub fn part(&mut self, step: Step<'s>, id: Id) -> Result<Value> {
        self.path.push(step);
        let value = self.value(id)?;
        self.path.pop();
        Ok(value)
    }

    /// Checks that no bytes are left.
    pub fn finish(self) -> Result<()> {
        match self.left() {
            0 => Ok(()),
            left => Err(self.error("the end of the message", format!("{left} more bytes"))),
        }
    }

    pub fn value(&mut self, id: Id) -> Result<Value> {
        self.take_memory(VALUE)?;
        self.depth += 1;
        if self.depth > self.format.limits.depth {
            return Err(self.error(format!("at most {} values within each other", self.format.limits.depth), "more"));
        }
        let schema = self.schema;
        // Each arm is a function, so that the frame of this one, which is recursive, is small.
        let value = match schema.kind(id) {
            Kind::Bool => self.bool().map(Value::Bool),
            Kind::Integer(integer) => self.integer(*integer).map(number),
            Kind::Float => self.word("a float").map(real::single),
            Kind::Double => self.double_word("a double").map(real::double),
            Kind::Text(bound) => self.text(*bound),
            Kind::Opaque(count) => self.opaque(*count),
            Kind::Array(id, count) => self.array(*id, *count),
            Kind::Optional(id) => self.optional(*id),
            Kind::Enum(members) => self.member(members),
            Kind::Struct(fields) => self.fields(fields),
            Kind::List { node, optional } => self.list(*node, *optional),
            Kind::Union(union) => self.union(union),
        };
        self.depth -= 1;
        value
    }

    /// Decodes the fields of a struct, or arguments, to an object.
    pub fn fields(&mut self, fields: &'s [Field]) -> Result<Value> {
        let mut object = Map::new();
        for field in fields {
            self.take_memory(ENTRY + field.name.len())?;
            let value = self.part(Step::Field(field.name.as_str().into()), field.id)?;
            object.insert(field.name.clone(), value);
        }
        Ok(object.into())
    }

    fn member(&mut self, members: &'s Enum) -> Result<Value> {
        let start = self.offset;
        let number = self.word("a member of an enum")? as i32;
        let member = members.member(number);
        let member = member.ok_or_else(|| self.error_at(start, members.description(), number.to_string()))?;
        self.take_memory(member.len())?;
        Ok(member.into())
    }

    fn array(&mut self, id: Id, count: Count) -> Result<Value> {
        let length = match count {
            Count::Exactly(size) => size as usize,
            Count::AtMost(bound) => self.length(bound, "elements")?,
        };
        let mut elements = Vec::new();
        for index in 0..length {
            elements.push(self.part(Step::Index(index), id)?);
        }
        Ok(elements.into())
    }

    fn optional(&mut self, id: Id) -> Result<Value> {
        if !self.bool()? {
            return Ok(if self.schema.has_null(id) { Value::Array(Vec::new()) } else { Value::Null });
        }
        let value = self.value(id)?;
        Ok(if self.schema.has_null(id) { vec![value].into() } else { value })
    }

    /// Decodes a linked list, which has any length, without recursion.
    fn list(&mut self, node: Id, optional: bool) -> Result<Value> {
        let mut nodes = Vec::new();
        if optional && !self.bool()? {
            return Ok(nodes.into());
        }
        loop {
            nodes.push(self.part(Step::Index(nodes.len()), node)?);
            if !self.bool()? {
                return Ok(nodes.into());
            }
        }
    }

    fn union(&mut self, union: &'s Union) -> Result<Value> {
        let start = self.offset;
        let (name, number) = self.case(union)?;
        let arm = union.arm(number).ok_or_else(|| self.error_at(start, union.description(), &*name))?;
        self.take_memory(ENTRY + name.len())?;
        let value = match arm {
            None => Value::Null,
            Some(id) => self.part(Step::Field(name.clone()), id)?,
        };
        Ok(Value::Object(Map::from_iter([(name.into_owned(), value)])))
    }

    /// Decodes the number that selects the arm of a union, and its name.
    fn case(&mut self, union: &'s Union) -> Result<(Cow<'s, str>, i128)> {
        Ok(match self.schema.kind(union.discriminant) {
            Kind::Bool => {
                let value = self.bool()?;
                (value.to_string().into(), value.into())
            }
            Kind::Integer(integer) => {
                let number = self.integer(*integer)?;
                (number.to_string().into(), number)
            }
            Kind::Enum(members) => {
                let number = self.word("a member of an enum")? as i32;
                let name = members.member(number).map_or_else(|| number.to_string().into(), Cow::Borrowed);
                (name, number.into())
            }
            // An interface with such a union has errors.
            _ => return Err(self.error(union.description(), "a discriminant of another type")),
        })
    }

    fn bool(&mut self) -> Result<bool> {
        let start = self.offset;
        match self.word("a bool")? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.error_at(start, "a bool, 0 or 1", other.to_string())),
        }
    }

    fn integer(&mut self, integer: Integer) -> Result<i128> {
        let Integer { name, low, high, wide } = integer;
        let start = self.offset;
        let width = high - low + 1;
        let number: i128 = match (wide, low < 0) {
            (true, true) => i128::from(self.double_word(name)? as i64),
            (true, false) => self.double_word(name)?.into(),
            (false, false) if width > 1 << 16 => self.word(name)?.into(),
            (false, _) => (self.word(name)? as i32).into(),
        };
        if (low..=high).contains(&number) {
            return Ok(number);
        }
        // C sends a `char` or a `short` as a signed or an unsigned number, depending on the machine.
        if width <= 1 << 16 && (-width / 2..width).contains(&number) {
            return Ok((number - low).rem_euclid(width) + low);
        }
        Err(self.error_at(start, integer.description(), number.to_string()))
    }

    fn text(&mut self, bound: u32) -> Result<Value> {
        let start = self.offset;
        let length = self.length(bound, "bytes")?;
        let bytes = self.padded(length)?;
        self.take_memory(length)?;
        let text = std::str::from_utf8(bytes).map_err(|_| self.error_at(start, "text in UTF-8", "other bytes"))?;
        Ok(text.into())
    }

    fn opaque(&mut self, count: Count) -> Result<Value> {
        let length = match count {
            Count::Exactly(size) => size as usize,
            Count::AtMost(bound) => self.length(bound, "bytes")?,
        };
        let bytes = self.padded(length)?;
        self.take_memory(2 * length)?;
        Ok(self.format.bytes.write(bytes).into())
    }

    /// Decodes a length. It is refused if so many elements or bytes cannot follow.
    fn length(&mut self, bound: u32, what: &str) -> Result<usize> {
        let start = self.offset;
        let length = self.word("a length")?;
        if length > bound {
            return Err(self.error_at(start, format!("at most {bound} {what}"), length.to_string()));
        }
        let left = self.left();
        usize::try_from(length).ok().filter(|&length| length <= left).ok_or_else(|| {
            self.error_at(start, format!("a length of at most the {left} bytes that follow"), length.to_string())
        })
    }

    /// Takes bytes and the zeros after them.
    fn padded(&mut self, length: usize) -> Result<&'b [u8]> {
        let bytes = self.bytes(length, "opaque data")?;
        let start = self.offset;
        let padding = self.bytes(length.wrapping_neg() % 4, "padding")?;
        if padding.iter().any(|&byte| byte != 0) {
            return Err(self.error_at(start, "padding of zeros", format!("{padding:?}")));
        }
        Ok(bytes)
    }

    fn word(&mut self, what: &str) -> Result<u32> {
        let bytes = self.bytes(4, what)?;
        Ok(bytes.iter().fold(0, |word, &byte| word << 8 | u32::from(byte)))
    }

    fn double_word(&mut self, what: &str) -> Result<u64> {
        let bytes = self.bytes(8, what)?;
        Ok(bytes.iter().fold(0, |word, &byte| word << 8 | u64::from(byte)))
    }

    fn bytes(&mut self, length: usize, what: &str) -> Result<&'b [u8]> {
        let rest = self.message.get(self.offset..).unwrap_or_default();
        match rest.get(..length) {
            Some(bytes) => {
                self.offset += length;
                Ok(bytes)
            }
            None => Err(self.error(format!("{what} of {length} bytes"), format!("only {}", rest.len()))),
        }
    }

    fn left(&self) -> usize {
        self.message.len() - self.offset
    }

    fn take_memory(&mut self, bytes: usize) -> Result<()> {
        match self.memory.checked_sub(bytes) {
            Some(left) => self.memory = left,
            None => {
                let limit = self.format.limits.memory;
                return Err(self.error(format!("a value that takes at most {limit} bytes of memory"), "more"));
            }
        }
        Ok(())
    }

    fn error(&self, expected: impl Into<String>, found: impl Into<String>) -> ValueError {
        self.error_at(self.offset, expected, found)
    }

    fn error_at(&self, offset: usize, expected: impl Into<String>, found: impl Into<String>) -> ValueError {
        let path = path::write(&self.path);
        ValueError { path, expected: expected.into(), found: found.into(), similar: None, offset: Some(offset) }
    }
}

/// Returns an integer of at most 64 bits.
fn number(number: i128) -> Value {
    i64::try_from(number).map_or_else(|_| (number as u64).into(), Value::from)
}
