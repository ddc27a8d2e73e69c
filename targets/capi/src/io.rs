//! Callbacks and buffers of the C program: how bytes are carried.

use core::ffi::c_void;

use crate::Address;

/// An instant later than every other. A deadline of ONCILLA_NEVER waits for ever.
pub const ONCILLA_NEVER: u64 = u64::MAX;

/// Returned by a receive callback when the deadline has passed and nothing arrived.
pub const ONCILLA_IO_TIME_UP: i32 = i32::MIN;

/// The detail of ONCILLA_TRANSPORT when a callback has returned more bytes than it was passed.
///
/// It is not set when `receive` reports a datagram larger than its buffer.
pub const ONCILLA_IO_TOO_MANY: i32 = i32::MIN + 1;

/// Returns the time in microseconds since any fixed moment, such as power-on. The time never decreases.
pub type Now = Option<unsafe extern "C" fn(context: *mut c_void) -> u64>;

/// Waits for bytes until `deadline` and writes at most `size` of them to `into`.
///
/// It checks for bytes at least once, even if the deadline has passed, and returns as soon as some have arrived.
/// `size` is at most INT32_MAX. Returns
///
/// - the number of bytes written;
/// - 0 when the peer has closed the link, as read(2) does: no more bytes will arrive;
/// - ONCILLA_IO_TIME_UP when the deadline has passed;
/// - another negative number, such as -errno, on an error.
///
/// On a carrier of datagrams, it receives one whole datagram and skips empty ones. If a datagram is larger than
/// `size`, it writes the first `size` bytes and returns the size of the datagram, or `size` + 1 if that is unknown. A
/// reply of that size ends its call with ONCILLA_REPLY_TOO_LARGE; a call is refused with GARBAGE_ARGS.
pub type Receive = Option<unsafe extern "C" fn(context: *mut c_void, into: *mut u8, size: usize, deadline: u64) -> i32>;

/// Sends `size` bytes, waiting until `deadline` at most.
///
/// Where the carrier allows it, the bytes are sent in one piece. Returns the number of bytes that were taken, less
/// than `size` when the deadline has passed, or a negative number on an error.
pub type Send = Option<unsafe extern "C" fn(context: *mut c_void, from: *const u8, size: usize, deadline: u64) -> i32>;

/// Writes the address of the sender of the last received bytes to `peer`. Returns 1, or 0 if it is unknown.
pub type Peer = Option<unsafe extern "C" fn(context: *mut c_void, peer: *mut Address) -> i32>;

/// Text that the peer printed, usually one line. It has no checksum.
pub const ONCILLA_BESIDE_TEXT: u32 = 1;

/// One whole piece of binary log.
pub const ONCILLA_BESIDE_LOG: u32 = 2;

/// Bytes that are no message: noise, a damaged message, or the output of a boot loader.
pub const ONCILLA_BESIDE_DROPPED: u32 = 3;

/// Text that is not under the key of a link with keys. Anybody may have sent it.
///
/// On such a link, ONCILLA_BESIDE_TEXT and ONCILLA_BESIDE_LOG were verified.
pub const ONCILLA_BESIDE_UNVERIFIED: u32 = 4;

/// Receives what a line carries beside messages.
///
/// `what` is one of ONCILLA_BESIDE_TEXT, ONCILLA_BESIDE_LOG, ONCILLA_BESIDE_DROPPED and ONCILLA_BESIDE_UNVERIFIED.
/// `bytes` is lent until the callback returns and does not end with a zero.
pub type Beside = Option<unsafe extern "C" fn(context: *mut c_void, what: u32, bytes: *const u8, length: usize)>;

/// The callbacks of a carrier: how bytes are sent and received, and what time it is.
///
/// They run in the thread that serves or calls. They must not use the object that called them. They must return:
/// neither longjmp nor a C++ exception may leave them.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Io {
    /// Passed to every callback.
    pub context: *mut c_void,
    /// May be NULL for a server only, which then ignores deadlines and waits for ever.
    pub now: Now,
    /// Never NULL.
    pub receive: Receive,
    /// Never NULL.
    pub send: Send,
    /// NULL for a carrier with one peer only. Not called on serial lines, whose peer has no address.
    pub peer: Peer,
    /// May be NULL. Called only for objects that were initialised `_with_log` or `_with_keys`.
    pub beside: Beside,
}

/// The two buffers of a server, client or endpoint.
///
/// The object copies this structure; the two memories are lent as long as the object is used. ONCILLA_RECORD_BUFFER,
/// ONCILLA_DATAGRAM_BUFFER and ONCILLA_SERIAL_BUFFER compute their sizes. A server receives calls and sends replies;
/// a client sends calls and receives replies; an endpoint does both.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Buffers {
    /// The receive buffer.
    pub rx: *mut u8,
    /// Bytes of the receive buffer.
    pub rx_size: usize,
    /// The send buffer.
    pub tx: *mut u8,
    /// Bytes of the send buffer.
    pub tx_size: usize,
}
