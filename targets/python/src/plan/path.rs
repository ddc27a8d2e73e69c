//! Values that do not fit, with the path to them.

use oncilla_dynamic::ValueError;
use pyo3::prelude::*;

use crate::errors::Class;

/// The largest number of characters of a value that an error shows.
const SHOWN_MAX: usize = 40;

/// A value that does not fit its type. Boxed: it is large, and rare.
pub struct Misfit(Box<Parts>);

struct Parts {
    /// The steps to the value, the last one first.
    steps: Vec<Step>,
    expected: String,
    found: String,
    /// An exception that a value raised, when it was read.
    cause: Option<PyErr>,
}

enum Step {
    Field(String),
    Index(usize),
}

impl Misfit {
    pub fn new(expected: impl Into<String>, found: impl Into<String>) -> Self {
        let (expected, found) = (expected.into(), found.into());
        Self(Box::new(Parts { steps: Vec::new(), expected, found, cause: None }))
    }

    /// Returns the misfit of a value of another type.
    pub fn of(expected: &str, value: &Bound<'_, PyAny>) -> Self {
        let kind = value.get_type().name().map(|name| name.to_string()).unwrap_or_default();
        let text = value.repr().map(|text| text.to_string()).unwrap_or_default();
        let short: String = text.chars().take(SHOWN_MAX).collect();
        let dots = if short.len() < text.len() { "…" } else { "" };
        Self::new(expected, format!("{short}{dots} ({kind})"))
    }

    /// Returns the misfit of a value that raised an exception when it was read.
    pub fn raised(expected: &str, cause: PyErr) -> Self {
        let mut misfit = Self::new(expected, cause.to_string());
        misfit.0.cause = Some(cause);
        misfit
    }

    pub fn in_field(mut self, name: &str) -> Self {
        self.0.steps.push(Step::Field(name.to_owned()));
        self
    }

    pub fn at(mut self, index: usize) -> Self {
        self.0.steps.push(Step::Index(index));
        self
    }

    /// Returns the exception.
    pub fn error(self, py: Python<'_>) -> PyErr {
        let Parts { steps, expected, found, cause } = *self.0;
        // Ctrl-C while a value is read is no property of the value.
        let cause = match cause {
            Some(cause) if !cause.is_instance_of::<pyo3::exceptions::PyException>(py) => return cause,
            cause => cause,
        };
        let mut path = String::new();
        for step in steps.iter().rev() {
            match step {
                Step::Field(name) if path.is_empty() => path.push_str(name),
                Step::Field(name) => path.extend([".", name]),
                Step::Index(index) => path.push_str(&format!("[{index}]")),
            }
        }
        let error = ValueError { path, expected, found, similar: None, offset: None };
        let raised = Class::BadValue.error(py, &error.to_string(), &[], Some(&error.path));
        raised.set_cause(py, cause);
        raised
    }
}
