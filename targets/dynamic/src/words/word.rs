//! One word as the value of a type.

use serde_json::{Number, Value};

use crate::encode::{SHOWN_MAX, cut};
use crate::format::Bytes;
use crate::interface::Interface;
use crate::schema::{Id, Integer, Kind};

/// Returns the value of a word.
///
/// Conditions such as ranges are checked when the value is encoded.
///
/// # Errors
/// What is expected, and what was found.
pub(super) fn read(interface: &Interface, id: Id, word: &str) -> Result<Value, (String, String)> {
    let schema = &interface.schema;
    let wrong = |expected: String| (expected, format!("{:?}", cut(word, SHOWN_MAX)));
    let json = |expected: &str| {
        serde_json::from_str::<Value>(word).map_err(|error| {
            let (expected, found) = wrong(expected.to_owned());
            (expected, format!("{found} ({error})"))
        })
    };
    let mut id = id;
    while let Kind::Optional(inner) = schema.kind(id) {
        if schema.has_null(*inner) {
            return json("a JSON array of one element or none");
        }
        if word == "null" {
            return Ok(Value::Null);
        }
        id = *inner;
    }
    match schema.kind(id) {
        Kind::Bool => word.parse().map(Value::Bool).map_err(|_| wrong("true or false".into())),
        Kind::Integer(integer) => number(*integer, word).ok_or_else(|| wrong(integer.description())),
        // Names such as "NaN" are texts.
        Kind::Float | Kind::Double => {
            let number = word.parse().ok().and_then(Number::from_f64);
            Ok(number.map_or_else(|| word.into(), Value::Number))
        }
        Kind::Opaque(_) if interface.format.bytes == Bytes::Hex => {
            Ok(word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")).unwrap_or(word).into())
        }
        Kind::Text(_) | Kind::Opaque(_) => Ok(word.into()),
        Kind::Enum(members) => match integer(word).filter(|_| members.number(word).is_none()) {
            Some(number) => i64::try_from(number).map(Value::from).map_err(|_| wrong(members.description())),
            None => Ok(word.into()),
        },
        Kind::Union(_) if !word.trim_start().starts_with('{') => Ok(word.into()),
        Kind::Union(union) => json(&format!("a JSON object with {} as its only name", union.description())),
        Kind::Struct(_) => json("a JSON object, such as {\"name\": 1}"),
        Kind::Array(..) | Kind::List { .. } => json("a JSON array, such as [1, 2]"),
        // Followed above.
        Kind::Optional(_) => Ok(Value::Null),
    }
}

/// Returns a number in the range of its type.
fn number(type_: Integer, word: &str) -> Option<Value> {
    let number = integer(word).filter(|number| (type_.low..=type_.high).contains(number))?;
    i64::try_from(number).map(Value::from).or_else(|_| u64::try_from(number).map(Value::from)).ok()
}

/// Returns the number of decimal digits, or of hexadecimal digits after `0x`.
fn integer(word: &str) -> Option<i128> {
    let (sign, digits) = word.strip_prefix('-').map_or((1, word), |digits| (-1, digits));
    let (radix, digits) =
        digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")).map_or((10, digits), |d| (16, d));
    // `from_str_radix` would accept another sign here.
    let plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let magnitude = plain.then(|| u64::from_str_radix(digits, radix).ok())??;
    Some(sign * i128::from(magnitude))
}
