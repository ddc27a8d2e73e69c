//! A server on a link of its own.

use core::ffi::c_void;

use oncilla::framing::{Datagram, Record, Serial};

use crate::io::Io;
use crate::lent::Served;
use crate::link::{Buffers, Chosen, WithLog, link};
use crate::object::{Erased, Kind, init, look};
use crate::replay::{Remembering, named};
use crate::status::status;
use crate::table::State;
use crate::*;

/// Bytes of the largest body, in words: as large as that on a serial line.
const BODY: usize = size_of::<calling::ServerOf<Serial>>().div_ceil(8);

/// Words of an `oncilla_server`.
#[cfg(target_pointer_width = "64")]
pub const ONCILLA_SERVER_SIZE: usize = 43;
/// Words of an `oncilla_server`.
#[cfg(target_pointer_width = "32")]
pub const ONCILLA_SERVER_SIZE: usize = 32;
/// Words of an `oncilla_server`.
#[cfg(target_pointer_width = "16")]
pub const ONCILLA_SERVER_SIZE: usize = 26;

/// A server: a table, and the carrier on which it is served.
#[repr(C)]
pub struct Server {
    opaque: [u64; ONCILLA_SERVER_SIZE],
}

impl Kind for Server {
    type Inner = Erased<dyn calling::Serving, Served, BODY>;
    const MARK: u32 = 0x7365_7276;
}

/// # Safety
/// As of [`oncilla_server_over_record`].
unsafe fn over<F: Chosen>(
    server: *mut Server,
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    io: *const Io,
    buffers: *const Buffers,
    boot: u32,
) -> Status {
    // SAFETY: the function's condition; the pointer is one to a `ServerOf<F>`.
    let make = || unsafe {
        let replay = named(replay, F::LOSSY)?;
        let served = Served::new(table, replay)?;
        let built = look(table)?;
        let (link, lent) = link::<F, _, _>(server, served, io, false, buffers, boot, built.table.reply_max())?;
        let replay = Remembering::new(replay, (*io).peer.is_some())?;
        let state = State::new(context, table);
        let body = calling::ServerOf { link, table: &built.table, state, replay };
        let view = |body: *mut ()| body.cast::<calling::ServerOf<F>>() as *mut dyn calling::Serving;
        Ok(Erased::new(body, view, lent))
    };
    // SAFETY: the function's condition.
    status(unsafe { init(server, make) })
}

/// A server on record marking (RFC 5531 §11), on TCP, Unix sockets and pipes.
///
/// It serves `table`, whose procedures get `context`, and remembers replies in `replay`, or not if that is NULL. `io` is
/// copied; table, replay and buffers must stay in their place as long as the server is used.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_server_over_record(
    server: *mut Server,
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    io: *const Io,
    buffers: *const Buffers,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<Record>(server, table, context, replay, io, buffers, 0) }
}

/// A server on datagrams, each a message: UDP.
///
/// It serves `table`, whose procedures get `context`. `replay` is a replay cache for many peers, or
/// ONCILLA_WITHOUT_REPLAY: then a call that a client repeats is executed again. NULL is ONCILLA_NULL. `io` is copied;
/// table, replay and buffers must stay in their place as long as the server is used.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_server_over_datagram(
    server: *mut Server,
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    io: *const Io,
    buffers: *const Buffers,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<Datagram>(server, table, context, replay, io, buffers, 0) }
}

/// A server on COBS with a CRC-32, on serial lines. With a `boot` number other than 0, which must be another after every restart (let a counter begin with 1), it introduces itself to the other end and messages have short headers when both do.
///
/// It serves `table`, whose procedures get `context`, and remembers replies in `replay`, or not if that is
/// ONCILLA_WITHOUT_REPLAY: then a call that a client repeats is executed again. NULL is ONCILLA_NULL. `io` is copied; table, replay and buffers must stay in their place as long as the server is used.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[allow(clippy::too_many_arguments)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_server_over_serial(
    server: *mut Server,
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    io: *const Io,
    buffers: *const Buffers,
    boot: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<Serial>(server, table, context, replay, io, buffers, boot) }
}

/// The same, which also shows what comes beside messages to `beside` of `io`: text and logs of the other end.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[allow(clippy::too_many_arguments)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_server_over_serial_with_log(
    server: *mut Server,
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    io: *const Io,
    buffers: *const Buffers,
    boot: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<WithLog>(server, table, context, replay, io, buffers, boot) }
}

/// Waits until `deadline` for one message and answers it: ONCILLA_OK. ONCILLA_TIME_UP when none came, ONCILLA_CLOSED when
/// the other end has closed, ONCILLA_RESTARTED when it has told that it restarted. The procedure is not interrupted by
/// the deadline. After ONCILLA_TRANSPORT of a serial line, go on by calling this again; after one of a connection,
/// drop it.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_server_serve_next(server: *mut Server, deadline: u64) -> Status {
    // SAFETY: this function's condition.
    unsafe { calling::serve_next(server, deadline) }
}

/// Serves until the other end closes: ONCILLA_OK.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_server_serve(server: *mut Server) -> Status {
    // SAFETY: this function's condition.
    unsafe { calling::serve(server) }
}

/// Copies what the last failure said beside its status.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_server_details(server: *mut Server, details: *mut Details) -> Status {
    // SAFETY: this function's condition.
    unsafe { calling::details(server, details) }
}
