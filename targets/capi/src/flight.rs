//! Several calls in flight.

use core::mem::transmute;

use oncilla::framing::{Datagram, Record, Serial};
use oncilla::message::ProcedureId;
use oncilla::{CallError, CallsInFlight, LinkError, Starter, Time};

use crate::calling::{ClientOf, Identity, Outgoing, check_results, fail};
use crate::carrier::{Carrier, Plain};
use crate::erased::Erased;
use crate::lent::Ends;
use crate::link::link;
use crate::object::{Kind, enter, init};
use crate::status::status;
use crate::*;

/// Calls that an `oncilla_calls` can have in flight.
///
/// To change this number or ONCILLA_CALLS_BYTES, edit both in `src/flight.rs`, with ONCILLA_CALLS_SIZE, and rebuild.
pub const ONCILLA_CALLS_SLOTS: usize = 4;

/// Bytes of the largest results.
///
/// On a carrier that can lose messages, they are also the bytes of the largest arguments.
pub const ONCILLA_CALLS_BYTES: usize = 128;

/// Words of an `oncilla_calls`.
#[cfg(target_pointer_width = "64")]
pub const ONCILLA_CALLS_SIZE: usize = 155;
/// Words of an `oncilla_calls`.
#[cfg(target_pointer_width = "32")]
pub const ONCILLA_CALLS_SIZE: usize = 140;
/// Words of an `oncilla_calls`.
#[cfg(target_pointer_width = "16")]
pub const ONCILLA_CALLS_SIZE: usize = 124;

/// A client with up to ONCILLA_CALLS_SLOTS calls in flight, which are finished in any order.
///
/// Calls are retransmitted, replies received and time-outs noticed only while `oncilla_calls_poll` or
/// `oncilla_calls_finish` runs. A call occupies a slot from its start until its ticket is finished or cancelled. A
/// replay cache of the server needs a slot for every call from the oldest in flight to the newest.
#[repr(C)]
pub struct Calls {
    opaque: [u64; ONCILLA_CALLS_SIZE],
}

/// A call that was started. A copy is the same ticket. A ticket can be finished once.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Ticket {
    /// The call's xid.
    pub number: u32,
    /// The number of the program.
    pub program: u32,
    /// The version of the program.
    pub version: u32,
    /// The number of the procedure.
    pub procedure: u32,
}

/// The state of the calls in flight.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Tally {
    /// Calls without a reply that have not failed.
    pub in_flight: u32,
    /// Calls that have a reply or have failed, and whose tickets are neither finished nor cancelled.
    pub done: u32,
    /// 1 if the peer has closed the link, else 0.
    pub closed: u32,
    /// 1 if the peer reported a restart during this poll, else 0.
    pub restarted: u32,
}

impl Ticket {
    fn id(self) -> ProcedureId {
        ProcedureId { program: self.program, version: self.version, procedure: self.procedure }
    }

    /// Returns the ticket of the core. A number that no call has is harmless: finishing it reports an unknown ticket.
    fn typed(self) -> oncilla::Ticket {
        // SAFETY: a ticket consists of its number only, as the compiler checks by its size, and any number is valid.
        unsafe { transmute::<u32, oncilla::Ticket>(self.number) }
    }
}

/// An object with calls in flight.
pub(crate) trait Flying {
    fn start(&mut self, id: ProcedureId, arguments: &[u8]) -> Result<u32, CallError<i32>>;
    fn poll(&mut self, until: Time) -> Result<oncilla::Tally, LinkError<i32>>;
    fn finish(&mut self, ticket: Ticket) -> Result<&[u8], CallError<i32>>;
    fn cancel(&mut self, ticket: Ticket);
    fn caller(&mut self) -> &mut dyn calling::Calling;
}

type FlyingOf<K> = CallsInFlight<ClientOf<Carrier<K>>, ONCILLA_CALLS_SLOTS, ONCILLA_CALLS_BYTES>;

impl<K: Plain> Flying for FlyingOf<K> {
    fn start(&mut self, id: ProcedureId, arguments: &[u8]) -> Result<u32, CallError<i32>> {
        Starter::start::<()>(self, id, |writer| writer.append(arguments)).map(|ticket| ticket.xid())
    }

    fn poll(&mut self, until: Time) -> Result<oncilla::Tally, LinkError<i32>> {
        self.poll_until(until)
    }

    fn finish(&mut self, ticket: Ticket) -> Result<&[u8], CallError<i32>> {
        Starter::finish(self, ticket.typed(), ticket.id(), Ok)
    }

    fn cancel(&mut self, ticket: Ticket) {
        FlyingOf::<K>::cancel(self, ticket.typed());
    }

    fn caller(&mut self) -> &mut dyn calling::Calling {
        FlyingOf::<K>::caller(self)
    }
}

/// Words of the largest body, which is the one on a serial line.
const BODY: usize = size_of::<FlyingOf<Serial>>().div_ceil(8);

impl Kind for Calls {
    type Inner = Erased<dyn Flying, (), BODY>;
    const MARK: u32 = 0x666c_6967;
}

/// # Safety
/// As of [`oncilla_calls_over_record`].
unsafe fn over<K: Plain>(
    calls: *mut Calls,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
    boot: u32,
) -> Status {
    // SAFETY: the function's condition; the pointer is one to a `FlyingOf<K>`.
    let make = || unsafe {
        let (link, lent) = link::<K, _, _>(calls, (), io, true, buffers, Ends::NONE, || Ok(boot), ONCILLA_CALL_HEADER)?;
        let body = FlyingOf::<K>::new(oncilla::Client::new(link, first_xid).with_credential(Identity::NONE));
        let view = |body: *mut ()| body.cast::<FlyingOf<K>>() as *mut dyn Flying;
        Ok(Erased::new(body, view, lent))
    };
    // SAFETY: the function's condition.
    status(unsafe { init(calls, make) })
}

/// Initialises a client with calls in flight on record marking. The parameters are those of
/// `oncilla_client_over_record`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_over_record(
    calls: *mut Calls,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<Record>(calls, io, buffers, first_xid, 0) }
}

/// Initialises a client with calls in flight on datagrams. The parameters are those of
/// `oncilla_client_over_datagram`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_over_datagram(
    calls: *mut Calls,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<Datagram>(calls, io, buffers, first_xid, 0) }
}

/// Initialises a client with calls in flight on a serial line. The parameters are those of
/// `oncilla_client_over_serial`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_over_serial(
    calls: *mut Calls,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
    boot: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<Serial>(calls, io, buffers, first_xid, boot) }
}

/// Sends a call and does not wait for its reply.
///
/// Blocks until the carrier has taken the call or the time-out has passed. `arguments` is the writer with the encoded
/// arguments, or NULL for none; it is not needed afterwards. `ticket` is set, for `oncilla_calls_finish`. Returns
/// ONCILLA_NO_SLOT if ONCILLA_CALLS_SLOTS calls are in flight already.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_start(
    calls: *mut Calls,
    program: u32,
    version: u32,
    procedure: u32,
    arguments: *const Writer,
    ticket: *mut Ticket,
) -> Status {
    let id = ProcedureId { program, version, procedure };
    // SAFETY: this function's condition.
    let started = unsafe {
        enter(calls).and_then(|mut object| {
            checked::check(ticket)?;
            let outgoing =
                Outgoing::new(id, arguments, checked::place_at(ticket), checked::place_at(calls), &object.lent)?;
            let (flying, error) = object.parts();
            let number = flying.start(outgoing.id, outgoing.arguments).map_err(|fault| fail(error, fault.into()))?;
            checked::put(ticket, Ticket { number, program, version, procedure })
        })
    };
    status(started)
}

/// Receives replies, retransmits calls that are due, and fails calls whose time-out has passed.
///
/// Blocks until one more call is done, but no later than `until`; with 0 it does not wait. `tally` is set to the
/// state of the calls; it may be NULL.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_poll(calls: *mut Calls, until: u64, tally: *mut Tally) -> Status {
    // SAFETY: this function's condition.
    let polled = unsafe { enter(calls) }.and_then(|mut object| {
        if !tally.is_null() {
            checked::check(tally)?;
            // SAFETY: this function's condition.
            unsafe { object.lent.is_apart_from(checked::place_at(calls), checked::place_at(tally)) }?;
        }
        let (flying, error) = object.parts();
        let polled = flying.poll(Time::from_micros(until)).map_err(|fault| fail(error, fault.into()))?;
        if tally.is_null() {
            return Ok(());
        }
        let narrow = |count| u32::try_from(count).unwrap_or(u32::MAX);
        let counted = Tally {
            in_flight: narrow(polled.in_flight),
            done: narrow(polled.done),
            closed: polled.closed.into(),
            restarted: polled.restarted.into(),
        };
        // SAFETY: this function's condition.
        unsafe { checked::put(tally, counted) }
    });
    status(polled)
}

/// Waits for the reply of a call and frees its slot, whatever the outcome.
///
/// Blocks until the reply arrives or the call's time-out has passed; other calls proceed meanwhile. `results` becomes
/// a reader of the encoded results, whose bytes are lent until the next use of `calls`; with NULL, results other than
/// none are ONCILLA_LEFT_OVER. Returns the statuses of `oncilla_client_call`, and ONCILLA_UNKNOWN_TICKET if no call
/// has the ticket, for example because it is finished already.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_finish(
    calls: *mut Calls,
    ticket: *const Ticket,
    results: *mut Reader,
) -> Status {
    // SAFETY: this function's condition.
    let finished = unsafe {
        enter(calls).and_then(|mut object| {
            let ticket = *checked::reference(ticket)?;
            check_results(results, checked::place_at(calls), &object.lent)?;
            let (flying, error) = object.parts();
            Ok(calling::give(flying.finish(ticket), results, error))
        })
    };
    finished.unwrap_or_else(|fault| fault)
}

/// Gives up a call and frees its slot.
///
/// The server may still execute the call. Its reply will be dropped.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_cancel(calls: *mut Calls, ticket: *const Ticket) -> Status {
    // SAFETY: this function's condition.
    let cancelled = unsafe {
        enter(calls).and_then(|mut object| {
            object.parts().0.cancel(*checked::reference(ticket)?);
            Ok(())
        })
    };
    status(cancelled)
}

/// Sets the total time-out of calls that are started later, in microseconds: see `oncilla_client_set_timeout`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_set_timeout(calls: *mut Calls, microseconds: u64) -> Status {
    let timeout = calling::timeout(microseconds);
    // SAFETY: this function's condition.
    status(unsafe { enter(calls) }.map(|mut object| object.parts().0.caller().set_timeout(timeout)))
}

/// Sets when calls that are started later are retransmitted: see `oncilla_client_set_retry`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_set_retry(calls: *mut Calls, pause: u64, doubling: u32) -> Status {
    let retry = calling::retry(pause, doubling);
    // SAFETY: this function's condition.
    status(unsafe { enter(calls) }.map(|mut object| object.parts().0.caller().set_retry(retry)))
}

/// Copies the details of the last failure to `details`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_details(calls: *mut Calls, details: *mut Details) -> Status {
    // SAFETY: this function's condition.
    unsafe { calling::details(calls, details) }
}
