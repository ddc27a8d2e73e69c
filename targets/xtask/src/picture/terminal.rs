//! Runs a command in a terminal, and reads the screen.

use std::{
    fs::{self, File},
    num::NonZeroU16,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::Result;

use crate::process::run_for;

/// The time limit of a command.
const LIMIT: Duration = Duration::from_secs(60);

/// The sequence by which a program leaves the full screen, which then disappears.
const LEAVE: &[u8] = b"\x1b[?1049l";

/// Runs a command line in a terminal and returns its last screen, with styles.
///
/// Empty lines at the bottom are left out.
pub fn screen(line: &str, configuration: &Path, rows: NonZeroU16, columns: NonZeroU16) -> Result<String> {
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
    let (rows, columns) = (rows.get(), columns.get());
    let screen = parser.screen();
    let last =
        screen.rows(0, columns).enumerate().filter(|(_, row)| !row.trim().is_empty()).map(|(row, _)| row + 1).last();
    let lines: Vec<_> = (0..rows).take(last.unwrap_or(0)).map(|row| line_of(screen, row, columns)).collect();
    Ok(lines.join("\n"))
}

/// Returns a row as cells with styles, blanks included.
///
/// A terminal would move its cursor over blanks.
fn line_of(screen: &vt100::Screen, row: u16, columns: u16) -> String {
    let mut line = String::new();
    let mut style = String::new();
    for cell in (0..columns).filter_map(|column| screen.cell(row, column)) {
        let codes = codes(cell);
        if codes != style {
            line += "\x1b[0m";
            line += &codes;
            style = codes;
        }
        line += if cell.has_contents() { cell.contents() } else { " " };
    }
    line + "\x1b[0m"
}

/// Returns what sets the style of a cell.
fn codes(cell: &vt100::Cell) -> String {
    let mut codes = String::new();
    if let vt100::Color::Idx(color) = cell.fgcolor() {
        codes += &format!("\x1b[38;5;{color}m");
    }
    codes += if cell.bold() { "\x1b[1m" } else { "" };
    codes += if cell.dim() { "\x1b[2m" } else { "" };
    codes
}
