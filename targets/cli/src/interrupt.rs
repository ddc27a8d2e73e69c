//! Ctrl-C: endless commands end in order, with their summary.

use std::process;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::failure::{Done, Failure};

/// The exit code of a process that Ctrl-C ends, for shells.
const INTERRUPTED: i32 = 130;

/// Whether the user has pressed Ctrl-C, or the process was asked to end. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    shared: Arc<(Mutex<bool>, Condvar)>,
}

impl Interrupt {
    /// Handles Ctrl-C from now on. A second Ctrl-C ends the process at once.
    pub fn handle() -> Done<Self> {
        let interrupt = Self::default();
        let ours = interrupt.clone();
        let handler = move || {
            if ours.is_set() {
                process::exit(INTERRUPTED);
            }
            ours.set();
        };
        ctrlc::set_handler(handler)
            .map_err(|error| Failure::usage(format_args!("cannot handle Ctrl-C on this system: {error}")))?;
        Ok(interrupt)
    }

    /// Ends the command, as Ctrl-C does.
    pub fn set(&self) {
        let (is_set, changed) = &*self.shared;
        *is_set.lock().unwrap_or_else(PoisonError::into_inner) = true;
        changed.notify_all();
    }

    /// Returns whether the command should end.
    pub fn is_set(&self) -> bool {
        *self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits this long, or until the command should end. Returns whether it should.
    pub fn wait(&self, time: Duration) -> bool {
        let (is_set, changed) = &*self.shared;
        let guard = is_set.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = changed.wait_timeout_while(guard, time, |is_set| !*is_set);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}
