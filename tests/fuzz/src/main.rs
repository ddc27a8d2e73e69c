//! Runs every target, one after another.

use std::process::ExitCode;

fn main() -> ExitCode {
    let all: Vec<_> = oncilla_fuzz::TARGETS.iter().collect();
    oncilla_fuzz::run::main(&all)
}
