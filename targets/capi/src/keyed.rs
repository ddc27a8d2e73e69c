//! Servers, clients and endpoints on links with keys.

use core::ffi::c_void;
use core::marker::PhantomData;

use oncilla::framing::{Cobs, Datagram, Framing, Record};
use oncilla::{Keyed, Link};

use crate::carrier::{Carrier, Chosen, LinkOf};
use crate::keys::{Accepting, BothEnds, Ends, Opening, accepts, both, opens};
use crate::*;

/// A carrier with the framing `F`, and the ends `E` of its sessions.
struct WithKeys<F, E>(PhantomData<(F, E)>);

impl<F: Framing + 'static, E: oncilla::keys::Ends + 'static> Chosen for WithKeys<F, E> {
    type Framing = F;
    type Transport = Keyed<Carrier<Self>, E>;
    type Begin = E;
    const BESIDE: bool = true;

    fn link(carrier: Carrier<Self>, rx: &'static mut [u8], tx: &'static mut [u8], ends: E) -> LinkOf<Self> {
        Link::with_keys(carrier, rx, tx, ends)
    }
}

type Opened<F> = WithKeys<F, &'static mut Opening>;
type Accepted<F> = WithKeys<F, &'static mut Accepting>;

/// Initialises a client with keys on record marking: TCP, Unix sockets and pipes.
///
/// Every message is sealed: nobody without the key can read, change, repeat or forge one. `opener` opens the sessions. It
/// is lent as long as the client is used. A message that does not verify ends the connection with ONCILLA_UNVERIFIED. A
/// server with another key or none does not answer, or closes the connection. Everything else is as in
/// `oncilla_client_over_record`. The send buffer needs ONCILLA_SEALED_CALL, the receive buffer ONCILLA_SEALED_REPLY.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_client_over_record_with_keys(
    client: *mut Client,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
    opener: *mut Opener,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { client::over::<Opened<Record>>(client, io, buffers, first_xid, Ends::opener(opener), || opens(opener)) }
}

/// Initialises a client with keys on datagrams (UDP).
///
/// A message that does not verify is dropped. With a server that has another key or none, calls end with ONCILLA_TIMED_OUT.
/// Everything else is as in `oncilla_client_over_record_with_keys` and `oncilla_client_over_datagram`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_client_over_datagram_with_keys(
    client: *mut Client,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
    opener: *mut Opener,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { client::over::<Opened<Datagram>>(client, io, buffers, first_xid, Ends::opener(opener), || opens(opener)) }
}

/// Initialises a client with keys on a serial line (COBS with CRC-32).
///
/// A message that does not verify is dropped. With a server that has another key or none, calls end with ONCILLA_TIMED_OUT.
/// `beside` of `io` is called with the text and logs of the peer, if it is not NULL. Everything else is as in
/// `oncilla_client_over_record_with_keys` and `oncilla_client_over_serial`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_client_over_serial_with_keys(
    client: *mut Client,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
    opener: *mut Opener,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { client::over::<Opened<Cobs>>(client, io, buffers, first_xid, Ends::opener(opener), || opens(opener)) }
}

/// Initialises a client with keys and calls in flight on record marking.
///
/// `slots` is as in `oncilla_calls_over_record`. Its bytes also bound the arguments, which are kept until there is a session.
/// Everything else is as in `oncilla_client_over_record_with_keys`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_over_record_with_keys(
    calls: *mut Calls,
    io: *const Io,
    buffers: *const Buffers,
    slots: *const Slots,
    first_xid: u32,
    opener: *mut Opener,
) -> Status {
    let ends = Ends::opener(opener);
    // SAFETY: this function's condition.
    unsafe { flight::over::<Opened<Record>>(calls, io, buffers, slots, first_xid, ends, || opens(opener)) }
}

/// Initialises a client with keys and calls in flight on datagrams (UDP).
///
/// `slots` is as in `oncilla_calls_over_record`. Everything else is as in `oncilla_client_over_datagram_with_keys`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_over_datagram_with_keys(
    calls: *mut Calls,
    io: *const Io,
    buffers: *const Buffers,
    slots: *const Slots,
    first_xid: u32,
    opener: *mut Opener,
) -> Status {
    let ends = Ends::opener(opener);
    // SAFETY: this function's condition.
    unsafe { flight::over::<Opened<Datagram>>(calls, io, buffers, slots, first_xid, ends, || opens(opener)) }
}

/// Initialises a client with keys and calls in flight on a serial line (COBS with CRC-32).
///
/// `slots` is as in `oncilla_calls_over_record`. Everything else is as in `oncilla_client_over_serial_with_keys`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_calls_over_serial_with_keys(
    calls: *mut Calls,
    io: *const Io,
    buffers: *const Buffers,
    slots: *const Slots,
    first_xid: u32,
    opener: *mut Opener,
) -> Status {
    let ends = Ends::opener(opener);
    // SAFETY: this function's condition.
    unsafe { flight::over::<Opened<Cobs>>(calls, io, buffers, slots, first_xid, ends, || opens(opener)) }
}

/// Initialises a server with keys on record marking: TCP, Unix sockets and pipes.
///
/// Only callers with one of the keys of `acceptor` are served. The `key` of `oncilla_request` is the number of the key: the
/// authorize function of the table can use it. `acceptor` is lent as long as the server is used. A message that does not
/// verify gets no answer, and ends the connection with ONCILLA_UNVERIFIED. Everything else is as in
/// `oncilla_server_over_record`. The receive buffer needs ONCILLA_SEALED_CALL, the send buffer ONCILLA_SEALED_REPLY.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[allow(clippy::too_many_arguments)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_server_over_record_with_keys(
    server: *mut Server,
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    io: *const Io,
    buffers: *const Buffers,
    acceptor: *mut Acceptor,
) -> Status {
    let ends = Ends::acceptor(acceptor);
    // SAFETY: this function's condition.
    unsafe { server::over::<Accepted<Record>>(server, table, context, replay, io, buffers, ends, || accepts(acceptor)) }
}

/// Initialises a server with keys on datagrams (UDP).
///
/// A message that does not verify is dropped without an answer. Everything else is as in `oncilla_server_over_record_with_keys` and
/// `oncilla_server_over_datagram`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[allow(clippy::too_many_arguments)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_server_over_datagram_with_keys(
    server: *mut Server,
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    io: *const Io,
    buffers: *const Buffers,
    acceptor: *mut Acceptor,
) -> Status {
    let ends = Ends::acceptor(acceptor);
    // SAFETY: this function's condition.
    unsafe {
        server::over::<Accepted<Datagram>>(server, table, context, replay, io, buffers, ends, || accepts(acceptor))
    }
}

/// Initialises a server with keys on a serial line (COBS with CRC-32).
///
/// A message that does not verify is dropped without an answer. `beside` of `io` is called with the text and logs of the peer, if it
/// is not NULL. Everything else is as in `oncilla_server_over_record_with_keys` and `oncilla_server_over_serial`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[allow(clippy::too_many_arguments)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_server_over_serial_with_keys(
    server: *mut Server,
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    io: *const Io,
    buffers: *const Buffers,
    acceptor: *mut Acceptor,
) -> Status {
    let ends = Ends::acceptor(acceptor);
    // SAFETY: this function's condition.
    unsafe { server::over::<Accepted<Cobs>>(server, table, context, replay, io, buffers, ends, || accepts(acceptor)) }
}

/// Initialises an endpoint with keys on record marking: TCP, Unix sockets and pipes.
///
/// It serves `table` as in `oncilla_server_over_record_with_keys` and calls as in `oncilla_client_over_record_with_keys`.
/// `io` must have a clock. Both buffers need ONCILLA_SEALED_CALL of the largest message.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[allow(clippy::too_many_arguments)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_endpoint_over_record_with_keys(
    endpoint: *mut Endpoint,
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
    opener: *mut Opener,
    acceptor: *mut Acceptor,
) -> Status {
    // SAFETY: this function's condition.
    let begin = || unsafe { both(opener, acceptor) };
    let ends = Ends::both(opener, acceptor);
    type Kind = WithKeys<Record, BothEnds>;
    // SAFETY: this function's condition.
    unsafe { endpoint::over::<Kind>(endpoint, table, context, replay, io, buffers, first_xid, ends, begin) }
}

/// Initialises an endpoint with keys on a serial line (COBS with CRC-32).
///
/// It serves `table` as in `oncilla_server_over_serial_with_keys` and calls as in `oncilla_client_over_serial_with_keys`.
/// `io` must have a clock. Both buffers need ONCILLA_SEALED_CALL of the largest message.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[allow(clippy::too_many_arguments)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_endpoint_over_serial_with_keys(
    endpoint: *mut Endpoint,
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    io: *const Io,
    buffers: *const Buffers,
    first_xid: u32,
    opener: *mut Opener,
    acceptor: *mut Acceptor,
) -> Status {
    // SAFETY: this function's condition.
    let begin = || unsafe { both(opener, acceptor) };
    let ends = Ends::both(opener, acceptor);
    type Kind = WithKeys<Cobs, BothEnds>;
    // SAFETY: this function's condition.
    unsafe { endpoint::over::<Kind>(endpoint, table, context, replay, io, buffers, first_xid, ends, begin) }
}
