//! What stands for a call in flight.

use core::fmt;
use core::marker::PhantomData;

/// A call in flight. `P` says of which procedure, such as `thermostat::start::read`, so that only the right function
/// finishes it; `()` is any.
///
/// It is four bytes: the call's number, which no other of the next 2³² calls has, so that a ticket is never taken for
/// another.
/// Finishing or cancelling takes it; what becomes of a call whose ticket is dropped is told at
/// [`CallsInFlight`](crate::CallsInFlight). Show it only to the calls in flight that it came from: others do not know it,
/// but if they happened to use the same xid for the same procedure they could not tell.
#[must_use = "without its ticket a call cannot be finished, and keeps its slot until its total time-out"]
pub struct Ticket<P = ()> {
    xid: u32,
    procedure: PhantomData<fn() -> P>,
}

impl<P> Ticket<P> {
    pub(super) const fn new(xid: u32) -> Self {
        Self { xid, procedure: PhantomData }
    }

    /// The transaction number of the call. In the short form its lower 16 bits are on the wire.
    #[must_use]
    pub const fn xid(&self) -> u32 {
        self.xid
    }
}

impl Ticket {
    /// The same ticket, said to be of a certain procedure. If it is another's, finishing it is
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
