//! Starting and finishing calls in flight.

use super::CallsInFlight;
use super::carrying::Carrying;
use super::flights::{ErrorOf, Flights};
use super::link_caller::LinkCaller;
use super::slot::{Begun, Lost, Slot};
use super::ticket::Ticket;
use crate::client::caller::{CallError, Caller};
use crate::client::exchange::{Outgoing, greeting_pause, send};
use crate::codec::Writer;
use crate::framing::Framing;
use crate::link::{Time, Transport};
use crate::message::ProcedureId;
use crate::xdr::{DecodeError, EncodeError};

/// Starts and finishes calls in flight; implemented by [`CallsInFlight`].
///
/// The functions in `start` and `finish` that [`program!`](crate::program) generates for each procedure work on it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot have calls in flight",
    label = "this does not implement `oncilla::Starter`",
    note = "`CallsInFlight::<_, 4, SLOT_MAX>::new(client)` has four slots for calls of a client or an endpoint"
)]
pub trait Starter: Caller {
    /// Sends a call and does not wait for its reply; returns its ticket.
    ///
    /// `id` and `arguments` are those of [`Caller::call`]. It blocks until the carrier has taken the call, at most for
    /// the call's total time-out, and receives no replies meanwhile.
    ///
    /// # Errors
    /// [`CallError::NoSlot`] when all slots are taken: finish, cancel or poll first. Otherwise the arguments could not
    /// be encoded, or the call could not be sent; it then has no slot.
    fn start<P>(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<Ticket<P>, CallError<Self::Error>>;

    /// Waits for the results of a call, and frees its slot.
    ///
    /// It waits at most until the call's total time-out.
    ///
    /// The slot is free also after an error. The other calls continue meanwhile. `id` must be the one with
    /// which the call was started.
    ///
    /// # Errors
    /// [`CallError`]; each variant states what to do next. An error of the link gives up this call; the others remain
    /// in flight.
    fn finish<'c, P, R>(
        &'c mut self,
        ticket: Ticket<P>,
        id: ProcedureId,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<Self::Error>>;
}

#[diagnostic::do_not_recommend]
impl<S: Starter> Starter for &mut S {
    #[inline]
    fn start<P>(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<Ticket<P>, CallError<S::Error>> {
        S::start(self, id, arguments)
    }

    #[inline]
    fn finish<'c, P, R>(
        &'c mut self,
        ticket: Ticket<P>,
        id: ProcedureId,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<S::Error>> {
        S::finish(self, ticket, id, results)
    }
}

impl<C: LinkCaller, const SLOTS: usize, const BYTES: usize> Starter for CallsInFlight<C, SLOTS, BYTES> {
    fn start<P>(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<Ticket<P>, CallError<C::Error>> {
        self.begin(id, arguments)
    }

    fn finish<'c, P, R>(
        &'c mut self,
        ticket: Ticket<P>,
        id: ProcedureId,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<C::Error>> {
        results(self.end(ticket.xid(), id)?).map_err(CallError::Results)
    }
}

/// What [`Starter`] does, wherever the slots are.
pub(super) trait Starting: Carrying {
    /// Sends a call; returns its ticket.
    fn begin<P>(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<Ticket<P>, CallError<ErrorOf<Self>>> {
        let (caller, slots) = self.parts();
        let (slot, call) = claim(caller, slots, id)?;
        let serial = slot.call().serial;
        // Only this part depends on the procedure, so that a further procedure costs only the code for its arguments.
        let sent = if is_kept::<Self::Caller>() {
            slot.put(arguments).map_err(CallError::Arguments).and_then(|()| transmit_first(caller, slot, call))
        } else {
            let (link, calling) = caller.parts();
            let length = calling.write(link, call, &arguments);
            length.and_then(|length| send(link, call, length, slot.call().deadline))
        };
        if sent.is_err() {
            slot.free();
        }
        sent.map(|()| Ticket::new(serial))
    }

    /// Waits for the results of a call, and frees its slot.
    fn end(&mut self, serial: u32, id: ProcedureId) -> Result<&[u8], CallError<ErrorOf<Self>>> {
        self.wait_for(serial, id)?;
        let unframed = self.link_caller().parts().0.unframed();
        match self.slots_mut().iter_mut().find(|slot| slot.has(serial)) {
            Some(slot) => slot.take(unframed),
            None => Err(CallError::UnknownTicket { xid: serial }),
        }
    }

    /// Waits until a call is done.
    fn wait_for(&mut self, serial: u32, id: ProcedureId) -> Result<(), CallError<ErrorOf<Self>>> {
        let mut waited = false;
        // The search fails if a callback started calls, and one of them took this slot.
        loop {
            let (caller, slots) = self.parts();
            let Some(slot) = slots.iter_mut().find(|slot| slot.has(serial) && slot.call().id == id) else {
                return Err(CallError::UnknownTicket { xid: serial });
            };
            let (deadline, is_done) = (slot.call().deadline, slot.is_done());
            slot.hold();
            if slot.is_timed_out() {
                let link = caller.parts().0;
                if link.own.came || link.is_echoed() {
                    slot.end(Err(Lost::Echoed));
                    slot.hold();
                }
                link.doubt();
            }
            // A callback that finishes its own ticket does not wait, so that no other callback runs within it.
            if waited || !is_done {
                self.run_callbacks();
            }
            if is_done {
                return Ok(());
            }
            waited = true;
            if let Err(error) = self.advance(deadline, deadline, Some(serial)) {
                self.free(serial);
                return Err(error.into());
            }
        }
    }
}

impl<F: Flights> Starting for F {}

/// Whether a call may wait in its slot: for its retransmission, or for a session.
const fn is_kept<C: LinkCaller>() -> bool {
    is_lossy::<C>() || <C::Transport as Transport>::Framing::KEYED
}

/// Whether the carrier can lose messages, so that calls may be retransmitted.
pub(super) const fn is_lossy<C: LinkCaller>() -> bool {
    <C::Transport as Transport>::Framing::RESYNCHRONIZES
}

/// A slot with its new call.
type Claimed<'s, K, B> = (&'s mut Slot<K, B>, Outgoing);

/// Takes a slot for a new call.
fn claim<'s, C: LinkCaller, K, B: AsRef<[u8]> + AsMut<[u8]>>(
    caller: &mut C,
    slots: &'s mut [Slot<K, B>],
    id: ProcedureId,
) -> Result<Claimed<'s, K, B>, CallError<C::Error>> {
    caller.check()?;
    let (link, calling) = caller.parts();
    let count = slots.len();
    let taken = || CallError::NoSlot { slots: count };
    vacate(slots, || link.now()).ok_or_else(taken)?;
    let (serial, call) = loop {
        let (serial, call) = (calling.serial(), calling.next(link, id));
        // In the short form xids repeat after 65 536 calls, and a call with the same one may still wait.
        if !slots.iter().any(|slot| slot.waits_for(call.xid)) {
            break (serial, call);
        }
    };
    link.forget_unframed();
    if <C::Transport as Transport>::Framing::NOISY {
        link.own.call(call.xid, id);
    }
    let (deadline, timeout) = (calling.deadline(link), calling.timeout.unwrap_or_default());
    let slot = slots.iter_mut().find(|slot| slot.is_free()).ok_or_else(taken)?;
    slot.wait(Begun { serial, id, deadline, timeout }, call.form, calling.retry());
    Ok((slot, call))
}

/// Makes sure that a slot is free.
///
/// If none is, frees that of the oldest call that is done and past its deadline.
fn vacate<K, B: AsRef<[u8]> + AsMut<[u8]>>(slots: &mut [Slot<K, B>], now: impl FnOnce() -> Time) -> Option<()> {
    if slots.iter().any(Slot::is_free) {
        return Some(());
    }
    let now = now();
    for slot in slots.iter_mut() {
        slot.pass(|due| due < now);
    }
    let forgotten = slots.iter_mut().filter(|slot| slot.is_forgotten(now));
    forgotten.min_by_key(|slot| slot.call().deadline)?.free();
    Some(())
}

/// Sends a new call, unless another call already waits for the peer's hello.
fn transmit_first<C: LinkCaller, K, B: AsRef<[u8]> + AsMut<[u8]>>(
    caller: &mut C,
    slot: &mut Slot<K, B>,
    call: Outgoing,
) -> Result<(), CallError<C::Error>> {
    if caller.parts().0.is_awaited() {
        hold_back(caller, slot);
        return Ok(());
    }
    transmit(caller, slot, call, Time::NEVER).map(|_| ())
}

/// Makes a call wait for the peer's hello.
pub(super) fn hold_back<C: LinkCaller, K, B: AsRef<[u8]> + AsMut<[u8]>>(caller: &mut C, slot: &mut Slot<K, B>) {
    let pause = greeting_pause::<<C::Transport as Transport>::Framing>();
    // A connection loses no hello, so that none is repeated.
    slot.hold_back(if is_lossy::<C>() { caller.parts().0.now().after(pause) } else { Slot::<K, B>::HELD });
}

/// Sends or retransmits a call from the arguments in its slot, until `patience` at most.
///
/// Returns whether it was sent. If not, it waits for the peer's hello.
pub(super) fn transmit<C: LinkCaller, K, B: AsRef<[u8]> + AsMut<[u8]>>(
    caller: &mut C,
    slot: &mut Slot<K, B>,
    call: Outgoing,
    patience: Time,
) -> Result<bool, CallError<C::Error>> {
    let (link, calling) = caller.parts();
    let deadline = slot.call().deadline.min(patience);
    // The hello is sent first, since it uses the same buffer.
    let sent = link.greet(call.id, deadline).map_err(CallError::Link).and_then(|may_call| {
        if !may_call {
            return Ok(false);
        }
        let length = calling.write(link, call, &|writer| writer.append(slot.bytes()))?;
        send(link, call, length, deadline)?;
        Ok(true)
    });
    match sent {
        Ok(false) => hold_back(caller, slot),
        _ if !is_lossy::<C>() => slot.hold_back(Time::NEVER),
        _ => slot.sent(link.now()),
    }
    sent
}
