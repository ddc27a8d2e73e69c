//! A command in a terminal, and what the terminal shows.

use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::Result;

use crate::process::run_for;

/// The time limit of a command.
const LIMIT: Duration = Duration::from_secs(60);

/// What a program prints when it leaves the whole screen, which then disappears.
const LEAVE: &[u8] = b"\x1b[?1049l";

/// Runs a command line in a terminal and returns what it shows at the end, with styles, without empty lines below.
pub fn screen(line: &str, configuration: &Path, rows: u16, columns: u16) -> Result<Vec<u8>> {
    let sized = format!("stty rows {rows} cols {columns}; {line}");
    // `script` of util-linux runs it in a terminal and prints what the terminal gets.
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &sized, "/dev/null"]);
    script.env("ONCILLA_CONFIG", configuration).env("TERM", "xterm-256color").env_remove("NO_COLOR");
    // A standard input that ends would be the end of the terminal, too.
    let file = configuration.with_file_name("printed");
    run_for(LIMIT, script.stdin(Stdio::piped()).stdout(File::create(&file)?))?;
    let printed = fs::read(&file)?;
    let end = printed.windows(LEAVE.len()).position(|bytes| bytes == LEAVE).unwrap_or(printed.len());
    let mut parser = vt100::Parser::new(rows, columns, 0);
    parser.process(&printed[..end]);
    let mut shown: Vec<_> = parser.screen().rows_formatted(0, columns).collect();
    let is_empty = |index: usize| parser.screen().rows(0, columns).nth(index).is_none_or(|row| row.trim().is_empty());
    while shown.last().is_some() && is_empty(shown.len() - 1) {
        shown.pop();
    }
    Ok(shown.join(&b"\x1b[0m\n"[..]))
}
