//! `oncilla call`: calls by name.

mod callee;
mod exchange;
mod stream;
mod words;

use std::time::Duration;

use oncilla_dynamic::Procedure;
use serde_json::Value;

use crate::context::Context;
use crate::failure::{Done, Failure};
use crate::remote::Remote;
use crate::saved::{self, Saved};
use crate::settings::duration;
use crate::{bytes, commands};

pub use callee::{Callee, interface};
use exchange::Exchange;
pub use words::{Input, resolve};

/// Calls a procedure by name and prints its results
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The procedure, such as thermostat.read, or its numbers, such as 0x20000042.1.3
    ///
    /// `-` takes calls from standard input, one a line: {"call": NAME, "arguments": …}
    name: String,
    /// The arguments: values in order, name=value, JSON, @FILE with JSON, or - for a stream
    ///
    /// With `-`, each line of standard input has the arguments of one call, in JSON. Each call prints a line:
    /// {"line": 1, "result": …} or {"line": 1, "error": …}.
    #[arg(value_name = "ARGUMENT", allow_negative_numbers = true)]
    arguments: Vec<String>,
    /// Sends these bytes as the arguments
    #[arg(long, value_name = "HEX", conflicts_with = "arguments")]
    raw_arguments: Option<String>,
    /// Stores the call, for `oncilla again NAME`
    #[arg(long, value_name = "NAME")]
    save: Option<String>,
    /// Prints arguments to fill in, as JSON, and sends nothing
    #[arg(long, conflicts_with_all = ["arguments", "raw_arguments", "save"])]
    template: bool,
    #[command(flatten)]
    options: Options,
}

const EXAMPLES: &str = "\
Examples:
  oncilla call sensor.read 0
  oncilla call sensor.rename channel=0 name=hall
  oncilla call sensor.rename '{\"channel\": 0, \"name\": \"hall\"}'
  oncilla call sensor.rename --template > rename.json
  oncilla call sensor.rename @rename.json
  oncilla call sensor.read 0 --repeat 10 --interval 500ms
  oncilla call 0x20000051.1.1 --raw-arguments 00000000
  printf '[0]\\n[1]\\n' | oncilla call sensor.read -";

/// How calls are made. Stored calls have the same options.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Options {
    /// Sends the call and does not wait for a reply
    #[arg(long)]
    pub cast: bool,
    /// Sends the call again after a lost connection: it may be executed twice
    #[arg(long)]
    pub idempotent: bool,
    /// Writes the results as the bytes that the device sent
    #[arg(long)]
    pub raw: bool,
    /// Prints the encoded arguments and sends nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Calls this many times
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub repeat: Option<u64>,
    /// The pause between calls
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub interval: Option<Duration>,
    /// Stops at the first call that fails, of several
    #[arg(long)]
    pub stop: bool,
}

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    let words: Vec<_> = arguments.arguments.iter().map(String::as_str).collect();
    let is_stream = words == ["-"] || arguments.name == "-";
    if is_stream {
        if arguments.name == "-" && !words.is_empty() {
            return Err(Failure::usage("`oncilla call -` takes no arguments")
                .help("each line has its own: {\"call\": NAME, \"arguments\": …}"));
        }
        let name = Some(arguments.name.as_str()).filter(|&name| name != "-");
        let other = [("--repeat", arguments.options.repeat.is_some()), ("--save", arguments.save.is_some())];
        if let Some((option, _)) = other.into_iter().find(|(_, is_given)| *is_given) {
            return Err(Failure::usage(format_args!("{option} does not apply to a stream")));
        }
        return stream::run(name, &arguments.options, context);
    }
    if arguments.template {
        return template(&arguments.name, context);
    }
    let input = match &arguments.raw_arguments {
        Some(hex) => Input::Bytes(bytes::parse_hex(hex).map_err(|failure| failure.of("--raw-arguments"))?),
        None => Input::Words(arguments.arguments.clone()),
    };
    run_one(&arguments.name, &input, arguments.save.as_deref(), &arguments.options, context)
}

/// Prints arguments to fill in, over several lines, for people to edit.
fn template(name: &str, context: &Context) -> Done {
    let interface = Remote::new(context)?.interface()?;
    let Callee::Named(procedure) = Callee::find(name, Some(&interface))? else {
        return Err(Failure::usage(format_args!("the interface has no procedure {name}")));
    };
    let template = procedure.template()?;
    if context.output.json {
        return context.output.value(&template);
    }
    context.output.line(format_args!("{template:#}"))
}

/// Encodes arguments of a procedure as words of a command line.
pub fn encode_words(procedure: Procedure<'_>, words: &[String]) -> Done<Vec<u8>> {
    Ok(words::resolve(&Callee::Named(procedure), &Input::Words(words.to_vec()))?.1)
}

/// Encodes arguments of a procedure. A single argument may be given alone.
pub fn encode(procedure: Procedure<'_>, arguments: &Value) -> Done<Vec<u8>> {
    Ok(callee::encode(procedure, arguments)?)
}

/// Makes a call, as often as the options state, and remembers it.
pub fn run_one(name: &str, input: &Input, save: Option<&str>, options: &Options, context: &Context) -> Done {
    let mut remote = Remote::new(context)?;
    let interface = callee::interface(&mut remote, name, input)?;
    let callee = Callee::find(name, interface.as_ref())?;
    let (arguments, bytes) = words::resolve(&callee, input)?;
    if options.dry_run {
        return exchange::show(&callee, &bytes, options, context);
    }
    let saved = Saved::new(&remote, name, arguments, options)?;
    match save {
        Some(save) => saved::store(save, &saved, context)?,
        // A failure to remember the call must not hide its results.
        None => saved::remember(&saved).unwrap_or_else(|error| context.output.detail(error)),
    }
    let repeat = options.repeat.unwrap_or(1);
    let mut exchange = Exchange::new(remote, options);
    let mut failures = commands::Failures::new(options.stop || repeat == 1);
    for count in 0..repeat {
        if count > 0 {
            std::thread::sleep(options.interval.unwrap_or_default());
        }
        let done = exchange.call(&callee, &bytes).and_then(|reply| reply.print(options, context));
        if let Err(failure) = done {
            failures.add(failure, |failure| {
                context.output.failure(failure);
                Ok(())
            })?;
        }
    }
    failures.finish(repeat)
}
