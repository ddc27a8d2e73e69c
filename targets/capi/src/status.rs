//! Statuses that functions return.

use core::ffi::{CStr, c_char};

use oncilla::xdr::Fault;

/// The outcome of a function: ONCILLA_OK, which is 0, or the reason of its failure. The numbers never change.
pub type Status = i32;

macro_rules! statuses {
    ($($name:ident => $text:literal;)*) => {
        /// The name and the text of a status.
        fn describe(status: Status) -> Option<(&'static CStr, &'static CStr)> {
            match status {
                $($name => Some(const { (name(concat!(stringify!($name), "\0")), name(concat!($text, "\0"))) }),)*
                _ => None,
            }
        }
    };
}

/// Returns a text that ends with a zero.
///
/// It runs at compile time only: `core` searches for the zero with arithmetic that is checked where overflows are.
const fn name(text: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(text.as_bytes()) {
        Ok(text) => text,
        Err(_) => panic!("a text with a zero in it"),
    }
}

/// Success.
pub const ONCILLA_OK: i32 = 0;

/// A pointer is NULL and must not be.
pub const ONCILLA_NULL: i32 = 1;
/// A pointer is not aligned for what it points to.
pub const ONCILLA_UNALIGNED: i32 = 2;
/// A length is larger than any object can be.
pub const ONCILLA_IMPOSSIBLE_LENGTH: i32 = 3;
/// Two memories overlap and must not.
pub const ONCILLA_OVERLAP: i32 = 4;
/// The object was not initialised, or its initialisation failed.
pub const ONCILLA_UNINITIALIZED: i32 = 5;
/// The object is in use: a procedure or callback used the object that called it.
pub const ONCILLA_BUSY: i32 = 6;
/// A buffer or memory is too small. The details have the bytes needed, if known.
pub const ONCILLA_TOO_SMALL: i32 = 7;
/// An argument has no meaning, such as an unknown flag.
pub const ONCILLA_INVALID: i32 = 8;
/// The table contains one version of a program twice.
pub const ONCILLA_PROGRAM_TWICE: i32 = 9;
/// A program contains two procedures with one number.
pub const ONCILLA_PROCEDURE_TWICE: i32 = 10;
/// A program contains a procedure 0. That is NULL, which is always served.
pub const ONCILLA_PROCEDURE_ZERO: i32 = 11;

/// XDR: the bytes end inside a value.
pub const ONCILLA_END: i32 = 32;
/// XDR: a padding byte is not zero.
pub const ONCILLA_PADDING: i32 = 33;
/// XDR: a bool is neither 0 nor 1.
pub const ONCILLA_BOOL: i32 = 34;
/// XDR: a length is larger than the bytes that are left.
pub const ONCILLA_LENGTH: i32 = 35;
/// XDR: there are more bytes or elements than the interface allows.
pub const ONCILLA_BOUND: i32 = 36;
/// XDR: a string contains a zero byte, which would end it in C.
pub const ONCILLA_TEXT: i32 = 37;
/// XDR: no variant has this number.
pub const ONCILLA_VARIANT: i32 = 38;
/// XDR: bytes are left over after the last value.
pub const ONCILLA_LEFT_OVER: i32 = 39;
/// XDR: the value is malformed in another way.
pub const ONCILLA_MALFORMED: i32 = 40;
/// XDR: the buffer is too small for the values written.
pub const ONCILLA_NO_ROOM: i32 = 41;

/// The deadline passed and no message arrived.
pub const ONCILLA_TIME_UP: i32 = 64;
/// The peer closed the link. A call in flight may or may not have been executed.
pub const ONCILLA_CLOSED: i32 = 65;
/// The peer restarted. A call in flight may or may not have been executed.
pub const ONCILLA_RESTARTED: i32 = 66;
/// A callback reported an error; the details have its number. A link that could not be opened has no details: functions
/// that open one leave the reason in errno.
pub const ONCILLA_TRANSPORT: i32 = 67;
/// The carrier took only part of a message before the deadline.
pub const ONCILLA_UNSENT: i32 = 68;
/// An earlier message was sent only in part, and record marking cannot recover. Open a new connection.
pub const ONCILLA_OUT_OF_STEP: i32 = 69;
/// No reply arrived in time. The call may or may not have been executed.
pub const ONCILLA_TIMED_OUT: i32 = 70;
/// The call is larger than the peer can receive, as stated in its hello. It was not sent.
pub const ONCILLA_CALL_TOO_LARGE: i32 = 71;
/// The reply is larger than the receive buffer. The call was executed.
pub const ONCILLA_REPLY_TOO_LARGE: i32 = 72;
/// The reply's header is malformed.
pub const ONCILLA_REPLY_MALFORMED: i32 = 73;
/// All slots for calls in flight are occupied. Finish, cancel or poll first.
pub const ONCILLA_NO_SLOT: i32 = 74;
/// No call in flight has this ticket: it is finished or was cancelled.
pub const ONCILLA_UNKNOWN_TICKET: i32 = 75;
/// All levels of the endpoint run procedures, one within the other. Nothing was sent.
pub const ONCILLA_TOO_DEEP: i32 = 76;
/// No reply arrived in time, but the call came back. The line echoes, or both peers have the same boot number, or the
/// same xids without boot numbers.
pub const ONCILLA_ECHOED: i32 = 77;
/// A message that does not verify under the key arrived on a connection. The peer has another key or none, or somebody has
/// changed or repeated its bytes. Open a new connection.
pub const ONCILLA_UNVERIFIED: i32 = 78;
/// There is no session with the peer in which a message could be sealed, or its counter has ended.
pub const ONCILLA_NO_SESSION: i32 = 79;

/// The server does not serve the program (RFC 5531 §9).
pub const ONCILLA_PROG_UNAVAIL: i32 = 96;
/// The server does not serve this version of the program. The details have its lowest and highest version.
pub const ONCILLA_PROG_MISMATCH: i32 = 97;
/// The program has no such procedure.
pub const ONCILLA_PROC_UNAVAIL: i32 = 98;
/// The server could not decode the arguments. A procedure returns it when it cannot.
pub const ONCILLA_GARBAGE_ARGS: i32 = 99;
/// The server failed to execute the call. A procedure returns it when it fails.
pub const ONCILLA_SYSTEM_ERR: i32 = 100;
/// The server supports other versions of RPC; the details have the lowest and the highest.
pub const ONCILLA_RPC_MISMATCH: i32 = 101;
/// The server rejected the credential of the caller; the details have the auth_stat.
pub const ONCILLA_AUTH_ERROR: i32 = 102;

/// Returned by a procedure of one-way calls: no reply is sent.
pub const ONCILLA_NO_REPLY: i32 = 128;

statuses! {
    ONCILLA_OK => "success";
    ONCILLA_NULL => "a pointer is NULL and must not be";
    ONCILLA_UNALIGNED => "a pointer is not aligned for what it points to";
    ONCILLA_IMPOSSIBLE_LENGTH => "a length is larger than any object can be";
    ONCILLA_OVERLAP => "two memories overlap and must not; lend each function memory of its own";
    ONCILLA_UNINITIALIZED => "the object was not initialised; check the status of its initialisation";
    ONCILLA_BUSY => "the object is in use: it called this procedure or callback";
    ONCILLA_TOO_SMALL => "a buffer or memory is too small; the header has macros for its size";
    ONCILLA_INVALID => "an argument has no meaning; see the function's documentation in the header";
    ONCILLA_PROGRAM_TWICE => "the table contains one version of a program twice";
    ONCILLA_PROCEDURE_TWICE => "a program contains two procedures with one number";
    ONCILLA_PROCEDURE_ZERO => "procedure 0 is NULL, which is always served; number procedures from 1";
    ONCILLA_END => "the bytes end inside a value";
    ONCILLA_PADDING => "a padding byte is not zero";
    ONCILLA_BOOL => "a bool is neither 0 nor 1";
    ONCILLA_LENGTH => "a length is larger than the bytes that are left";
    ONCILLA_BOUND => "there are more bytes or elements than the interface allows";
    ONCILLA_TEXT => "a string contains a zero byte";
    ONCILLA_VARIANT => "no variant has this number";
    ONCILLA_LEFT_OVER => "bytes are left over after the last value; do both peers use the same interface?";
    ONCILLA_MALFORMED => "a value is malformed";
    ONCILLA_NO_ROOM => "the buffer is too small for the values written; use a larger one";
    ONCILLA_TIME_UP => "the deadline passed and no message arrived";
    ONCILLA_CLOSED => "the peer closed the link";
    ONCILLA_RESTARTED => "the peer restarted; a call in flight may have been executed";
    ONCILLA_TRANSPORT => "the transport failed; the details have its error number, or errno if the link could not be opened";
    ONCILLA_UNSENT => "only part of a message could be sent in time";
    ONCILLA_OUT_OF_STEP => "an earlier message was sent in part, or the carrier failed during it; open a new connection";
    ONCILLA_TIMED_OUT => "no reply arrived in time; the call may have been executed";
    ONCILLA_ECHOED => "no reply arrived in time, and the line echoes; turn off the receiver while sending";
    ONCILLA_UNVERIFIED => "a message does not verify under the key; check that both peers have the same key, and different sides";
    ONCILLA_NO_SESSION => "there is no session with the peer, or its counter has ended; the first call of the opener makes a session";
    ONCILLA_CALL_TOO_LARGE => "the call is larger than the peer can receive; it was not sent";
    ONCILLA_REPLY_TOO_LARGE => "the reply is larger than the receive buffer; the call was executed";
    ONCILLA_REPLY_MALFORMED => "the reply's header is malformed";
    ONCILLA_NO_SLOT => "all slots for calls in flight are occupied; finish, cancel or poll first";
    ONCILLA_UNKNOWN_TICKET => "no call in flight has this ticket; it is finished or was cancelled";
    ONCILLA_TOO_DEEP => "a procedure of the innermost level cannot call; initialise the endpoint with more levels";
    ONCILLA_PROG_UNAVAIL => "the server does not serve this program";
    ONCILLA_PROG_MISMATCH => "the server does not serve this version of the program";
    ONCILLA_PROC_UNAVAIL => "the server's program has no such procedure";
    ONCILLA_GARBAGE_ARGS => "the server could not decode the arguments; do both peers use the same interface, and does its receive buffer hold the call with its credential?";
    ONCILLA_SYSTEM_ERR => "the server failed to execute the call";
    ONCILLA_RPC_MISMATCH => "the server does not support RPC version 2; the details have its versions";
    ONCILLA_AUTH_ERROR => "the server rejected the credential; the details have the reason";
    ONCILLA_NO_REPLY => "no reply is sent";
}

/// Returns the meaning of a status, in English. Never NULL; the text is constant.
#[unsafe(no_mangle)]
pub extern "C" fn oncilla_strerror(status: Status) -> *const c_char {
    describe(status).map_or(c"an unknown status", |(_, text)| text).as_ptr()
}

/// Returns the name of a status in this header, such as "ONCILLA_TIMED_OUT". Never NULL; the text is constant.
#[unsafe(no_mangle)]
pub extern "C" fn oncilla_status_name(status: Status) -> *const c_char {
    describe(status).map_or(c"unknown", |(name, _)| name).as_ptr()
}

/// Converts a fault of XDR bytes to a status.
pub(crate) const fn of_fault(fault: Fault) -> Status {
    match fault {
        Fault::End => ONCILLA_END,
        Fault::Padding => ONCILLA_PADDING,
        Fault::Bool => ONCILLA_BOOL,
        Fault::Length => ONCILLA_LENGTH,
        Fault::Bound => ONCILLA_BOUND,
        Fault::Variant => ONCILLA_VARIANT,
        Fault::LeftOver => ONCILLA_LEFT_OVER,
        _ => ONCILLA_MALFORMED,
    }
}

/// Converts the result of a function without a value to a status.
pub(crate) fn status(result: Result<(), Status>) -> Status {
    match result {
        Ok(()) => ONCILLA_OK,
        Err(status) => status,
    }
}
