//! The command line: the commands, their common options, and what `--help` states.

use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands::{
    again, bench, bridge, call, check, compile, completions, config, decode, describe, encode, list, log, man, ping,
    serve, shell, sniff, watch,
};
use crate::connect::Heard;
use crate::context::Context;
use crate::failure::Done;
use crate::output::Output;
use crate::settings::{Flags, Sources};

/// Calls any ONC RPC device by name, from a terminal
#[derive(Parser)]
#[command(name = "oncilla", version, after_help = AFTER, max_term_width = 120, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    flags: Flags,
}

const AFTER: &str = "\
Exit codes: 0 done; 1 the call was refused or failed; 2 the command line, a value or a file is wrong;
3 the device was not reached; 4 no reply in time.

Settings hold by option, by environment (ONCILLA_TARGET …), by file (oncilla.toml here, then the user's), in that
order: `oncilla config` shows them.";

#[derive(Subcommand)]
enum Command {
    Ping(ping::Arguments),
    List(list::Arguments),
    Describe(describe::Arguments),
    Call(call::Arguments),
    Again(again::Arguments),
    Watch(watch::Arguments),
    Log(log::Arguments),
    Bench(bench::Arguments),
    Serve(serve::Arguments),
    Bridge(bridge::Arguments),
    Sniff(sniff::Arguments),
    Shell(shell::Arguments),
    Compile(compile::Arguments),
    Check(check::Arguments),
    Encode(encode::Arguments),
    Decode(decode::Arguments),
    Config(config::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// Returns the command line, for completions and man pages.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the command of this process and returns its exit code.
pub fn run() -> ExitCode {
    let matches = command().get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let output = Output::new(&cli.flags);
    match cli.run(output, innermost(&matches)) {
        Ok(()) => ExitCode::SUCCESS,
        // Nobody reads the output any more: `oncilla … | head`.
        Err(failure) if failure.is_closed() => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(failure.exit() as u8)
        }
    }
}

/// Returns the matches of the innermost command, to which clap copies the global options.
fn innermost(matches: &ArgMatches) -> &ArgMatches {
    matches.subcommand().map_or(matches, |(_, matches)| innermost(matches))
}

impl Cli {
    fn run(&self, output: Output, matches: &ArgMatches) -> Done {
        match &self.command {
            Command::Compile(arguments) => return compile::run(arguments, output),
            Command::Check(arguments) => return check::run(arguments, &self.flags, output),
            Command::Completions(arguments) => return completions::run(arguments, output),
            Command::Man(arguments) => return man::run(arguments, output),
            // The file that is changed may not exist yet.
            Command::Config(config::Arguments { edit: Some(edit), .. }) => {
                return config::edit(edit, &self.flags, matches, output);
            }
            _ => {}
        }
        let context = Context {
            flags: self.flags.clone(),
            output,
            sources: Sources::new(&self.flags, matches)?,
            heard: Heard::default(),
        };
        let done = match &self.command {
            Command::Ping(arguments) => ping::run(arguments, &context),
            Command::List(arguments) => list::run(arguments, &context),
            Command::Describe(arguments) => describe::run(arguments, &context),
            Command::Call(arguments) => call::run(arguments, &context),
            Command::Again(arguments) => again::run(arguments, &context),
            Command::Watch(arguments) => watch::run(arguments, &context),
            Command::Log(arguments) => log::run(arguments, &context),
            Command::Bench(arguments) => bench::run(arguments, &context),
            Command::Serve(arguments) => serve::run(arguments, &context),
            Command::Bridge(arguments) => bridge::run(arguments, &context),
            Command::Sniff(arguments) => sniff::run(arguments, &context),
            Command::Encode(arguments) => encode::run(arguments, &context),
            Command::Decode(arguments) => decode::run(arguments, &context),
            Command::Shell(arguments) => shell::run(arguments, &context),
            Command::Config(arguments) => config::run(arguments, &context),
            Command::Compile(_) | Command::Check(_) | Command::Completions(_) | Command::Man(_) => Ok(()),
        };
        done.map_err(|failure| context.explain(failure))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn exit_codes_are_those_of_the_help() {
        use crate::failure::Exit::{Failed, NotReached, TimedOut, Usage};
        let codes = [Failed, Usage, NotReached, TimedOut].map(|exit| exit as u8);
        assert_eq!(codes, [1, 2, 3, 4]);
        assert!(codes.iter().all(|code| AFTER.contains(&format!("{code} "))));
    }
}
