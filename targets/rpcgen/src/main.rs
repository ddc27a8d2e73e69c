//! The command `oncilla-rpcgen`.

use std::process::ExitCode;

use clap::Parser;
use oncilla_rpcgen::{Error, command};

/// Compiles a .x file, the language of rpcgen (RFC 4506, RFC 5531), to Rust for oncilla, to C or to Python
///
/// Errors and notes go to standard error. Exit codes: 0 when a result was written; 1 when the file has errors; 2 when the
/// command line is wrong or does not fit the file; 3 when a file cannot be read or written.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(flatten)]
    compile: command::Arguments,
}

fn main() -> ExitCode {
    let Err(error) = Arguments::parse().compile.run() else { return ExitCode::SUCCESS };
    command::print_error(&error);
    ExitCode::from(match error {
        Error::Wrong(_) => 1,
        Error::Option(_) => 2,
        _ => 3,
    })
}
