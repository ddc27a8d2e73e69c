//! Client and server on one link.

use core::ffi::c_void;

use oncilla::__private::{Calling, by_parts};
use oncilla::framing::{Cobs, Framing, Record, Serial};
use oncilla::{CallError, LinkError, Time};

use crate::calling::{Callers, Identity, exchange};
use crate::carrier::{Chosen, LinkOf, On, WithLog};
use crate::lent::{Ends, Served};
use crate::link::link;
use crate::object::{Kind, enter, init, mark};
use crate::replay::named;
use crate::serving::{ServeNext, serve, served};
use crate::*;

/// Words that an `oncilla_endpoint` has besides its client.
#[cfg(target_pointer_width = "64")]
pub const ONCILLA_ENDPOINT_SIZE: usize = 4;
/// Words that an `oncilla_endpoint` has besides its client.
#[cfg(target_pointer_width = "32")]
pub const ONCILLA_ENDPOINT_SIZE: usize = 3;
/// Words that an `oncilla_endpoint` has besides its client.
#[cfg(target_pointer_width = "16")]
pub const ONCILLA_ENDPOINT_SIZE: usize = 2;

/// A client and server on one link. While it waits for a reply, it answers the peer's calls.
///
/// It calls through its member `client`, as in `oncilla_client_call(&endpoint.client, ...)`: all functions for clients work
/// with that. A procedure must not call the peer. Use `oncilla_nested` for procedures that do.
#[repr(C)]
pub struct Endpoint {
    /// Calls the peer. The functions of the endpoint initialise it.
    pub client: Client,
    opaque: [u64; ONCILLA_ENDPOINT_SIZE],
}

impl Kind for Endpoint {
    const MARK: u32 = mark(b'e');
}

/// The first part of the content of an `oncilla_endpoint`.
#[repr(C)]
struct Front {
    callers: Callers,
    serve_next: ServeNext,
}

/// The content of an `oncilla_endpoint`.
#[repr(C)]
struct EndpointOf<K: Chosen> {
    front: Front,
    calling: Calling<Identity>,
    served: Served,
    link: LinkOf<K>,
}

impl<K: Chosen> EndpointOf<K> {
    /// Makes a call, and answers those that arrive meanwhile.
    unsafe fn exchange(callers: *mut Callers, call: &calling::Call<'_>) -> Result<&'static [u8], CallError<i32>> {
        // SAFETY: it is the first part of this, which stays in its place. Nothing else refers to the other parts.
        let Self { front, calling, served, link } = unsafe { &mut *callers.cast::<Self>() };
        let answer =
            |link: &mut LinkOf<K>, place: by_parts::Place, deadline| served.respond::<K>(link, place, deadline);
        let called = exchange::<K>(&front.callers, calling, link, call, true, answer);
        // Under keys, the cache distinguishes calls from before a restart, and keeps those of other peers.
        if let Err(CallError::Restarted) = called
            && !K::Framing::KEYED
        {
            served.replay.forget();
        }
        called
    }

    unsafe fn serve_next(endpoint: *mut (), deadline: Time) -> Result<oncilla::Served, LinkError<i32>> {
        // SAFETY: it is the content of such an endpoint, which stays in its place. Nothing else refers to these parts.
        let Self { served, link, .. } = unsafe { &mut *endpoint.cast::<Self>() };
        served.serve_next::<K>(link, deadline)
    }
}

/// # Safety
/// As of [`oncilla_endpoint_over_record`].
#[allow(clippy::too_many_arguments)]
#[inline]
pub(crate) unsafe fn over<K: Chosen>(
    endpoint: *mut Endpoint,
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
    ends: Ends,
    begin: impl FnOnce() -> Result<K::Begin, Status>,
) -> Status {
    // SAFETY: the function's condition.
    let make = |place: *mut EndpointOf<K>| unsafe {
        let replay = named(replay, K::LOSSY)?;
        let many = K::ADDRESSES && crate::checked::reference(io).is_ok_and(|io| io.peer.is_some());
        let served = Served::new(table, context, replay, many)?;
        let send_max = || served.table.reply_max().max(ONCILLA_CALL_HEADER);
        let (link, lent) = link::<K, _>(endpoint, Some(&served), io, true, buffers, ends, begin, send_max)?;
        let callers = Callers::new(EndpointOf::<K>::exchange, &raw mut (*place).calling, lent);
        let front = Front { callers, serve_next: EndpointOf::<K>::serve_next };
        place.write(EndpointOf { front, calling: calling::begin(first_xid), served, link });
        Ok(())
    };
    // SAFETY: the function's condition.
    unsafe { init(endpoint, make) }
}

/// Initialises an endpoint on record marking (RFC 5531 §11): TCP, Unix sockets and pipes.
///
/// It serves `table` as in `oncilla_server_over_record` and calls as in `oncilla_client_over_record`. `io` must have
/// a clock.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[allow(clippy::too_many_arguments)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_endpoint_over_record(
    endpoint: *mut Endpoint,
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe {
        over::<On<Record, Endpoint>>(endpoint, table, context, replay, io, buffers, first_xid, Ends::NONE, || Ok(0))
    }
}

/// Initialises an endpoint on a serial line (COBS with CRC-32).
///
/// With a `boot` number other than 0 the endpoint sends hellos, and messages have short headers once both peers have
/// sent theirs. The boot number must differ after every restart, for example a counter that starts at 1.
///
/// It serves `table` as in `oncilla_server_over_serial` and calls as in `oncilla_client_over_serial`. `io` must have
/// a clock.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[allow(clippy::too_many_arguments)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_endpoint_over_serial(
    endpoint: *mut Endpoint,
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
    boot: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe {
        over::<On<Serial, Endpoint>>(endpoint, table, context, replay, io, buffers, first_xid, Ends::NONE, || Ok(boot))
    }
}

/// Initialises an endpoint on a serial line (COBS with CRC-32), without hellos.
///
/// It takes less flash than `oncilla_endpoint_over_serial`, and more bytes on the line: every message has the full header. The
/// peer may have either. Neither notices a restart of the other, and after a restart a caller must not repeat the xids of its last run.
/// Everything else is as in `oncilla_endpoint_over_serial`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[allow(clippy::too_many_arguments)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_endpoint_over_cobs(
    endpoint: *mut Endpoint,
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe {
        over::<On<Cobs, Endpoint>>(endpoint, table, context, replay, io, buffers, first_xid, Ends::NONE, || Ok(0))
    }
}

/// Initialises an endpoint on a serial line that also carries text and logs.
///
/// `beside` of `io` is called with the text and logs of the peer. Everything else is as in
/// `oncilla_endpoint_over_serial`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[allow(clippy::too_many_arguments)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_endpoint_over_serial_with_log(
    endpoint: *mut Endpoint,
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
    boot: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe {
        over::<WithLog<Endpoint>>(endpoint, table, context, replay, io, buffers, first_xid, Ends::NONE, || Ok(boot))
    }
}

/// Waits until `deadline` for one message and answers it.
///
/// Blocks until a message arrives, but no longer than `deadline`. The deadline limits neither the procedure nor the
/// reply, which must be sent within 10 seconds. Returns
///
/// - ONCILLA_OK when a message was answered;
/// - ONCILLA_TIME_UP when no message arrived;
/// - ONCILLA_CLOSED when the peer has closed the link;
/// - ONCILLA_RESTARTED when the peer has restarted; serve on;
/// - ONCILLA_UNSENT when the reply could not be sent in time;
/// - ONCILLA_TRANSPORT when a callback failed. On a serial line, serve on; on a connection, close it.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_endpoint_serve_next(endpoint: *mut Endpoint, deadline: u64) -> Status {
    // SAFETY: this function's condition.
    unsafe {
        match enter::<_, Front>(endpoint) {
            Ok((_in_use, front)) => {
                let next = ((*front).serve_next)(front.cast(), Time::from_micros(deadline));
                served(next, &raw mut (*front).callers.failure)
            }
            Err(fault) => fault,
        }
    }
}

/// Serves until the peer closes the link, then returns ONCILLA_OK.
///
/// Blocks until then, or until the link fails.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_endpoint_serve(endpoint: *mut Endpoint) -> Status {
    // SAFETY: this function's condition.
    serve(|| unsafe { oncilla_endpoint_serve_next(endpoint, ONCILLA_NEVER) })
}
