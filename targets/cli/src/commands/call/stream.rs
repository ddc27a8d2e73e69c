//! Many calls from standard input, a line of JSON each.

use std::io::{self, BufRead, Read as _};

use oncilla_dynamic::Interface;
use serde_json::{Value, json};

use super::Options;
use super::callee::Callee;
use super::exchange::Exchange;
use crate::bytes;
use crate::commands::Failures;
use crate::context::Context;
use crate::failure::{Done, Failure};
use crate::remote::Remote;

/// The largest line in bytes, which limits the memory for input without lines.
const LINE_MAX: usize = 16 << 20;

/// Makes the calls of standard input. Without a name, each line has its own.
pub fn run(name: Option<&str>, options: &Options, context: &Context) -> Done {
    let mut remote = Remote::new(context)?;
    // A lost connection must not end the stream.
    remote.reconnect();
    let interface = remote.interface()?;
    let callee = name.map(|name| Callee::find(name, Some(&interface))).transpose()?;
    let mut exchange = Exchange::new(remote, options);
    let mut failures = Failures::new(false);
    let (mut line, mut number, mut calls) = (Vec::new(), 0_u64, 0_u64);
    let mut input = io::stdin().lock();
    while read_line(&mut input, &mut line)? {
        number += 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        if calls > 0
            && let Some(interval) = options.interval
        {
            std::thread::sleep(interval);
        }
        calls += 1;
        match one(&line, callee.as_ref(), &interface, options, &mut exchange) {
            Ok((word, value)) => context.output.json(&json!({"line": number, word: value}))?,
            Err(failure) => {
                let mut error = failure.json();
                if let Value::Object(error) = &mut error {
                    error.shift_insert(0, "line".to_owned(), number.into());
                }
                failures.add(failure, |_| context.output.json(&error))?;
                if options.stop {
                    break;
                }
            }
        }
    }
    failures.finish(calls)
}

/// Makes the call of a line. Returns its outcome, and the name of the outcome.
fn one(
    line: &[u8],
    callee: Option<&Callee<'_>>,
    interface: &Interface,
    options: &Options,
    exchange: &mut Exchange<'_>,
) -> Done<(&'static str, Value)> {
    let value: Value = serde_json::from_slice(line).map_err(not_json)?;
    let own;
    let (callee, arguments) = match callee {
        Some(callee) => (callee, value),
        None => {
            let (name, arguments) = named(value)?;
            own = Callee::find(&name, Some(interface))?;
            (&own, arguments)
        }
    };
    let arguments = callee.encode(&arguments)?;
    if options.dry_run {
        return Ok(("arguments", bytes::hex(&arguments).into()));
    }
    Ok(("result", exchange.call(callee, &arguments)?.json()))
}

/// Returns the failure of a line that is not JSON.
///
/// The column is enough: the error counts lines within this line.
fn not_json(error: serde_json::Error) -> Failure {
    let text = error.to_string();
    let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
    Failure::usage(format_args!("not JSON, at column {}: {what}", error.column()))
}

/// Returns the name and the arguments of a line that has both.
fn named(value: Value) -> Done<(String, Value)> {
    let wrong = || {
        Failure::usage("the line is not a call")
            .help(r#"write {"call": "sensor.read", "arguments": [0]}, without `arguments` if there are none"#)
    };
    let Value::Object(mut object) = value else { return Err(wrong()) };
    let Some(Value::String(name)) = object.shift_remove("call") else { return Err(wrong()) };
    let arguments = object.shift_remove("arguments").unwrap_or(Value::Null);
    if object.is_empty() { Ok((name, arguments)) } else { Err(wrong()) }
}

/// Reads a line. Returns whether there is one.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>) -> Done<bool> {
    line.clear();
    let read = input.take(LINE_MAX as u64 + 1).read_until(b'\n', line);
    read.map_err(|error| Failure::usage(format_args!("cannot read standard input: {error}")))?;
    if line.len() > LINE_MAX {
        return Err(Failure::usage(format_args!("a line has more than {LINE_MAX} bytes, the most that is possible")));
    }
    Ok(!line.is_empty())
}
