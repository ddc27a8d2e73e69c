//! Schemas of types without parts.

use serde_json::{Value, json};

use crate::format::{Bytes, LATIN1, Texts};
use crate::schema::{Count, Enum, Integer};

/// The largest number that is rounded to a finite `float`.
///
/// It is about half a step above the largest `float`.
const FLOAT_MAX: f64 = 3.402_823_567_797_336e38;

pub(super) fn integer(integer: Integer) -> Value {
    // At most 64 bits.
    let number = |number: i128| i64::try_from(number).map_or_else(|_| json!(number as u64), |number| json!(number));
    let schema = json!({"type": "integer", "minimum": number(integer.low), "maximum": number(integer.high)});
    if integer.wide { json!({"anyOf": [schema, {"type": "string", "pattern": "^[+-]?[0-9]+$"}]}) } else { schema }
}

pub(super) fn float() -> Value {
    let number = json!({"type": "number", "minimum": -FLOAT_MAX, "maximum": FLOAT_MAX});
    json!({"anyOf": [number, {"type": "string", "pattern": "^(NaN(:[0-9a-fA-F]{8})?|-?Infinity)$"}]})
}

pub(super) fn double() -> Value {
    json!({"anyOf": [{"type": "number"}, {"type": "string", "pattern": "^(NaN(:[0-9a-fA-F]{16})?|-?Infinity)$"}]})
}

pub(super) fn text(bound: u32, texts: Texts) -> Value {
    let count = Count::AtMost(bound);
    let text = counted(json!({"type": "string"}), "minLength", "maxLength", count);
    if texts == Texts::Utf8 {
        return text;
    }
    let bytes = json!({"type": "string", "pattern": "^[\\u0000-\\u00ff]*$"});
    let bytes = counted(bytes, "minLength", "maxLength", count);
    let object =
        json!({"type": "object", "properties": {LATIN1: bytes}, "required": [LATIN1], "additionalProperties": false});
    json!({"anyOf": [text, object]})
}

pub(super) fn opaque(count: Count, bytes: Bytes) -> Value {
    let mut schema = json!({"type": "string"});
    let length: fn(u64) -> u64 = match bytes {
        Bytes::Hex => {
            schema["pattern"] = "^([0-9a-fA-F]{2})*$".into();
            |bytes| 2 * bytes
        }
        Bytes::Base64 => {
            schema["contentEncoding"] = "base64".into();
            schema["pattern"] = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$".into();
            |bytes| 4 * bytes.div_ceil(3)
        }
    };
    match count {
        Count::Exactly(size) => {
            schema["minLength"] = length(size.into()).into();
            schema["maxLength"] = length(size.into()).into();
        }
        Count::AtMost(u32::MAX) => {}
        Count::AtMost(bound) => schema["maxLength"] = length(bound.into()).into(),
    }
    schema
}

pub(super) fn members(members: &Enum) -> Value {
    let names = members.names().map(Value::from);
    let mut numbers: Vec<_> = members.members().iter().map(|member| member.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    json!({"enum": names.chain(numbers.into_iter().map(Value::from)).collect::<Vec<_>>()})
}

/// Adds the least and the largest number of elements or characters.
pub(super) fn counted(mut schema: Value, least: &str, largest: &str, count: Count) -> Value {
    match count {
        Count::Exactly(size) => {
            schema[least] = size.into();
            schema[largest] = size.into();
        }
        Count::AtMost(u32::MAX) => {}
        Count::AtMost(bound) => schema[largest] = bound.into(),
    }
    schema
}
