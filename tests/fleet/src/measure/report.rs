//! What was measured, with goals and verdicts.

use std::fmt::Write;

use serde::Serialize;

/// A figure.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// What was measured.
    pub what: String,
    pub value: f64,
    pub unit: &'static str,
    /// What the figure must be, as a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<String>,
    /// Whether it is; `None` for a figure without a goal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub good: Option<bool>,
}

/// The figures of a run.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    pub rows: Vec<Row>,
    /// What went wrong, with what is needed to find it.
    pub problems: Vec<String>,
}

impl Report {
    /// Adds a figure without a goal.
    pub fn figure(&mut self, what: impl Into<String>, value: f64, unit: &'static str) {
        self.rows.push(Row { what: what.into(), value, unit, goal: None, good: None });
    }

    /// Adds a figure that must be at least a value.
    pub fn at_least(&mut self, what: impl Into<String>, value: f64, unit: &'static str, least: f64) {
        let goal = Some(format!("≥ {}", number(least)));
        self.rows.push(Row { what: what.into(), value, unit, goal, good: Some(value >= least) });
    }

    /// Adds a figure that must be at most a value.
    pub fn at_most(&mut self, what: impl Into<String>, value: f64, unit: &'static str, most: f64) {
        let goal = Some(format!("≤ {}", number(most)));
        self.rows.push(Row { what: what.into(), value, unit, goal, good: Some(value <= most) });
    }

    /// Returns whether all goals were reached and nothing went wrong.
    pub fn is_good(&self) -> bool {
        self.problems.is_empty() && self.rows.iter().all(|row| row.good != Some(false))
    }

    /// Returns a table for people.
    pub fn table(&self) -> String {
        let width = self.rows.iter().map(|row| row.what.chars().count()).max().unwrap_or(0);
        let mut text = String::new();
        for Row { what, value, unit, goal, good } in &self.rows {
            let verdict = match good {
                None => "",
                Some(true) => "good",
                Some(false) => "NOT GOOD",
            };
            let goal = goal.as_deref().unwrap_or("");
            let line = format!("{what:<width$}  {:>12} {unit:<14} {goal:<9} {verdict}", number(*value));
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text
    }
}

/// Returns a number with three significant digits or more, and with spaces between thousands.
fn number(value: f64) -> String {
    let decimals = match value.abs() {
        0.0 => 0,
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    let text = format!("{value:.decimals$}");
    if decimals == 2 && text.ends_with(".00") {
        return text[..text.len() - 3].to_owned();
    }
    if decimals > 0 {
        return text;
    }
    let mut grouped = String::new();
    for (place, digit) in text.chars().enumerate() {
        if place > 0 && (text.len() - place) % 3 == 0 && grouped != "-" {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_for_people() {
        assert_eq!(number(0.0), "0");
        assert_eq!(number(0.714), "0.71");
        assert_eq!(number(3.0), "3");
        assert_eq!(number(12.34), "12.3");
        assert_eq!(number(100_000.4), "100 000");
        assert_eq!(number(-1234.0), "-1 234");
        assert_eq!(number(-123.0), "-123");
    }

    #[test]
    fn a_goal_that_is_missed_is_seen() {
        let mut report = Report::default();
        report.figure("calls", 5.0, "");
        report.at_least("share", 0.7, "", 0.7);
        report.at_most("lost", 0.0, "", 0.0);
        assert!(report.is_good());
        report.at_most("executed twice", 1.0, "", 0.0);
        assert!(!report.is_good());
        assert!(report.table().contains("NOT GOOD"), "{}", report.table());
        assert_eq!(report.table().lines().count(), 4);
    }
}
