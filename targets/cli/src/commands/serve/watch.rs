//! Reads rules again when their file changes.

use std::fs;
use std::path::Path;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime};

use super::rules::Rules;
use super::simulator::Simulator;

/// How often the file is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// What tells one state of a file from another.
fn state(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// Reads the rules again at each change, until the command is interrupted. Wrong rules are reported, and the former hold.
pub fn watch(path: &Path, simulator: &Simulator) {
    let mut last = state(path);
    while !simulator.interrupt.wait(LOOK) {
        let now = state(path);
        // An editor may replace the file; it is absent for a moment.
        if now.is_none() || now == last {
            continue;
        }
        last = now;
        match Rules::read(path, &simulator.interface) {
            Ok(rules) => {
                simulator.state.lock().unwrap_or_else(PoisonError::into_inner).reload(&rules);
                simulator.output.note(format_args!("{}: {} rules hold now", path.display(), rules.list.len()));
                *simulator.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
            }
            Err(failure) => {
                simulator.output.failure(&failure.help("the rules of before hold until the file is right"));
            }
        }
    }
}
