//! The command line: the commands, their common options, and their help.

use std::env;
use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Mutex;

use clap::{ArgMatches, Args as _, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands::{
    again, bench, bridge, call, check, compile, completions, config, decode, describe, encode, fleet, gateway, key,
    list, log, man, ping, serve, shell, sniff, watch, web,
};
use crate::connect::Heard;
use crate::context::Context;
use crate::failure::Done;
use crate::output::Output;
use crate::settings::{Flags, Sources};
use crate::usage;

const NAME: &str = "oncilla";

/// Calls any ONC RPC device by name, from a terminal
#[derive(Parser)]
#[command(name = NAME, version, after_help = AFTER, max_term_width = 120, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    flags: Flags,
}

const AFTER: &str = "\
Exit codes: 0 done; 1 the call was refused or failed; 2 the command line, a value or a file is wrong;
3 the device was not reached; 4 no reply in time.

An option overrides the environment (ONCILLA_TARGET …), which overrides the target, which overrides the files
(oncilla.toml here, then the user's). `oncilla config` shows the settings and their sources.";

/// Lists the commands. Each is a module, with the name of the command.
macro_rules! commands {
    ($($name:ident($module:ident),)+) => {
        #[derive(Subcommand)]
        enum Command {
            $($name($module::Arguments),)+
        }

        /// Defines only the command of this name.
        fn define(name: &str) -> Option<clap::Command> {
            match name {
                $(stringify!($module) => Some($module::Arguments::augment_args(clap::Command::new(stringify!($module)))),)+
                _ => None,
            }
        }
    };
}

commands! {
    Ping(ping),
    List(list),
    Describe(describe),
    Call(call),
    Again(again),
    Watch(watch),
    Web(web),
    Log(log),
    Bench(bench),
    Serve(serve),
    Bridge(bridge),
    Fleet(fleet),
    Gateway(gateway),
    Sniff(sniff),
    Shell(shell),
    Compile(compile),
    Check(check),
    Key(key),
    Encode(encode),
    Decode(decode),
    Config(config),
    Completions(completions),
    Man(man),
}

/// Returns the command line, for completions and man pages.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Parses a command line with the definition of its command only.
///
/// Defining all commands takes longer than a call on the loopback interface. Returns `None` if the command line is
/// wrong or asks for help; the caller then parses with the whole definition.
fn parse_quickly(words: &[OsString]) -> Option<ArgMatches> {
    let one = words.iter().skip(1).find_map(|word| define(word.to_str()?))?;
    let root = Flags::augment_args(clap::Command::new(NAME))
        .mut_args(usage::without_empty)
        .subcommand(one)
        .subcommand_required(true);
    root.try_get_matches_from(words).ok()
}

/// Runs the command of this process and returns its exit code.
pub fn run() -> ExitCode {
    let words: Vec<_> = env::args_os().collect();
    let parsed = match parse_quickly(&words) {
        Some(matches) => Ok(matches),
        None => usage::parse(command(), &words),
    };
    let matches = match parsed {
        Ok(matches) => matches,
        Err(error) => return usage::report(&error, &words),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return usage::report(&usage::Wrong::of(error), &words),
    };
    let output = Output::new(&cli.flags);
    match cli.run(output, innermost(&matches)) {
        Ok(()) => ExitCode::SUCCESS,
        // The reader of the output is gone: `oncilla … | head`.
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
            Command::Key(arguments) => return key::run(arguments, output),
            Command::Gateway(arguments) => return gateway::run(arguments, output),
            // The file that is changed may not exist yet.
            Command::Config(config::Arguments { edit: Some(edit), .. }) if !matches!(edit, config::Edit::List) => {
                return config::edit(edit, &self.flags, matches, output);
            }
            // What helps to mend a file with errors does not read it.
            Command::Config(arguments) if arguments.is_about_files() => {
                return config::about_files(arguments, &self.flags, output);
            }
            _ => {}
        }
        let context = Context {
            flags: self.flags.clone(),
            output,
            sources: Sources::new(&self.flags, matches)?,
            heard: Heard::default(),
            interface_files: Mutex::default(),
        };
        let done = match &self.command {
            Command::Ping(arguments) => ping::run(arguments, &context),
            Command::List(arguments) => list::run(arguments, &context),
            Command::Describe(arguments) => describe::run(arguments, &context),
            Command::Call(arguments) => call::run(arguments, &context),
            Command::Again(arguments) => again::run(arguments, &context),
            Command::Watch(arguments) => watch::run(arguments, &context),
            Command::Web(arguments) => web::run(arguments, &context),
            Command::Log(arguments) => log::run(arguments, &context),
            Command::Bench(arguments) => bench::run(arguments, &context),
            Command::Serve(arguments) => serve::run(arguments, &context),
            Command::Bridge(arguments) => bridge::run(arguments, &context),
            Command::Sniff(arguments) => sniff::run(arguments, &context),
            Command::Encode(arguments) => encode::run(arguments, &context),
            Command::Decode(arguments) => decode::run(arguments, &context),
            Command::Shell(arguments) => shell::run(arguments, &context),
            Command::Config(arguments) => config::run(arguments, &context),
            Command::Fleet(arguments) => fleet::run(arguments, &context),
            Command::Compile(_)
            | Command::Check(_)
            | Command::Completions(_)
            | Command::Man(_)
            | Command::Key(_)
            | Command::Gateway(_) => Ok(()),
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
    fn a_command_line_is_parsed_quickly_or_not_at_all() {
        let words = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
        for line in [
            "oncilla call sensor.read 0 -t tcp://a:1 --json",
            "oncilla -t tcp://a:1 --timeout 2s call sensor.read -5",
            "oncilla -t call ping -c 1",
            "oncilla call ping bench",
            "oncilla --json list --ports",
        ] {
            let whole = command().try_get_matches_from(words(line)).unwrap();
            let whole = format!("{:?}", whole.subcommand());
            // A target with the name of a command is not parsed quickly.
            let quick = parse_quickly(&words(line)).map(|matches| format!("{:?}", matches.subcommand()));
            assert!(quick.is_none_or(|quick| quick == whole), "{line}");
            assert_eq!(parse_quickly(&words(line)).is_none(), line.contains("-t call"), "{line}");
        }
        for line in
            ["oncilla", "oncilla call", "oncilla --help", "oncilla call --help", "oncilla cal", "oncilla help call"]
        {
            assert!(parse_quickly(&words(line)).is_none(), "{line}");
        }
    }

    #[test]
    fn exit_codes_are_those_of_the_help() {
        use crate::failure::Exit::{Failed, NotReached, TimedOut, Usage};
        let codes = [Failed, Usage, NotReached, TimedOut].map(|exit| exit as u8);
        assert_eq!(codes, [1, 2, 3, 4]);
        assert!(codes.iter().all(|code| AFTER.contains(&format!("{code} "))));
    }
}
