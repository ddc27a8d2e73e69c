//! Client and server on one link.

use core::ffi::c_void;

use oncilla::Endpoint as Calls;
use oncilla::framing::{Record, Serial};
use oncilla::message::ProcedureId;

use crate::carrier::{Carrier, Chosen, WithLog};
use crate::erased::Erased;
use crate::lent::{Ends, Served};
use crate::link::link;
use crate::object::{Kind, enter, init, look};
use crate::replay::{Remembering, named};
use crate::status::status;
use crate::table::State;
use crate::*;

/// Words of the largest body, which is the one on a serial line.
const BODY: usize = size_of::<calling::EndpointOf<Carrier<Serial>>>().div_ceil(8);

/// Words of an `oncilla_endpoint`.
#[cfg(target_pointer_width = "64")]
pub const ONCILLA_ENDPOINT_SIZE: usize = 52;
/// Words of an `oncilla_endpoint`.
#[cfg(target_pointer_width = "32")]
pub const ONCILLA_ENDPOINT_SIZE: usize = 39;
/// Words of an `oncilla_endpoint`.
#[cfg(target_pointer_width = "16")]
pub const ONCILLA_ENDPOINT_SIZE: usize = 31;

/// A client and server on one link. While it waits for a reply, it answers the peer's calls.
///
/// A procedure must not call the peer. Use `oncilla_nested` for procedures that do.
#[repr(C)]
pub struct Endpoint {
    opaque: [u64; ONCILLA_ENDPOINT_SIZE],
}

impl Kind for Endpoint {
    type Inner = Erased<dyn calling::Both, Served, BODY>;
    const MARK: u32 = 0x656e_6470;
}

/// # Safety
/// As of [`oncilla_endpoint_over_record`].
#[allow(clippy::too_many_arguments)]
pub(crate) unsafe fn over<F: Chosen>(
    endpoint: *mut Endpoint,
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
    ends: Ends,
    begin: impl FnOnce() -> Result<F::Begin, Status>,
) -> Status {
    // SAFETY: the function's condition; the pointer is one to an `EndpointOf<F::Transport>`.
    let make = || unsafe {
        let replay = named(replay, F::LOSSY)?;
        let served = Served::new(table, replay)?;
        let built = look(table)?;
        let send_max = built.table.reply_max().max(ONCILLA_CALL_HEADER);
        let (link, lent) = link::<F, _, _>(endpoint, served, io, true, buffers, ends, begin, send_max)?;
        let body = Calls::new(link, &built.table, State::new(context, table), first_xid)
            .with_replay(Remembering::new(replay, (*io).peer.is_some())?)
            .with_credential(calling::Identity::NONE);
        let view = |body: *mut ()| body.cast::<calling::EndpointOf<F::Transport>>() as *mut dyn calling::Both;
        Ok(Erased::new(body, view, lent))
    };
    // SAFETY: the function's condition.
    status(unsafe { init(endpoint, make) })
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
    unsafe { over::<Record>(endpoint, table, context, replay, io, buffers, first_xid, Ends::NONE, || Ok(0)) }
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
    unsafe { over::<Serial>(endpoint, table, context, replay, io, buffers, first_xid, Ends::NONE, || Ok(boot)) }
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
    unsafe { over::<WithLog>(endpoint, table, context, replay, io, buffers, first_xid, Ends::NONE, || Ok(boot)) }
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
    unsafe { calling::serve_next(endpoint, deadline) }
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
    unsafe { calling::serve(endpoint) }
}

/// Calls a procedure of the peer and waits for its results; serves meanwhile.
///
/// Blocks until the reply arrives or the time-out has passed (`oncilla_endpoint_set_timeout`), and as long as a
/// procedure that is served runs.
///
/// - `arguments` is the writer with the encoded arguments, or NULL for none.
/// - `results` becomes a reader of the encoded results. Their bytes are lent until the next use of the endpoint. With
///   NULL, results other than none are ONCILLA_LEFT_OVER.
///
/// Returns ONCILLA_OK when the results have arrived; the status of the refusal when the peer refused the call; else a
/// failure of the link, such as ONCILLA_TIMED_OUT or ONCILLA_CLOSED. Returns ONCILLA_OVERLAP, before anything is
/// sent, if `arguments` or `results` share bytes with each other, with the endpoint, or with the memory lent to it.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_endpoint_call(
    endpoint: *mut Endpoint,
    program: u32,
    version: u32,
    procedure: u32,
    arguments: *const Writer,
    results: *mut Reader,
) -> Status {
    let id = ProcedureId { program, version, procedure };
    // SAFETY: this function's condition.
    unsafe { calling::call(endpoint, id, arguments, results) }
}

/// Sends a one-way call and does not wait for a reply (RFC 5531 §8).
///
/// Use it for procedures without a reply only. Blocks until the carrier has taken the call or the time-out has
/// passed. `arguments` is the writer with the encoded arguments, or NULL for none.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_endpoint_cast(
    endpoint: *mut Endpoint,
    program: u32,
    version: u32,
    procedure: u32,
    arguments: *const Writer,
) -> Status {
    let id = ProcedureId { program, version, procedure };
    // SAFETY: this function's condition.
    unsafe { calling::cast(endpoint, id, arguments) }
}

/// Sets the total time-out of later calls, in microseconds.
///
/// It covers sending, waiting, retransmitting and receiving together. The default is five seconds. With ONCILLA_NEVER
/// calls wait for ever.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_endpoint_set_timeout(endpoint: *mut Endpoint, microseconds: u64) -> Status {
    let timeout = calling::timeout(microseconds);
    // SAFETY: this function's condition.
    status(unsafe { enter(endpoint) }.map(|mut object| object.parts().0.set_timeout(timeout)))
}

/// Sets when later calls are retransmitted, with the same xid.
///
/// Calls are retransmitted only on carriers that can lose messages: first after `pause` microseconds, at least 1000.
/// If `doubling` is not 0, each pause is twice the previous one. The default is half a second, doubling. With
/// ONCILLA_NEVER nothing is retransmitted.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_endpoint_set_retry(endpoint: *mut Endpoint, pause: u64, doubling: u32) -> Status {
    let retry = calling::retry(pause, doubling);
    // SAFETY: this function's condition.
    status(unsafe { enter(endpoint) }.map(|mut object| object.parts().0.set_retry(retry)))
}

/// Sets the credential of later calls.
///
/// `body` has `length` bytes, at most 400. It is lent as long as the endpoint calls, and must not change. Returns
/// ONCILLA_BOUND if it is longer, ONCILLA_OVERLAP if it shares bytes with the endpoint or with the memory lent to it.
///
/// # Safety
/// `body` points to `length` bytes. Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_endpoint_set_credential(
    endpoint: *mut Endpoint,
    flavor: u32,
    body: *const u8,
    length: usize,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { calling::set_credential(endpoint, flavor, body, length) }
}

/// Copies the details of the last failure to `details`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_endpoint_details(endpoint: *mut Endpoint, details: *mut Details) -> Status {
    // SAFETY: this function's condition.
    unsafe { calling::details(endpoint, details) }
}
