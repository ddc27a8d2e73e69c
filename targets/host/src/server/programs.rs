//! What a server executes: the procedures of a table, or a handler.

use oncilla::__private::{answer_by_from, answer_observed_from};
use oncilla::message::{Call, Origin, REFUSAL_MAX, REPLY_HEADER};
use oncilla::{Handler, Outcome, ProcedureId, Remembers, Table};

use super::executor::Needs;

/// What executes calls.
pub(super) trait Programs {
    /// What a thread needs to execute calls.
    type State;

    /// Returns what the call in `message` needs.
    fn needs(&self, message: &[u8]) -> Needs;

    /// Answers one message.
    fn answer<M: Remembers>(
        &self,
        cache: &mut M,
        origin: Origin<'_>,
        state: &mut Self::State,
        message: &[u8],
        reply: &mut [u8],
    ) -> (Option<usize>, Outcome);

    /// Returns the bytes of the largest reply.
    fn reply_max(&self) -> usize;

    /// Returns the bytes of the largest reply that a replay cache must hold.
    fn remembered_max(&self) -> usize;

    /// Returns the procedures that are known before they are called.
    fn procedures(&self) -> Vec<ProcedureId>;
}

impl<S> Programs for Table<S> {
    type State = S;

    fn needs(&self, message: &[u8]) -> Needs {
        if let Ok(call) = Call::parse(message)
            && let Some(procedure) = self.procedure(call.id())
        {
            let reply = REPLY_HEADER + procedure.results_max();
            return Needs { reply, remembered: (!procedure.is_idempotent()).then(|| call.xid()) };
        }
        // NULL or a refusal.
        Needs { reply: REFUSAL_MAX, remembered: None }
    }

    fn answer<M: Remembers>(
        &self,
        cache: &mut M,
        origin: Origin<'_>,
        state: &mut S,
        message: &[u8],
        reply: &mut [u8],
    ) -> (Option<usize>, Outcome) {
        answer_observed_from(cache, origin, self, state, message, reply)
    }

    fn reply_max(&self) -> usize {
        self.reply_max()
    }

    fn remembered_max(&self) -> usize {
        self.remembered_max()
    }

    fn procedures(&self) -> Vec<ProcedureId> {
        self.procedures().collect()
    }
}

/// A handler, which knows what calls need. Each thread has its own clone, which executes them.
pub(super) struct ByHandler<H>(pub(super) H);

impl<H: Handler> Programs for ByHandler<H> {
    type State = H;

    fn needs(&self, message: &[u8]) -> Needs {
        let Ok(call) = Call::parse(message) else { return Needs { reply: REFUSAL_MAX, remembered: None } };
        let oncilla::Needs { results_max, idempotent } = self.0.needs(call.id());
        let reply = REPLY_HEADER.saturating_add(results_max).max(REFUSAL_MAX);
        Needs { reply, remembered: (!idempotent).then(|| call.xid()) }
    }

    fn answer<M: Remembers>(
        &self,
        cache: &mut M,
        origin: Origin<'_>,
        handler: &mut H,
        message: &[u8],
        reply: &mut [u8],
    ) -> (Option<usize>, Outcome) {
        answer_by_from(cache, origin, handler, message, reply)
    }

    fn reply_max(&self) -> usize {
        self.0.reply_max().max(REFUSAL_MAX)
    }

    fn remembered_max(&self) -> usize {
        self.reply_max()
    }

    fn procedures(&self) -> Vec<ProcedureId> {
        Vec::new()
    }
}
