//! `oncilla completions`: scripts for shells.

use clap_complete::Shell;

use crate::cli;
use crate::failure::Done;
use crate::output::Output;

/// Prints the script that completes this command in a shell
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  oncilla completions bash > ~/.local/share/bash-completion/completions/oncilla
  oncilla completions zsh > ~/.zfunc/_oncilla
  oncilla completions fish > ~/.config/fish/completions/oncilla.fish

The names of procedures and devices are completed in `oncilla shell`.";

pub fn run(arguments: &Arguments, output: Output) -> Done {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut cli::command(), "oncilla", &mut script);
    output.bytes(&script)
}
