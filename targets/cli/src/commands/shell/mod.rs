//! `oncilla shell`: calls at a prompt, or from a script.
//!
//! `line` splits a line into commands, `commands` runs them, `session` has the device. `prompt` is for terminals, with
//! `complete` for the Tab key and hints.

mod commands;
mod complete;
mod help;
mod keyboard;
mod line;
mod prompt;
mod script;
mod session;

use std::io::{self, IsTerminal};

use crate::context::Context;
use crate::failure::Done;
use session::Session;

/// Opens a prompt that calls a device, with completion, history and help
///
/// A command is a procedure with its arguments, such as `sensor.read 0`, or one that `help` lists. Without a terminal,
/// or with COMMANDS, runs a script: it stops at the first failure, and its exit code is that of the failure.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Runs these commands, separated by `;`, instead of a prompt
    commands: Option<String>,
    /// Does not stop a script at a failure
    #[arg(long)]
    keep_going: bool,
}

const EXAMPLES: &str = "\
Examples:
  oncilla -t tcp://sensor.local:20049 shell
  oncilla shell 'sensor.read 0; sensor.rename 0 hall'
  oncilla shell < script
  oncilla --json shell --keep-going < script

At the prompt: Tab completes, the arrow keys bring back earlier lines, Ctrl-C cancels a call, Ctrl-D leaves.";

pub fn run(arguments: &Arguments, context: &Context) -> Done {
    let session = Session::new(context)?;
    match &arguments.commands {
        Some(commands) => script::run(session, commands.as_bytes(), arguments.keep_going),
        None if io::stdin().is_terminal() => prompt::run(session),
        None => script::run(session, io::stdin().lock(), arguments.keep_going),
    }
}
