//! What came of the checks.

use core::fmt;
use std::string::String;
use std::vec::Vec;

use crate::Parts;

/// What came of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Passed,
    /// It does not, and why.
    Failed(String),
    /// The host was told that the board has not these parts, which the check needs.
    NotOfBoard(Parts),
    /// It is about another kind of carrier.
    NotOnCarrier,
}

/// A check and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What must hold.
    pub claim: &'static str,
    /// Whether it does.
    pub verdict: Verdict,
}

/// What came of all checks. `Display` is a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// In the order in which they ran.
    pub rows: Vec<Row>,
}

impl Report {
    /// How many checks passed.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.count(|verdict| *verdict == Verdict::Passed)
    }

    /// How many failed.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.failures().count()
    }

    /// How many are not about this board or carrier.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.rows.len() - self.passed() - self.failed()
    }

    /// The claims that do not hold, and why.
    pub fn failures(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.rows.iter().filter_map(|row| match &row.verdict {
            Verdict::Failed(why) => Some((row.claim, why.as_str())),
            _ => None,
        })
    }

    /// Whether there were checks, and none failed.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.failed() == 0 && self.passed() > 0
    }

    fn count(&self, is: impl Fn(&Verdict) -> bool) -> usize {
        self.rows.iter().filter(|row| is(&row.verdict)).count()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => formatter.write_str("ok"),
            Self::Failed(why) => write!(formatter, "FAILED: {why}"),
            Self::NotOfBoard(parts) => write!(formatter, "not of this board, which has no part {parts}"),
            Self::NotOnCarrier => formatter.write_str("not on this carrier"),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.iter().map(|row| row.claim.chars().count()).max().unwrap_or_default();
        for Row { claim, verdict } in &self.rows {
            writeln!(formatter, "{claim:<width$}  {verdict}")?;
        }
        write!(formatter, "{} passed, {} failed, {} left out", self.passed(), self.failed(), self.left_out())
    }
}
