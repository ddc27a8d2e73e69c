//! Values that do not fit, with the path to them.

use oncilla_dynamic::ValueError;
use pyo3::exceptions::{PyException, PyOverflowError, PyTypeError};
use pyo3::prelude::*;

use crate::errors::Class;

/// The largest number of characters of a value that an error shows.
const SHOWN_MAX: usize = 40;

/// Returns whether an error is none of the value that was read, such as Ctrl-C.
pub fn is_no_exception(py: Python<'_>, error: &PyErr) -> bool {
    !error.is_instance_of::<PyException>(py)
}

/// A value that does not fit its type. Boxed: it is large, and rare.
pub struct Misfit(Box<Parts>);

struct Parts {
    /// The steps to the value, the last one first.
    steps: Vec<Step>,
    expected: String,
    found: String,
    /// An exception that a value raised, when it was read.
    cause: Option<PyErr>,
    /// What to do next.
    help: Option<String>,
}

enum Step {
    Field(String),
    Index(usize),
}

impl Misfit {
    pub fn new(expected: impl Into<String>, found: impl Into<String>) -> Self {
        let (expected, found) = (expected.into(), found.into());
        Self(Box::new(Parts { steps: Vec::new(), expected, found, cause: None, help: None }))
    }

    /// Returns the misfit of a value of another type.
    pub fn of(expected: &str, value: &Bound<'_, PyAny>) -> Self {
        let kind = value.get_type().name().map(|name| name.to_string()).unwrap_or_default();
        let text = match value.repr() {
            Ok(text) => text.to_string(),
            Err(error) if is_no_exception(value.py(), &error) => return Self::raised(expected, error),
            Err(_) => String::new(),
        };
        let short: String = text.chars().take(SHOWN_MAX).collect();
        let dots = if short.len() < text.len() { "…" } else { "" };
        Self::new(expected, format!("{short}{dots} ({kind})"))
    }

    /// Returns the misfit of a value of which Python could not make another type, with the exception of the value.
    pub fn unlike(expected: &str, value: &Bound<'_, PyAny>, error: PyErr) -> Self {
        let py = value.py();
        if is_no_exception(py, &error) {
            return Self::raised(expected, error);
        }
        let mut misfit = Self::of(expected, value);
        // These two state what the misfit states.
        if !error.is_instance_of::<PyTypeError>(py) && !error.is_instance_of::<PyOverflowError>(py) {
            misfit.0.cause = Some(error);
        }
        misfit
    }

    pub fn help(mut self, help: String) -> Self {
        self.0.help = Some(help);
        self
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
        let Parts { steps, expected, found, cause, help } = *self.0;
        let cause = match cause {
            Some(cause) if is_no_exception(py, &cause) => return cause,
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
        let raised = Class::BadValue.error(py, &error.to_string(), help.as_slice(), Some(&error.path));
        raised.set_cause(py, cause);
        raised
    }
}
