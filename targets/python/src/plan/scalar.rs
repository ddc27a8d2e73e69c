//! From Python objects to values without parts.

use pyo3::exceptions::PyOverflowError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyByteArray, PyBytes, PyString};
use serde_json::{Map, Number, Value};

use super::put::name_of;
use super::room::Put;
use super::{Enum, Misfit};

/// Converts a bool, also one of numpy.
pub fn boolean(value: &Bound<'_, PyAny>) -> Put<Value> {
    if let Ok(value) = value.cast::<PyBool>() {
        return Ok(Value::Bool(value.is_true()));
    }
    value.extract().map(Value::Bool).map_err(|error| Misfit::unlike("True or False", value, error))
}

pub fn integer(value: &Bound<'_, PyAny>) -> Put<Value> {
    let small = match value.extract::<i64>() {
        Ok(number) => return Ok(number.into()),
        Err(error) => error,
    };
    // Only a number that does not fit may fit the other type.
    let large = if small.is_instance_of::<PyOverflowError>(value.py()) { value.extract::<u64>() } else { Err(small) };
    large.map(Into::into).map_err(|error| Misfit::unlike("an integer of at most 64 bits", value, error))
}

pub fn real(value: &Bound<'_, PyAny>) -> Put<Value> {
    const EXPECTED: &str = "a float";
    // A text has no `__float__`.
    let number = value.extract::<f64>().map_err(|error| Misfit::unlike(EXPECTED, value, error))?;
    Ok(match Number::from_f64(number) {
        Some(number) => Value::Number(number),
        None if number.is_nan() => "NaN".into(),
        None if number > 0.0 => "Infinity".into(),
        None => "-Infinity".into(),
    })
}

/// Converts a text, or the bytes of a text that is not UTF-8.
pub fn text(value: &Bound<'_, PyAny>) -> Put<Value> {
    if let Ok(text) = value.cast::<PyString>() {
        if let Ok(text) = text.to_cow() {
            return Ok(text.as_ref().into());
        }
        // A lone surrogate is no character, except that of a byte that was not UTF-8.
        let bytes = text.call_method1("encode", ("utf-8", "surrogateescape"));
        let bytes = bytes.map_err(|error| Misfit::raised("a text", error))?;
        return text_of_bytes(&bytes);
    }
    text_of_bytes(value)
}

fn text_of_bytes(value: &Bound<'_, PyAny>) -> Put<Value> {
    let bytes = value.cast::<PyBytes>().map_err(|_| Misfit::of("a str", value))?;
    let text: String = bytes.as_bytes().iter().map(|&byte| char::from(byte)).collect();
    Ok(Value::Object(Map::from_iter([("latin1".to_owned(), text.into())])))
}

/// Converts bytes, or anything that lends its bytes.
pub fn opaque(value: &Bound<'_, PyAny>) -> Put<Value> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(hex(bytes.as_bytes()));
    }
    if let Ok(bytes) = value.cast::<PyByteArray>() {
        return Ok(hex(&bytes.to_vec()));
    }
    let copied = value.py().import("builtins").and_then(|builtins| {
        if value.is_instance_of::<PyString>() {
            return Err(pyo3::exceptions::PyTypeError::new_err("a str"));
        }
        builtins.getattr("memoryview")?.call1((value,))?.call_method0("tobytes")
    });
    let copied = copied.map_err(|error| Misfit::unlike("bytes", value, error))?;
    copied.cast::<PyBytes>().map(|bytes| hex(bytes.as_bytes())).map_err(|_| Misfit::of("bytes", value))
}

fn hex(bytes: &[u8]) -> Value {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    bytes.iter().flat_map(|&byte| [digit(byte >> 4), digit(byte)]).collect::<String>().into()
}

/// Converts a member, its name, or its number.
pub fn member(members: &Enum, value: &Bound<'_, PyAny>) -> Put<Value> {
    if let Ok(name) = value.cast::<PyString>() {
        return Ok(Value::String(members.in_file(name.to_string())));
    }
    let expected = || format!("a member of {}", name_of(members.class.bind(value.py())));
    match value.extract::<i64>() {
        Ok(number) if members.by_number.contains_key(&number) => Ok(number.into()),
        Ok(_) => Err(Misfit::of(&expected(), value)),
        Err(error) => Err(Misfit::unlike(&expected(), value, error)),
    }
}
