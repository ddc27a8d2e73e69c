//! `oncilla man`: man pages.

use std::fs;
use std::path::PathBuf;

use crate::cli;
use crate::failure::{Done, Failure};
use crate::output::Output;

/// Prints the man page, or writes the pages of all commands to a folder
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Writes the pages of `oncilla` and of each command to this folder
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  oncilla man | man -l -
  oncilla man --output ~/.local/share/man/man1";

pub fn run(arguments: &Arguments, output: Output) -> Done {
    let mut command = cli::command();
    command.build();
    let Some(folder) = &arguments.output else { return output.bytes(page(&command)?.as_bytes()) };
    let failed = |error| Failure::file("write man pages to", folder, &error);
    fs::create_dir_all(folder).map_err(failed)?;
    let mut waiting = vec![command];
    while let Some(command) = waiting.pop() {
        fs::write(folder.join(format!("{}.1", name(&command))), page(&command)?).map_err(failed)?;
        waiting.extend(command.get_subcommands().filter(|inner| inner.get_name() != "help").cloned());
    }
    Ok(())
}

/// Returns the name of a page, such as `oncilla-call`.
fn name(command: &clap::Command) -> String {
    command.get_display_name().unwrap_or(command.get_name()).to_owned()
}

/// Returns the page of a command.
fn page(command: &clap::Command) -> Done<String> {
    let mut page = Vec::new();
    let man = clap_mangen::Man::new(command.clone()).title(name(command));
    man.render(&mut page).map_err(|error| Failure::output(&error))?;
    Ok(tidy(&String::from_utf8_lossy(&page)))
}

/// Corrects two faults of clap_mangen.
///
/// It writes an empty date without quotes, so that the next field becomes the date. It breaks lines beside empty lines.
fn tidy(page: &str) -> String {
    let lines: Vec<_> = page.lines().collect();
    let is_space = |index: Option<usize>| index.and_then(|index| lines.get(index)).is_some_and(|line| line.is_empty());
    let mut tidy = String::new();
    for (index, line) in lines.iter().enumerate() {
        if *line == ".br" && (is_space(index.checked_sub(1)) || is_space(Some(index + 1))) {
            continue;
        }
        let head = line.starts_with(".TH ").then(|| line.replacen(" 1  ", " 1 \"\" ", 1));
        tidy.push_str(head.as_deref().unwrap_or(line));
        tidy.push('\n');
    }
    tidy
}
