//! `oncilla again`: a stored call, or the last one.

use oncilla_rpcgen::harmless;
use serde_json::json;

use super::call::{self, Input, Options};
use crate::context::Context;
use crate::failure::Done;
use crate::output::STRONG;
use crate::saved::{self, LAST};

/// Repeats a stored call, or the last call
///
/// The call goes to the stored target, with its interface. Options on the command line override stored ones.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The name given to `oncilla call --save NAME`; `last` is the last call
    #[arg(default_value = LAST)]
    name: String,
    /// Changes of arguments: values in their order, or name=value
    #[arg(value_name = "ARGUMENT", allow_negative_numbers = true)]
    changes: Vec<String>,
    /// Lists the stored calls
    #[arg(long, conflicts_with_all = ["name", "changes"])]
    list: bool,
    /// Removes the stored call
    #[arg(long, conflicts_with_all = ["changes", "list"])]
    forget: bool,
    #[command(flatten)]
    options: Options,
}

const EXAMPLES: &str = "\
Examples:
  oncilla call sensor.read 0 --save hall
  oncilla again hall
  oncilla again hall channel=1
  oncilla again
  oncilla again --list";

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    if arguments.list {
        return list(context);
    }
    if arguments.forget {
        return saved::forget(&arguments.name);
    }
    let saved = saved::find(&arguments.name)?;
    let context = context.with(saved.flags());
    let input = Input::Stored(saved.arguments()?, arguments.changes.clone());
    let mut options = arguments.options.clone();
    options.cast |= saved.cast;
    options.idempotent |= saved.idempotent;
    context.output.detail(format_args!("{} {}", saved.call, saved.arguments));
    call::run_one(&saved.call, &input, None, &options, &context)
}

fn list(context: &Context) -> Done {
    for (name, saved) in saved::all()? {
        if context.output.json {
            let value =
                json!({"name": name, "call": saved.call, "arguments": saved.arguments()?, "target": saved.target});
            context.output.value(&value)?;
        } else {
            let target = saved.target.map(|target| format!("  -t {target}")).unwrap_or_default();
            let rest = format!("{} {}{target}", saved.call, saved.arguments);
            context.output.line(format_args!("{STRONG}{}{STRONG:#}: {}", harmless(&name), harmless(&rest)))?;
        }
    }
    Ok(())
}
