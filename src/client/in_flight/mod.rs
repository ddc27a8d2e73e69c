//! Several calls under way at once, on one link.

mod carrying;
mod link_caller;
mod slot;
mod starter;
mod ticket;

use crate::client::caller::{CallError, Caller};
use crate::codec::Writer;
use crate::link::{LinkError, Time};
use crate::message::ProcedureId;
use crate::xdr::{DecodeError, EncodeError};

pub use link_caller::LinkCaller;
pub use starter::Starter;
pub use ticket::Ticket;

use carrying::Heard;
use slot::Slot;

/// What runs when a call is done: [`CallsInFlight::then`].
pub type Callback<C, const SLOTS: usize, const BYTES: usize> = fn(&mut CallsInFlight<C, SLOTS, BYTES>, Ticket);

/// Up to `SLOTS` calls under way at once over the link of `C`: a [`Client`](crate::Client), or an
/// [`Endpoint`](crate::Endpoint), which serves meanwhile.
///
/// ```
/// # oncilla::program! {
/// #     pub mod thermostat = 0x2000_0042, version 1 { fn read(channel: u32) -> i32 = 1; fn name(channel: u32) -> &str [..16] = 2; }
/// # }
/// # fn example<T: oncilla::Transport>(client: oncilla::Client<T, [u8; 256]>) -> Result<(), oncilla::CallError<T::Error>> {
/// use oncilla::CallsInFlight;
///
/// let mut calls = CallsInFlight::<_, 4, { thermostat::SLOT_MAX }>::new(client);
/// let hall = thermostat::start::read(&mut calls, 0)?; // sends the call; the ticket stands for it
/// let name = thermostat::start::name(&mut calls, 0)?;
/// while calls.poll()?.in_flight > 0 {
///     // Other work: nothing waits.
/// }
/// println!("{}", thermostat::finish::name(&mut calls, name)?); // in any order
/// println!("{}", thermostat::finish::read(&mut calls, hall)?);
/// # Ok(())
/// # }
/// ```
///
/// **Time.** Each call has the total time-out and the [`Retry`](crate::Retry) that its caller had when it was
/// started. Nothing happens by itself: calls are sent again, replies are taken in and time-outs are noticed while
/// [`poll`](Self::poll), [`poll_until`](Self::poll_until), [`finish`](Starter::finish) or a blocking call runs. What
/// has come is looked at before the time is, so that whoever polls late still gets the replies.
///
/// **Slots.** A call has a slot from its start until its ticket is finished or cancelled; a start without a free slot is
/// [`CallError::NoSlot`]. A ticket that is dropped leaves its slot to the call, which goes on until it is done. A slot
/// whose call is done and past its total time-out is given to a new call when no other is free, so that forgotten
/// tickets cost no slot for ever, save with calls that [wait for ever](crate::Client::wait_for_ever). A ticket whose slot was
/// given away is [`CallError::UnknownTicket`], and never gives another call's results.
///
/// **Memory.** `SLOTS` × (80 + `BYTES`) bytes on a 32-bit machine, beside the caller. `BYTES` holds the arguments of a
/// call, as long as it may have to be sent again, and then its results: `thermostat::SLOT_MAX` is enough for
/// every procedure of an interface. On a carrier that loses nothing the results alone must fit. Arguments that do
/// not fit are [`CallError::Arguments`], results that do not fit [`CallError::ReplyTooLarge`]. What a peer sends takes
/// no slot.
///
/// **At most once.** A server's [`ReplayCache`](crate::ReplayCache) must still know the first of all calls that are sent
/// again: it needs as many slots as there are calls from the oldest under way to the newest. That is `SLOTS` for
/// those who finish in the order of starting; but while one call is sent again and again until its time-out, the
/// other slots may see very many calls.
///
/// **Replies** are told apart by their xid. One that nobody waits for, because it comes late, twice, or after its ticket
/// was cancelled, is dropped.
///
/// **Carriers.** After an error of the link, which `poll` and `finish` report, the other calls are still under way. When
/// the other end closes, all end in [`CallError::Closed`]; when it restarts and says so, in [`CallError::Restarted`].
/// On a connection, a server that cannot get rid of its replies may take no more calls, and a start that waits for it
/// takes in no replies: the replies of all slots together should fit what the carrier buffers, which for small
/// messages and few slots goes without saying.
pub struct CallsInFlight<C: LinkCaller, const SLOTS: usize, const BYTES: usize> {
    caller: C,
    slots: [Slot<Callback<C, SLOTS, BYTES>, BYTES>; SLOTS],
}

/// How the calls stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Calls that have neither a reply nor failed.
    pub in_flight: usize,
    /// Calls that have, and whose tickets are neither finished nor cancelled.
    pub done: usize,
    /// Whether the other end has closed the link.
    pub closed: bool,
    /// Whether the other end said just now that it has restarted
    /// ([`Link::with_boot_number`](crate::Link::with_boot_number)).
    pub restarted: bool,
}

impl<C: LinkCaller, const SLOTS: usize, const BYTES: usize> CallsInFlight<C, SLOTS, BYTES> {
    /// No calls yet. `caller` may be lent: `&mut client`. Without a slot, or with as many as there are xids in the
    /// short form (65 536), it does not compile:
    ///
    /// ```compile_fail,E0080
    /// # let client = oncilla_host::tcp("127.0.0.1:1")?;
    /// let calls = oncilla::CallsInFlight::<_, 0, 64>::new(client);
    /// # Ok::<(), oncilla_host::Error>(())
    /// ```
    pub const fn new(caller: C) -> Self {
        const {
            assert!(SLOTS > 0, "calls in flight need a slot");
            assert!(SLOTS as u64 <= 0xffff, "calls in the short form need an xid each");
        }
        Self { caller, slots: [const { Slot::FREE }; SLOTS] }
    }

    /// Who calls, to set time-outs or to get at an endpoint's state. Calls that are made on it directly, and its
    /// `serve_next`, drop the replies to calls in flight: make them on this instead, which is a
    /// [`Caller`] too, and serve by [`poll_until`](Self::poll_until).
    pub const fn caller(&mut self) -> &mut C {
        &mut self.caller
    }

    /// Gives the caller back. Calls in flight are given up: their late replies are dropped.
    pub fn into_caller(self) -> C {
        self.caller
    }

    /// Takes in the replies that are there, sends again and gives up what is due, runs the callbacks of what is
    /// done, and tells how the calls stand. An endpoint also serves the calls that are there.
    ///
    /// It waits for no message: it takes what the transport has at hand, `SLOTS` messages at most. (A transport that can
    /// only wait for ever, [`Forever`](crate::Forever), does so here too.) Sending a call again takes the time that
    /// the carrier takes.
    ///
    /// # Errors
    /// What the transport reported. The calls are still under way.
    pub fn poll(&mut self) -> Result<Tally, LinkError<C::Error>> {
        self.poll_until(Time::ZERO)
    }

    /// The same, but if no further call is done it waits for one, until `until` at most or until the other end
    /// closes. An endpoint serves all that time.
    ///
    /// # Errors
    /// As of [`poll`](Self::poll).
    pub fn poll_until(&mut self, until: Time) -> Result<Tally, LinkError<C::Error>> {
        let until = if self.run_callbacks() { Time::ZERO } else { until };
        let before = self.done();
        let heard = loop {
            match self.advance(until, Time::NEVER, None) {
                Ok(Heard::Message | Heard::Nothing) if self.done() == before && self.now() < until => {}
                other => break other,
            }
        };
        self.run_callbacks();
        let (in_flight, done) = (self.count(Slot::is_waiting), self.done());
        let heard = heard?;
        Ok(Tally { in_flight, done, closed: heard == Heard::End, restarted: heard == Heard::Restart })
    }

    /// Whether [`finish`](Starter::finish) would wait for nothing.
    pub fn is_done<P>(&self, ticket: &Ticket<P>) -> bool {
        !self.slots.iter().any(|slot| slot.has(ticket.xid()) && slot.is_waiting())
    }

    /// Gives a call up, and frees its slot. The server may carry it out or not; its reply will be dropped.
    pub fn cancel<P>(&mut self, ticket: Ticket<P>) {
        self.free(ticket.xid());
    }

    /// Has `callback` run once the call is done: a reply has come, or it has failed.
    ///
    /// It runs within the first [`poll`](Self::poll), [`poll_until`](Self::poll_until), [`finish`](Starter::finish) or
    /// blocking call that finds the call done, and gets the ticket back, without its type. Most will finish it, which
    /// does not wait: `thermostat::finish::read(calls, ticket.typed())`. If it does not, the slot is free
    /// afterwards. It may start and cancel other calls; waiting for others, or polling, runs their callbacks within it,
    /// which takes as much more stack. With an endpoint the procedures' state is at hand:
    /// `calls.caller().state()`.
    pub fn then<P>(&mut self, ticket: Ticket<P>, callback: Callback<C, SLOTS, BYTES>) {
        match self.slots.iter_mut().find(|slot| slot.has(ticket.xid())) {
            Some(slot) => slot.callback = Some(callback),
            // The slot was given away: the callback is told, by what finishing the ticket gives.
            None => callback(self, Ticket::new(ticket.xid())),
        }
    }
}

impl<C: LinkCaller, const SLOTS: usize, const BYTES: usize> Caller for CallsInFlight<C, SLOTS, BYTES> {
    type Error = C::Error;

    /// Starts the call and finishes it: it needs a slot as long as it takes.
    fn call<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<C::Error>> {
        let ticket = self.start::<()>(id, arguments)?;
        self.finish(ticket, id, results)
    }

    /// Needs no slot.
    fn cast(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), CallError<C::Error>> {
        self.caller.cast(id, arguments)
    }
}
