//! A server with a link of its own.

use core::ffi::c_void;

use oncilla::framing::{Datagram, Record, Serial};

use crate::carrier::{Carrier, Chosen, WithLog};
use crate::erased::Erased;
use crate::lent::{Ends, Served};
use crate::link::link;
use crate::object::{Kind, init, look};
use crate::replay::{Remembering, named};
use crate::status::status;
use crate::table::State;
use crate::*;

/// Words of the largest body, which is the one on a serial line.
const BODY: usize = size_of::<calling::ServerOf<Carrier<Serial>>>().div_ceil(8);

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
#[allow(clippy::too_many_arguments)]
pub(crate) unsafe fn over<F: Chosen>(
    server: *mut Server,
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    io: *const Io,
    buffers: *const Buffers,
    ends: Ends,
    begin: impl FnOnce() -> Result<F::Begin, Status>,
) -> Status {
    // SAFETY: the function's condition; the pointer is one to a `ServerOf<F::Transport>`.
    let make = || unsafe {
        let replay = named(replay, F::LOSSY)?;
        let served = Served::new(table, replay)?;
        let built = look(table)?;
        let reply_max = built.table.reply_max();
        let (link, lent) = link::<F, _, _>(server, served, io, false, buffers, ends, begin, reply_max)?;
        let replay = Remembering::new(replay, (*io).peer.is_some())?;
        let state = State::new(context, table);
        let body = calling::ServerOf { link, table: &built.table, state, replay };
        let view = |body: *mut ()| body.cast::<calling::ServerOf<F::Transport>>() as *mut dyn calling::Serving;
        Ok(Erased::new(body, view, lent))
    };
    // SAFETY: the function's condition.
    status(unsafe { init(server, make) })
}

/// Initialises a server on record marking (RFC 5531 §11): TCP, Unix sockets and pipes.
///
/// - `table` is served; `context` is passed to its procedures.
/// - `replay` is the replay cache. With NULL or ONCILLA_WITHOUT_REPLAY no reply is remembered.
/// - `io` is copied.
/// - `buffers` is copied; the memories to which it points are lent.
///
/// The table, the replay cache and the buffers are lent as long as the server is used. Returns ONCILLA_TOO_SMALL if
/// the send buffer cannot hold the table's largest reply; ONCILLA_INVALID if `io` has a `peer` and `replay` is for
/// one peer.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
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
    unsafe { over::<Record>(server, table, context, replay, io, buffers, Ends::NONE, || Ok(0)) }
}

/// Initialises a server on datagrams (UDP); each datagram is a message.
///
/// - `table` is served; `context` is passed to its procedures.
/// - `replay` is a replay cache for many peers, or ONCILLA_WITHOUT_REPLAY: then a call that a client repeats is
///   executed again. NULL is ONCILLA_NULL.
/// - `io` is copied.
/// - `buffers` is copied; the memories to which it points are lent.
///
/// The table, the replay cache and the buffers are lent as long as the server is used. Returns ONCILLA_TOO_SMALL if
/// the send buffer cannot hold the table's largest reply; ONCILLA_INVALID if `io` has a `peer` and `replay` is for
/// one peer.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
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
    unsafe { over::<Datagram>(server, table, context, replay, io, buffers, Ends::NONE, || Ok(0)) }
}

/// Initialises a server on a serial line (COBS with CRC-32).
///
/// - `table` is served; `context` is passed to its procedures.
/// - `replay` is the replay cache, or ONCILLA_WITHOUT_REPLAY: then a call that a client repeats is executed again.
///   NULL is ONCILLA_NULL.
/// - `io` is copied.
/// - `buffers` is copied; the memories to which it points are lent.
/// - `boot`: with a number other than 0 the server sends hellos, and messages have short headers once both peers have
///   sent theirs. It must differ after every restart, for example a counter that starts at 1.
///
/// The table, the replay cache and the buffers are lent as long as the server is used. Returns ONCILLA_TOO_SMALL if
/// the send buffer cannot hold the table's largest reply; ONCILLA_INVALID if `io` has a `peer` and `replay` is for
/// one peer.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
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
    unsafe { over::<Serial>(server, table, context, replay, io, buffers, Ends::NONE, || Ok(boot)) }
}

/// Initialises a server on a serial line that also carries text and logs.
///
/// `beside` of `io` is called with the text and logs of the peer. Everything else is as in
/// `oncilla_server_over_serial`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
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
    unsafe { over::<WithLog>(server, table, context, replay, io, buffers, Ends::NONE, || Ok(boot)) }
}

/// Waits until `deadline` for one message and answers it.
///
/// Blocks until a message arrives, but no longer than `deadline`. Without a clock in `io` it waits for ever. The
/// deadline limits neither the procedure nor the reply, which must be sent within 10 seconds. Returns
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
pub unsafe extern "C" fn oncilla_server_serve_next(server: *mut Server, deadline: u64) -> Status {
    // SAFETY: this function's condition.
    unsafe { calling::serve_next(server, deadline) }
}

/// Serves until the peer closes the link, then returns ONCILLA_OK.
///
/// Blocks until then, or until the link fails.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_server_serve(server: *mut Server) -> Status {
    // SAFETY: this function's condition.
    unsafe { calling::serve(server) }
}

/// Copies the details of the last failure to `details`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_server_details(server: *mut Server, details: *mut Details) -> Status {
    // SAFETY: this function's condition.
    unsafe { calling::details(server, details) }
}
