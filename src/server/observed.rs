//! Answers a message and returns the outcome.

use core::cell::Cell;
use core::net::SocketAddr;

use super::answer::answer_full;
use super::execute::NOT_RUN;
use super::replay::{Identity, Recalled, Remembers};
use super::table::Table;
use crate::message::{Form, Origin, Refusal};

/// The outcome of a message that a server received. Returned by [`answer_observed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The procedure ran, or it is NULL.
    Executed,
    /// The procedure ran, but its results could not be encoded. The reply is SYSTEM_ERR.
    Failed,
    /// The procedure did not run. A one-way call has no reply, others have this refusal.
    Refused(Refusal),
    /// The call repeats an earlier one. The remembered reply was written; no procedure ran.
    Repeated,
    /// The message is not a call, and has no reply.
    NotACall,
    /// A [`Handler`](crate::Handler) dropped the call. No procedure ran, and there is no reply.
    Dropped,
}

/// Answers one message from `peer` with a replay cache, and returns the outcome.
///
/// Use it to log or count calls in a server of your own. `cache` is `&mut ()` for a server that remembers nothing. The
/// bytes of the reply are as with [`answer_from`](crate::answer_from).
///
/// ```
/// # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
/// # struct Device;
/// # impl clock::Service for Device { fn now(&mut self) -> u64 { 7 } }
/// use oncilla::message::{CallHeader, OpaqueAuth};
/// use oncilla::{Outcome, ProcedureId, Refusal, Table, answer_observed, table};
///
/// static TABLE: Table<Device> = table![clock::program()];
///
/// let id = ProcedureId { program: clock::PROGRAM, version: 1, procedure: 9 };
/// let header = CallHeader { xid: 42, id, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
/// let (mut call, mut reply) = ([0; 40], [0; TABLE.reply_max()]);
/// header.write(&mut call).unwrap();
///
/// let (length, outcome) = answer_observed(&mut (), None, &TABLE, &mut Device, &call, &mut reply);
/// assert_eq!(outcome, Outcome::Refused(Refusal::ProcedureUnavailable));
/// assert_eq!(length, Some(24));
/// ```
pub fn answer_observed<S, M: Remembers>(
    cache: &mut M,
    peer: Option<&SocketAddr>,
    table: &Table<S>,
    state: &mut S,
    message: &[u8],
    reply: &mut [u8],
) -> (Option<usize>, Outcome) {
    answer_observed_from(cache, peer.into(), table, state, message, reply)
}

/// Answers one message from `origin`: [`answer_observed`] for a server with keys.
pub fn answer_observed_from<S, M: Remembers>(
    cache: &mut M,
    origin: Origin<'_>,
    table: &Table<S>,
    state: &mut S,
    message: &[u8],
    reply: &mut [u8],
) -> (Option<usize>, Outcome) {
    let mut observed = Observed { cache, outcome: Cell::new(Outcome::NotACall) };
    let length = answer_full(&mut observed, origin, table, state, message, reply);
    (length, observed.outcome.get())
}

/// A replay cache, and the outcome of the call that passes through it.
struct Observed<'a, M> {
    cache: &'a mut M,
    outcome: Cell<Outcome>,
}

impl<M: Remembers> Remembers for Observed<'_, M> {
    const REMEMBERS: bool = M::REMEMBERS;

    fn reply_max(&self) -> usize {
        self.cache.reply_max()
    }

    fn recall(
        &self,
        identity: &mut Identity,
        form: Form,
        origin: Origin<'_>,
        message: &[u8],
        reply: &mut [u8],
    ) -> Recalled {
        let recalled = self.cache.recall(identity, form, origin, message, reply);
        if matches!(recalled, Recalled::Known(_)) {
            self.outcome.set(Outcome::Repeated);
        }
        recalled
    }

    fn remember(&mut self, identity: &Identity, reply: Option<&[u8]>) {
        self.cache.remember(identity, reply);
    }

    fn grow_older(&mut self) {
        self.cache.grow_older();
    }

    fn note(&mut self, outcome: Result<usize, Refusal>, ran: bool) {
        self.outcome.set(match outcome {
            Err(_) if ran => Outcome::Failed,
            Err(refusal) => Outcome::Refused(refusal),
            Ok(NOT_RUN) => Outcome::Refused(Refusal::GarbageArguments),
            Ok(_) => Outcome::Executed,
        });
    }

    fn clear(&mut self) {
        self.cache.clear();
    }
}
