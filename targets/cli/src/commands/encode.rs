//! `oncilla encode`: the bytes of a value.

use std::path::Path;

use serde_json::Value;

use super::call;
use super::symbol::{Part, Symbol};
use crate::context::Context;
use crate::failure::{Done, Failure};
use crate::remote::Remote;
use crate::{bytes, input};

/// Encodes a value of a type, or the arguments of a procedure
///
/// Prints hexadecimal digits on a terminal and writes the bytes elsewhere. The interface is that of `--interface`, or of
/// the device.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The type, such as reading, or the procedure, such as thermostat.read
    name: String,
    /// The value in JSON, @FILE, - for standard input, or arguments as for `oncilla call`
    #[arg(value_name = "VALUE", allow_negative_numbers = true)]
    value: Vec<String>,
    /// Encodes the results of the procedure instead of its arguments
    #[arg(long)]
    results: bool,
    /// Writes the bytes as they are, also to a terminal
    #[arg(long)]
    raw: bool,
    /// Prints hexadecimal digits, also to a file or a pipe
    #[arg(long, conflicts_with = "raw")]
    hex: bool,
    /// Prints base64
    #[arg(long, conflicts_with_all = ["raw", "hex"])]
    base64: bool,
}

const EXAMPLES: &str = "\
Examples:
  oncilla -x sensor.x encode sample '{\"time\": 1000, \"value\": 21500}' --hex
  oncilla -x sensor.x encode sensor.rename 0 name=hall --base64
  oncilla -x sensor.x encode sensor.read --results '{\"STATUS_BROKEN\": null}' --hex
  echo '[0, \"hall\"]' | oncilla -x sensor.x encode sensor.rename - > arguments.bin";

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    let interface = Remote::new(context)?.interface_alone()?;
    let symbol = if arguments.results {
        Symbol::procedure(&interface, &arguments.name)?
    } else {
        Symbol::find(&interface, &arguments.name)?
    };
    let encoded = match (&arguments.value[..], symbol) {
        ([word], _) if word == "-" || word.starts_with('@') => {
            let value = input::json(Path::new(word.strip_prefix('@').unwrap_or(word)))?;
            value_of(symbol, arguments.results, &value)?
        }
        (words, Symbol::Procedure(procedure)) if !arguments.results => call::encode_words(procedure, words)?,
        ([word], _) => value_of(symbol, arguments.results, &parse(word))?,
        (words, _) => {
            let what = format!("{} values are given for `{}`, which takes one", words.len(), arguments.name);
            return Err(Failure::usage(what).help("give it in JSON, such as '{\"x\": 1}', or `-` for standard input"));
        }
    };
    let output = context.output;
    match () {
        () if arguments.raw => output.bytes(&encoded),
        () if arguments.base64 => print(context, bytes::base64(&encoded)),
        () if arguments.hex || output.json || output.is_terminal() => print(context, bytes::hex(&encoded)),
        () => output.bytes(&encoded),
    }
}

fn value_of(symbol: Symbol<'_>, results: bool, value: &Value) -> Done<Vec<u8>> {
    match symbol {
        Symbol::Procedure(procedure) if !results => call::encode(procedure, value),
        _ => Ok(symbol.encode(if results { Part::Results } else { Part::Arguments }, value)?),
    }
}

/// Parses a value. Anything but JSON is a text.
///
/// The name of an enum's member therefore needs no quotes.
fn parse(word: &str) -> Value {
    serde_json::from_str(word).unwrap_or_else(|_| word.into())
}

/// Prints digits, which are a text in JSON.
fn print(context: &Context, digits: String) -> Done {
    if context.output.json { context.output.value(&digits.into()) } else { context.output.line(digits) }
}
