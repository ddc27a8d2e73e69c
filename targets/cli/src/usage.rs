//! Errors of the command line: as text, or as JSON with `--json`.

use std::env;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgMatches, Command, Error};

use crate::failure::Failure;
use crate::output::{json_line, styled};

/// Why a command line is wrong.
pub struct Wrong {
    error: Error,
    /// The variable of the environment that has the wrong value.
    variable: Option<String>,
}

impl Wrong {
    pub const fn of(error: Error) -> Self {
        Self { error, variable: None }
    }
}

/// Parses a command line.
///
/// Errors do not depend on the variables of the environment, unless one of them is wrong.
pub fn parse(command: Command, words: &[OsString]) -> Result<ArgMatches, Wrong> {
    let error = match command.clone().mut_args(without_empty).try_get_matches_from(words) {
        Ok(matches) => return Ok(matches),
        Err(error) => error,
    };
    if !error.use_stderr() {
        return Err(Wrong::of(error));
    }
    match command.clone().mut_args(|argument| argument.env(None::<&str>)).try_get_matches_from(words) {
        Err(error) => Err(Wrong::of(advised(error, words))),
        Ok(_) => Err(Wrong { variable: variable(&command, &error), error }),
    }
}

/// Adds advice for arguments and procedures that are written as if they were options and commands.
fn advised(mut error: Error, words: &[OsString]) -> Error {
    let has = |name: &str| words.iter().any(|word| word == name);
    let text = |error: &Error, kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        _ => None,
    };
    match error.kind() {
        ErrorKind::UnknownArgument if ["call", "again", "watch", "bench"].into_iter().any(has) => {
            let argument = text(&error, ContextKind::InvalidArg);
            let name = argument.as_deref().and_then(|argument| argument.strip_prefix("--"));
            let has_similar = error.get(ContextKind::SuggestedArg).is_some();
            if let Some(name) = name.filter(|name| !name.is_empty() && !has_similar) {
                let advice = format!("write an argument of the procedure as {name}=VALUE");
                error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![advice.into()]));
            }
        }
        // A procedure. It replaces the suggestion of a similar name.
        ErrorKind::InvalidSubcommand => {
            if let Some(name) = text(&error, ContextKind::InvalidSubcommand).filter(|name| name.contains('.')) {
                error.insert(ContextKind::SuggestedSubcommand, ContextValue::String(format!("call {name}")));
            }
        }
        _ => {}
    }
    error
}

/// Removes the variable of an option if the variable is empty: it counts as unset.
pub fn without_empty(argument: Arg) -> Arg {
    let is_empty = argument.get_env().and_then(env::var_os).is_some_and(|value| value.is_empty());
    if is_empty { argument.env(None::<&str>) } else { argument }
}

/// Returns the variable of the option that an error names.
fn variable(command: &Command, error: &Error) -> Option<String> {
    let Some(ContextValue::String(shown)) = error.get(ContextKind::InvalidArg) else { return None };
    let long = shown.split([' ', '=']).next()?.strip_prefix("--")?;
    let argument = command.get_arguments().find(|argument| argument.get_long() == Some(long))?;
    Some(argument.get_env()?.to_string_lossy().into_owned())
}

/// Prints the error, or the help or the version. Returns the exit code.
pub fn report(wrong: &Wrong, words: &[OsString]) -> ExitCode {
    let error = &wrong.error;
    let is_json = words.iter().skip(1).take_while(|word| *word != "--").any(|word| word == "--json");
    let is_help = !error.use_stderr() || error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if is_help || (!is_json && wrong.variable.is_none()) {
        return print(error);
    }
    let mut failure = failure(&error.to_string());
    if let Some(variable) = &wrong.variable {
        failure = failure.of(format_args!("the variable {variable}")).help(format_args!("change or unset {variable}"));
    }
    if is_json {
        // Standard error may be closed.
        let _ = writeln!(io::stderr(), "{}", json_line(&failure.json()));
    } else {
        // Standard error may be closed.
        let _ = writeln!(anstream::stderr(), "error: {}", styled(&failure.to_string()));
    }
    ExitCode::from(failure.exit() as u8)
}

/// Prints help, the version, or an error of the command line, and returns the exit code.
///
/// Words of the command line in it become harmless, which clap leaves as they are.
fn print(error: &clap::Error) -> ExitCode {
    let text = error.render().ansi().to_string();
    let text = styled(&text);
    let printed =
        if error.use_stderr() { write!(anstream::stderr(), "{text}") } else { write!(anstream::stdout(), "{text}") };
    match printed {
        Err(failed) if !error.use_stderr() && failed.kind() != io::ErrorKind::BrokenPipe => {
            // Standard error may be closed, too.
            let _ = writeln!(anstream::stderr(), "{}", Failure::output(&failed));
            ExitCode::FAILURE
        }
        _ => ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(u8::MAX)),
    }
}

/// Returns the failure for the text of an error: its first paragraph, and tips and the usage as help.
fn failure(text: &str) -> Failure {
    let mut paragraphs = text.trim().split("\n\n");
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let what = one_line(paragraphs.next().unwrap_or_default());
    let failure = Failure::usage(what.strip_prefix("error: ").unwrap_or(&what));
    let help = paragraphs.flat_map(|paragraph| {
        // Each tip has a line; a usage may have several.
        let is_tips = paragraph.trim_start().starts_with("tip:");
        let lines = if is_tips { paragraph.lines().collect() } else { vec![paragraph] };
        lines.into_iter().map(one_line).collect::<Vec<_>>()
    });
    help.fold(failure, |failure, help| failure.help(help.strip_prefix("tip: ").unwrap_or(&help)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_an_error_is_a_failure_with_help() {
        let text = "error: unrecognized subcommand 'cal'\n\n  tip: a similar subcommand exists: 'call'\n\nUsage: oncilla \
                    [OPTIONS] <COMMAND>\n\nFor more information, try '--help'.\n";
        let json = failure(text).json();
        assert_eq!(json["error"], "unrecognized subcommand 'cal'");
        assert_eq!(json["help"][0], "a similar subcommand exists: 'call'");
        assert_eq!(json["help"][1], "Usage: oncilla [OPTIONS] <COMMAND>");
        assert_eq!(json["help"][2], "For more information, try '--help'.");
        let missing =
            "error: the following required arguments were not provided:\n  <NAME>\n\nUsage: oncilla call <NAME>\n";
        assert_eq!(failure(missing).what(), "the following required arguments were not provided: <NAME>");
    }
}
