//! The call in flight of a client, whatever its link.

use std::convert::Infallible;
use std::time::Duration;

use oncilla::{CallError, Caller, CallsInFlight, Client, LinkError, ProcedureId, Starter, Ticket, Transport};

/// The largest results in bytes, and the size of buffers without framing.
pub const SLOT_SIZE: usize = 1 << 16;

/// Why a call on a [`Line`](crate::Line) has no results.
pub type Failed = CallError<Infallible>;

/// Makes one call at a time. No function waits.
pub trait Flight {
    /// Sends a call, or the hello before it.
    fn start(&mut self, id: ProcedureId, arguments: &[u8]) -> Result<Ticket, Failed>;

    /// Handles what has arrived and what is due. Returns whether the device has restarted.
    fn poll(&mut self) -> Result<bool, LinkError<Infallible>>;

    /// Returns the outcome of a call, if it has one. `ticket` is taken then.
    fn finish(&mut self, id: ProcedureId, ticket: &mut Option<Ticket>) -> Option<Result<Vec<u8>, Failed>>;

    /// Sends a one-way call. On a keyed link there must be a session.
    fn cast(&mut self, id: ProcedureId, arguments: &[u8]) -> Result<(), Failed>;

    /// Sets the total time-out of the calls that follow.
    fn set_timeout(&mut self, timeout: Duration);
}

impl<T: Transport<Error = Infallible>> Flight for CallsInFlight<Client<T, Box<[u8]>>, 1, SLOT_SIZE> {
    fn start(&mut self, id: ProcedureId, arguments: &[u8]) -> Result<Ticket, Failed> {
        Starter::start(self, id, |writer| writer.append(arguments))
    }

    fn poll(&mut self) -> Result<bool, LinkError<Infallible>> {
        Self::poll(self).map(|tally| tally.restarted)
    }

    fn finish(&mut self, id: ProcedureId, ticket: &mut Option<Ticket>) -> Option<Result<Vec<u8>, Failed>> {
        // A call that is not done would be waited for.
        let done = ticket.take_if(|ticket| self.is_done(ticket))?;
        Some(Starter::finish(self, done, id, |results| Ok(results.to_vec())))
    }

    fn cast(&mut self, id: ProcedureId, arguments: &[u8]) -> Result<(), Failed> {
        Caller::cast(self, id, |writer| writer.append(arguments))
    }

    fn set_timeout(&mut self, timeout: Duration) {
        self.caller().set_timeout(timeout);
    }
}
