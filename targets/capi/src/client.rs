//! A client, which every object that calls begins with.

use core::ptr;

use oncilla::__private::Calling;
use oncilla::CallError;
use oncilla::framing::{Cobs, Datagram, Record, Serial};
use oncilla::message::ProcedureId;

use crate::calling::{Callers, Identity, exchange};
use crate::carrier::{Chosen, LinkOf, On, WithLog};
use crate::lent::Ends;
use crate::link::link;
use crate::object::{Kind, init, mark};
use crate::*;

/// Words of an `oncilla_client`.
#[cfg(target_pointer_width = "64")]
pub const ONCILLA_CLIENT_SIZE: usize = 58;
/// Words of an `oncilla_client`.
#[cfg(target_pointer_width = "32")]
pub const ONCILLA_CLIENT_SIZE: usize = 41;
/// Words of an `oncilla_client`.
#[cfg(target_pointer_width = "16")]
pub const ONCILLA_CLIENT_SIZE: usize = 29;

/// A time-out that never passes, in milliseconds.
pub const ONCILLA_FOREVER: u32 = u32::MAX;

/// A client: calls procedures of a peer. It corresponds to CLIENT of libtirpc.
///
/// An `oncilla_endpoint` and an `oncilla_nested` have one as their member `client`: the functions for clients work with it.
#[repr(C)]
pub struct Client {
    opaque: [u64; ONCILLA_CLIENT_SIZE],
}

impl Kind for Client {
    const MARK: u32 = mark(b'c');
}

/// The content of an `oncilla_client`.
#[repr(C)]
struct ClientOf<K: Chosen> {
    callers: Callers,
    calling: Calling<Identity>,
    link: LinkOf<K>,
}

impl<K: Chosen> ClientOf<K> {
    /// Makes a call. Whatever arrives besides its reply is dropped.
    unsafe fn exchange(callers: *mut Callers, call: &calling::Call<'_>) -> Result<&'static [u8], CallError<i32>> {
        // SAFETY: it is the first part of this, which stays in its place. Nothing else refers to the other parts.
        let Self { callers, calling, link } = unsafe { &mut *callers.cast::<Self>() };
        exchange::<K>(callers, calling, link, call, false, |_, _, _| Ok(()))
    }
}

/// # Safety
/// As of [`oncilla_client_over_record`].
#[inline]
pub(crate) unsafe fn over<K: Chosen>(
    client: *mut Client,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
    ends: Ends,
    begin: impl FnOnce() -> Result<K::Begin, Status>,
) -> Status {
    // SAFETY: the function's condition.
    let make = |place: *mut ClientOf<K>| unsafe {
        let (link, lent) = link::<K, _>(client, None, io, true, buffers, ends, begin, || ONCILLA_CALL_HEADER)?;
        let callers = Callers::new(ClientOf::<K>::exchange, &raw mut (*place).calling, lent);
        place.write(ClientOf { callers, calling: calling::begin(first_xid), link });
        Ok(())
    };
    // SAFETY: the function's condition.
    unsafe { init(client, make) }
}

/// Initialises a client on record marking (RFC 5531 §11): TCP, Unix sockets and pipes.
///
/// The first call has the xid `first_xid`, the next call `first_xid` + 1, and so on. A restarted client must not
/// repeat the xids of its last run, or a server with a replay cache may answer its calls with old replies. Use a
/// random number, the time, or a boot counter in the upper bits.
///
/// `io` is copied and must have a clock (ONCILLA_NULL otherwise). `buffers` is copied; the memories to which it
/// points are lent as long as the client is used. Returns ONCILLA_TOO_SMALL if they are too small for any call.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_client_over_record(
    client: *mut Client,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<On<Record, Client>>(client, io, buffers, first_xid, Ends::NONE, || Ok(0)) }
}

/// Initialises a client on datagrams (UDP); each datagram is a message.
///
/// The first call has the xid `first_xid`, the next call `first_xid` + 1, and so on. A restarted client must not
/// repeat the xids of its last run, or a server with a replay cache may answer its calls with old replies. Use a
/// random number, the time, or a boot counter in the upper bits.
///
/// `io` is copied and must have a clock (ONCILLA_NULL otherwise). `buffers` is copied; the memories to which it
/// points are lent as long as the client is used. Returns ONCILLA_TOO_SMALL if they are too small for any call.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_client_over_datagram(
    client: *mut Client,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<On<Datagram, Client>>(client, io, buffers, first_xid, Ends::NONE, || Ok(0)) }
}

/// Initialises a client on a serial line (COBS with CRC-32).
///
/// With a `boot` number other than 0 the client sends hellos, and messages have short headers once both peers have
/// sent theirs. The boot number must differ after every restart, for example a counter that starts at 1.
///
/// The first call has the xid `first_xid`, the next call `first_xid` + 1, and so on. A restarted client must not
/// repeat the xids of its last run, or a server with a replay cache may answer its calls with old replies. Use a
/// random number, the time, or a boot counter in the upper bits.
///
/// `io` is copied and must have a clock (ONCILLA_NULL otherwise). `buffers` is copied; the memories to which it
/// points are lent as long as the client is used. Returns ONCILLA_TOO_SMALL if they are too small for any call.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_client_over_serial(
    client: *mut Client,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
    boot: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<On<Serial, Client>>(client, io, buffers, first_xid, Ends::NONE, || Ok(boot)) }
}

/// Initialises a client on a serial line (COBS with CRC-32), without hellos.
///
/// It takes less flash than `oncilla_client_over_serial`, and more bytes on the line: every message has the full header. The
/// peer may have either. Neither notices a restart of the other, and after a restart a caller must not repeat the xids of its last run.
/// Everything else is as in `oncilla_client_over_serial`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_client_over_cobs(
    client: *mut Client,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<On<Cobs, Client>>(client, io, buffers, first_xid, Ends::NONE, || Ok(0)) }
}

/// Initialises a client on a serial line that also carries text and logs.
///
/// `beside` of `io` is called with the text and logs of the peer. Everything else is as in
/// `oncilla_client_over_serial`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_client_over_serial_with_log(
    client: *mut Client,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
    boot: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<WithLog<Client>>(client, io, buffers, first_xid, Ends::NONE, || Ok(boot)) }
}

/// Calls a procedure and waits for its results.
///
/// Blocks until the reply arrives or the time-out has passed (`oncilla_client_set_timeout`).
///
/// - `arguments` is the writer with the encoded arguments, or NULL for none.
/// - `results` becomes a reader of the encoded results. Their bytes are lent until the next use of the client. With
///   NULL, results other than none are ONCILLA_LEFT_OVER.
///
/// Returns ONCILLA_OK when the results have arrived; the status of the refusal when the server refused the call; else
/// a failure of the link, such as ONCILLA_TIMED_OUT or ONCILLA_CLOSED. Returns ONCILLA_OVERLAP, before anything is
/// sent, if `arguments` or `results` share bytes with each other, with the client, or with the memory lent to it.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_client_call(
    client: *mut Client,
    program: u32,
    version: u32,
    procedure: u32,
    arguments: *const Writer,
    results: *mut Reader,
) -> Status {
    let id = ProcedureId { program, version, procedure };
    // SAFETY: this function's condition.
    unsafe { calling::call(client, id, arguments, results, false) }
}

/// Sends a one-way call and does not wait for a reply (RFC 5531 §8).
///
/// Use it for procedures without a reply only. Blocks until the carrier has taken the call or the time-out has
/// passed. `arguments` is the writer with the encoded arguments, or NULL for none.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_client_cast(
    client: *mut Client,
    program: u32,
    version: u32,
    procedure: u32,
    arguments: *const Writer,
) -> Status {
    let id = ProcedureId { program, version, procedure };
    // SAFETY: this function's condition.
    unsafe { calling::call(client, id, arguments, ptr::null_mut(), true) }
}

/// Sets the total time-out of later calls, in milliseconds.
///
/// It covers sending, waiting, retransmitting and receiving together. The default is five seconds. With ONCILLA_FOREVER
/// calls wait for ever.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_client_set_timeout(client: *mut Client, milliseconds: u32) -> Status {
    // SAFETY: this function's condition.
    unsafe { calling::set_timeout(client, milliseconds) }
}

/// Sets when later calls are retransmitted, with the same xid.
///
/// Calls are retransmitted only on carriers that can lose messages: first after `pause` milliseconds, at least 1.
/// If `doubling` is not 0, each pause is twice the previous one. The default is half a second, doubling. With
/// ONCILLA_FOREVER nothing is retransmitted.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_client_set_retry(client: *mut Client, pause: u32, doubling: u32) -> Status {
    // SAFETY: this function's condition.
    unsafe { calling::set_retry(client, pause, doubling) }
}

/// Sets the credential of later calls.
///
/// `body` has `length` bytes, at most 400. It is lent as long as the client calls, and must not change. Returns
/// ONCILLA_BOUND if it is longer, ONCILLA_OVERLAP if it shares bytes with the client or with the memory lent to it.
///
/// # Safety
/// `body` points to `length` bytes. Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_client_set_credential(
    client: *mut Client,
    flavor: u32,
    body: *const u8,
    length: usize,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { calling::set_credential(client, flavor, body, length) }
}

/// Copies the details of the last failure to `details`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_client_details(client: *mut Client, details: *mut Details) -> Status {
    // SAFETY: this function's condition.
    unsafe { calling::details(client, details) }
}
