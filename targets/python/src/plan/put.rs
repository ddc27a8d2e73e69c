//! From Python objects to values.

use std::collections::HashSet;

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyByteArray, PyBytes, PyDict, PyMapping, PyString, PyTuple};
use serde_json::{Map, Number, Value};

use super::{Enum, Field, Misfit, Node, Plan, Selector, Union};

/// The largest number of levels of nested values.
const DEPTH: usize = 100;

/// The largest number of elements of an array, so that an endless iterator ends.
const ELEMENTS: usize = 1 << 26;

type Put<T> = Result<T, Misfit>;

impl Plan {
    /// Returns the arguments of a call, in the order of the interface.
    pub fn arguments(
        &self,
        fields: &[Field],
        name: &str,
        positional: &Bound<'_, PyTuple>,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> Put<Value> {
        let count = positional.len();
        if count > fields.len() {
            let names: Vec<_> = fields.iter().map(|field| field.attribute.as_str()).collect();
            let names = if names.is_empty() { "no arguments".to_owned() } else { names.join(", ") };
            return Err(Misfit::new(format!("{name}({names})"), format!("{count} arguments")));
        }
        let (mut used, mut missing) = (0, None);
        let mut values = Vec::with_capacity(fields.len());
        for (index, field) in fields.iter().enumerate() {
            let named = keywords.and_then(|keywords| keywords.get_item(&field.attribute).ok().flatten());
            let given = positional.get_item(index).ok();
            if named.is_some() {
                used += 1;
                if given.is_some() {
                    return Err(Misfit::new("one value", "two, by position and by name").in_field(&field.name));
                }
            }
            match given.or(named) {
                Some(value) => {
                    values.push(self.put(field.node, &value, 0).map_err(|fault| fault.in_field(&field.name))?)
                }
                None if field.optional => values.push(self.nothing(field.node)),
                None => missing = missing.or(Some(field)),
            }
        }
        // An unknown name is most likely the missing one.
        if let Some(keywords) = keywords.filter(|keywords| keywords.len() > used) {
            let known: HashSet<&str> = fields.iter().map(|field| field.attribute.as_str()).collect();
            return Err(unknown(keywords.keys().iter(), &known, name));
        }
        match missing {
            Some(field) => Err(Misfit::new(format!("`{}`", field.attribute), "nothing")),
            None => Ok(Value::Array(values)),
        }
    }

    /// Returns the results of a procedure that a server has called.
    pub fn returned(&self, node: Option<usize>, value: &Bound<'_, PyAny>) -> Put<Value> {
        match node {
            Some(node) => self.put(node, value, 0),
            None if value.is_none() => Ok(Value::Null),
            None => Err(Misfit::of("None, since the procedure has no results", value)),
        }
    }

    /// Returns the value of a field that is left out.
    fn nothing(&self, node: usize) -> Value {
        match self.nodes.get(node) {
            Some(Node::Array(_)) => Value::Array(Vec::new()),
            Some(Node::Optional { nested: true, .. }) => Value::Array(Vec::new()),
            _ => Value::Null,
        }
    }

    fn put(&self, node: usize, value: &Bound<'_, PyAny>, depth: usize) -> Put<Value> {
        if depth > DEPTH {
            return Err(Misfit::new(format!("at most {DEPTH} levels of nested values"), "more"));
        }
        match self.nodes.get(node) {
            Some(Node::Bool) => boolean(value).map(Value::Bool).ok_or_else(|| Misfit::of("True or False", value)),
            Some(Node::Integer) => integer(value),
            Some(Node::Real) => real(value),
            Some(Node::Text) => text(value),
            Some(Node::Opaque) => opaque(value),
            Some(Node::Array(element)) => self.array(*element, value, depth),
            Some(Node::Optional { nested: true, .. }) if value.is_none() => Ok(Value::Array(Vec::new())),
            Some(Node::Optional { nested: false, .. }) if value.is_none() => Ok(Value::Null),
            Some(Node::Optional { inner, nested: true }) => self.array(*inner, value, depth),
            Some(Node::Optional { inner, nested: false }) => self.put(*inner, value, depth + 1),
            Some(Node::Enum(members)) => member(members, value),
            Some(Node::Struct { class, fields }) => self.record(class, fields, value, depth),
            Some(Node::Union(union)) => self.union(union, value, depth),
            None => Err(Misfit::of("another value", value)),
        }
    }

    fn array(&self, element: usize, value: &Bound<'_, PyAny>, depth: usize) -> Put<Value> {
        const EXPECTED: &str = "a list, or another iterable";
        // Both are iterable, and are values of other types.
        if value.is_instance_of::<PyString>() || value.is_instance_of::<PyDict>() {
            return Err(Misfit::of(EXPECTED, value));
        }
        let elements = value.try_iter().map_err(|_| Misfit::of(EXPECTED, value))?;
        let mut values = Vec::new();
        for (index, one) in elements.enumerate() {
            if index >= ELEMENTS {
                return Err(Misfit::new(format!("at most {ELEMENTS} elements"), "more"));
            }
            let one = one.map_err(|error| Misfit::raised(EXPECTED, error).at(index))?;
            values.push(self.put(element, &one, depth + 1).map_err(|fault| fault.at(index))?);
        }
        Ok(Value::Array(values))
    }

    /// Converts an instance of the class, a mapping, or the fields in order.
    fn record(&self, class: &Py<PyAny>, fields: &[Field], value: &Bound<'_, PyAny>, depth: usize) -> Put<Value> {
        let py = value.py();
        let mut object = Map::new();
        let mut add = |field: &Field, one: &Bound<'_, PyAny>| {
            // Data that are left out of an object are none.
            if !(field.optional && one.is_none()) {
                let one = self.put(field.node, one, depth + 1).map_err(|fault| fault.in_field(&field.name))?;
                object.insert(field.name.clone(), one);
            }
            Ok(())
        };
        if value.is_instance(class.bind(py)).unwrap_or(false) {
            for field in fields {
                let one = value.getattr(field.attribute.as_str());
                add(field, &one.map_err(|error| Misfit::raised("a value", error).in_field(&field.name))?)?;
            }
        } else if let Ok(mapping) = value.cast::<PyMapping>() {
            let keys = mapping.keys().map_err(|error| Misfit::raised("a mapping", error))?;
            let mut found = 0;
            for field in fields {
                let named = [&field.attribute, &field.name]
                    .into_iter()
                    .find(|name| mapping.contains(name.as_str()).unwrap_or(false));
                match named {
                    Some(name) => {
                        found += 1;
                        let one = mapping.get_item(name.as_str());
                        add(field, &one.map_err(|error| Misfit::raised("a value", error).in_field(&field.name))?)?;
                    }
                    None if field.optional => {}
                    None => return Err(Misfit::new(format!("`{}`", field.attribute), "nothing")),
                }
            }
            if keys.len() > found {
                let known = fields.iter().flat_map(|field| [field.attribute.as_str(), field.name.as_str()]).collect();
                return Err(unknown(keys.iter(), &known, "the struct"));
            }
        } else if let Ok(tuple) = value.cast::<PyTuple>()
            && tuple.len() == fields.len()
        {
            for (field, one) in fields.iter().zip(tuple.iter()) {
                add(field, &one)?;
            }
        } else {
            let name = class.bind(py).getattr("__name__").map(|name| name.to_string()).unwrap_or_default();
            let expected = format!("{name}, a dict, or a tuple of {} values", fields.len());
            return Err(Misfit::of(&expected, value));
        }
        Ok(Value::Object(object))
    }

    /// Converts an instance of the class, a tuple of case and value, a dict with one name, or a case alone.
    fn union(&self, union: &Union, value: &Bound<'_, PyAny>, depth: usize) -> Put<Value> {
        let py = value.py();
        let none = || py.None().into_bound(py);
        let raised = |error| Misfit::raised("a union", error);
        let (case, inner) = if value.is_instance(union.class.bind(py)).unwrap_or(false) {
            (value.getattr("case").map_err(raised)?, value.getattr("value").map_err(raised)?)
        } else if let Ok(tuple) = value.cast::<PyTuple>() {
            match (tuple.len(), tuple.get_item(0), tuple.get_item(1)) {
                (2, Ok(case), Ok(inner)) => (case, inner),
                _ => return Err(Misfit::of("a tuple of case and value", value)),
            }
        } else if let Ok(dict) = value.cast::<PyDict>() {
            match dict.iter().next() {
                Some(entry) if dict.len() == 1 => entry,
                _ => return Err(Misfit::of("a dict with the case as its only name", value)),
            }
        } else {
            (value.clone(), none())
        };
        let name = self.case_name(union, &case)?;
        let body = union.cases.get(&name).copied().or(union.default);
        let value = match body {
            Some(Some(node)) => self.put(node, &inner, depth + 1).map_err(|fault| fault.in_field(&name))?,
            Some(None) if inner.is_none() => Value::Null,
            Some(None) => return Err(Misfit::of("None, since the arm is void", &inner).in_field(&name)),
            None => {
                let mut cases: Vec<_> = union.cases.keys().map(String::as_str).collect();
                cases.sort_unstable();
                return Err(Misfit::of(&format!("a case: {}", cases.join(", ")), &case));
            }
        };
        Ok(Value::Object(Map::from_iter([(name, value)])))
    }

    /// Returns the name of a case in JSON.
    fn case_name(&self, union: &Union, case: &Bound<'_, PyAny>) -> Put<String> {
        if let Ok(text) = case.cast::<PyString>() {
            return Ok(text.to_string());
        }
        match &union.selector {
            Selector::Bool => {
                boolean(case).map(|case| case.to_string()).ok_or_else(|| Misfit::of("True or False", case))
            }
            Selector::Integer => integer(case).map(|number| number.to_string()),
            Selector::Enum(index) => {
                let number =
                    case.extract::<i64>().map_err(|_| Misfit::of("a member of the enum, or its number", case))?;
                let Some(Node::Enum(members)) = self.nodes.get(*index) else { return Ok(number.to_string()) };
                Ok(members.by_number.get(&number).cloned().unwrap_or_else(|| number.to_string()))
            }
        }
    }
}

/// Returns the misfit of the first name that is not known.
fn unknown<'p>(names: impl Iterator<Item = Bound<'p, PyAny>>, known: &HashSet<&str>, of: &str) -> Misfit {
    let names = names.filter_map(|name| name.str().ok().map(|name| name.to_string()));
    let unknown = names.into_iter().find(|name| !known.contains(name.as_str())).unwrap_or_default();
    let mut known: Vec<_> = known.iter().copied().collect();
    known.sort_unstable();
    let expected = if known.is_empty() { format!("no names for {of}") } else { known.join(", ") };
    Misfit::new(expected, format!("`{unknown}`"))
}

/// Returns a bool, also one of numpy.
fn boolean(value: &Bound<'_, PyAny>) -> Option<bool> {
    if let Ok(value) = value.cast::<PyBool>() {
        return Some(value.is_true());
    }
    value.extract().ok()
}

fn integer(value: &Bound<'_, PyAny>) -> Put<Value> {
    if let Ok(number) = value.extract::<i64>() {
        return Ok(number.into());
    }
    match value.extract::<u64>() {
        Ok(number) => Ok(number.into()),
        Err(_) => Err(Misfit::of("an integer of at most 64 bits", value)),
    }
}

fn real(value: &Bound<'_, PyAny>) -> Put<Value> {
    const EXPECTED: &str = "a float";
    // A text has no `__float__`.
    let number = value.extract::<f64>().map_err(|_| Misfit::of(EXPECTED, value))?;
    Ok(match Number::from_f64(number) {
        Some(number) => Value::Number(number),
        None if number.is_nan() => "NaN".into(),
        None if number > 0.0 => "Infinity".into(),
        None => "-Infinity".into(),
    })
}

/// Converts a text, or the bytes of a text that is not UTF-8.
fn text(value: &Bound<'_, PyAny>) -> Put<Value> {
    if let Ok(text) = value.cast::<PyString>() {
        // A lone surrogate is no character.
        return text.to_cow().map(|text| text.as_ref().into()).map_err(|error| Misfit::raised("a text", error));
    }
    match value.cast::<PyBytes>() {
        Ok(bytes) => {
            let text: String = bytes.as_bytes().iter().map(|&byte| char::from(byte)).collect();
            Ok(Value::Object(Map::from_iter([("latin1".to_owned(), text.into())])))
        }
        Err(_) => Err(Misfit::of("a str", value)),
    }
}

/// Converts bytes, or anything that lends its bytes.
fn opaque(value: &Bound<'_, PyAny>) -> Put<Value> {
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
    match copied.as_ref().map(|bytes| bytes.cast::<PyBytes>()) {
        Ok(Ok(bytes)) => Ok(hex(bytes.as_bytes())),
        _ => Err(Misfit::of("bytes", value)),
    }
}

fn hex(bytes: &[u8]) -> Value {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    bytes.iter().flat_map(|&byte| [digit(byte >> 4), digit(byte)]).collect::<String>().into()
}

/// Converts a member, its name, or its number.
fn member(members: &Enum, value: &Bound<'_, PyAny>) -> Put<Value> {
    if let Ok(name) = value.cast::<PyString>() {
        let name = name.to_string();
        return Ok(Value::String(name));
    }
    match value.extract::<i64>() {
        Ok(number) if members.by_number.contains_key(&number) => Ok(number.into()),
        _ => {
            let class = members.class.bind(value.py()).getattr("__name__").map(|name| name.to_string());
            Err(Misfit::of(&format!("a member of {}", class.unwrap_or_default()), value))
        }
    }
}
