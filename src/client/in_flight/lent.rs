//! Calls in flight in slots that are lent, whose number and size are known at run time only.

use super::Tally;
use super::carrying::Carrying;
use super::flights::{Flights, SlotOf};
use super::link_caller::LinkCaller;
use super::slot::Slot;
use super::starter::Starting;
use super::ticket::Ticket;
use crate::client::caller::CallError;
use crate::link::{LinkError, Time};
use crate::message::ProcedureId;

/// A slot in lent memory.
pub type LentSlot<'m, C> = Slot<fn(&mut CallsInLent<'m, C>, Ticket), &'m mut [u8]>;

/// [`CallsInFlight`](crate::CallsInFlight) in slots that are lent, for languages without generics.
pub struct CallsInLent<'m, C: LinkCaller> {
    caller: C,
    slots: &'m mut [LentSlot<'m, C>],
}

impl<'m, C: LinkCaller> CallsInLent<'m, C> {
    /// The most slots: calls in the short form need an xid each.
    pub const SLOTS_MAX: usize = 0xffff;

    /// Makes calls in these slots, of which only the first [`SLOTS_MAX`](Self::SLOTS_MAX) are used.
    pub fn new(caller: C, slots: &'m mut [LentSlot<'m, C>]) -> Self {
        // Not `len().min()`: where addresses have 16 bits, no slice is longer, and clippy refuses the comparison.
        Self { caller, slots: slots.chunks_mut(Self::SLOTS_MAX).next().unwrap_or_default() }
    }

    /// See [`CallsInFlight::caller`](crate::CallsInFlight::caller).
    pub const fn caller(&mut self) -> &mut C {
        &mut self.caller
    }

    /// Sends a call with encoded arguments; see [`Starter::start`](crate::Starter::start).
    ///
    /// # Errors
    /// Those of `Starter::start`.
    pub fn start(&mut self, id: ProcedureId, arguments: &[u8]) -> Result<Ticket, CallError<C::Error>> {
        self.begin(id, |writer| writer.append(arguments))
    }

    /// Returns the encoded results of a call; see [`Starter::finish`](crate::Starter::finish).
    ///
    /// # Errors
    /// Those of `Starter::finish`.
    pub fn finish(&mut self, xid: u32, id: ProcedureId) -> Result<&[u8], CallError<C::Error>> {
        self.end(xid, id)
    }

    /// See [`CallsInFlight::poll_until`](crate::CallsInFlight::poll_until).
    ///
    /// # Errors
    /// The error of the link.
    pub fn poll_until(&mut self, until: Time) -> Result<Tally, LinkError<C::Error>> {
        self.wait_until(until)
    }

    /// See [`CallsInFlight::cancel`](crate::CallsInFlight::cancel).
    pub fn cancel(&mut self, xid: u32) {
        self.free(xid);
    }
}

impl<'m, C: LinkCaller> Flights for CallsInLent<'m, C> {
    type Caller = C;
    type Bytes = &'m mut [u8];

    fn slots(&self) -> &[SlotOf<Self>] {
        self.slots
    }

    fn parts(&mut self) -> (&mut C, &mut [SlotOf<Self>]) {
        (&mut self.caller, self.slots)
    }
}
