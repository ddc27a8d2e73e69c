//! `oncilla decode`: the value of bytes.

use std::path::Path;

use oncilla_dynamic::Interface;
use serde_json::json;

use super::symbol::{Part, Symbol};
use crate::context::Context;
use crate::failure::{Done, Exit, Failure};
use crate::output::STRONG;
use crate::remote::Remote;
use crate::{bytes, input};

/// Decodes bytes to a value of a type, or to the results of a procedure
///
/// The interface is that of `--interface`, or of the device.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The type, such as reading, or the procedure, such as thermostat.read; none with --guess
    #[arg(value_name = "NAME", required_unless_present = "guess")]
    name: Option<String>,
    /// The bytes in hexadecimal digits, @FILE with the bytes, or - for standard input
    #[arg(value_name = "HEX")]
    bytes: Option<String>,
    /// Decodes the arguments of the procedure
    #[arg(long)]
    arguments: bool,
    /// Decodes the results of the procedure, which is the default
    #[arg(long, conflicts_with = "arguments")]
    results: bool,
    /// Prints the types and procedures that the bytes fit, the best guess first
    #[arg(long, conflicts_with_all = ["arguments", "results", "bytes"])]
    guess: bool,
    /// The bytes are given in base64
    #[arg(long)]
    base64: bool,
    /// The file or standard input has hexadecimal digits instead of bytes
    #[arg(long, conflicts_with = "base64")]
    hex: bool,
}

const EXAMPLES: &str = "\
Examples:
  oncilla -x sensor.x decode sample '00000000 000003e8 000053fc'
  oncilla -x sensor.x decode sensor.rename --arguments 000000000000000468616c6c
  oncilla call sensor.read 0 --raw | oncilla -x sensor.x decode sensor.read -
  oncilla -x sensor.x decode --guess '00000000 000003e8 000053fc'";

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    // With --guess there is no name.
    let (name, given) = match (&arguments.name, &arguments.bytes) {
        (bytes, None) if arguments.guess => ("", bytes.as_deref()),
        (name, bytes) => (name.as_deref().unwrap_or_default(), bytes.as_deref()),
    };
    let message = message(arguments, given.unwrap_or("-"))?;
    let interface = Remote::new(context)?.interface_alone()?;
    if arguments.guess {
        return guess(&interface, &message, context);
    }
    let symbol = if arguments.arguments || arguments.results {
        Symbol::procedure(&interface, name)?
    } else {
        Symbol::find(&interface, name)?
    };
    let part = if arguments.arguments { Part::Arguments } else { Part::Results };
    let value = symbol.decode(part, &message).map_err(|error| {
        let what = format!("cannot decode {} as {}: {error}", bytes::count(&message), named(symbol, part));
        let failure = Failure::usage(what);
        let is_input = given.is_none_or(|given| given == "-" || given.starts_with('@'));
        if is_input && !arguments.hex && is_hex(&message) {
            return failure.help("all of them are hexadecimal digits; with `--hex`, digits are decoded");
        }
        failure.help("`oncilla decode --guess` prints the types and messages that they fit")
    })?;
    context.output.value(&value)
}

/// Returns whether bytes are the text of hexadecimal digits.
fn is_hex(message: &[u8]) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_hexdigit();
    message.iter().any(is_digit) && message.iter().all(|byte| is_digit(byte) || byte.is_ascii_whitespace())
}

/// Returns what bytes are decoded as, for messages.
fn named(symbol: Symbol<'_>, part: Part) -> String {
    match (symbol, part) {
        (Symbol::Type(type_), _) => format!("`{type_}`"),
        (Symbol::Procedure(procedure), Part::Arguments) => format!("arguments of `{}`", procedure.short_name()),
        (Symbol::Procedure(procedure), Part::Results) => format!("results of `{}`", procedure.short_name()),
    }
}

/// Returns the bytes of the command line, a file or standard input.
fn message(arguments: &Arguments, given: &str) -> Done<Vec<u8>> {
    let path = given.strip_prefix('@').or((given == "-").then_some("-"));
    let text = match path {
        Some(path) => {
            let content = input::read(Path::new(path))?;
            if !arguments.hex && !arguments.base64 {
                return Ok(content);
            }
            String::from_utf8_lossy(&content).into_owned()
        }
        None => given.to_owned(),
    };
    if arguments.base64 { bytes::parse_base64(&text) } else { bytes::parse_hex(&text) }
}

/// Prints guesses of what the bytes are.
fn guess(interface: &Interface, message: &[u8], context: &Context) -> Done {
    let guesses = interface.guess(message);
    if guesses.is_empty() {
        let what = format!("cannot decode {} as a type, arguments or results of the interface", bytes::count(message));
        return Err(Failure::new(Exit::Failed, what)
            .help("a whole message has a header before its arguments; `oncilla sniff` decodes messages"));
    }
    for guess in guesses {
        let candidate = guess.candidate.to_string();
        if context.output.json {
            context.output.value(&json!({"candidate": candidate, "value": guess.value}))?;
        } else {
            context.output.line(format_args!("{STRONG}{candidate}{STRONG:#}"))?;
            let value = crate::output::render(&guess.value);
            value.lines().try_for_each(|line| context.output.line(format_args!("  {line}")))?;
        }
    }
    Ok(())
}
