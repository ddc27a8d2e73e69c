//! How clients, endpoints and nested endpoints call.

use core::time::Duration;

use oncilla::__private::{Calling, by_parts};
use oncilla::message::{OpaqueAuth, ProcedureId};
use oncilla::{Authenticate, CallError, LinkError, Retry, Time};

use crate::carrier::{Chosen, LinkOf};
use crate::checked::{Memory, apart, place_at};
use crate::details::Failure;
use crate::lent::Lent;
use crate::object::{InUse, Kind, enter_any};
use crate::*;

/// A credential in lent memory.
#[derive(Clone, Copy)]
pub(crate) struct Identity {
    credential: OpaqueAuth<'static>,
}

impl Identity {
    pub const NONE: Self = Self { credential: OpaqueAuth::NONE };

    /// # Safety
    /// `body` points to `length` bytes that do not change as long as this is used, or is NULL.
    pub unsafe fn of(flavor: u32, body: *const u8, length: usize) -> Result<Self, Status> {
        if length > ONCILLA_AUTH_BODY_MAX {
            return Err(ONCILLA_BOUND);
        }
        // SAFETY: this function's condition.
        Ok(Self { credential: OpaqueAuth { flavor, body: unsafe { checked::slice(body, length) }? } })
    }
}

impl Authenticate for Identity {
    fn credential(&self) -> OpaqueAuth<'_> {
        self.credential
    }
}

/// Returns the state of a caller whose first call has this xid.
pub(crate) fn begin(first_xid: u32) -> Calling<Identity> {
    Calling::new(first_xid, Duration::from_secs(5)).with_identity(Identity::NONE)
}

/// A function that makes a call, for the content of an object whose framing it knows.
pub(crate) type Exchange = unsafe fn(*mut Callers, &Call<'_>) -> Result<&'static [u8], CallError<i32>>;

/// The first part of every object that calls: a client, an endpoint or a nested endpoint.
#[repr(C)]
pub(crate) struct Callers {
    pub exchange: Exchange,
    /// The state of the calls, which is a later part of the object.
    pub calling: *mut Calling<Identity>,
    /// The total time-out, and when a call is retransmitted first, in microseconds.
    pub timeout: u64,
    pub pause: u64,
    pub failure: Failure<CallError<i32>>,
    pub lent: Lent,
}

impl Callers {
    /// Returns the part of a new object.
    #[inline]
    pub const fn new(exchange: Exchange, calling: *mut Calling<Identity>, lent: Lent) -> Self {
        Self { exchange, calling, timeout: 5_000_000, pause: 500_000, failure: Failure::NONE, lent }
    }
}

/// A call to make.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub id: ProcedureId,
    pub arguments: &'a [u8],
    /// Whether no reply is expected.
    pub one_way: bool,
}

/// Makes a call on a link.
///
/// # Errors
/// Those of a call.
#[inline]
pub(crate) fn exchange<K: Chosen>(
    callers: &Callers,
    calling: &mut Calling<Identity>,
    link: &'static mut LinkOf<K>,
    &Call { id, arguments, one_way }: &Call<'_>,
    serves: bool,
    stranger: impl FnMut(&mut LinkOf<K>, by_parts::Place, Time) -> Result<(), LinkError<i32>>,
) -> Result<&'static [u8], CallError<i32>> {
    let Callers { timeout, pause, .. } = *callers;
    let call = by_parts::Exchange { id, arguments, one_way, serves, timeout, pause };
    by_parts::exchange(calling, link, call, stranger)
}

/// Begins a use of an object that calls.
///
/// # Safety
/// If `client` is not NULL, it points to an object that was initialised or is zero, and no other thread uses it.
#[inline]
unsafe fn enter(client: *mut Client) -> Result<(InUse, *mut Callers), Status> {
    let calls = |mark| mark == Client::MARK || mark == Endpoint::MARK || mark == Nested::MARK;
    // SAFETY: this function's condition. The procedures of a nested endpoint may call.
    unsafe { enter_any(client, calls, |mark| mark == Nested::MARK) }
}

/// Converts milliseconds to a total time-out; ONCILLA_FOREVER is none.
pub(crate) fn timeout(milliseconds: u32) -> Option<Duration> {
    (milliseconds != ONCILLA_FOREVER).then(|| Duration::from_millis(milliseconds.into()))
}

/// Converts milliseconds to the pauses between retransmissions; ONCILLA_FOREVER is no retransmission.
pub(crate) fn retry(pause: u32, doubling: u32) -> Retry {
    match timeout(pause) {
        None => Retry::NEVER,
        Some(pause) => Retry { pause, doubling: doubling != 0 },
    }
}

/// Returns the encoded arguments of a call whose results are written to `place`.
///
/// # Safety
/// If `arguments` is not NULL, it points to a writer whose bytes do not change while `'a` lasts.
#[cfg_attr(feature = "checks", inline(never))]
pub(crate) unsafe fn outgoing<'a>(arguments: *const Writer, place: Memory, lent: &Lent) -> Result<&'a [u8], Status> {
    // SAFETY: this function's condition. Memory that is read is apart from memory that is written meanwhile.
    unsafe {
        lent.is_apart_from(place)?;
        if arguments.is_null() {
            return Ok(&[]);
        }
        let writer = checked::reference(arguments)?;
        for read in [place_at(arguments), (writer.bytes.cast_const(), writer.length)] {
            apart(place, read)?;
            lent.is_apart_from(read)?;
        }
        writer.written()
    }
}

/// Makes a call, and waits for its reply unless it is `one_way`.
///
/// # Safety
/// As of [`enter`]. If `results` is not NULL, it points to room for a reader.
#[inline(never)]
pub(crate) unsafe fn call(
    client: *mut Client,
    id: ProcedureId,
    arguments: *const Writer,
    results: *mut Reader,
    one_way: bool,
) -> Status {
    // SAFETY: this function's condition; the content is reached by its address only.
    let called = unsafe {
        enter(client).and_then(|(_in_use, callers)| {
            if !results.is_null() {
                checked::check(results)?;
            }
            let arguments = outgoing(arguments, place_at(results), &(*callers).lent)?;
            let called = ((*callers).exchange)(callers, &Call { id, arguments, one_way });
            Ok(give(called, results, &raw mut (*callers).failure))
        })
    };
    called.unwrap_or_else(|fault| fault)
}

/// Writes the results of a finished call to `results`, or its failure to `failure`.
///
/// # Safety
/// If `results` is not NULL, it points to room for a reader. Nothing refers to the failure.
#[inline]
pub(crate) unsafe fn give(
    called: Result<&[u8], CallError<i32>>,
    results: *mut Reader,
    failure: *mut Failure<CallError<i32>>,
) -> Status {
    // SAFETY: this function's condition.
    unsafe {
        let error = match called {
            Ok(bytes) if !results.is_null() => {
                results.write(Reader::new(bytes));
                return ONCILLA_OK;
            }
            Ok([]) => return ONCILLA_OK,
            Ok(_) => CallError::Results(LEFT_OVER),
            Err(error) => error,
        };
        Failure::set(failure, error)
    }
}

/// There are results where none are expected.
const LEFT_OVER: oncilla::xdr::DecodeError =
    oncilla::xdr::DecodeError { offset: 0, fault: oncilla::xdr::Fault::LeftOver, value: None };

/// Converts milliseconds to microseconds; ONCILLA_FOREVER is for ever.
fn micros(milliseconds: u32) -> u64 {
    if milliseconds == ONCILLA_FOREVER { u64::MAX } else { u64::from(milliseconds).wrapping_mul(1000) }
}

/// Sets the total time-out of later calls.
///
/// # Safety
/// As of [`enter`].
#[inline]
pub(crate) unsafe fn set_timeout(client: *mut Client, milliseconds: u32) -> Status {
    // SAFETY: this function's condition; no call is being made, or its endpoint does not refer to the state now.
    status::status(unsafe {
        enter(client).map(|(_in_use, callers)| {
            (*callers).timeout = micros(milliseconds);
            (*(*callers).calling).set_timeout(timeout(milliseconds));
        })
    })
}

/// Sets when later calls are retransmitted.
///
/// # Safety
/// As of [`enter`].
#[inline]
pub(crate) unsafe fn set_retry(client: *mut Client, pause: u32, doubling: u32) -> Status {
    // SAFETY: this function's condition; no call is being made, or its endpoint does not refer to the state now.
    status::status(unsafe {
        enter(client).map(|(_in_use, callers)| {
            (*callers).pause = micros(pause.max(1));
            (*(*callers).calling).set_retry(retry(pause, doubling));
        })
    })
}

/// Sets the credential of later calls.
///
/// # Safety
/// As of [`enter`], and of [`Identity::of`].
pub(crate) unsafe fn set_credential(client: *mut Client, flavor: u32, body: *const u8, length: usize) -> Status {
    // SAFETY: this function's condition; the body is apart from the lent memory, so nothing writes to it.
    let set = unsafe {
        enter(client).and_then(|(_in_use, callers)| {
            let identity = Identity::of(flavor, body, length)?;
            (*callers).lent.is_apart_from((body, length))?;
            (*(*callers).calling).set_identity(identity);
            Ok(())
        })
    };
    status::status(set)
}

/// Copies the details of the last failure.
///
/// # Safety
/// As of [`enter`]. If `details` is not NULL, it points to room for them.
pub(crate) unsafe fn details(client: *mut Client, details: *mut Details) -> Status {
    // SAFETY: this function's condition.
    let copied = unsafe {
        enter(client).and_then(|(_in_use, callers)| {
            checked::check(details)?;
            (*callers).lent.is_apart_from(place_at(details))?;
            checked::put(details, (*callers).failure.details())
        })
    };
    status::status(copied)
}
