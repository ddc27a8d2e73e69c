//! Where procedures run: in the thread of the server, or in workers.

use oncilla::Table;
use oncilla::message::{Call, REFUSAL_MAX, REPLY_HEADER};

use super::hooks::Hooks;
use super::job::Job;

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

/// Returns what the call in `message` needs.
pub(super) fn needs<S>(table: &Table<S>, message: &[u8]) -> Needs {
    if let Ok(call) = Call::parse(message)
        && let Some(procedure) = table.procedure(call.id())
    {
        let reply = REPLY_HEADER + procedure.results_max();
        return Needs { reply, remembered: (!procedure.is_idempotent()).then(|| call.xid()) };
    }
    // NULL or a refusal.
    Needs { reply: REFUSAL_MAX, remembered: None }
}

/// Executes calls in the thread of the server.
pub(super) struct Here<'a, S: 'static> {
    pub(super) hooks: &'a Hooks,
    pub(super) table: &'a Table<S>,
    pub(super) state: &'a mut S,
}

impl<S> Executor for Here<'_, S> {
    const CONCURRENT: bool = false;

    fn needs(&self, message: &[u8]) -> Needs {
        needs(self.table, message)
    }

    fn is_free(&self) -> bool {
        true
    }

    fn execute(&mut self, mut job: Job) -> Option<Job> {
        job.run(self.hooks, self.table, self.state);
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
