//! The commands of the guide's chapter "Build an instrument".

use std::{env, ffi::OsString, fs, path::Path, process::Command, time::Duration};

use anyhow::{Context, Result, ensure};

use crate::{process::output_within, workspace};

/// The time limit of a command.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs the commands in the chapter's blocks of terminal, and compares what they print.
pub fn run(python: &Path) -> Result<()> {
    let text = fs::read_to_string(workspace::root().join("src/guide/instrument.md"))?;
    let sessions = sessions(&text);
    ensure!(sessions.len() > 3, "the chapter has {} commands only", sessions.len());
    // `python` is that with the clients.
    let mut path = OsString::from(python.parent().context("a folder of programs")?);
    path.push(":");
    path.push(env::var_os("PATH").unwrap_or_default());
    for (command, expected) in sessions {
        let mut shell = Command::new("sh");
        shell.args(["-c", command]).current_dir(workspace::root()).env("PATH", &path).env("PYTHONWARNINGS", "ignore");
        let printed = output_within(LIMIT, &mut shell)?;
        ensure!(
            plain(&printed) == plain(&expected),
            "src/guide/instrument.md: `{command}` prints:\n{printed}\nand not:\n{expected}"
        );
    }
    Ok(())
}

/// Returns the commands, each with what follows it.
fn sessions(text: &str) -> Vec<(&str, String)> {
    let mut sessions: Vec<(&str, String)> = Vec::new();
    let mut is_terminal = false;
    for line in text.lines() {
        if line.starts_with("```") {
            is_terminal = line == "```console";
        } else if !is_terminal {
        } else if let Some(command) = line.strip_prefix("$ ") {
            sessions.push((command, String::new()));
        } else if let Some((_, printed)) = sessions.last_mut() {
            printed.extend([line, "\n"]);
        }
    }
    sessions
}

/// Returns the lines without blanks around them.
fn plain(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}
