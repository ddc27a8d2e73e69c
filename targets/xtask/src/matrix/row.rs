//! Rows of the matrix.

use anyhow::Error;
use oncilla_suite::checks::Report;
use serde::Serialize;

use super::entries::{ENTRIES, Entry, Reported};
use crate::{columns, footprint::Footprint};

/// The results of the suite on one board over one carrier.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Where the row stands.
    #[serde(skip)]
    pub place: usize,
    board: String,
    target: &'static str,
    carrier: &'static str,
    /// Bytes of code, constants and initial values. 0 if nothing was built.
    flash: u64,
    /// Bytes of variables, without the stack.
    static_ram: u64,
    passed: usize,
    failed: usize,
    /// The number of checks that do not apply to this board or carrier.
    left_out: usize,
    /// The reasons why the row failed.
    problems: Vec<String>,
}

impl Row {
    /// Returns the row for a report.
    pub fn of(entry: &Entry, footprint: Footprint, Reported { carrier, report }: Reported) -> Self {
        let mut row = Self::empty(entry, carrier);
        (row.flash, row.static_ram) = (footprint.flash, footprint.static_ram);
        (row.passed, row.failed, row.left_out) = (report.passed(), report.failed(), report.left_out());
        row.problems = problems(&report);
        row
    }

    /// Returns the row for a firmware that could not be checked.
    pub fn failed(entry: &Entry, error: &Error) -> Self {
        Self { problems: vec![format!("{error:#}")], ..Self::empty(entry, "-") }
    }

    fn empty(entry: &Entry, carrier: &'static str) -> Self {
        Self {
            place: ENTRIES.iter().position(|other| std::ptr::eq(*other, entry)).unwrap_or_default(),
            board: format!("{}, {}", entry.board.name, entry.board.description),
            target: entry.board.target.name,
            carrier,
            flash: 0,
            static_ram: 0,
            passed: 0,
            failed: 0,
            left_out: 0,
            problems: Vec::new(),
        }
    }

    /// Returns whether checks ran and none failed.
    pub fn is_good(&self) -> bool {
        self.problems.is_empty()
    }

    fn result(&self) -> String {
        match (self.is_good(), self.failed) {
            (true, _) => format!("{} passed", self.passed),
            (false, 0) => "FAILED".to_owned(),
            (false, failed) => format!("{failed} FAILED, {} passed", self.passed),
        }
    }

    /// Returns the row with its problems.
    pub fn whole(&self) -> String {
        let problems = self.problems.iter().map(|problem| format!("\n    {problem}"));
        format!("{} over {} ... {}{}", self.board, self.carrier, self.result(), problems.collect::<String>())
    }
}

fn problems(report: &Report) -> Vec<String> {
    let mut problems: Vec<_> = report.failures().map(|(claim, why)| format!("{claim}: {why}")).collect();
    if problems.is_empty() && !report.is_good() {
        problems.push("no check ran".to_owned());
    }
    problems
}

/// Returns all rows as a table.
pub fn table(rows: &[Row]) -> String {
    let mut lines = vec![["board", "target", "carrier", "flash", "static RAM", "suite"].map(str::to_owned)];
    lines.extend(rows.iter().map(|row| {
        [
            row.board.clone(),
            row.target.to_owned(),
            row.carrier.to_owned(),
            row.flash.to_string(),
            row.static_ram.to_string(),
            row.result(),
        ]
    }));
    columns::align(&lines)
}
