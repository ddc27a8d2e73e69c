//! The figures, for people.

use core::fmt::Write;

use crate::attacker::KINDS;
use crate::campaign::Campaign;
use crate::figures::Figures;

/// The columns of each line.
const HEADINGS: [&str; 7] = ["attacks", "accepted", "calls", "right", "unhindered", "of them right", "restarts"];

/// A row for each line, and the attacks of each kind.
pub fn render(campaign: &Campaign) -> String {
    let mut text = format!("seed {}\n{:<36}", campaign.seed, "");
    for heading in HEADINGS {
        // Writing to a string cannot fail.
        let _ = write!(text, "  {heading:>9}");
    }
    text.push('\n');
    let lines = campaign.lines.iter().map(|(name, figures)| (*name, figures));
    for (name, figures) in lines.chain([("all", &campaign.all)]) {
        let _ = write!(text, "{name:<36}");
        for (heading, figure) in HEADINGS.iter().zip(row(figures)) {
            let _ = write!(text, "  {figure:>width$}", width = heading.len().max(9));
        }
        text.push('\n');
    }
    let all = &campaign.all;
    for (kind, number) in KINDS.iter().zip(all.attacks.0) {
        let _ = writeln!(text, "{number:>9} {kind}");
    }
    let errors: Vec<_> = all.errors.iter().map(|(error, count)| format!("{count} {error}")).collect();
    let _ = writeln!(
        text,
        "Calls that failed: {}. Texts and logs that arrived: {}. Calls under another valid key, executed as such: {}.",
        errors.join(", "),
        all.shown,
        all.insiders
    );
    text
}

fn row(figures: &Figures) -> [u64; HEADINGS.len()] {
    let Figures { clear, hindered, .. } = *figures;
    [figures.attacks.all(), figures.accepted(), figures.calls, figures.right, clear, clear - hindered, figures.restarts]
}
