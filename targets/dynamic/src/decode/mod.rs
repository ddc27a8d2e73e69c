//! From messages to JSON.

mod union;

use serde_json::{Map, Value};

use crate::error::ValueError;
use crate::format::{Format, LATIN1, Payload, Texts};
use crate::interface::Interface;
use crate::path::{self, Step};
use crate::real;
use crate::schema::{Count, Enum, Field, Id, Kind};
use crate::wire::{Fault, Take};

/// The estimated memory of a value, and of an object's entry without its name.
const VALUE: usize = size_of::<Value>();
const ENTRY: usize = 3 * VALUE;

type Result<T> = std::result::Result<T, ValueError>;

/// The parts of a message.
#[derive(Clone, Copy)]
pub(crate) enum Whole<'s> {
    /// Arguments, one after another.
    Fields(&'s [Field]),
    /// Results, or a value of a type. `None` is void.
    Value(Option<Id>),
}

/// Decodes one value after another.
pub(crate) struct Decoder<'s, 'b> {
    interface: &'s Interface,
    format: Format,
    take: Take<'b>,
    path: Vec<Step<'s>>,
    depth: usize,
    /// The memory that may still be taken.
    memory: usize,
}

impl<'s, 'b> Decoder<'s, 'b> {
    pub fn new(interface: &'s Interface, message: &'b [u8]) -> Self {
        let (format, take) = (interface.format, Take::new(interface.format.payload, message));
        Self { interface, format, take, path: Vec::new(), depth: 0, memory: format.limits.memory }
    }

    /// Lowers the memory that may be taken.
    pub fn with_memory(mut self, memory: usize) -> Self {
        self.memory = self.memory.min(memory);
        self
    }

    /// Returns the memory that may still be taken.
    pub fn memory(&self) -> usize {
        self.memory
    }

    /// Decodes arguments or results from all bytes.
    pub fn whole(&mut self, what: Whole<'s>) -> Result<Value> {
        let value = match what {
            Whole::Fields(fields) => self.fields(fields)?,
            Whole::Value(Some(id)) => self.value(id)?,
            Whole::Value(None) => Value::Null,
        };
        match self.take.left() {
            0 => Ok(value),
            left => Err(self.error("the end of the message", format!("{left} more bytes"))),
        }
    }

    /// Decodes a value that is a part of another one.
    pub fn part(&mut self, step: Step<'s>, id: Id) -> Result<Value> {
        self.path.push(step);
        let value = self.value(id)?;
        self.path.pop();
        Ok(value)
    }

    pub fn value(&mut self, id: Id) -> Result<Value> {
        self.take_memory(VALUE)?;
        self.depth += 1;
        if self.depth > self.format.limits.depth {
            return Err(self.error(format!("at most {} levels of nested values", self.format.limits.depth), "more"));
        }
        // Each arm is a function, so that the frame of this one, which is recursive, is small.
        let value = match self.interface.schema.kind(id) {
            Kind::Bool => self.bool().map(Value::Bool),
            Kind::Integer(integer) => self.take.integer(*integer).map(number).map_err(|fault| self.located(fault)),
            Kind::Float => self.take.float().map(real::single).map_err(|fault| self.located(fault)),
            Kind::Double => self.take.double().map(real::double).map_err(|fault| self.located(fault)),
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
        let start = self.take.offset();
        let number = self.take.member().map_err(|fault| self.located(fault))?;
        let member = members.member(number);
        let member = member.ok_or_else(|| self.error_at(start, members.description(), number.to_string()))?;
        self.take_memory(member.len())?;
        Ok(member.into())
    }

    fn array(&mut self, id: Id, count: Count) -> Result<Value> {
        // In XDR, as in generated code, every element counts as at least one byte.
        let empty = self.format.payload == Payload::Postcard && self.interface.sizes.of(id).min == 0;
        let length = self.take.count(count, "elements", empty).map_err(|fault| self.located(fault))?;
        let mut elements = Vec::new();
        for index in 0..length {
            elements.push(self.part(Step::Index(index), id)?);
        }
        Ok(elements.into())
    }

    fn optional(&mut self, id: Id) -> Result<Value> {
        if !self.bool()? {
            return Ok(if self.interface.schema.has_null(id) { Value::Array(Vec::new()) } else { Value::Null });
        }
        let value = self.value(id)?;
        Ok(if self.interface.schema.has_null(id) { vec![value].into() } else { value })
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

    fn bool(&mut self) -> Result<bool> {
        self.take.bool().map_err(|fault| self.located(fault))
    }

    fn text(&mut self, bound: u32) -> Result<Value> {
        let start = self.take.offset();
        let bytes = self.take.run(Count::AtMost(bound)).map_err(|fault| self.located(fault))?;
        self.take_memory(bytes.len())?;
        match (std::str::from_utf8(bytes), self.format.texts) {
            (Ok(text), _) => Ok(text.into()),
            (Err(_), Texts::Utf8) => Err(self.error_at(start, "text in UTF-8", "other bytes")),
            (Err(_), Texts::Latin1) => {
                // Characters from U+0080 take two bytes.
                self.take_memory(ENTRY + LATIN1.len() + bytes.len())?;
                let text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
                Ok(Value::Object(Map::from_iter([(LATIN1.to_owned(), text.into())])))
            }
        }
    }

    fn opaque(&mut self, count: Count) -> Result<Value> {
        let bytes = self.take.run(count).map_err(|fault| self.located(fault))?;
        self.take_memory(2 * bytes.len())?;
        Ok(self.format.bytes.write(bytes).into())
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
        self.error_at(self.take.offset(), expected, found)
    }

    fn located(&self, Fault { offset, expected, found }: Fault) -> ValueError {
        self.error_at(offset, expected, found)
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
