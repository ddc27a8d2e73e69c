//! Where procedures run: in the thread of the server, or in workers.

use super::hooks::Hooks;
use super::job::Job;
use super::programs::Programs;

/// Executes calls.
pub(super) trait Executor {
    /// Whether several calls run at a time, so that a copy of a call can arrive while it runs.
    const CONCURRENT: bool;

    /// Returns what the call in `message` needs before it is executed.
    fn needs(&self, message: &[u8]) -> Needs;

    /// Returns whether a call can be executed now.
    fn is_free(&self) -> bool;

    /// Executes a call. Returns it when it has ended, or `None` when it runs in another thread.
    fn execute(&mut self, job: Job) -> Option<Job>;

    /// Returns a call that has ended in another thread.
    fn ended(&mut self) -> Option<Job>;

    /// Returns whether calls run in other threads.
    fn is_busy(&self) -> bool;

    /// Waits until a call has ended in another thread. Returns `None` when none runs.
    fn wait(&mut self) -> Option<Job>;

    /// Returns whether a procedure has panicked in another thread.
    fn has_panicked(&self) -> bool;
}

/// What a call needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Needs {
    /// Bytes of the largest reply.
    pub(super) reply: usize,
    /// The xid of the call, if a replay cache must store the reply: the procedure is not idempotent.
    pub(super) remembered: Option<u32>,
}

/// Executes calls in the thread of the server.
pub(super) struct Here<'a, P: Programs> {
    pub(super) hooks: &'a Hooks,
    pub(super) programs: &'a P,
    pub(super) state: &'a mut P::State,
}

impl<P: Programs> Executor for Here<'_, P> {
    const CONCURRENT: bool = false;

    fn needs(&self, message: &[u8]) -> Needs {
        self.programs.needs(message)
    }

    fn is_free(&self) -> bool {
        true
    }

    fn execute(&mut self, mut job: Job) -> Option<Job> {
        job.run(self.hooks, self.programs, self.state);
        Some(job)
    }

    fn ended(&mut self) -> Option<Job> {
        None
    }

    fn is_busy(&self) -> bool {
        false
    }

    fn wait(&mut self) -> Option<Job> {
        None
    }

    /// The panic has ended the server already.
    fn has_panicked(&self) -> bool {
        false
    }
}
