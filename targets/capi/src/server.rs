//! A server with a link of its own.

use core::ffi::c_void;

use oncilla::framing::{Cobs, Datagram, Record, Serial};
use oncilla::{LinkError, Time};

use crate::carrier::{Chosen, LinkOf, On, WithLog};
use crate::checked::{check, place_at, put};
use crate::details::Failure;
use crate::lent::{Ends, Lent, Served};
use crate::link::link;
use crate::object::{Kind, enter, init, mark};
use crate::replay::named;
use crate::serving::{ServeNext, serve, served};
use crate::status::status;
use crate::*;

/// Words of an `oncilla_server`.
#[cfg(target_pointer_width = "64")]
pub const ONCILLA_SERVER_SIZE: usize = 48;
/// Words of an `oncilla_server`.
#[cfg(target_pointer_width = "32")]
pub const ONCILLA_SERVER_SIZE: usize = 31;
/// Words of an `oncilla_server`.
#[cfg(target_pointer_width = "16")]
pub const ONCILLA_SERVER_SIZE: usize = 21;

/// A server: a table, and the carrier on which it is served.
#[repr(C)]
pub struct Server {
    opaque: [u64; ONCILLA_SERVER_SIZE],
}

impl Kind for Server {
    const MARK: u32 = mark(b's');
    const CALLS: bool = false;
}

/// The first part of the content of an `oncilla_server`.
#[repr(C)]
struct Serving {
    serve_next: ServeNext,
    failure: Failure<LinkError<i32>>,
    lent: Lent,
}

/// The content of an `oncilla_server`.
#[repr(C)]
struct ServerOf<K: Chosen> {
    serving: Serving,
    served: Served,
    link: LinkOf<K>,
}

impl<K: Chosen> ServerOf<K> {
    unsafe fn serve_next(server: *mut (), deadline: Time) -> Result<oncilla::Served, LinkError<i32>> {
        // SAFETY: it is the content of such a server, which stays in its place. Nothing else refers to these parts.
        let Self { served, link, .. } = unsafe { &mut *server.cast::<Self>() };
        served.serve_next::<K>(link, deadline)
    }
}

/// # Safety
/// As of [`oncilla_server_over_record`].
#[allow(clippy::too_many_arguments)]
#[inline]
pub(crate) unsafe fn over<K: Chosen>(
    server: *mut Server,
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    io: *const Io,
    buffers: *const Buffers,
    ends: Ends,
    begin: impl FnOnce() -> Result<K::Begin, Status>,
) -> Status {
    // SAFETY: the function's condition.
    let make = |place: *mut ServerOf<K>| unsafe {
        let replay = named(replay, K::LOSSY)?;
        let many = K::ADDRESSES && crate::checked::reference(io).is_ok_and(|io| io.peer.is_some());
        let served = Served::new(table, context, replay, many)?;
        let reply_max = || served.table.reply_max();
        let (link, lent) = link::<K, _>(server, Some(&served), io, false, buffers, ends, begin, reply_max)?;
        let serving = Serving { serve_next: ServerOf::<K>::serve_next, failure: Failure::NONE, lent };
        place.write(ServerOf { serving, served, link });
        Ok(())
    };
    // SAFETY: the function's condition.
    unsafe { init(server, make) }
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
    unsafe { over::<On<Record, Server>>(server, table, context, replay, io, buffers, Ends::NONE, || Ok(0)) }
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
    unsafe { over::<On<Datagram, Server>>(server, table, context, replay, io, buffers, Ends::NONE, || Ok(0)) }
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
    unsafe { over::<On<Serial, Server>>(server, table, context, replay, io, buffers, Ends::NONE, || Ok(boot)) }
}

/// Initialises a server on a serial line (COBS with CRC-32), without hellos.
///
/// It takes less flash than `oncilla_server_over_serial`, and more bytes on the line: every message has the full header. The
/// peer may have either. Neither notices a restart of the other, and after a restart a server with a replay cache must not be called with xids of before.
/// Everything else is as in `oncilla_server_over_serial`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[allow(clippy::too_many_arguments)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_server_over_cobs(
    server: *mut Server,
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    io: *const Io,
    buffers: *const Buffers,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<On<Cobs, Server>>(server, table, context, replay, io, buffers, Ends::NONE, || Ok(0)) }
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
    unsafe { over::<WithLog<Server>>(server, table, context, replay, io, buffers, Ends::NONE, || Ok(boot)) }
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
    unsafe {
        match enter::<_, Serving>(server) {
            Ok((_in_use, serving)) => {
                let next = ((*serving).serve_next)(serving.cast(), Time::from_micros(deadline));
                served(next, &raw mut (*serving).failure)
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
pub unsafe extern "C" fn oncilla_server_serve(server: *mut Server) -> Status {
    // SAFETY: this function's condition.
    serve(|| unsafe { oncilla_server_serve_next(server, ONCILLA_NEVER) })
}

/// Copies the details of the last failure to `details`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_server_details(server: *mut Server, details: *mut Details) -> Status {
    // SAFETY: this function's condition.
    let copied = unsafe {
        enter::<_, Serving>(server).and_then(|(_in_use, serving)| {
            check(details)?;
            (*serving).lent.is_apart_from(place_at(details))?;
            put(details, (*serving).failure.details())
        })
    };
    status(copied)
}
