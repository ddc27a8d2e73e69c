//! The results, all in one place.

use std::time::Duration;

use crate::ratio::Outcome;

/// Prints them with their limits, if anything was measured.
pub fn print(results: &[Outcome]) {
    if results.is_empty() {
        return;
    }
    println!("{:<22}{:<24}{:>10}   {:<10}{:>10}{:>8}   limit", "", "", "", "against", "", "ratio");
    for Outcome { what, ours, other, ratio, limit } in results {
        let verdict = match limit {
            Some(limit) if ratio <= limit => format!("{limit:.2}, kept"),
            Some(limit) => format!("{limit:.2}, MISSED"),
            None => "none".to_owned(),
        };
        let (ours, time) = (ours.0, text(ours.1));
        println!("{what:<22}{ours:<24}{time:>10}   {:<10}{:>10}{ratio:>8.3}   {verdict}", other.0, text(other.1));
    }
}

fn text(time: Duration) -> String {
    format!("{:.2} µs", time.as_secs_f64() * 1e6)
}
