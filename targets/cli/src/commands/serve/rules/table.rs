//! TOML with the places of its values, for errors.

use std::path;

use serde_json::{Map, Number, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::path::Path;
use crate::failure::{Done, Failure};

/// A file of rules: its name and its text.
#[derive(Clone, Copy)]
pub struct File<'a> {
    pub path: &'a path::Path,
    pub text: &'a str,
}

/// A value of the file.
pub type Item<'a> = Spanned<DeValue<'a>>;

impl<'a> File<'a> {
    /// Parses the text.
    pub fn parse(&self) -> Done<Spanned<DeTable<'a>>> {
        DeTable::parse(self.text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            self.wrong(at, format_args!("this is not TOML: {}", error.message()))
        })
    }

    /// Returns the number of the line at an offset.
    pub fn line(&self, offset: usize) -> usize {
        1 + self.text.bytes().take(offset).filter(|&byte| byte == b'\n').count()
    }

    /// Returns the failure at an offset.
    pub fn wrong(&self, offset: usize, what: impl std::fmt::Display) -> Failure {
        Failure::usage(format_args!("{}:{}: {what}", self.path.display(), self.line(offset)))
    }

    /// Returns a value that must be a text.
    pub fn text<'v>(&self, name: &str, item: &'v Item<'_>) -> Done<&'v str> {
        item.get_ref().as_str().ok_or_else(|| {
            let what = format!("`{name}` is a text in quotes, not {}", a(item));
            self.wrong(item.span().start, what)
        })
    }

    /// Returns a value that must be a table.
    pub fn table<'v, 'i>(&self, name: &str, item: &'v Item<'i>) -> Done<&'v DeTable<'i>> {
        item.get_ref().as_table().ok_or_else(|| {
            let what = format!("`{name}` is a table, such as {{ channel = 1 }}, not {}", a(item));
            self.wrong(item.span().start, what)
        })
    }

    /// Returns a value as JSON.
    pub fn json(&self, item: &Item<'_>) -> Done<Value> {
        let wrong = |what: &str| self.wrong(item.span().start, what);
        Ok(match item.get_ref() {
            DeValue::String(text) => Value::String(text.clone().into_owned()),
            DeValue::Boolean(value) => Value::Bool(*value),
            DeValue::Integer(integer) => {
                let number = i128::from_str_radix(integer.as_str(), integer.radix()).ok();
                let number = number.and_then(Number::from_i128);
                Value::Number(
                    number.ok_or_else(|| wrong("no type has room for this number; at most 64 bits are possible"))?,
                )
            }
            DeValue::Float(float) => {
                let number: f64 = float.as_str().parse().map_err(|_| wrong("this is not a number"))?;
                Number::from_f64(number).map_or_else(|| not_finite(number).into(), Value::Number)
            }
            DeValue::Datetime(_) => return Err(wrong("no type is a date; write a number, or a text in quotes")),
            DeValue::Array(items) => Value::Array(items.iter().map(|item| self.json(item)).collect::<Done<_>>()?),
            DeValue::Table(table) => Value::Object(self.object(table)?),
        })
    }

    /// Returns a table as JSON.
    pub fn object(&self, table: &DeTable<'_>) -> Done<Map<String, Value>> {
        table.iter().map(|(name, item)| Ok((name.get_ref().clone().into_owned(), self.json(item)?))).collect()
    }
}

/// Returns how JSON of this project writes a number that is not finite.
fn not_finite(number: f64) -> &'static str {
    match number {
        _ if number.is_nan() => "NaN",
        _ if number > 0.0 => "Infinity",
        _ => "-Infinity",
    }
}

/// Returns the TOML type of a value, with its article.
fn a(item: &Item<'_>) -> String {
    let name = item.get_ref().type_str();
    let article = if name.starts_with(['a', 'i']) { "an" } else { "a" };
    format!("{article} {name}")
}

/// Returns the offset of a part of a value, or of its innermost enclosing part.
pub fn offset(item: &Item<'_>, path: &Path) -> usize {
    let mut item = item;
    for step in path.steps() {
        let next = match (item.get_ref(), step) {
            (DeValue::Table(table), Ok(name)) => {
                table.iter().find(|(key, _)| key.get_ref() == name).map(|(_, item)| item)
            }
            (DeValue::Array(items), Err(index)) => items.get(index),
            _ => None,
        };
        let Some(next) = next else { break };
        item = next;
    }
    item.span().start
}
