//! Prints values and lines on standard output, notes on standard error.

pub mod file;
mod text;

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use oncilla_rpcgen::harmless;
use serde_json::Value;

use crate::failure::{Done, Failure};
use crate::settings::Flags;

pub use text::{count, json_line, render, scalar, styled};

/// Where a command prints.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// Whether values are JSON, one a line.
    pub json: bool,
    /// The number of `-v`: 1 shows each step, 2 also the bytes on the wire.
    pub verbose: u8,
    quiet: bool,
}

/// Names and headings.
pub const STRONG: Style = Style::new().bold();
/// Details.
pub const WEAK: Style = Style::new().dimmed();
/// Errors.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// Warnings.
pub const WARN: Style = AnsiColor::Yellow.on_default();
/// What to do next.
pub const HELP: Style = AnsiColor::Cyan.on_default();
/// Success.
pub const GOOD: Style = AnsiColor::Green.on_default();

impl Output {
    /// Sets colours for the whole program, as the options and NO_COLOR state.
    pub fn new(flags: &Flags) -> Self {
        match flags.color {
            clap::ColorChoice::Auto => {}
            clap::ColorChoice::Always => anstream::ColorChoice::Always.write_global(),
            clap::ColorChoice::Never => anstream::ColorChoice::Never.write_global(),
        }
        Self { json: flags.json, verbose: flags.verbose, quiet: flags.quiet }
    }

    /// Returns whether a person reads standard output.
    pub fn is_terminal(self) -> bool {
        io::stdout().is_terminal()
    }

    /// Prints a line. Styles in it are left out where colours are.
    ///
    /// Control characters in it become escapes. JSON has other escapes, so [`Self::json`] prints it.
    pub fn line(self, line: impl Display) -> Done {
        writeln!(anstream::stdout(), "{}", styled(&line.to_string())).map_err(|error| Failure::output(&error))
    }

    /// Prints a text that may end with a line feed.
    pub fn text(self, text: &str) -> Done {
        self.line(text.strip_suffix('\n').unwrap_or(text))
    }

    /// Prints a value: as JSON in one line, or as text.
    pub fn value(self, value: &Value) -> Done {
        if self.json { self.json(value) } else { self.line(render(value)) }
    }

    /// Prints a value as JSON in one line, whatever the options are.
    pub fn json(self, value: &Value) -> Done {
        self.line(json_line(value))
    }

    /// Writes bytes as they are.
    pub fn bytes(self, bytes: &[u8]) -> Done {
        let mut stdout = io::stdout();
        stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(|error| Failure::output(&error))
    }

    /// Prints a note on standard error, unless notes are left out.
    pub fn note(self, note: impl Display) {
        if !self.quiet {
            // Standard error may be closed.
            let _ = writeln!(anstream::stderr(), "{}", styled(&note.to_string()));
        }
    }

    /// Prints a step, with `-v`.
    pub fn detail(self, detail: impl Display) {
        if self.verbose > 0 {
            self.note(format_args!("{WEAK}{detail}{WEAK:#}"));
        }
    }

    /// Prints a failure on standard error.
    pub fn failure(self, failure: &Failure) {
        let mut stderr = anstream::stderr();
        // Standard error may be closed.
        let _ = if self.json {
            writeln!(stderr, "{}", json_line(&failure.json()))
        } else {
            // Names in it may come from a file, a device or the command line.
            let text = failure.to_string();
            let text = harmless(&text);
            let (what, help) = text.split_once('\n').unwrap_or((&text, ""));
            let _ = writeln!(stderr, "{BAD}error{BAD:#}: {what}");
            help.lines().try_for_each(|line| writeln!(stderr, "{HELP}{line}{HELP:#}"))
        };
    }
}
