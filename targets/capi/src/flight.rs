//! Several calls under way at once.

use core::mem::transmute;

use oncilla::framing::{Datagram, Record, Serial};
use oncilla::message::ProcedureId;
use oncilla::{CallError, CallsInFlight, LinkError, Starter, Time};

use crate::calling::{ClientOf, Identity, Outgoing, check_results, fail};
use crate::io::Io;
use crate::link::{Buffers, Chosen, link};
use crate::object::{Erased, Kind, enter, init};
use crate::status::status;
use crate::*;

/// Calls that an `oncilla_calls` can have under way at once. It and ONCILLA_CALLS_BYTES are the library's: whoever wants
/// others changes them in `src/flight.rs`, and the words below.
pub const ONCILLA_CALLS_SLOTS: usize = 4;

/// Bytes of the largest arguments, on a carrier that can lose messages, and of the largest results.
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

/// A client that has up to ONCILLA_CALLS_SLOTS calls under way at once, finished in any order.
///
/// Nothing happens by itself: calls are sent again, replies are taken in and time-outs are noticed while
/// `oncilla_calls_poll` or `oncilla_calls_finish` runs. A call has a slot from its start until its ticket is finished or
/// cancelled. A replay cache of the server needs as many replies as there are calls from the oldest under way to the newest.
#[repr(C)]
pub struct Calls {
    opaque: [u64; ONCILLA_CALLS_SIZE],
}

/// A call that was started. Copies of it are the same ticket; it is of use once.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Ticket {
    /// The call's transaction number.
    pub number: u32,
    /// What is called: the program,
    pub program: u32,
    /// its version
    pub version: u32,
    /// and the procedure.
    pub procedure: u32,
}

/// How the calls stand.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Tally {
    /// Calls that have neither a reply nor failed.
    pub in_flight: u32,
    /// Calls that have, and whose tickets are neither finished nor cancelled.
    pub done: u32,
    /// 1 if the other end has closed, else 0.
    pub closed: u32,
    /// 1 if the other end said just now that it has restarted, else 0.
    pub restarted: u32,
}

impl Ticket {
    fn id(self) -> ProcedureId {
        ProcedureId { program: self.program, version: self.version, procedure: self.procedure }
    }

    /// The same as the core has it. A number that no call has is no harm: finishing it says so.
    fn typed(self) -> oncilla::Ticket {
        // SAFETY: a ticket is its number and nothing else, as the compiler has checked by its size, and any number is one.
        unsafe { transmute::<u32, oncilla::Ticket>(self.number) }
    }
}

/// What has calls in flight.
pub(crate) trait Flying {
    fn start(&mut self, id: ProcedureId, arguments: &[u8]) -> Result<u32, CallError<i32>>;
    fn poll(&mut self, until: Time) -> Result<oncilla::Tally, LinkError<i32>>;
    fn finish(&mut self, ticket: Ticket) -> Result<&[u8], CallError<i32>>;
    fn cancel(&mut self, ticket: Ticket);
    fn caller(&mut self) -> &mut dyn calling::Calling;
}

type FlyingOf<K> = CallsInFlight<ClientOf<K>, ONCILLA_CALLS_SLOTS, ONCILLA_CALLS_BYTES>;

impl<K: Chosen> Flying for FlyingOf<K> {
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

/// Bytes of the largest body, in words: as large as that on a serial line.
const BODY: usize = size_of::<FlyingOf<Serial>>().div_ceil(8);

impl Kind for Calls {
    type Inner = Erased<dyn Flying, (), BODY>;
    const MARK: u32 = 0x666c_6967;
}

/// # Safety
/// As of [`oncilla_calls_over_record`].
unsafe fn over<K: Chosen>(
    calls: *mut Calls,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
    boot: u32,
) -> Status {
    // SAFETY: the function's condition; the pointer is one to a `FlyingOf<K>`.
    let make = || unsafe {
        let (link, lent) = link::<K, _, _>(calls, (), io, true, buffers, boot, ONCILLA_CALL_HEADER)?;
        let body = FlyingOf::<K>::new(oncilla::Client::new(link, first_xid).with_credential(Identity::NONE));
        let view = |body: *mut ()| body.cast::<FlyingOf<K>>() as *mut dyn Flying;
        Ok(Erased::new(body, view, lent))
    };
    // SAFETY: the function's condition.
    status(unsafe { init(calls, make) })
}

/// Calls in flight on record marking: see `oncilla_client_over_record`.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
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

/// Calls in flight on datagrams: see `oncilla_client_over_datagram`.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
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

/// Calls in flight on a serial line: see `oncilla_client_over_serial`.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
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

/// Sends a call and waits for no reply. `arguments` is as of `oncilla_client_call`, and not needed afterwards; `ticket` is set.
/// ONCILLA_NO_SLOT when as many calls are under way as there can be.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
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

/// Takes in the replies that are there, sends again and gives up what is due. If no further call is done it waits for one,
/// until `until` at most; with 0 it does not wait. `tally` is told how the calls stand, or may be NULL.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
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

/// Waits for a call's reply until its time-out at most, and frees its slot whatever comes of the call; the other calls move on
/// meanwhile. `results` is as of `oncilla_client_call`. ONCILLA_UNKNOWN_TICKET when no call has the ticket, such as one that
/// is finished already.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
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

/// Gives a call up, and frees its slot. The server may carry it out or not; its reply will be dropped.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
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

/// Sets the total time-out of the calls that are started from now on: see `oncilla_client_set_timeout`.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_set_timeout(calls: *mut Calls, microseconds: u64) -> Status {
    let timeout = calling::timeout(microseconds);
    // SAFETY: this function's condition.
    status(unsafe { enter(calls) }.map(|mut object| object.parts().0.caller().set_timeout(timeout)))
}

/// Sets when they are sent again: see `oncilla_client_set_retry`.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_set_retry(calls: *mut Calls, pause: u64, doubling: u32) -> Status {
    let retry = calling::retry(pause, doubling);
    // SAFETY: this function's condition.
    status(unsafe { enter(calls) }.map(|mut object| object.parts().0.caller().set_retry(retry)))
}

/// Copies what the last failure said beside its status.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_details(calls: *mut Calls, details: *mut Details) -> Status {
    // SAFETY: this function's condition.
    unsafe { calling::details(calls, details) }
}
