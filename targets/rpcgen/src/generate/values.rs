//! Translates numbers of the file to Rust expressions.

use super::Generator;
use crate::tree::{Base, ConstantValue, Number, Value};

impl Generator<'_, '_> {
    /// Returns a value as an expression of the type `wanted`, by its Rust name if it has one.
    pub fn value(&self, value: &Value, wanted: &str) -> String {
        let name = match value {
            Value::Number(number) => return literal(number, wanted),
            Value::Name(name) => name.text.as_str(),
        };
        let number = self.interface.number(name).unwrap_or_default();
        if let Some(rust) = self.names.constants.get(name) {
            return match self.constant_type(name, number) {
                type_ if type_ == wanted => rust.clone(),
                _ => format!("{rust} as {wanted}"),
            };
        }
        match self.names.members.get(name) {
            Some(variant) if wanted == "i32" => format!("{}::{}.number()", variant.of, variant.name),
            Some(variant) if number > i32::MAX.into() && wanted != "u32" => {
                format!("{}::{} as u32 as {wanted}", variant.of, variant.name)
            }
            Some(variant) => format!("{}::{} as {wanted}", variant.of, variant.name),
            // A name of the prelude, or from a line for C.
            None => within(&number.to_string(), number, wanted),
        }
    }

    /// Returns the type of a constant: `usize` if it is used as a size, otherwise the first of four that holds it.
    pub fn constant_type(&self, name: &str, number: i128) -> &'static str {
        if self.names.sizes.contains(name) && number >= 0 {
            "usize"
        } else if number > u32::MAX.into() {
            "u64"
        } else if number >= 0 {
            "u32"
        } else if number >= i32::MIN.into() {
            "i32"
        } else {
            "i64"
        }
    }

    /// Returns the type and the value of a constant.
    pub fn constant_value(&self, name: &str, value: &ConstantValue) -> (&'static str, String) {
        match value {
            ConstantValue::Text(text) => ("&str", format!("{text:?}")),
            ConstantValue::Value(value) => {
                let type_ = self.constant_type(name, self.interface.number(name).unwrap_or_default());
                (type_, self.value(value, type_))
            }
        }
    }
}

/// Returns a number in its base.
pub(super) fn literal(number: &Number, wanted: &str) -> String {
    let (sign, magnitude) = number.text.strip_prefix('-').map_or(("", number.text.as_str()), |rest| ("-", rest));
    let text = match number.base() {
        Base::Decimal => number.text.clone(),
        Base::Octal => format!("{sign}0o{}", &magnitude[1..]),
        Base::Hexadecimal => format!("{sign}0x{}", one_case(&magnitude[2..])),
    };
    within(&text, number.value, wanted)
}

/// Converts digits in mixed case to lower case.
fn one_case(digits: &str) -> String {
    let mixed = digits.chars().any(|digit| digit.is_ascii_uppercase())
        && digits.chars().any(|digit| digit.is_ascii_lowercase());
    if mixed { digits.to_ascii_lowercase() } else { digits.to_owned() }
}

/// Converts a number from 0x80000000 on to the `int` with the same bits, where 32 bits are wanted.
fn within(text: &str, number: i128, wanted: &str) -> String {
    if wanted == "i32" && number > i32::MAX.into() { format!("{text}_u32 as i32") } else { text.to_owned() }
}
