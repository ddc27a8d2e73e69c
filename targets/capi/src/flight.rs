//! Several calls in flight.

use core::time::Duration;

use oncilla::__private::CallsInLent;
use oncilla::framing::{Cobs, Datagram, Record, Serial};
use oncilla::message::ProcedureId;
use oncilla::{CallError, LinkError, Retry, Time};

use crate::calling::{Identity, give, outgoing};
use crate::carrier::{Chosen, On, WithLog};
#[cfg(feature = "checks")]
use crate::checked::apart;
use crate::checked::{Memory, Overlap, place_at};
use crate::details::Failure;
use crate::lent::{Ends, Lent};
use crate::link::link;
use crate::object::{Kind, enter, init, mark};
use crate::status::status;
use crate::*;

/// Words of an `oncilla_calls`.
#[cfg(target_pointer_width = "64")]
pub const ONCILLA_CALLS_SIZE: usize = 63;
/// Words of an `oncilla_calls`.
#[cfg(target_pointer_width = "32")]
pub const ONCILLA_CALLS_SIZE: usize = 45;
/// Words of an `oncilla_calls`.
#[cfg(target_pointer_width = "16")]
pub const ONCILLA_CALLS_SIZE: usize = 32;

/// A client with several calls in flight, which are finished in any order.
///
/// The memory of its slots, an `oncilla_slots`, determines how many calls there can be and how large their results.
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
}

/// A client whose calls are in flight: the core's functions need no more than its parts.
type FlyingOf<K> = CallsInLent<'static, oncilla::Client<<K as Chosen>::Transport, &'static mut [u8], Identity>>;

/// The first part of the content of an `oncilla_calls`.
#[repr(C)]
struct Flight {
    does: &'static Does,
    failure: Failure<CallError<i32>>,
    lent: Lent,
    /// The memory of the slots.
    #[cfg(feature = "checks")]
    slots: Memory,
}

impl Flight {
    /// Checks that no memory of the object shares a byte with `memory`.
    ///
    /// # Safety
    /// The lent memory is in its place.
    unsafe fn is_apart_from(&self, memory: Memory) -> Result<(), Overlap> {
        #[cfg(feature = "checks")]
        apart(self.slots, memory)?;
        // SAFETY: this function's condition.
        unsafe { self.lent.is_apart_from(memory) }
    }
}

/// Starts a call; returns the number of its ticket.
type Start = unsafe fn(*mut (), ProcedureId, &[u8]) -> Result<u32, CallError<i32>>;

/// Returns the results of a call.
type Finish = unsafe fn(*mut (), Ticket) -> Result<&'static [u8], CallError<i32>>;

/// What calls in flight on any framing do, for the content of their object.
struct Does {
    start: Start,
    poll: unsafe fn(*mut (), Time) -> Result<oncilla::Tally, LinkError<i32>>,
    finish: Finish,
    cancel: unsafe fn(*mut (), Ticket),
    set_timeout: unsafe fn(*mut (), Option<Duration>),
    set_retry: unsafe fn(*mut (), Retry),
}

/// The content of an `oncilla_calls`.
#[repr(C)]
struct CallsOf<K: Chosen> {
    flight: Flight,
    calls: FlyingOf<K>,
}

impl<K: Chosen> CallsOf<K> {
    const DOES: Does = Does {
        start: Self::start,
        poll: Self::poll,
        finish: Self::finish,
        cancel: Self::cancel,
        set_timeout: Self::set_timeout,
        set_retry: Self::set_retry,
    };

    /// Returns the calls of such an object.
    unsafe fn of(content: *mut ()) -> &'static mut FlyingOf<K> {
        // SAFETY: it is the content of such an object, which stays in its place. Nothing else refers to this part.
        unsafe { &mut (*content.cast::<Self>()).calls }
    }

    unsafe fn start(content: *mut (), id: ProcedureId, arguments: &[u8]) -> Result<u32, CallError<i32>> {
        // SAFETY: as above.
        unsafe { Self::of(content) }.start(id, arguments).map(|ticket| ticket.xid())
    }

    unsafe fn poll(content: *mut (), until: Time) -> Result<oncilla::Tally, LinkError<i32>> {
        // SAFETY: as above.
        unsafe { Self::of(content) }.poll_until(until)
    }

    unsafe fn finish(content: *mut (), ticket: Ticket) -> Result<&'static [u8], CallError<i32>> {
        // SAFETY: as above.
        unsafe { Self::of(content) }.finish(ticket.number, ticket.id())
    }

    unsafe fn cancel(content: *mut (), ticket: Ticket) {
        // SAFETY: as above.
        unsafe { Self::of(content) }.cancel(ticket.number);
    }

    unsafe fn set_timeout(content: *mut (), timeout: Option<Duration>) {
        // SAFETY: as above.
        let client = unsafe { Self::of(content) }.caller();
        match timeout {
            Some(timeout) => client.set_timeout(timeout),
            None => client.wait_for_ever(),
        }
    }

    unsafe fn set_retry(content: *mut (), retry: Retry) {
        // SAFETY: as above.
        unsafe { Self::of(content) }.caller().set_retry(retry);
    }
}

impl Kind for Calls {
    const MARK: u32 = mark(b'f');
}

/// # Safety
/// As of [`oncilla_calls_over_record`].
#[inline]
pub(crate) unsafe fn over<K: Chosen>(
    calls: *mut Calls,
    io: *const Io,
    buffers: *const Buffers,
    slots: *const Slots,
    first_xid: u32,
    ends: Ends,
    begin: impl FnOnce() -> Result<K::Begin, Status>,
) -> Status {
    // SAFETY: the function's condition.
    let make = |place: *mut CallsOf<K>| unsafe {
        let slots_at = slots;
        let slots = checked::reference(slots)?;
        slots.are_apart(slots_at, calls, io, buffers, ends)?;
        let (link, lent) = link::<K, _>(calls, None, io, true, buffers, ends, begin, || ONCILLA_CALL_HEADER)?;
        let flight = Flight {
            does: const { &CallsOf::<K>::DOES },
            failure: Failure::NONE,
            lent,
            #[cfg(feature = "checks")]
            slots: slots.memory(),
        };
        let client = oncilla::Client::new(link, first_xid).with_credential(Identity::NONE);
        place.write(CallsOf { flight, calls: FlyingOf::<K>::new(client, slots.divide()?) });
        Ok(())
    };
    // SAFETY: the function's condition.
    unsafe { init(calls, make) }
}

/// Initialises a client with calls in flight on record marking.
///
/// The memory of `slots` is lent as long as the calls are used. Returns ONCILLA_TOO_SMALL if it has no room for one call. The
/// other parameters are those of `oncilla_client_over_record`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_over_record(
    calls: *mut Calls,
    io: *const Io,
    buffers: *const Buffers,
    slots: *const Slots,
    first_xid: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<On<Record, Calls>>(calls, io, buffers, slots, first_xid, Ends::NONE, || Ok(0)) }
}

/// Initialises a client with calls in flight on datagrams.
///
/// `slots` is as in `oncilla_calls_over_record`. The other parameters are those of `oncilla_client_over_datagram`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_over_datagram(
    calls: *mut Calls,
    io: *const Io,
    buffers: *const Buffers,
    slots: *const Slots,
    first_xid: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<On<Datagram, Calls>>(calls, io, buffers, slots, first_xid, Ends::NONE, || Ok(0)) }
}

/// Initialises a client with calls in flight on a serial line.
///
/// `slots` is as in `oncilla_calls_over_record`. The other parameters are those of `oncilla_client_over_serial`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_over_serial(
    calls: *mut Calls,
    io: *const Io,
    buffers: *const Buffers,
    slots: *const Slots,
    first_xid: u32,
    boot: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<On<Serial, Calls>>(calls, io, buffers, slots, first_xid, Ends::NONE, || Ok(boot)) }
}

/// Initialises a client with calls in flight on a serial line (COBS with CRC-32), without hellos.
///
/// `slots` is as in `oncilla_calls_over_record`. The other parameters are those of `oncilla_client_over_cobs`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_over_cobs(
    calls: *mut Calls,
    io: *const Io,
    buffers: *const Buffers,
    slots: *const Slots,
    first_xid: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<On<Cobs, Calls>>(calls, io, buffers, slots, first_xid, Ends::NONE, || Ok(0)) }
}

/// Initialises a client with calls in flight on a serial line that also carries text and logs.
///
/// `beside` of `io` is called with the text and logs of the peer. Everything else is as in `oncilla_calls_over_serial`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_over_serial_with_log(
    calls: *mut Calls,
    io: *const Io,
    buffers: *const Buffers,
    slots: *const Slots,
    first_xid: u32,
    boot: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<WithLog<Calls>>(calls, io, buffers, slots, first_xid, Ends::NONE, || Ok(boot)) }
}

/// Sends a call and does not wait for its reply.
///
/// Blocks until the carrier has taken the call or the time-out has passed. `arguments` is the writer with the encoded
/// arguments, or NULL for none; it is not needed afterwards. `ticket` is set, for `oncilla_calls_finish`. Returns
/// ONCILLA_NO_SLOT if no slot is free.
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
        enter::<_, Flight>(calls).and_then(|(_in_use, flight)| {
            checked::check(ticket)?;
            (*flight).is_apart_from(place_at(ticket))?;
            (*flight).is_apart_from(place_at(arguments))?;
            let arguments = outgoing(arguments, place_at(ticket), &(*flight).lent)?;
            (*flight).is_apart_from((arguments.as_ptr(), arguments.len()))?;
            let number = ((*flight).does.start)(flight.cast(), id, arguments)
                .map_err(|fault| Failure::set(&raw mut (*flight).failure, fault))?;
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
    let polled = unsafe {
        enter::<_, Flight>(calls).and_then(|(_in_use, flight)| {
            if !tally.is_null() {
                checked::check(tally)?;
                (*flight).is_apart_from(place_at(tally))?;
            }
            let polled = ((*flight).does.poll)(flight.cast(), Time::from_micros(until))
                .map_err(|fault| Failure::set(&raw mut (*flight).failure, fault.into()))?;
            if !tally.is_null() {
                let narrow = |count| u32::try_from(count).unwrap_or(u32::MAX);
                tally.write(Tally {
                    in_flight: narrow(polled.in_flight),
                    done: narrow(polled.done),
                    closed: polled.closed.into(),
                    restarted: polled.restarted.into(),
                });
            }
            Ok(())
        })
    };
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
        enter::<_, Flight>(calls).and_then(|(_in_use, flight)| {
            let ticket = *checked::reference(ticket)?;
            if !results.is_null() {
                checked::check(results)?;
                (*flight).is_apart_from(place_at(results))?;
            }
            Ok(give(((*flight).does.finish)(flight.cast(), ticket), results, &raw mut (*flight).failure))
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
        enter::<_, Flight>(calls).and_then(|(_in_use, flight)| {
            ((*flight).does.cancel)(flight.cast(), *checked::reference(ticket)?);
            Ok(())
        })
    };
    status(cancelled)
}

/// Sets the total time-out of calls that are started later, in milliseconds: see `oncilla_client_set_timeout`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_set_timeout(calls: *mut Calls, milliseconds: u32) -> Status {
    // SAFETY: this function's condition.
    status(unsafe {
        enter::<_, Flight>(calls)
            .map(|(_in_use, flight)| ((*flight).does.set_timeout)(flight.cast(), calling::timeout(milliseconds)))
    })
}

/// Sets when calls that are started later are retransmitted: see `oncilla_client_set_retry`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_set_retry(calls: *mut Calls, pause: u32, doubling: u32) -> Status {
    // SAFETY: this function's condition.
    status(unsafe {
        enter::<_, Flight>(calls)
            .map(|(_in_use, flight)| ((*flight).does.set_retry)(flight.cast(), calling::retry(pause, doubling)))
    })
}

/// Copies the details of the last failure to `details`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_details(calls: *mut Calls, details: *mut Details) -> Status {
    // SAFETY: this function's condition.
    let copied = unsafe {
        enter::<_, Flight>(calls).and_then(|(_in_use, flight)| {
            checked::check(details)?;
            (*flight).is_apart_from(place_at(details))?;
            checked::put(details, (*flight).failure.details())
        })
    };
    status(copied)
}
