//! Values without parts.

use serde_json::{Map, Value};

use super::{Encoder, Result, SHOWN_MAX, cut};
use crate::format::{LATIN1, Texts};
use crate::real;
use crate::schema::{Count, Enum, Integer};
use crate::similar::similar;

impl Encoder<'_> {
    pub(super) fn number(&mut self, integer: Integer, value: &Value) -> Result<()> {
        let number = integer_of(integer, value).ok_or_else(|| self.mismatch(integer.description(), value))?;
        self.put.integer(integer, number);
        Ok(())
    }

    pub(super) fn float(&mut self, value: &Value) -> Result<()> {
        let expected = "a float, \"NaN\", \"Infinity\" or \"-Infinity\"";
        let bits = real::bits_of_single(value).ok_or_else(|| self.mismatch(expected, value))?;
        self.put.float(bits);
        Ok(())
    }

    pub(super) fn double(&mut self, value: &Value) -> Result<()> {
        let expected = "a double, \"NaN\", \"Infinity\" or \"-Infinity\"";
        let bits = real::bits_of_double(value).ok_or_else(|| self.mismatch(expected, value))?;
        self.put.double(bits);
        Ok(())
    }

    pub(super) fn text(&mut self, value: &Value, bound: u32) -> Result<()> {
        let count = Count::AtMost(bound);
        match (value, self.format.texts) {
            (Value::String(text), _) => {
                self.count(text.len(), count, "bytes")?;
                self.put.run(text.as_bytes(), count);
            }
            (Value::Object(object), Texts::Latin1) => {
                let bytes = latin1(object).ok_or_else(|| {
                    let expected = "a text, or an object with only the name `latin1` and characters up to U+00FF";
                    self.mismatch(expected, value)
                })?;
                self.count(bytes.len(), count, "bytes")?;
                self.put.run(&bytes, count);
            }
            (value, _) => return Err(self.mismatch("a text", value)),
        }
        Ok(())
    }

    pub(super) fn opaque(&mut self, text: &str, count: Count) -> Result<()> {
        let Some(bytes) = self.format.bytes.read(text) else {
            let found = format!("{:?}", cut(text, SHOWN_MAX));
            return Err(self.error(self.format.bytes.name(), found));
        };
        self.count(bytes.len(), count, "bytes")?;
        self.put.run(&bytes, count);
        Ok(())
    }

    pub(super) fn member(&mut self, members: &Enum, value: &Value) -> Result<()> {
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
            error.similar = value.as_str().and_then(|name| similar(name, members.names()));
            error
        })?;
        self.put.member(number);
        Ok(())
    }
}

/// Returns the bytes of an object for a text that is not UTF-8.
fn latin1(object: &Map<String, Value>) -> Option<Vec<u8>> {
    let text = object.get(LATIN1).filter(|_| object.len() == 1)?.as_str()?;
    text.chars().map(|character| u8::try_from(character).ok()).collect()
}

/// Returns the number of a JSON number or of a text.
///
/// Texts are for numbers that other languages cannot keep exactly.
fn integer_of(integer: Integer, value: &Value) -> Option<i128> {
    let number = match value {
        Value::Number(number) => number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from)),
        Value::String(text) if integer.wide => text.parse().ok(),
        _ => None,
    };
    number.filter(|number| (integer.low..=integer.high).contains(number))
}
