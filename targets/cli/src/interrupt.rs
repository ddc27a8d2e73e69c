//! Ctrl-C: endless commands stop in order, and print their summary.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::failure::{Done, Failure};

/// The exit code after Ctrl-C, by the convention of shells.
const INTERRUPTED: i32 = 130;

/// Whether the user has pressed Ctrl-C, or the process was asked to end. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// Read without the lock, since it is checked before every call.
    is_set: AtomicBool,
    lock: Mutex<()>,
    changed: Condvar,
}

impl Interrupt {
    /// Starts to handle Ctrl-C. A second Ctrl-C ends the process at once.
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

    /// Clears the state after Ctrl-C, for a command that continues.
    pub fn clear(&self) {
        self.shared.is_set.store(false, Ordering::Release);
    }

    /// Ends the command, as Ctrl-C does.
    pub fn set(&self) {
        let _guard = self.shared.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.shared.is_set.store(true, Ordering::Release);
        self.shared.changed.notify_all();
    }

    /// Returns whether the command should end.
    pub fn is_set(&self) -> bool {
        self.shared.is_set.load(Ordering::Acquire)
    }

    /// Waits this long, or until the command should end. Returns whether it should.
    pub fn wait(&self, time: Duration) -> bool {
        let guard = self.shared.lock.lock().unwrap_or_else(PoisonError::into_inner);
        // It fails if a thread has panicked with the lock, which changes nothing.
        let _ = self.shared.changed.wait_timeout_while(guard, time, |()| !self.is_set());
        self.is_set()
    }
}
