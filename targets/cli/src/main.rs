//! The command `oncilla`: calls any ONC RPC device by name, from a terminal.
//!
//! `cli` is the command line, `settings` its flags, environment and files; each command is a module of `commands`. The crate
//! `oncilla-device` makes connections.

mod bytes;
mod capture;
mod cli;
mod commands;
mod context;
mod input;
mod interrupt;
mod listen;
mod output;
mod remote;
mod saved;
mod sealed;
mod settings;
mod state;
mod usage;
mod wire;

use std::process::ExitCode;

use oncilla_device::{connect, failure, programs, refusal, target};

fn main() -> ExitCode {
    cli::run()
}
