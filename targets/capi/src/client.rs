//! A client on a link of its own.

use oncilla::Client as Calls;
use oncilla::framing::{Datagram, Record, Serial};
use oncilla::message::ProcedureId;

use crate::io::Io;
use crate::link::{Buffers, Chosen, WithLog, link};
use crate::object::{Erased, Kind, enter, init};
use crate::status::status;
use crate::*;

/// Bytes of the largest body, in words: as large as that on a serial line.
const BODY: usize = size_of::<calling::ClientOf<Serial>>().div_ceil(8);

/// Words of an `oncilla_client`.
#[cfg(target_pointer_width = "64")]
pub const ONCILLA_CLIENT_SIZE: usize = 46;
/// Words of an `oncilla_client`.
#[cfg(target_pointer_width = "32")]
pub const ONCILLA_CLIENT_SIZE: usize = 36;
/// Words of an `oncilla_client`.
#[cfg(target_pointer_width = "16")]
pub const ONCILLA_CLIENT_SIZE: usize = 29;

/// A client: what CLIENT is to libtirpc, for any program at the other end of its carrier.
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
unsafe fn over<F: Chosen>(
    client: *mut Client,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
    boot: u32,
) -> Status {
    // SAFETY: the function's condition; the pointer is one to a `ClientOf<F>`.
    let make = || unsafe {
        let (link, lent) = link::<F, _, _>(client, (), io, true, buffers, boot, ONCILLA_CALL_HEADER)?;
        let body = Calls::new(link, first_xid).with_credential(calling::Identity::NONE);
        let view = |body: *mut ()| body.cast::<calling::ClientOf<F>>() as *mut dyn calling::Calling;
        Ok(Erased::new(body, view, lent))
    };
    // SAFETY: the function's condition.
    status(unsafe { init(client, make) })
}

/// A client on record marking (RFC 5531 §11), on TCP, Unix sockets and pipes.
///
/// Its first call has the xid `first_xid`, the next one more, and so on. A client that starts again should not start with
/// the same, or a server that remembers replies may take its calls for repeated old ones: take a random number, the
/// time, or a boot counter in the upper bits. `io` is copied, and must have a clock; the buffers must stay in their
/// place as long as the client is used.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_client_over_record(
    client: *mut Client,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<Record>(client, io, buffers, first_xid, 0) }
}

/// A client on datagrams, each a message: UDP.
///
/// Its first call has the xid `first_xid`, the next one more, and so on. A client that starts again should not start with
/// the same, or a server that remembers replies may take its calls for repeated old ones: take a random number, the
/// time, or a boot counter in the upper bits. `io` is copied, and must have a clock; the buffers must stay in their
/// place as long as the client is used.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_client_over_datagram(
    client: *mut Client,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<Datagram>(client, io, buffers, first_xid, 0) }
}

/// A client on COBS with a CRC-32, on serial lines. With a `boot` number other than 0, which must be another after every restart (let a counter begin with 1), it introduces itself to the other end and messages have short headers when both do.
///
/// Its first call has the xid `first_xid`, the next one more, and so on. A client that starts again should not start with
/// the same, or a server that remembers replies may take its calls for repeated old ones: take a random number, the
/// time, or a boot counter in the upper bits. `io` is copied, and must have a clock; the buffers must stay in their
/// place as long as the client is used.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_client_over_serial(
    client: *mut Client,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
    boot: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<Serial>(client, io, buffers, first_xid, boot) }
}

/// The same, which also shows what comes beside messages to `beside` of `io`: text and logs of the other end.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_client_over_serial_with_log(
    client: *mut Client,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
    boot: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<WithLog>(client, io, buffers, first_xid, boot) }
}

/// Calls a procedure and waits for its results, at most as long as the time-out. `arguments` has what was written, or is
/// NULL for none. `results` is made a reader of what came, which is lent until the next use of the client; with NULL there
/// must be none. ONCILLA_OVERLAP, before anything is sent, if either has bytes in common with the other, with the client
/// or with what that was lent.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
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

/// Sends a call and does not wait for a reply (RFC 5531 §8): for procedures that give none.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
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

/// Sets the total time-out of the calls that follow, in microseconds: sending, waiting, sending again and receiving
/// together. It is five seconds before; ONCILLA_NEVER lets them wait for ever.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_client_set_timeout(client: *mut Client, microseconds: u64) -> Status {
    let timeout = calling::timeout(microseconds);
    // SAFETY: this function's condition.
    status(unsafe { enter(client) }.map(|mut object| object.parts().0.set_timeout(timeout)))
}

/// Sets when the calls that follow are sent again, with the same xid, on a carrier that can lose messages: after
/// `pause` microseconds, and if `doubling` is not 0 then after twice that, and so on. It is half a second, doubling,
/// before; ONCILLA_NEVER sends nothing again.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_client_set_retry(client: *mut Client, pause: u64, doubling: u32) -> Status {
    let retry = calling::retry(pause, doubling);
    // SAFETY: this function's condition.
    status(unsafe { enter(client) }.map(|mut object| object.parts().0.set_retry(retry)))
}

/// Sets what the calls that follow say of who calls. The body is at most 400 bytes, and must stay as it is as long as the
/// client calls; ONCILLA_OVERLAP if it has bytes in common with the client or with what that was lent.
///
/// # Safety
/// `body` points to `length` bytes. The pointers point to what they are for, or are NULL.
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

/// Copies what the last failure said beside its status.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_client_details(client: *mut Client, details: *mut Details) -> Status {
    // SAFETY: this function's condition.
    unsafe { calling::details(client, details) }
}
