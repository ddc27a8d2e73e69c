//! What has calls in flight: a caller, and slots in memory of its own or in memory that is lent.

use super::link_caller::LinkCaller;
use super::slot::Slot;
use super::ticket::Ticket;

/// A slot for a call of `F`.
pub(super) type SlotOf<F> = Slot<fn(&mut F, Ticket), <F as Flights>::Bytes>;

/// A caller and slots.
pub(super) trait Flights: Sized {
    type Caller: LinkCaller;
    /// The memory of a slot for arguments and results.
    type Bytes: AsRef<[u8]> + AsMut<[u8]>;

    fn slots(&self) -> &[SlotOf<Self>];

    fn parts(&mut self) -> (&mut Self::Caller, &mut [SlotOf<Self>]);

    fn slots_mut(&mut self) -> &mut [SlotOf<Self>] {
        self.parts().1
    }

    fn link_caller(&mut self) -> &mut Self::Caller {
        self.parts().0
    }
}

/// The error of the carrier of `F`.
pub(super) type ErrorOf<F> = <<F as Flights>::Caller as crate::client::caller::Caller>::Error;
