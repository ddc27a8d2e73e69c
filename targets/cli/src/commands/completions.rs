//! `oncilla completions`: scripts for shells.

use clap_complete::Shell;

use crate::cli;
use crate::failure::Done;
use crate::output::Output;

/// Prints the script that completes this command in a shell
#[derive(clap::Args)]
pub struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub fn run(arguments: &Arguments, output: Output) -> Done {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut cli::command(), "oncilla", &mut script);
    output.bytes(&script)
}
