//! A call and its outcome as one line, for people, programs and recordings.

use std::fmt;
use std::time::SystemTime;

use anstyle::Style;
use oncilla_rpcgen::harmless;
use serde_json::{Map, Value};

use super::fault::Fault;
use crate::bytes::hex;
use crate::output::{BAD, STRONG, WEAK};

/// The part of a record that has the arguments as bytes. Such a record is not replayed.
pub const BYTES: &str = "bytes";

/// The largest number of characters of arguments or results in a line for people.
const SHOWN_MAX: usize = 400;

/// The arguments of a call.
#[derive(Clone, Debug)]
pub enum Arguments {
    Value(Value),
    /// Those of procedure 0 or an unknown procedure, or that do not fit the interface.
    Bytes(Vec<u8>),
}

/// A call and its outcome.
#[derive(Clone, Debug)]
pub struct Record {
    pub time: SystemTime,
    pub peer: String,
    /// The name of the procedure, or its numbers.
    pub procedure: String,
    pub arguments: Arguments,
    pub outcome: Result<Value, Fault>,
    /// The source of the answer, if it is stated.
    pub note: Option<String>,
}

impl Record {
    /// Returns the record as JSON, for the output and for recordings.
    pub fn json(&self) -> Value {
        let mut object = Map::new();
        let mut put = |name: &str, value| object.insert(name.to_owned(), value);
        put("time", self.time().into());
        put("peer", self.peer.clone().into());
        put("procedure", self.procedure.clone().into());
        match &self.arguments {
            Arguments::Value(value) => put("arguments", value.clone()),
            Arguments::Bytes(bytes) => put(BYTES, hex(bytes).into()),
        };
        match &self.outcome {
            Ok(result) => put("result", result.clone()),
            Err(fault) => put("fault", fault.name().into()),
        };
        if let Some(note) = &self.note {
            put("note", note.clone().into());
        }
        Value::Object(object)
    }

    fn time(&self) -> String {
        humantime::format_rfc3339_millis(self.time).to_string()
    }
}

/// One line for people, with styles.
impl fmt::Display for Record {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = self.time();
        // The time of day, in UTC.
        let time = time.get(11..23).unwrap_or(&time);
        let Self { peer, procedure, arguments, outcome, note, .. } = self;
        let arguments = match arguments {
            Arguments::Value(value) => short(value),
            Arguments::Bytes(bytes) if bytes.is_empty() => "()".to_owned(),
            Arguments::Bytes(bytes) => short(&hex(bytes).into()),
        };
        write!(formatter, "{WEAK}{time} {peer}{WEAK:#} {STRONG}{procedure}{STRONG:#} {arguments} -> ")?;
        let plain = Style::new();
        let (style, outcome) = match outcome {
            Ok(result) => (plain, short(result)),
            Err(Fault::Silence) => (BAD, "no reply".to_owned()),
            Err(fault) => (BAD, fault.name().to_owned()),
        };
        write!(formatter, "{style}{outcome}{style:#}")?;
        note.as_ref().map_or(Ok(()), |note| write!(formatter, " {WEAK}({note}){WEAK:#}"))
    }
}

/// Returns a value in one line, without control characters, and shortened.
fn short(value: &Value) -> String {
    let text = value.to_string();
    let shown = harmless(&text);
    match shown.char_indices().nth(SHOWN_MAX) {
        Some((at, _)) => format!("{}… ({} characters)", &shown[..at], shown.chars().count()),
        None => shown.into_owned(),
    }
}
