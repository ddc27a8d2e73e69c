//! The failures of several calls of one command.

use crate::failure::{Done, Exit, Failure};

/// Counts the failures of several calls. The exit code is that of the first.
pub struct Failures {
    /// Whether the first one ends the command.
    stop: bool,
    count: u64,
    first: Option<Exit>,
}

impl Failures {
    pub const fn new(stop: bool) -> Self {
        Self { stop, count: 0, first: None }
    }

    /// Adds a failure. It is shown, or returned if it ends the command.
    pub fn add(&mut self, failure: Failure, show: impl FnOnce(&Failure) -> Done) -> Done {
        // The reader of the output is gone.
        if self.stop || failure.is_closed() {
            return Err(failure);
        }
        self.count += 1;
        self.first.get_or_insert(failure.exit());
        show(&failure)
    }

    /// Returns the outcome of all calls.
    pub fn finish(self, calls: u64) -> Done {
        match self.first {
            Some(exit) => Err(Failure::new(exit, format_args!("{} of {calls} calls failed", self.count))),
            None => Ok(()),
        }
    }
}
