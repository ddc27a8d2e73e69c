//! The command `oncilla`: calls any ONC RPC device by name, from a terminal.
//!
//! `cli` is the command line, `settings` its flags, environment and files; `connect` makes connections; each command is
//! a module of `commands`.

mod bytes;
mod capture;
mod cli;
mod commands;
mod connect;
mod context;
mod failure;
mod input;
mod interrupt;
mod listen;
mod output;
mod programs;
mod refusal;
mod remote;
mod saved;
mod sealed;
mod settings;
mod state;
mod target;
mod usage;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
