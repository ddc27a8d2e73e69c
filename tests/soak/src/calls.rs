//! Calls at random, and what came of them.

use core::cell::Cell;
use core::fmt::Display;

use oncilla::xdr::{DecodeError, EncodeError};
use oncilla::{CallError, Caller, ProcedureId, Writer};

use crate::faults::Random;
use crate::service::{digest, work};

/// How often a call may be executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Once,
    /// It is idempotent.
    Often,
    /// It is one-way: it may be lost.
    Push,
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It gave what it should; a one-way call was sent.
    Right,
    /// It gave something else.
    Wrong,
    /// It gave an error, of this kind.
    Failed(&'static str),
}

/// The kind of error for which a bad line is reason enough.
pub const TIMED_OUT: &str = "timed out";

/// That for which a restart of the server is.
pub const RESTARTED: &str = "restarted";

/// That for which two ends with the same boot number are, until one has taken another.
pub const ECHOED: &str = "echoed";

/// A caller that knows how often its calls were sent.
pub struct Counted<'c, C> {
    caller: &'c mut C,
    /// A call is written each time that it is sent.
    written: Cell<u64>,
}

impl<'c, C: Caller<Error: Display>> Counted<'c, C> {
    pub const fn new(caller: &'c mut C) -> Self {
        Self { caller, written: Cell::new(0) }
    }

    /// Makes one call; gives what it was, what came of it, and how often it was sent again.
    pub fn make(&mut self, serial: u32, random: &mut Random) -> (Kind, Outcome, u64) {
        let mut client = work::Client::new(&mut *self);
        let data = random.bytes(200);
        let (kind, result) = match random.below(10) {
            0..6 => (Kind::Once, client.once(serial, &data).map(|result| result == digest(serial, &data))),
            6 => (Kind::Often, client.often(serial, &data).map(|result| result == digest(serial, &data))),
            7..9 => (Kind::Once, client.echo(serial, &data).map(|result| result == data)),
            _ => (Kind::Push, client.push(serial, digest(serial, &[])).map(|()| true)),
        };
        let outcome = match result {
            Ok(true) => Outcome::Right,
            Ok(false) => Outcome::Wrong,
            Err(error) => Outcome::Failed(name(&error)),
        };
        (kind, outcome, self.written.take().saturating_sub(1))
    }
}

const fn name<E>(error: &CallError<E>) -> &'static str {
    match error {
        CallError::TimedOut { .. } => TIMED_OUT,
        CallError::Link(_) => "not sent",
        CallError::Echoed { .. } => ECHOED,
        CallError::Restarted => RESTARTED,
        CallError::Closed => "closed",
        CallError::Refused(_) => "refused",
        CallError::Arguments(_) => "arguments not encoded",
        CallError::CallTooLarge { .. } => "call too large",
        CallError::Results(_) => "results malformed",
        CallError::Reply(_) => "reply malformed",
        CallError::ReplyTooLarge { .. } => "reply too large",
        CallError::NoSlot { .. } => "no slot",
        CallError::TooDeep { .. } => "too deep",
        CallError::UnknownTicket { .. } => "unknown ticket",
    }
}

impl<C: Caller> Caller for Counted<'_, C> {
    type Error = C::Error;

    fn call<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<C::Error>> {
        let Self { caller, written } = self;
        let counted = |writer: &mut Writer<'_>| {
            written.set(written.get() + 1);
            arguments(writer)
        };
        caller.call(id, counted, results)
    }

    fn cast(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), CallError<C::Error>> {
        self.caller.cast(id, arguments)
    }
}
