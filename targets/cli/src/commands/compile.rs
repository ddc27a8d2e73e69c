//! `oncilla compile`: the compiler of `.x` files.

use std::io::Write as _;

use oncilla_rpcgen::{Error, Report, command};

use crate::failure::{Done, Failure};
use crate::output::{Output, styled};

/// Compiles a .x file to Rust, C or Python, as oncilla-rpcgen does
#[derive(clap::Args)]
#[command(after_help = AFTER)]
pub struct Arguments {
    #[command(flatten)]
    compile: command::Arguments,
}

const AFTER: &str = "\
Examples:
  oncilla compile sensor.x -o sensor.rs
  oncilla compile sensor.x --data heap --describe bare
  oncilla compile sensor.x --assumed > sensor.rs
  oncilla compile sensor.x --language python -o sensor.py
  oncilla compile sensor.x --language c -o sensor.h

Exit codes: 0 a result was written; 2 the file or an option is wrong, or a file cannot be read or written.
oncilla-rpcgen exits with 1 for a file with errors, and with 3 for a file that cannot be read or written.";

pub fn run(arguments: &Arguments, output: Output) -> Done {
    arguments.compile.run().map_err(|error| match error {
        Error::Wrong(report) => wrong(&report, output.json),
        Error::Write(path, error) if path.as_os_str() == "-" => Failure::output(&error),
        error => Failure::usage(error),
    })
}

/// Returns the failure for a file with errors.
///
/// Without `--json`, prints the errors with the lines of the file.
pub fn wrong(report: &Report, json: bool) -> Failure {
    if json {
        return Failure::usage(report);
    }
    let mut errors = anstream::stderr();
    // Standard error may be closed.
    let _ = writeln!(errors, "{}\n", styled(&report.render_errors(true)));
    Failure::usage("the interface has the errors above")
}
