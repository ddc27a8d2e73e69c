//! Tickets: the handles of calls in flight.

use core::fmt;
use core::marker::PhantomData;

/// The handle of a call in flight, needed to finish it.
///
/// `P` is the procedure, such as `thermostat::start::read`, so that only the matching function finishes the call; `()`
/// is any procedure.
///
/// A ticket is four bytes: the call's number, which is unique among 2³² consecutive calls. Finishing or cancelling
/// consumes it. [`CallsInFlight`](crate::CallsInFlight) describes what happens to a call whose ticket is dropped. Use
/// a ticket only with the calls in flight that returned it. Others usually return
/// [`CallError::UnknownTicket`](crate::CallError::UnknownTicket), but cannot recognise it if they use the same xid for
/// the same procedure.
#[must_use = "without its ticket a call cannot be finished, and keeps its slot until its total time-out"]
pub struct Ticket<P = ()> {
    xid: u32,
    procedure: PhantomData<fn() -> P>,
}

impl<P> Ticket<P> {
    pub(super) const fn new(xid: u32) -> Self {
        Self { xid, procedure: PhantomData }
    }

    /// Returns the transaction number of the call.
    ///
    /// In the short form only its lower 16 bits are on the wire.
    #[must_use]
    pub const fn xid(&self) -> u32 {
        self.xid
    }
}

impl Ticket {
    /// Returns the ticket with the type of a procedure.
    ///
    /// If the call is of another procedure, finishing the ticket is
    /// [`CallError::UnknownTicket`](crate::CallError::UnknownTicket).
    pub const fn typed<P>(self) -> Ticket<P> {
        Ticket::new(self.xid)
    }
}

impl<P> fmt::Debug for Ticket<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Ticket({:#010x})", self.xid)
    }
}
