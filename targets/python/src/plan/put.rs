//! From Python objects to values.

use std::collections::HashSet;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyMapping, PyString, PyTuple};
use serde_json::{Map, Value};

use super::room::{At, Put, Room};
use super::scalar::{boolean, integer, member, opaque, real, text};
use super::{Field, Misfit, Node, Plan};

/// The largest number of levels of nested values.
const DEPTH: usize = 100;

/// How many elements are read between two looks at signals.
const LOOK: usize = 4096;

impl Plan {
    /// Returns the arguments of a call, in the order of the interface.
    pub fn arguments(
        &self,
        fields: &[Field],
        name: &str,
        positional: &Bound<'_, PyTuple>,
        keywords: Option<&Bound<'_, PyDict>>,
        room: &Room,
    ) -> Put<Value> {
        let at = At { depth: 0, room };
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
                    values.push(self.put(field.node, &value, at).map_err(|fault| fault.in_field(&field.name))?)
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
    pub fn returned(&self, node: Option<usize>, value: &Bound<'_, PyAny>, room: &Room) -> Put<Value> {
        match node {
            Some(node) => self.put(node, value, At { depth: 0, room }),
            None if value.is_none() => Ok(Value::Null),
            None => Err(Misfit::of("None, since the procedure has no results", value)),
        }
    }

    /// Returns the value of a field that is left out.
    fn nothing(&self, node: usize) -> Value {
        match self.nodes.get(node) {
            Some(Node::Array { .. }) => Value::Array(Vec::new()),
            Some(Node::Optional { nested: true, .. }) => Value::Array(Vec::new()),
            _ => Value::Null,
        }
    }

    pub(super) fn put(&self, node: usize, value: &Bound<'_, PyAny>, at: At<'_>) -> Put<Value> {
        if at.depth > DEPTH {
            return Err(Misfit::new(format!("at most {DEPTH} levels of nested values"), "more"));
        }
        match self.nodes.get(node) {
            Some(Node::Bool) => boolean(value),
            Some(Node::Integer) => integer(value),
            Some(Node::Real) => real(value),
            Some(Node::Text) => text(value),
            Some(Node::Opaque) => opaque(value),
            Some(Node::Array { element, max }) => self.array(*element, *max, value, at),
            Some(Node::Optional { nested: true, .. }) if value.is_none() => Ok(Value::Array(Vec::new())),
            Some(Node::Optional { nested: false, .. }) if value.is_none() => Ok(Value::Null),
            Some(Node::Optional { inner, nested: true }) => self.array(*inner, 1, value, at),
            Some(Node::Optional { inner, nested: false }) => self.put(*inner, value, at.deeper()),
            Some(Node::Enum(members)) => member(members, value),
            Some(Node::Struct { class, fields }) => self.record(class, fields, value, at),
            Some(Node::Union(union)) => self.union(union, value, at),
            None => Err(Misfit::of("another value", value)),
        }
    }

    fn array(&self, element: usize, max: usize, value: &Bound<'_, PyAny>, at: At<'_>) -> Put<Value> {
        const EXPECTED: &str = "a list, or another iterable";
        // Both are iterable, and are values of other types.
        if value.is_instance_of::<PyString>() || value.is_instance_of::<PyDict>() {
            return Err(Misfit::of(EXPECTED, value));
        }
        // An iterator has no length.
        if let Some(length) = value.len().ok().filter(|length| *length > max) {
            return Err(Misfit::new(format!("at most {max} elements"), length.to_string()));
        }
        let elements = value.try_iter().map_err(|error| Misfit::unlike(EXPECTED, value, error))?;
        let mut values = Vec::new();
        for (index, one) in elements.enumerate() {
            if index >= max {
                return Err(Misfit::new(format!("at most {max} elements"), "more"));
            }
            at.room.take()?;
            if index % LOOK == LOOK - 1 {
                value.py().check_signals().map_err(|error| Misfit::raised(EXPECTED, error))?;
            }
            let one = one.map_err(|error| Misfit::raised(EXPECTED, error).at(index))?;
            values.push(self.put(element, &one, at.deeper()).map_err(|fault| fault.at(index))?);
        }
        Ok(Value::Array(values))
    }

    /// Converts an instance of the class, or of another one with its name and fields, a mapping, or a tuple.
    fn record(&self, class: &Py<PyAny>, fields: &[Field], value: &Bound<'_, PyAny>, at: At<'_>) -> Put<Value> {
        let class = class.bind(value.py());
        let attributes: Vec<&str> = fields.iter().map(|field| field.attribute.as_str()).collect();
        if is_instance(class, value, &attributes)? || has_fields(value, &attributes)? {
            return self.attributes(fields, value, at);
        }
        if let Ok(mapping) = value.cast::<PyMapping>() {
            return self.mapping(fields, mapping, at);
        }
        let mut object = Map::new();
        match value.cast::<PyTuple>() {
            Ok(tuple) if tuple.len() == fields.len() && !tuple.hasattr("_fields").unwrap_or(false) => {
                for (field, one) in fields.iter().zip(tuple.iter()) {
                    self.field(&mut object, field, &one, at)?;
                }
                Ok(Value::Object(object))
            }
            _ => {
                let count = fields.len();
                Err(Misfit::of(&format!("{}, a dict, or a tuple of {count} values", name_of(class)), value))
            }
        }
    }

    fn attributes(&self, fields: &[Field], value: &Bound<'_, PyAny>, at: At<'_>) -> Put<Value> {
        let mut object = Map::new();
        for field in fields {
            let one = value.getattr(field.attribute.as_str());
            let one = one.map_err(|error| Misfit::raised("a value", error).in_field(&field.name))?;
            self.field(&mut object, field, &one, at)?;
        }
        Ok(Value::Object(object))
    }

    fn mapping(&self, fields: &[Field], mapping: &Bound<'_, PyMapping>, at: At<'_>) -> Put<Value> {
        let raised = |error| Misfit::raised("a mapping", error);
        let keys = mapping.keys().map_err(raised)?;
        let mut object = Map::new();
        let mut found = 0;
        for field in fields {
            let mut named = None;
            for name in [&field.attribute, &field.name] {
                if named.is_none() && mapping.contains(name.as_str()).map_err(raised)? {
                    named = Some(name);
                }
            }
            match named {
                Some(name) => {
                    found += 1;
                    let one = mapping.get_item(name.as_str());
                    let one = one.map_err(|error| Misfit::raised("a value", error).in_field(&field.name))?;
                    self.field(&mut object, field, &one, at)?;
                }
                None if field.optional => {}
                // An unknown name is most likely the missing one.
                None if keys.len() > found => return Err(unknown_field(&keys, fields, Some(field))),
                None => return Err(Misfit::new(format!("`{}`", field.attribute), "nothing")),
            }
        }
        if keys.len() > found { Err(unknown_field(&keys, fields, None)) } else { Ok(Value::Object(object)) }
    }

    fn field(&self, object: &mut Map<String, Value>, field: &Field, one: &Bound<'_, PyAny>, at: At<'_>) -> Put<()> {
        // Data that are left out of an object are none.
        if !(field.optional && one.is_none()) {
            let one = self.put(field.node, one, at.deeper()).map_err(|fault| fault.in_field(&field.name))?;
            object.insert(field.name.clone(), one);
        }
        Ok(())
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

/// Returns the misfit of a name that no field has, or of a field without a value.
fn unknown_field(keys: &Bound<'_, PyList>, fields: &[Field], missing: Option<&Field>) -> Misfit {
    let known: HashSet<&str> =
        fields.iter().flat_map(|field| [field.attribute.as_str(), field.name.as_str()]).collect();
    let is_known = |key: Bound<'_, PyAny>| key.str().is_ok_and(|name| known.contains(name.to_string().as_str()));
    match missing {
        Some(field) if keys.iter().all(is_known) => Misfit::new(format!("`{}`", field.attribute), "nothing"),
        _ => unknown(keys.iter(), &known, "the struct"),
    }
}

pub fn name_of(class: &Bound<'_, PyAny>) -> String {
    class.getattr("__name__").map(|name| name.to_string()).unwrap_or_default()
}

/// Returns the names of the fields of a dataclass.
pub fn field_names(class: &Bound<'_, PyAny>) -> Option<Vec<String>> {
    let fields = class.getattr("__dataclass_fields__").ok()?;
    fields.cast::<PyDict>().ok()?.keys().extract().ok()
}

/// Returns whether a value is of a class, or of another class with the same name and fields.
///
/// Another device with the same interface, and a generated module, have classes of their own.
pub fn is_instance(class: &Bound<'_, PyAny>, value: &Bound<'_, PyAny>, attributes: &[&str]) -> Put<bool> {
    if value.is_instance(class).map_err(|error| Misfit::raised("a value", error))? {
        return Ok(true);
    }
    let other = value.get_type();
    Ok(name_of(&other) == name_of(class) && field_names(&other).is_some_and(|names| are_same(&names, attributes)))
}

/// Returns whether a value has just these fields, as an instance of a dataclass of the program or a named tuple has.
fn has_fields(value: &Bound<'_, PyAny>, attributes: &[&str]) -> Put<bool> {
    let class = value.get_type();
    let names = if value.is_instance_of::<PyTuple>() {
        value.getattr("_fields").and_then(|names| names.extract::<Vec<String>>()).ok()
    } else {
        // A struct of another name is another type, though it may have the same fields.
        let is_record = class.hasattr("asdict").unwrap_or(false);
        field_names(&class).filter(|_| !is_record)
    };
    Ok(names.is_some_and(|names| are_same(&names, attributes)))
}

fn are_same(names: &[String], attributes: &[&str]) -> bool {
    names.len() == attributes.len() && attributes.iter().all(|attribute| names.iter().any(|name| name == attribute))
}
