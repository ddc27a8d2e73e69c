//! Several calls in flight at once, on one link.

mod carrying;
mod flights;
mod lent;
mod link_caller;
mod slot;
mod starter;
mod ticket;

use crate::client::caller::{CallError, Caller};
use crate::codec::Writer;
use crate::framing::Framing;
use crate::link::{LinkError, Time, Transport};
use crate::message::ProcedureId;
use crate::xdr::{DecodeError, EncodeError};

pub use lent::{CallsInLent, LentSlot};
pub use link_caller::LinkCaller;
pub use starter::Starter;
pub use ticket::Ticket;

use carrying::Carrying;
use flights::Flights;
use slot::Slot;

/// A function that runs when a call is done; set by [`CallsInFlight::then`].
pub type Callback<C, const SLOTS: usize, const BYTES: usize> = fn(&mut CallsInFlight<C, SLOTS, BYTES>, Ticket);

/// Makes up to `SLOTS` calls at once over the link of `C`.
///
/// `C` is a [`Client`](crate::Client), or an [`Endpoint`](crate::Endpoint), which also serves calls meanwhile.
///
/// ```
/// # oncilla::program! {
/// #     pub mod thermostat = 0x2000_0042, version 1 {
/// #         fn read(channel: u32) -> i32 = 1;
/// #         fn name(channel: u32) -> &str [..16] = 2;
/// #     }
/// # }
/// # struct Device;
/// # impl thermostat::Service for Device {
/// #     fn read(&mut self, _: u32) -> i32 { 21_500 }
/// #     fn name(&mut self, _: u32) -> &str { "hall" }
/// # }
/// # static TABLE: oncilla::Table<Device> = oncilla::table![thermostat::program()];
/// # fn main() {
/// #     let (near, far) = oncilla_host::pipe::<oncilla::framing::Cobs>();
/// #     std::thread::spawn(move || oncilla::Link::new(far, [0; 256], [0; 256]).serve(&TABLE, &mut Device));
/// #     example(oncilla::Client::new(oncilla::Link::new(near, [0; 256], [0; 256]), 1)).unwrap();
/// # }
/// # fn example<T: oncilla::Transport>(
/// #     client: oncilla::Client<T, [u8; 256]>,
/// # ) -> Result<(), oncilla::CallError<T::Error>> {
/// use oncilla::CallsInFlight;
///
/// let mut calls = CallsInFlight::<_, 4, { thermostat::SLOT_MAX }>::new(client);
/// let hall = thermostat::start::read(&mut calls, 0)?; // sends the call and returns a ticket
/// let name = thermostat::start::name(&mut calls, 0)?;
/// while calls.poll()?.in_flight > 0 {
///     // Do other work: `poll` does not wait.
/// }
/// println!("{}", thermostat::finish::name(&mut calls, name)?); // in any order
/// println!("{}", thermostat::finish::read(&mut calls, hall)?);
/// # Ok(())
/// # }
/// ```
///
/// **Time.** Each call has the total time-out and the [`Retry`](crate::Retry) that its caller had when the call was
/// started. Nothing runs in the background: calls are retransmitted, replies are received and time-outs are noticed
/// only while [`poll`](Self::poll), [`poll_until`](Self::poll_until), [`finish`](Starter::finish) or a blocking call
/// runs. Received messages are handled before time-outs, so that a late `poll` still finds the replies.
///
/// **Slots.** A call has a slot from its start until its ticket is finished or cancelled. A start without a free slot
/// is [`CallError::NoSlot`]. When a ticket is dropped, its call keeps the slot and continues until it is done. When no
/// slot is free, a new call takes the slot of a call that is done and past its total time-out. So forgotten tickets do
/// not occupy slots for ever, except for calls that [wait for ever](crate::Client::wait_for_ever). Finishing a ticket
/// whose slot was taken is [`CallError::UnknownTicket`], and never returns the results of another call.
///
/// **Memory.** `SLOTS` × (80 + `BYTES`) bytes on a 32-bit machine, beside the caller. `BYTES` holds the arguments of a
/// call while it may be retransmitted, and then its results. `thermostat::SLOT_MAX` is enough for every procedure of
/// an interface. On a carrier that loses nothing, only the results must fit. Arguments that do not fit are
/// [`CallError::Arguments`]; results that do not fit are [`CallError::ReplyTooLarge`]. Messages of the peer never take
/// a slot.
///
/// **At most once.** A server's [`ReplayCache`](crate::ReplayCache) must still remember the oldest call that can be
/// retransmitted. It needs as many slots as calls are started from the oldest in flight to the newest: `SLOTS`, if
/// calls are finished in the order of their start. While one call is retransmitted until its time-out, the other slots
/// may start very many calls.
///
/// **Replies** are matched by xid. A reply without a waiting call is dropped: a late one, a repeated one, or one whose
/// ticket was cancelled.
///
/// **Errors of the link** are returned by `poll` and `finish`; the other calls remain in flight. When the peer closes
/// the link, all calls end with [`CallError::Closed`]. When the peer restarts and both links have boot numbers, all
/// end with [`CallError::Restarted`].
///
/// **Connections.** A server that cannot send its replies may stop reading calls. A start then waits for the server
/// and receives no replies. So the replies of all slots together should fit the buffers of the carrier, as small
/// messages in few slots do.
pub struct CallsInFlight<C: LinkCaller, const SLOTS: usize, const BYTES: usize> {
    caller: C,
    slots: [Slot<Callback<C, SLOTS, BYTES>, [u8; BYTES]>; SLOTS],
}

/// How many calls wait and how many are done: the result of [`CallsInFlight::poll`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Calls that wait for their reply.
    pub in_flight: usize,
    /// Calls that have a reply or failed, and whose tickets are neither finished nor cancelled.
    pub done: usize,
    /// Whether the peer has closed the link.
    pub closed: bool,
    /// Whether the peer reported during this poll that it has restarted
    /// ([`Link::with_boot_number`](crate::Link::with_boot_number)).
    pub restarted: bool,
}

impl<C: LinkCaller, const SLOTS: usize, const BYTES: usize> CallsInFlight<C, SLOTS, BYTES> {
    /// Creates `SLOTS` free slots for the calls of `caller`.
    ///
    /// `caller` may be borrowed: `&mut client`. It does not compile with 0 slots, nor with more than 65 535, because
    /// calls in the short form need an xid each:
    ///
    /// ```compile_fail,E0080
    /// # let client = oncilla_host::tcp("127.0.0.1:1")?;
    /// let calls = oncilla::CallsInFlight::<_, 0, 64>::new(client);
    /// # Ok::<(), oncilla_host::Error>(())
    /// ```
    pub const fn new(caller: C) -> Self {
        const {
            assert!(SLOTS > 0, "CallsInFlight needs at least 1 slot");
            assert!(SLOTS as u64 <= 0xffff, "CallsInFlight can have at most 65 535 slots");
        }
        Self { caller, slots: [const { Slot::FREE }; SLOTS] }
    }

    /// Returns the caller, for instance to set time-outs or to access an endpoint's state.
    ///
    /// Do not call or serve on the caller itself: that drops the replies to calls in flight. `CallsInFlight` is a
    /// [`Caller`], too, and [`poll_until`](Self::poll_until) serves.
    pub const fn caller(&mut self) -> &mut C {
        &mut self.caller
    }

    /// Returns the caller and gives up the calls in flight: their late replies are dropped.
    pub fn into_caller(self) -> C {
        self.caller
    }

    /// Handles the messages that have arrived, without waiting for more, and returns the tally.
    ///
    /// It takes at most `SLOTS` messages from the transport, retransmits calls, ends calls that timed out, and runs
    /// the callbacks of calls that are done. An endpoint also serves the calls that have arrived.
    ///
    /// A retransmission blocks until the carrier has taken the call. On a transport without a clock
    /// ([`Forever`](crate::Forever)), `poll` waits for a message.
    ///
    /// # Errors
    /// The error of the link. The calls remain in flight.
    pub fn poll(&mut self) -> Result<Tally, LinkError<C::Error>> {
        self.poll_until(Time::ZERO)
    }

    /// Handles messages as [`poll`](Self::poll) does, and waits until another call is done.
    ///
    /// It waits until `until`, or until the peer closes the link. An endpoint serves calls all that time.
    ///
    /// # Errors
    /// The error of the link. The calls remain in flight.
    pub fn poll_until(&mut self, until: Time) -> Result<Tally, LinkError<C::Error>> {
        self.wait_until(until)
    }

    /// Returns whether [`finish`](Starter::finish) would return at once.
    pub fn is_done<P>(&self, ticket: &Ticket<P>) -> bool {
        !self.slots.iter().any(|slot| slot.has(ticket.xid()) && slot.is_waiting())
    }

    /// Gives up a call and frees its slot.
    ///
    /// The server may still execute the call; its reply is dropped.
    pub fn cancel<P>(&mut self, ticket: Ticket<P>) {
        self.free(ticket.xid());
    }

    /// Sets a callback that runs when the call has a reply or has failed.
    ///
    /// The callback runs within the first [`poll`](Self::poll), [`poll_until`](Self::poll_until),
    /// [`finish`](Starter::finish) or blocking call that finds the call done. It receives the ticket without its type,
    /// and usually finishes it: `thermostat::finish::read(calls, ticket.typed())`. That does not wait. If it does not
    /// finish the ticket, the slot is freed afterwards.
    ///
    /// A callback may start and cancel calls. If it waits for a call or polls, other callbacks run within it and use
    /// more stack. With an endpoint, the state of the procedures is `calls.caller().state()`.
    pub fn then<P>(&mut self, ticket: Ticket<P>, callback: Callback<C, SLOTS, BYTES>) {
        match self.slots.iter_mut().find(|slot| slot.has(ticket.xid())) {
            Some(slot) => slot.callback = Some(callback),
            // A new call has taken the slot: finishing the ticket reports that to the callback.
            None => callback(self, Ticket::new(ticket.xid())),
        }
    }
}

impl<C: LinkCaller, const SLOTS: usize, const BYTES: usize> Flights for CallsInFlight<C, SLOTS, BYTES> {
    type Caller = C;
    type Bytes = [u8; BYTES];

    fn slots(&self) -> &[flights::SlotOf<Self>] {
        &self.slots
    }

    fn parts(&mut self) -> (&mut C, &mut [flights::SlotOf<Self>]) {
        (&mut self.caller, &mut self.slots)
    }
}

impl<C: LinkCaller, const SLOTS: usize, const BYTES: usize> Caller for CallsInFlight<C, SLOTS, BYTES> {
    type Error = C::Error;

    /// Starts the call and finishes it. It needs a free slot.
    fn call<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<C::Error>> {
        let ticket = self.start::<()>(id, arguments)?;
        self.finish(ticket, id, results)
    }

    /// Sends a one-way call. It needs no slot.
    fn cast(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), CallError<C::Error>> {
        if <C::Transport as Transport>::Framing::KEYED {
            self.meet(id)?;
        }
        self.caller.cast(id, arguments)
    }
}
