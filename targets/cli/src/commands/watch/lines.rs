//! A line for each sample: text, CSV or JSON.

use std::collections::VecDeque;
use std::io;

use oncilla_rpcgen::harmless;
use serde_json::{Value, json};

use super::fields::{self, Field};
use super::poll::Sample;
use crate::failure::{Done, Failure};
use crate::output::{BAD, Output, STRONG, WEAK, scalar};

/// The form of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Text,
    Csv,
    Json,
}

/// The largest number of failures before the first answer that are kept.
const WAITING_MAX: usize = 100_000;

/// Prints samples.
pub struct Lines {
    output: Output,
    form: Form,
    /// The fields that the user chose. None is all.
    chosen: Vec<String>,
    /// Only changes are printed.
    on_change: bool,
    /// The targets, and what was last printed of each.
    devices: Vec<(String, Option<Printed>)>,
    /// The columns of the CSV, which the first sample determines.
    columns: Option<Vec<String>>,
    /// The first failures, which wait for the columns: time, target and error.
    waiting: VecDeque<[String; 3]>,
    /// Columns that the user knows to be missing.
    missing: Vec<String>,
}

/// The part of a line that is compared to find changes.
#[derive(Clone, PartialEq)]
enum Printed {
    Fields(Vec<Field>),
    Error(String),
}

impl Lines {
    pub fn new(output: Output, form: Form, chosen: &[String], on_change: bool, targets: Vec<String>) -> Self {
        let devices = targets.into_iter().map(|target| (target, None)).collect();
        Self {
            output,
            form,
            chosen: chosen.to_vec(),
            on_change,
            devices,
            columns: None,
            waiting: VecDeque::new(),
            missing: Vec::new(),
        }
    }

    /// Prints a sample. With `--on-change`, prints it only if it has changed.
    pub fn print(&mut self, sample: &Sample) -> Done {
        let is_chosen = |(path, _): &Field| fields::is_chosen(path, &self.chosen);
        let printed = match &sample.outcome {
            Ok(value) => Printed::Fields(fields::of(value).into_iter().filter(is_chosen).collect()),
            Err(failure) => Printed::Error(failure.what().to_owned()),
        };
        let several = self.devices.len() > 1;
        let Some((target, last)) = self.devices.get_mut(sample.device) else { return Ok(()) };
        if self.on_change && last.as_ref() == Some(&printed) {
            return Ok(());
        }
        *last = Some(printed.clone());
        let target = target.clone();
        let time = humantime::format_rfc3339_millis(sample.time).to_string();
        match self.form {
            Form::Json => self.json(&time, &target, sample, &printed),
            Form::Csv => self.csv(&time, &target, &printed),
            Form::Text => {
                let target = if several { format!("{STRONG}{target}{STRONG:#}  ") } else { String::new() };
                let text = match &printed {
                    Printed::Fields(fields) => {
                        let field = |(path, value): &Field| format!("{}={}", harmless(path), scalar(value));
                        fields.iter().map(field).collect::<Vec<_>>().join(" ")
                    }
                    Printed::Error(error) => format!("{BAD}error{BAD:#}: {}", harmless(error)),
                };
                self.output.line(format_args!("{WEAK}{time}{WEAK:#}  {target}{text}"))
            }
        }
    }

    fn json(&self, time: &str, target: &str, sample: &Sample, printed: &Printed) -> Done {
        let mut line = json!({"time": time, "target": target});
        match (&sample.outcome, printed) {
            (Ok(value), _) if self.chosen.is_empty() => line["value"] = value.clone(),
            (_, Printed::Fields(fields)) => line["value"] = Value::Object(fields.iter().cloned().collect()),
            (Err(failure), Printed::Error(_)) => {
                line["error"] = failure.what().into();
                line["kind"] = failure.json()["kind"].clone();
            }
            (Ok(_), Printed::Error(_)) => {}
        }
        self.output.json(&line)
    }

    /// Prints a row: the time, the target, the fields and an error. Without an answer, the fields are empty.
    ///
    /// The first answer determines the columns; failures before it are printed after the header.
    fn csv(&mut self, time: &str, target: &str, printed: &Printed) -> Done {
        let (fields, error) = match printed {
            Printed::Fields(fields) => (&**fields, ""),
            Printed::Error(error) => (&[][..], error.as_str()),
        };
        let columns = match &self.columns {
            Some(columns) => columns.clone(),
            // The columns are not known yet.
            None if !error.is_empty() && self.chosen.is_empty() => {
                if self.waiting.len() == WAITING_MAX {
                    self.waiting.pop_front();
                }
                self.waiting.push_back([time, target, error].map(str::to_owned));
                return Ok(());
            }
            None => self.header(fields)?,
        };
        let mut without = Vec::new();
        for (path, _) in fields {
            if columns.iter().any(|column| fields::is_named(path, column)) {
                continue;
            }
            without.push(path.as_str());
            if !self.missing.contains(path) {
                self.output.note(format_args!(
                    "note: the field {} has no column; name the columns by --field, once for each",
                    harmless(path)
                ));
                self.missing.push(path.clone());
            }
        }
        // A row without any value states which fields the answer has.
        let is_empty = !without.is_empty() && without.len() == fields.len();
        let error = if is_empty { format!("no column for {}", without.join(", ")) } else { error.to_owned() };
        let of_column = |column: &String| {
            let field = fields.iter().find(|(path, _)| fields::is_named(path, column));
            field.map_or_else(String::new, |(_, value)| cell(value))
        };
        let cells: Vec<_> = columns.iter().map(of_column).collect();
        self.row([time, target].into_iter().chain(cells.iter().map(String::as_str)).chain([&*error]))
    }

    /// Prints the header, and the failures that wait for it. Returns the columns.
    fn header(&mut self, fields: &[Field]) -> Done<Vec<String>> {
        let columns = self.columns_for(fields);
        self.row(["time", "target"].into_iter().chain(columns.iter().map(String::as_str)).chain(["error"]))?;
        for [time, target, error] in std::mem::take(&mut self.waiting) {
            let cells = columns.iter().map(|_| "").chain([&*error]);
            self.row([&*time, &*target].into_iter().chain(cells))?;
        }
        self.columns = Some(columns.clone());
        Ok(columns)
    }

    /// Prints the failures that still wait for the columns, if no device has answered.
    pub fn end(&mut self) -> Done {
        if self.waiting.is_empty() { Ok(()) } else { self.header(&[]).map(drop) }
    }

    /// Returns the columns: fields of the first sample, in the order of the chosen names.
    ///
    /// A name that no field has is a column, too.
    fn columns_for(&self, fields: &[Field]) -> Vec<String> {
        let paths = |name: &str| -> Vec<String> {
            fields.iter().filter(|(path, _)| fields::is_named(path, name)).map(|(path, _)| path.clone()).collect()
        };
        if self.chosen.is_empty() {
            return fields.iter().map(|(path, _)| path.clone()).collect();
        }
        let mut columns: Vec<String> = Vec::new();
        for name in &self.chosen {
            let paths = paths(name);
            let paths = if paths.is_empty() { vec![name.clone()] } else { paths };
            columns.extend(paths.into_iter().filter(|path| !columns.contains(path)).collect::<Vec<_>>());
        }
        columns
    }

    fn row<'c>(&self, cells: impl Iterator<Item = &'c str>) -> Done {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let failed = |error: csv::Error| Failure::output(&io::Error::other(error));
        if self.output.is_terminal() {
            writer.write_record(cells.map(|cell| harmless(cell).into_owned())).map_err(failed)?;
        } else {
            writer.write_record(cells).map_err(failed)?;
        }
        let row = writer.into_inner().map_err(|error| Failure::output(&io::Error::other(error.to_string())))?;
        self.output.bytes(&row)
    }
}

/// Returns the text of a cell: texts without quotes, anything else as JSON.
fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
