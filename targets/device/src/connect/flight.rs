//! Several calls in flight on one connection.

use std::io;
use std::time::Duration;

use oncilla::{CallError, Caller, CallsInFlight, LinkError, ProcedureId, Retry, Starter, Ticket, Transport};

use super::Identity;
use super::device::{Arguments, Connection, Results, exchange};

/// The largest number of calls in flight on one connection.
pub const SLOTS: usize = 64;

/// The largest results of a call in flight, in bytes.
pub const SLOT_SIZE: usize = 4096;

/// Makes calls that do not wait for each other. At most [`SLOTS`] are in flight.
///
/// It also makes calls one after another, as a [`Connection`]. That drops the replies to calls in flight.
pub trait Flight: Connection {
    /// Sends a call.
    fn start(&mut self, id: ProcedureId, arguments: &[u8]) -> Result<Ticket, CallError<io::Error>>;

    /// Returns whether a call has a reply or has failed.
    fn is_done(&self, ticket: &Ticket) -> bool;

    /// Waits until a call is done and returns its outcome. `results` receives the results.
    fn finish(
        &mut self,
        id: ProcedureId,
        ticket: Ticket,
        results: &mut dyn FnMut(&[u8]),
    ) -> Result<(), CallError<io::Error>>;

    /// Gives up a call. Its reply is dropped.
    fn cancel(&mut self, ticket: Ticket);

    /// Receives replies until another call is done, for at most `wait`.
    ///
    /// Returns how many calls are done and not finished.
    fn poll(&mut self, wait: Duration) -> Result<usize, LinkError<io::Error>>;
}

/// Calls in flight of a client.
pub type Slots<T> = CallsInFlight<oncilla::Client<T, Box<[u8]>, Identity>, SLOTS, SLOT_SIZE>;

impl<T: Transport<Error = io::Error, Framing: Send> + Send> Flight for Slots<T> {
    fn start(&mut self, id: ProcedureId, arguments: &[u8]) -> Result<Ticket, CallError<io::Error>> {
        Starter::start(self, id, |writer| writer.append(arguments))
    }

    fn is_done(&self, ticket: &Ticket) -> bool {
        Self::is_done(self, ticket)
    }

    fn finish(
        &mut self,
        id: ProcedureId,
        ticket: Ticket,
        results: &mut dyn FnMut(&[u8]),
    ) -> Result<(), CallError<io::Error>> {
        let take = |bytes: &[u8]| {
            results(bytes);
            Ok(())
        };
        Starter::finish(self, ticket, id, take)
    }

    fn cancel(&mut self, ticket: Ticket) {
        Self::cancel(self, ticket);
    }

    fn poll(&mut self, wait: Duration) -> Result<usize, LinkError<io::Error>> {
        let until = self.caller().link().transport().now().after(wait);
        let tally = self.poll_until(until)?;
        if tally.closed { Err(LinkError::Transport(io::ErrorKind::ConnectionReset.into())) } else { Ok(tally.done) }
    }
}

impl<T: Transport<Error = io::Error, Framing: Send> + Send> Connection for Slots<T> {
    fn call(
        &mut self,
        id: ProcedureId,
        idempotent: bool,
        arguments: Arguments<'_>,
        results: Results<'_>,
    ) -> Result<(), CallError<io::Error>> {
        exchange(self.caller(), id, idempotent, arguments, results)
    }

    fn cast(&mut self, id: ProcedureId, arguments: Arguments<'_>) -> Result<(), CallError<io::Error>> {
        Caller::cast(self, id, arguments)
    }

    fn set_timeout(&mut self, timeout: Duration) {
        self.caller().set_timeout(timeout);
    }

    fn set_retry(&mut self, retry: Retry) {
        self.caller().set_retry(retry);
    }

    fn set_identity(&mut self, identity: Identity) {
        *self.caller().credential_mut() = identity;
    }
}
