//! The figures, for people.

use core::fmt::Write;

use crate::figures::Figures;
use crate::soak::Soak;

/// What is told of each line, a column each.
const HEADINGS: [&str; 8] =
    ["calls", "right", "errors", "sent again", "executed", "executed twice", "wrong", "beyond time-out"];

/// A row for each line, and what came of all together on which something gets lost.
pub fn render(soak: &Soak) -> String {
    let mut text = format!("seed {}\n{:<42}", soak.seed, "");
    for heading in HEADINGS {
        // Writing to a string cannot fail.
        let _ = write!(text, "  {heading}");
    }
    text.push('\n');
    for (name, figures) in
        soak.lines.iter().map(|(name, figures)| (name.as_str(), figures)).chain([("all bad lines", &soak.bad_lines)])
    {
        let _ = write!(text, "{name:<42}");
        for (heading, figure) in HEADINGS.iter().zip(row(figures)) {
            let _ = write!(text, "  {figure:>width$}", width = heading.len());
        }
        text.push('\n');
    }
    text.push_str(&below(&soak.bad_lines));
    text
}

fn row(figures: &Figures) -> [u64; HEADINGS.len()] {
    let Figures { calls, right, retransmissions, executed, executed_twice, wrong, late, .. } = *figures;
    [calls, right, figures.errors.values().sum(), retransmissions, executed, executed_twice, wrong, late]
}

fn below(bad: &Figures) -> String {
    let errors: Vec<_> = bad.errors.iter().map(|(error, count)| format!("{count} {error}")).collect();
    let faults = bad.faults;
    format!(
        "On them: {}; {} of the calls that timed out were executed. {} one-way calls were lost.\n\
         {} frames in {} s of the lines' time: {} dropped, {} repeated, {} with bits flipped, {} cut, {} overtaken,\n\
         {} delayed, garbage before {}; {} refused for their check value or length.\n",
        if errors.is_empty() { "none".to_owned() } else { errors.join(", ") },
        bad.executed_timed_out,
        bad.pushes_lost,
        faults.frames,
        bad.line_ms / 1_000,
        faults.dropped,
        faults.repeated,
        faults.flipped,
        faults.cut,
        faults.reordered,
        faults.delayed,
        faults.garbage,
        bad.refused,
    )
}
