//! Reads rules again when their file changes.

use std::fs;
use std::path::Path;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime};

use super::rules::Rules;
use super::simulator::Simulator;

/// How often the file is checked.
const LOOK: Duration = Duration::from_millis(250);

/// What shows that a file has changed.
fn state(path: &Path) -> Option<(SystemTime, u64)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// Reads the rules again at each change, until the command is interrupted.
///
/// Wrong rules are reported, and the previous ones stay in use.
pub fn watch(path: &Path, simulator: &Simulator) {
    let mut last = state(path);
    while !simulator.interrupt.wait(LOOK) {
        let now = state(path);
        // An editor may replace the file; it is absent for a moment.
        if now.is_none() || now == last {
            continue;
        }
        last = now;
        match Rules::read(path, &simulator.dispatch.interface) {
            Ok(rules) => {
                simulator.state.lock().unwrap_or_else(PoisonError::into_inner).reload(&rules);
                simulator.output.note(format_args!("{}: {} rules are in use now", path.display(), rules.list.len()));
                *simulator.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
            }
            Err(failure) => {
                simulator.output.failure(&failure.help("the previous rules stay in use until the file is corrected"));
            }
        }
    }
}
