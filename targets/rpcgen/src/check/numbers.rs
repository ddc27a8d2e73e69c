//! Checks that values are numbers within a range.

use super::Interface;
use crate::diagnostic::Diagnostic;
use crate::tree::Value;

/// Checks numbers of an interface, and collects errors.
pub(super) struct Numbers<'i, 't> {
    pub interface: &'i Interface<'t>,
    pub diagnostics: &'i mut Vec<Diagnostic>,
}

impl Numbers<'_, '_> {
    /// Returns the number of a value. Reports an error if it is not a number from `low` to `high`.
    pub fn check(&mut self, value: &Value, what: &str, low: i128, high: i128) -> Option<i128> {
        match self.interface.value(value) {
            Ok(number) if (low..=high).contains(&number) => return Some(number),
            Ok(number) => {
                let which = if number < low { "too small" } else { "too large" };
                let error = Diagnostic::error(value.place(), format!("{number} is {which} for {what}"));
                self.diagnostics.push(error.label(format!("expected {low} to {high}")));
            }
            Err(error) => self.diagnostics.push(error),
        }
        None
    }
}
