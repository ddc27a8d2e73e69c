//! From Python objects to unions.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};
use serde_json::{Map, Value};

use super::put::{is_instance, name_of};
use super::room::{At, Put};
use super::scalar::{boolean, integer};
use super::{Misfit, Node, Plan, Selector, Union};

/// A case and its value. `arm` is the name by which a dict has the value, if it is not `value`.
struct Given<'p> {
    case: Bound<'p, PyAny>,
    value: Bound<'p, PyAny>,
    arm: Option<String>,
}

impl<'p> Given<'p> {
    fn new(case: Bound<'p, PyAny>, value: Bound<'p, PyAny>) -> Self {
        Self { case, value, arm: None }
    }
}

impl Plan {
    /// Converts an instance of the class, a tuple of case and value, a dict, or a case alone.
    pub(super) fn union(&self, union: &Union, value: &Bound<'_, PyAny>, at: At<'_>) -> Put<Value> {
        let given = given(union, value)?;
        let name = self.case_name(union, &given.case)?;
        if let Some(arm) = &given.arm {
            check_arm(union, &name, arm)?;
        }
        let inner = given.value;
        let body = union.cases.get(&name).copied().or(union.default);
        let value = match body {
            Some(Some(node)) => self.put(node, &inner, at.deeper()).map_err(|fault| fault.in_field(&name))?,
            Some(None) if inner.is_none() => Value::Null,
            Some(None) => return Err(Misfit::of("None, since the arm is void", &inner).in_field(&name)),
            None => {
                let mut cases: Vec<_> = union.cases.keys().map(String::as_str).collect();
                cases.sort_unstable();
                return Err(Misfit::of(&format!("a case: {}", cases.join(", ")), &given.case));
            }
        };
        Ok(Value::Object(Map::from_iter([(name, value)])))
    }

    /// Returns the name of a case in JSON.
    fn case_name(&self, union: &Union, case: &Bound<'_, PyAny>) -> Put<String> {
        if let Ok(text) = case.cast::<PyString>() {
            let text = text.to_string();
            return Ok(match &union.selector {
                Selector::Enum(index) => match self.nodes.get(*index) {
                    Some(Node::Enum(members)) => {
                        let name = members.in_file(text);
                        // A number is one of the default arm.
                        if !members.by_name.contains_key(&name) && name.parse::<i32>().is_err() {
                            let mut names: Vec<_> = members.by_name.keys().map(String::as_str).collect();
                            names.sort_unstable();
                            return Err(Misfit::of(&format!("a case: {}", names.join(", ")), case));
                        }
                        name
                    }
                    _ => text,
                },
                _ => text,
            });
        }
        match &union.selector {
            Selector::Bool => boolean(case).map(|case| case.to_string()),
            Selector::Integer => integer(case).map(|number| number.to_string()),
            Selector::Enum(index) => {
                let expected = "a member of the enum, or its number";
                let number = case.extract::<i64>().map_err(|error| Misfit::unlike(expected, case, error))?;
                let Some(Node::Enum(members)) = self.nodes.get(*index) else { return Ok(number.to_string()) };
                Ok(members.by_number.get(&number).cloned().unwrap_or_else(|| number.to_string()))
            }
        }
    }
}

/// Takes a union apart.
fn given<'p>(union: &Union, value: &Bound<'p, PyAny>) -> Put<Given<'p>> {
    let raised = |error| Misfit::raised("a union", error);
    let class = union.class.bind(value.py());
    if is_instance(class, value, &["case", "value"])? {
        return Ok(Given::new(value.getattr("case").map_err(raised)?, value.getattr("value").map_err(raised)?));
    }
    let none = || value.py().None().into_bound(value.py());
    if let Ok(tuple) = value.cast::<PyTuple>() {
        return match (tuple.len(), tuple.get_item(0), tuple.get_item(1)) {
            (2, Ok(case), Ok(inner)) => Ok(Given::new(case, inner)),
            _ => Err(Misfit::of(&format!("{}, a dict, or a tuple of case and value", name_of(class)), value)),
        };
    }
    let Ok(dict) = value.cast::<PyDict>() else {
        // A case alone is the whole value of a void one. Of a struct this would be an error of another value.
        let is_value = value.get_type().hasattr("__dataclass_fields__").unwrap_or(false);
        if is_value {
            return Err(Misfit::of(&name_of(class), value));
        }
        return Ok(Given::new(value.clone(), none()));
    };
    let case = dict.get_item("case").map_err(raised)?;
    match (dict.len(), case) {
        // As `asdict` returns it: `{"case": …, "value": …}`, or with the name of the arm. An enum may have a `case`.
        (1, Some(case)) if !union.cases.contains_key("case") => Ok(Given::new(case, none())),
        (1, _) => match dict.iter().next() {
            Some((case, inner)) => Ok(Given::new(case, inner)),
            None => Err(Misfit::of("a dict of case and value", value)),
        },
        (2, Some(case)) => {
            let other = dict.iter().find(|(key, _)| !key.eq("case").unwrap_or(false));
            let (arm, inner) = other.ok_or_else(|| Misfit::of("a dict of case and value", value))?;
            let arm = arm.str().map_err(raised)?.to_string();
            Ok(Given { case, value: inner, arm: Some(arm).filter(|arm| arm != "value") })
        }
        _ => Err(Misfit::of("a dict {\"case\": …, \"value\": …}, or with a case as its only name", value)),
    }
}

/// Refuses a name that is not that of the arm of a case.
fn check_arm(union: &Union, case: &str, arm: &str) -> Put<()> {
    let own = if union.cases.contains_key(case) { union.arms.get(case) } else { union.arms.get("default") };
    match own {
        Some(own) if arm == own.attribute || arm == own.name => Ok(()),
        Some(own) => Err(Misfit::new(format!("`{}` or `value` of the case {case}", own.attribute), format!("`{arm}`"))),
        None => Err(Misfit::new(format!("no value, since the case {case} is void"), format!("`{arm}`"))),
    }
}
