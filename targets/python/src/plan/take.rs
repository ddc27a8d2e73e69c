//! From values to Python objects.

use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyTuple};
use serde_json::Value;

use super::{Field, Node, Plan, Selector, Union};

impl Plan {
    /// Returns the results of a call.
    pub fn results(&self, py: Python<'_>, node: Option<usize>, value: Value) -> PyResult<Py<PyAny>> {
        node.map_or_else(|| Ok(py.None()), |node| self.take(py, node, value))
    }

    /// Returns the arguments of a call, in the order of the interface.
    pub fn taken_arguments<'p>(&self, py: Python<'p>, fields: &[Field], value: Value) -> PyResult<Bound<'p, PyTuple>> {
        let Value::Object(mut object) = value else { return Ok(PyTuple::empty(py)) };
        let take = |field: &Field| self.take(py, field.node, object.remove(&field.name).unwrap_or_default());
        PyTuple::new(py, fields.iter().map(take).collect::<PyResult<Vec<_>>>()?)
    }

    fn take(&self, py: Python<'_>, node: usize, value: Value) -> PyResult<Py<PyAny>> {
        match (self.nodes.get(node), value) {
            (Some(Node::Bool), Value::Bool(value)) => value.into_py_any(py),
            (Some(Node::Integer), value) => integer(py, &value),
            (Some(Node::Real), value) => real(&value).into_py_any(py),
            (Some(Node::Text), value) => text(py, value),
            (Some(Node::Opaque), Value::String(digits)) => Ok(PyBytes::new(py, &bytes(&digits)).into_any().unbind()),
            (Some(Node::Array { element, .. }), Value::Array(values)) => self.list(py, *element, values),
            (Some(Node::Optional { .. }), Value::Null) => Ok(py.None()),
            (Some(Node::Optional { inner, nested: true }), Value::Array(values)) => self.list(py, *inner, values),
            (Some(Node::Optional { inner, .. }), value) => self.take(py, *inner, value),
            (Some(Node::Enum(members)), Value::String(name)) => match members.by_name.get(&name) {
                Some(member) => Ok(member.clone_ref(py)),
                None => name.into_py_any(py),
            },
            (Some(Node::Struct { class, fields }), Value::Object(mut object)) => {
                let take = |field: &Field| match object.remove(&field.name) {
                    Some(value) => self.take(py, field.node, value),
                    None => Ok(py.None()),
                };
                let values = fields.iter().map(take).collect::<PyResult<Vec<_>>>()?;
                class.call1(py, PyTuple::new(py, values)?)
            }
            (Some(Node::Union(union)), Value::Object(object)) => match object.into_iter().next() {
                Some((case, value)) => self.union_of(py, union, &case, value),
                None => Ok(py.None()),
            },
            _ => Ok(py.None()),
        }
    }

    fn list(&self, py: Python<'_>, element: usize, values: Vec<Value>) -> PyResult<Py<PyAny>> {
        let taken = values.into_iter().map(|value| self.take(py, element, value)).collect::<PyResult<Vec<_>>>()?;
        Ok(PyList::new(py, taken)?.into_any().unbind())
    }

    fn union_of(&self, py: Python<'_>, union: &Union, name: &str, value: Value) -> PyResult<Py<PyAny>> {
        let body = union.cases.get(name).copied().or(union.default).flatten();
        let inner = body.map_or_else(|| Ok(py.None()), |node| self.take(py, node, value))?;
        let number = || {
            name.parse::<i64>().map_or_else(
                |_| name.parse::<u64>().unwrap_or_default().into_py_any(py),
                |number| number.into_py_any(py),
            )
        };
        let case = match &union.selector {
            Selector::Bool => (name == "true").into_py_any(py)?,
            Selector::Integer => number()?,
            Selector::Enum(index) => match self.nodes.get(*index) {
                Some(Node::Enum(members)) if members.by_name.contains_key(name) => {
                    members.by_name.get(name).map_or_else(|| py.None(), |member| member.clone_ref(py))
                }
                // A number without a name, of the default arm.
                _ => number()?,
            },
        };
        union.class.call1(py, (case, inner))
    }
}

fn integer(py: Python<'_>, value: &Value) -> PyResult<Py<PyAny>> {
    match (value.as_i64(), value.as_u64()) {
        (Some(number), _) => number.into_py_any(py),
        (None, Some(number)) => number.into_py_any(py),
        _ => Ok(py.None()),
    }
}

fn real(value: &Value) -> f64 {
    match value {
        Value::Number(number) => number.as_f64().unwrap_or(f64::NAN),
        Value::String(text) if text == "Infinity" => f64::INFINITY,
        Value::String(text) if text == "-Infinity" => f64::NEG_INFINITY,
        _ => f64::NAN,
    }
}

/// Returns a text. A byte that is not UTF-8 is a lone surrogate, as Python's `surrogateescape` has it.
fn text(py: Python<'_>, value: Value) -> PyResult<Py<PyAny>> {
    match value {
        Value::String(text) => text.into_py_any(py),
        Value::Object(object) => {
            let text = object.get("latin1").and_then(Value::as_str).unwrap_or_default();
            let bytes: Vec<u8> = text.chars().filter_map(|letter| u8::try_from(letter).ok()).collect();
            Ok(PyBytes::new(py, &bytes).call_method1("decode", ("utf-8", "surrogateescape"))?.unbind())
        }
        _ => Ok(py.None()),
    }
}

/// Returns the bytes of hexadecimal digits.
fn bytes(digits: &str) -> Vec<u8> {
    let digit = |letter: u8| match letter {
        b'a'..=b'f' => letter - b'a' + 10,
        b'0'..=b'9' => letter - b'0',
        _ => 0,
    };
    digits.as_bytes().chunks(2).map(|pair| pair.iter().fold(0, |byte, &letter| (byte << 4) | digit(letter))).collect()
}
