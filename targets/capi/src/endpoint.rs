//! Client and server at one end of one link.

use core::ffi::c_void;

use oncilla::Endpoint as Calls;
use oncilla::framing::{Record, Serial};
use oncilla::message::ProcedureId;

use crate::io::Io;
use crate::lent::Served;
use crate::link::{Buffers, Chosen, WithLog, link};
use crate::object::{Erased, Kind, enter, init, look};
use crate::replay::{Remembering, named};
use crate::status::status;
use crate::table::State;
use crate::*;

/// Bytes of the largest body, in words: as large as that on a serial line.
const BODY: usize = size_of::<calling::EndpointOf<Serial>>().div_ceil(8);

/// Words of an `oncilla_endpoint`.
#[cfg(target_pointer_width = "64")]
pub const ONCILLA_ENDPOINT_SIZE: usize = 52;
/// Words of an `oncilla_endpoint`.
#[cfg(target_pointer_width = "32")]
pub const ONCILLA_ENDPOINT_SIZE: usize = 39;
/// Words of an `oncilla_endpoint`.
#[cfg(target_pointer_width = "16")]
pub const ONCILLA_ENDPOINT_SIZE: usize = 31;

/// One end of a link that both calls and is called. While it waits for a reply it answers the calls that come; a procedure
/// cannot call in its turn, unless the endpoint is an `oncilla_nested`.
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
unsafe fn over<F: Chosen>(
    endpoint: *mut Endpoint,
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
    boot: u32,
) -> Status {
    // SAFETY: the function's condition; the pointer is one to an `EndpointOf<F>`.
    let make = || unsafe {
        let replay = named(replay, F::LOSSY)?;
        let served = Served::new(table, replay)?;
        let built = look(table)?;
        let send_max = built.table.reply_max().max(ONCILLA_CALL_HEADER);
        let (link, lent) = link::<F, _, _>(endpoint, served, io, true, buffers, boot, send_max)?;
        let body = Calls::new(link, &built.table, State::new(context, table), first_xid)
            .with_replay(Remembering::new(replay, (*io).peer.is_some())?)
            .with_credential(calling::Identity::NONE);
        let view = |body: *mut ()| body.cast::<calling::EndpointOf<F>>() as *mut dyn calling::Both;
        Ok(Erased::new(body, view, lent))
    };
    // SAFETY: the function's condition.
    status(unsafe { init(endpoint, make) })
}

/// An endpoint on record marking (RFC 5531 §11), on TCP, Unix sockets and pipes.
///
/// It serves `table` as a server does, and calls as a client does: see `oncilla_server_over_record` and
/// `oncilla_client_over_record`.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
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
    unsafe { over::<Record>(endpoint, table, context, replay, io, buffers, first_xid, 0) }
}

/// An endpoint on COBS with a CRC-32, on serial lines. With a `boot` number other than 0, which must be another after every restart (let a counter begin with 1), it introduces itself to the other end and messages have short headers when both do.
///
/// It serves `table` as a server does, and calls as a client does: see `oncilla_server_over_serial` and
/// `oncilla_client_over_serial`.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
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
    unsafe { over::<Serial>(endpoint, table, context, replay, io, buffers, first_xid, boot) }
}

/// The same, which also shows what comes beside messages to `beside` of `io`: text and logs of the other end.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
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
    unsafe { over::<WithLog>(endpoint, table, context, replay, io, buffers, first_xid, boot) }
}

/// Waits until `deadline` for one message and answers it: ONCILLA_OK. ONCILLA_TIME_UP when none came, ONCILLA_CLOSED when
/// the other end has closed, ONCILLA_RESTARTED when it has told that it restarted. The procedure is not interrupted by
/// the deadline. After ONCILLA_TRANSPORT of a serial line, go on by calling this again; after one of a connection,
/// drop it.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_endpoint_serve_next(endpoint: *mut Endpoint, deadline: u64) -> Status {
    // SAFETY: this function's condition.
    unsafe { calling::serve_next(endpoint, deadline) }
}

/// Serves until the other end closes: ONCILLA_OK.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_endpoint_serve(endpoint: *mut Endpoint) -> Status {
    // SAFETY: this function's condition.
    unsafe { calling::serve(endpoint) }
}

/// Calls a procedure and waits for its results, at most as long as the time-out. `arguments` has what was written, or is
/// NULL for none. `results` is made a reader of what came, which is lent until the next use of the endpoint; with NULL there
/// must be none. ONCILLA_OVERLAP, before anything is sent, if either has bytes in common with the other, with the endpoint
/// or with what that was lent.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
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

/// Sends a call and does not wait for a reply (RFC 5531 §8): for procedures that give none.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
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

/// Sets the total time-out of the calls that follow, in microseconds: sending, waiting, sending again and receiving
/// together. It is five seconds before; ONCILLA_NEVER lets them wait for ever.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_endpoint_set_timeout(endpoint: *mut Endpoint, microseconds: u64) -> Status {
    let timeout = calling::timeout(microseconds);
    // SAFETY: this function's condition.
    status(unsafe { enter(endpoint) }.map(|mut object| object.parts().0.set_timeout(timeout)))
}

/// Sets when the calls that follow are sent again, with the same xid, on a carrier that can lose messages: after
/// `pause` microseconds, and if `doubling` is not 0 then after twice that, and so on. It is half a second, doubling,
/// before; ONCILLA_NEVER sends nothing again.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_endpoint_set_retry(endpoint: *mut Endpoint, pause: u64, doubling: u32) -> Status {
    let retry = calling::retry(pause, doubling);
    // SAFETY: this function's condition.
    status(unsafe { enter(endpoint) }.map(|mut object| object.parts().0.set_retry(retry)))
}

/// Sets what the calls that follow say of who calls. The body is at most 400 bytes, and must stay as it is as long as the
/// endpoint calls; ONCILLA_OVERLAP if it has bytes in common with the endpoint or with what that was lent.
///
/// # Safety
/// `body` points to `length` bytes. The pointers point to what they are for, or are NULL.
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

/// Copies what the last failure said beside its status.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_endpoint_details(endpoint: *mut Endpoint, details: *mut Details) -> Status {
    // SAFETY: this function's condition.
    unsafe { calling::details(endpoint, details) }
}
