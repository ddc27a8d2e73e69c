//! Guesses what bytes are: decodes them as each type, arguments and results.

use std::cmp::Reverse;
use std::fmt;

use serde_json::Value;

use crate::decode::{Decoder, Whole};
use crate::format::Payload;
use crate::interface::Interface;
use crate::procedure::Procedure;
use crate::schema::{Count, Field, Id, Kind, Schema};
use crate::type_::Type;

/// The largest number of guesses.
const GUESSES_MAX: usize = 32;

/// The largest memory of one guess, and its part for each byte of the message.
const MEMORY: usize = 4096;
const MEMORY_OF_BYTE: usize = 256;

/// How often the memory of [`Limits`](crate::Limits) may be taken, one guess after another. It limits the time.
const TIMES: usize = 16;

/// A guess of what bytes are.
#[derive(Clone, Debug)]
pub struct Guess<'i> {
    /// The type, or the message.
    pub candidate: Candidate<'i>,
    /// The decoded value.
    pub value: Value,
}

/// A type, arguments or results of an interface.
#[derive(Clone, Copy, Debug)]
pub enum Candidate<'i> {
    /// A value of a type.
    Type(Type<'i>),
    /// The arguments of a procedure.
    Arguments(Procedure<'i>),
    /// The results of a procedure.
    Results(Procedure<'i>),
}

impl fmt::Display for Candidate<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Type(type_) => write!(formatter, "type {type_}"),
            Self::Arguments(procedure) => write!(formatter, "arguments of {}", procedure.short_name()),
            Self::Results(procedure) => write!(formatter, "results of {}", procedure.short_name()),
        }
    }
}

impl<'i> Candidate<'i> {
    fn whole(&self) -> Whole<'i> {
        match self {
            Self::Type(type_) => Whole::Value(Some(type_.id)),
            Self::Arguments(procedure) => Whole::Fields(&procedure.data.arguments),
            Self::Results(procedure) => Whole::Value(procedure.data.result),
        }
    }
}

impl Interface {
    /// Returns the types, arguments and results that the bytes decode as completely.
    ///
    /// The best guess is the first: the one that random bytes are least likely to fit. Few bytes fit a text or a member
    /// of an enum; any bytes fit a number. At most 32 guesses are returned. Each may take 256 bytes of memory for each
    /// byte of the message.
    ///
    /// ```
    /// let interface = oncilla_dynamic::Interface::parse(
    ///     "typedef hyper stamps<>; struct reading { string place<16>; int millidegrees; };",
    /// )?;
    /// let guesses = interface.guess(b"\0\0\0\x04hall\0\0\x53\xfc");
    /// assert_eq!(guesses[0].candidate.to_string(), "type reading");
    /// assert_eq!(guesses[0].value["place"], "hall");
    /// assert_eq!(guesses.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn guess(&self, bytes: &[u8]) -> Vec<Guess<'_>> {
        let mut left = self.format.limits.memory.saturating_mul(TIMES);
        let each = bytes.len().saturating_mul(MEMORY_OF_BYTE).saturating_add(MEMORY);
        let mut guesses: Vec<(Reverse<u64>, Guess<'_>)> = Vec::new();
        let messages = self.procedures().flat_map(|each| [Candidate::Arguments(each), Candidate::Results(each)]);
        for candidate in self.types().map(Candidate::Type).chain(messages) {
            let memory = each.min(left);
            let mut decoder = Decoder::new(self, bytes).with_memory(memory);
            let value = decoder.whole(candidate.whole());
            left -= memory.saturating_sub(decoder.memory());
            let Ok(value) = value else { continue };
            let evidence = Evidence { schema: &self.schema, payload: self.format.payload };
            let bits = match candidate.whole() {
                Whole::Fields(fields) => evidence.of_fields(fields, &value),
                Whole::Value(id) => id.map_or(0, |id| evidence.of(id, &value)),
            };
            guesses.push((Reverse(bits), Guess { candidate, value }));
            if guesses.len() >= 2 * GUESSES_MAX {
                best(&mut guesses);
            }
        }
        best(&mut guesses);
        guesses.into_iter().map(|(_, guess)| guess).collect()
    }
}

/// Keeps the best guesses. Those that are equally good stay in their order.
fn best(guesses: &mut Vec<(Reverse<u64>, Guess<'_>)>) {
    guesses.sort_by_key(|(bits, _)| *bits);
    guesses.truncate(GUESSES_MAX);
}

/// Measures how unlikely it is that random bytes are such a value, roughly in bits.
struct Evidence<'s> {
    schema: &'s Schema,
    payload: Payload,
}

impl Evidence<'_> {
    fn of(&self, id: Id, value: &Value) -> u64 {
        match (self.schema.kind(id), value) {
            (Kind::Bool | Kind::Optional(_), Value::Null | Value::Bool(_)) => self.of_word(2),
            (Kind::Optional(id), value) => {
                let inner = if self.schema.has_null(*id) { value.get(0).unwrap_or(&Value::Null) } else { value };
                self.of_word(2) + self.of(*id, inner)
            }
            (Kind::Enum(members), _) => self.of_word(members.members().len() as u64),
            (Kind::Integer(integer), value) => {
                let unused =
                    if self.payload == Payload::Xdr { 32_u64.saturating_sub(integer.bits().into()) } else { 0 };
                // Small numbers are more frequent than others.
                let small = value.as_i64().is_some_and(|number| number.unsigned_abs() < 1 << 16);
                unused + if small { 8 } else { 0 }
            }
            (Kind::Float | Kind::Double, value) => {
                let usual = |number: f64| number == 0.0 || (1e-6..1e9).contains(&number.abs());
                if value.as_f64().is_some_and(usual) { 8 } else { 0 }
            }
            (Kind::Text(_), Value::String(text)) => {
                let printed = if text.chars().any(char::is_control) { 0 } else { 3 * text.len() as u64 };
                self.of_word(256) + printed
            }
            (Kind::Opaque(Count::AtMost(_)), _) => self.of_word(256),
            (Kind::Array(id, count), Value::Array(elements)) => {
                let length = if let Count::AtMost(_) = count { self.of_word(256) } else { 0 };
                elements.iter().fold(length, |sum, element| sum.saturating_add(self.of(*id, element)))
            }
            (Kind::List { node, .. }, Value::Array(nodes)) => {
                let of_node = |node_value| self.of_word(2) + self.of(*node, node_value);
                nodes.iter().fold(self.of_word(2), |sum, node_value| sum.saturating_add(of_node(node_value)))
            }
            (Kind::Struct(fields), value) => self.of_fields(fields, value),
            (Kind::Union(union), Value::Object(object)) => {
                let cases = union.cases().len() as u64 + if union.default.is_some() { 1 << 16 } else { 0 };
                let body = object.iter().next().and_then(|(case, value)| {
                    let number = union.number(self.schema, case)?;
                    Some(self.of(union.arm(number)??, value))
                });
                self.of_word(cases) + body.unwrap_or(0)
            }
            _ => 0,
        }
    }

    fn of_fields(&self, fields: &[Field], value: &Value) -> u64 {
        let of_field = |field: &Field| value.get(&field.name).map_or(0, |value| self.of(field.id, value));
        fields.iter().fold(0, |sum, field| sum.saturating_add(of_field(field)))
    }

    /// Returns the information of a word with this number of possible values, in bits.
    fn of_word(&self, possible: u64) -> u64 {
        let bits = match self.payload {
            Payload::Xdr => 32,
            Payload::Postcard => 8,
        };
        u64::saturating_sub(bits, possible.max(1).ilog2().into())
    }
}
