//! A client with a link of its own.

use oncilla::Client as Calls;
use oncilla::framing::{Datagram, Record, Serial};
use oncilla::message::ProcedureId;

use crate::carrier::{Carrier, Chosen, WithLog};
use crate::erased::Erased;
use crate::lent::Ends;
use crate::link::link;
use crate::object::{Kind, enter, init};
use crate::status::status;
use crate::*;

/// Words of the largest body, which is the one on a serial line.
const BODY: usize = size_of::<calling::ClientOf<Carrier<Serial>>>().div_ceil(8);

/// Words of an `oncilla_client`.
#[cfg(target_pointer_width = "64")]
pub const ONCILLA_CLIENT_SIZE: usize = 46;
/// Words of an `oncilla_client`.
#[cfg(target_pointer_width = "32")]
pub const ONCILLA_CLIENT_SIZE: usize = 36;
/// Words of an `oncilla_client`.
#[cfg(target_pointer_width = "16")]
pub const ONCILLA_CLIENT_SIZE: usize = 29;

/// A client: calls procedures of a peer. It corresponds to CLIENT of libtirpc.
#[repr(C)]
pub struct Client {
    opaque: [u64; ONCILLA_CLIENT_SIZE],
}

impl Kind for Client {
    type Inner = Erased<dyn calling::Calling, (), BODY>;
    const MARK: u32 = 0x636c_6965;
}

/// # Safety
/// As of [`oncilla_client_over_record`].
pub(crate) unsafe fn over<F: Chosen>(
    client: *mut Client,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
    ends: Ends,
    begin: impl FnOnce() -> Result<F::Begin, Status>,
) -> Status {
    // SAFETY: the function's condition; the pointer is one to a `ClientOf<F::Transport>`.
    let make = || unsafe {
        let (link, lent) = link::<F, _, _>(client, (), io, true, buffers, ends, begin, ONCILLA_CALL_HEADER)?;
        let body = Calls::new(link, first_xid).with_credential(calling::Identity::NONE);
        let view = |body: *mut ()| body.cast::<calling::ClientOf<F::Transport>>() as *mut dyn calling::Calling;
        Ok(Erased::new(body, view, lent))
    };
    // SAFETY: the function's condition.
    status(unsafe { init(client, make) })
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
    unsafe { over::<Record>(client, io, buffers, first_xid, Ends::NONE, || Ok(0)) }
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
    unsafe { over::<Datagram>(client, io, buffers, first_xid, Ends::NONE, || Ok(0)) }
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
    unsafe { over::<Serial>(client, io, buffers, first_xid, Ends::NONE, || Ok(boot)) }
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
    unsafe { over::<WithLog>(client, io, buffers, first_xid, Ends::NONE, || Ok(boot)) }
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
    unsafe { calling::call(client, id, arguments, results) }
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
    unsafe { calling::cast(client, id, arguments) }
}

/// Sets the total time-out of later calls, in microseconds.
///
/// It covers sending, waiting, retransmitting and receiving together. The default is five seconds. With ONCILLA_NEVER
/// calls wait for ever.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_client_set_timeout(client: *mut Client, microseconds: u64) -> Status {
    let timeout = calling::timeout(microseconds);
    // SAFETY: this function's condition.
    status(unsafe { enter(client) }.map(|mut object| object.parts().0.set_timeout(timeout)))
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
pub unsafe extern "C" fn oncilla_client_set_retry(client: *mut Client, pause: u64, doubling: u32) -> Status {
    let retry = calling::retry(pause, doubling);
    // SAFETY: this function's condition.
    status(unsafe { enter(client) }.map(|mut object| object.parts().0.set_retry(retry)))
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
