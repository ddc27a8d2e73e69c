//! What functions return.

use core::ffi::{CStr, c_char};

use oncilla::xdr::Fault;

/// What came of a function: ONCILLA_OK, which is 0, or why not. The numbers never change.
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

/// A text that ends with a zero. While compiling only: `core` looks for the zero with arithmetic that is checked where
/// overflows are.
const fn name(text: &'static str) -> &'static CStr {
    match CStr::from_bytes_with_nul(text.as_bytes()) {
        Ok(text) => text,
        Err(_) => panic!("a text with a zero in it"),
    }
}

/// It worked.
pub const ONCILLA_OK: i32 = 0;

/// A pointer is NULL that must not be.
pub const ONCILLA_NULL: i32 = 1;
/// A pointer is not aligned for what it points to.
pub const ONCILLA_UNALIGNED: i32 = 2;
/// A length is larger than any object can be.
pub const ONCILLA_IMPOSSIBLE_LENGTH: i32 = 3;
/// Two buffers overlap that must not.
pub const ONCILLA_OVERLAP: i32 = 4;
/// The object was not initialised, or its initialisation failed.
pub const ONCILLA_UNINITIALIZED: i32 = 5;
/// The object is in use: a procedure or a callback calls what has called it.
pub const ONCILLA_BUSY: i32 = 6;
/// A buffer or a memory is too small. The details say how many bytes it needs, where that is known.
pub const ONCILLA_TOO_SMALL: i32 = 7;
/// An argument has no meaning, such as a flag that does not exist.
pub const ONCILLA_INVALID: i32 = 8;
/// The table has one version of a program twice.
pub const ONCILLA_PROGRAM_TWICE: i32 = 9;
/// A program has two procedures with one number.
pub const ONCILLA_PROCEDURE_TWICE: i32 = 10;
/// A program has a procedure 0, which is NULL and always served.
pub const ONCILLA_PROCEDURE_ZERO: i32 = 11;

/// XDR: the bytes end inside a value.
pub const ONCILLA_END: i32 = 32;
/// XDR: a padding byte is not zero.
pub const ONCILLA_PADDING: i32 = 33;
/// XDR: a bool is neither 0 nor 1.
pub const ONCILLA_BOOL: i32 = 34;
/// XDR: a length is larger than the bytes that are left.
pub const ONCILLA_LENGTH: i32 = 35;
/// XDR: more bytes or elements than the interface allows.
pub const ONCILLA_BOUND: i32 = 36;
/// XDR: a string has a zero byte in it, which C cannot tell from its end.
pub const ONCILLA_TEXT: i32 = 37;
/// XDR: no variant has this number.
pub const ONCILLA_VARIANT: i32 = 38;
/// XDR: bytes are left over after the last value.
pub const ONCILLA_LEFT_OVER: i32 = 39;
/// XDR: the value is malformed in another way.
pub const ONCILLA_MALFORMED: i32 = 40;
/// XDR: the room is too small for what is written.
pub const ONCILLA_NO_ROOM: i32 = 41;

/// The deadline passed and no message came.
pub const ONCILLA_TIME_UP: i32 = 64;
/// The other end closed. A call that was under way may or may not have been executed.
pub const ONCILLA_CLOSED: i32 = 65;
/// The other end has restarted. A call that was under way may or may not have been executed.
pub const ONCILLA_RESTARTED: i32 = 66;
/// A callback reported an error; the details have its number.
pub const ONCILLA_TRANSPORT: i32 = 67;
/// The carrier took only a part of a message before the deadline.
pub const ONCILLA_UNSENT: i32 = 68;
/// A message was sent in part earlier, and record marking cannot recover: make a new connection.
pub const ONCILLA_OUT_OF_STEP: i32 = 69;
/// No reply came in time. The call may or may not have been executed.
pub const ONCILLA_TIMED_OUT: i32 = 70;
/// The call is larger than the other end can receive, as it said; it was not sent.
pub const ONCILLA_CALL_TOO_LARGE: i32 = 71;
/// The reply is larger than the receive buffer. The call was executed.
pub const ONCILLA_REPLY_TOO_LARGE: i32 = 72;
/// The reply's header is malformed.
pub const ONCILLA_REPLY_MALFORMED: i32 = 73;
/// As many calls are in flight as there can be: finish, cancel or poll first.
pub const ONCILLA_NO_SLOT: i32 = 74;
/// No call in flight has this ticket: it is finished, or was given up.
pub const ONCILLA_UNKNOWN_TICKET: i32 = 75;
/// As many procedures run, one within the other, as the endpoint has levels; nothing was sent.
pub const ONCILLA_TOO_DEEP: i32 = 76;
/// No reply came in time, but what was sent came back: the line echoes, or both ends have the same boot number, or without
/// boot numbers the same xids.
pub const ONCILLA_ECHOED: i32 = 77;

/// The server has not got the program (RFC 5531 §9).
pub const ONCILLA_PROG_UNAVAIL: i32 = 96;
/// The server has not got this version of the program; the details have the lowest and the highest it has.
pub const ONCILLA_PROG_MISMATCH: i32 = 97;
/// The program has no such procedure.
pub const ONCILLA_PROC_UNAVAIL: i32 = 98;
/// The server could not decode the arguments. Returned by a procedure: it cannot decode them.
pub const ONCILLA_GARBAGE_ARGS: i32 = 99;
/// The server failed to carry out the call. Returned by a procedure: it failed.
pub const ONCILLA_SYSTEM_ERR: i32 = 100;
/// The server speaks other versions of RPC; the details have the lowest and the highest.
pub const ONCILLA_RPC_MISMATCH: i32 = 101;
/// The server refused the caller; the details have the auth_stat.
pub const ONCILLA_AUTH_ERROR: i32 = 102;

/// Returned by a procedure that gives no reply: it is one-way.
pub const ONCILLA_NO_REPLY: i32 = 128;

statuses! {
    ONCILLA_OK => "it worked";
    ONCILLA_NULL => "a pointer is NULL that must not be";
    ONCILLA_UNALIGNED => "a pointer is not aligned for what it points to";
    ONCILLA_IMPOSSIBLE_LENGTH => "a length is larger than any object can be";
    ONCILLA_OVERLAP => "two buffers overlap that must not";
    ONCILLA_UNINITIALIZED => "the object was not initialised; look at what its initialisation returned";
    ONCILLA_BUSY => "the object is in use by what calls this procedure or callback";
    ONCILLA_TOO_SMALL => "a buffer or a memory is too small; the header has macros for its size";
    ONCILLA_INVALID => "an argument has no meaning";
    ONCILLA_PROGRAM_TWICE => "the table has one version of a program twice";
    ONCILLA_PROCEDURE_TWICE => "a program has two procedures with one number";
    ONCILLA_PROCEDURE_ZERO => "procedure 0 is NULL, which is always served; number from 1";
    ONCILLA_END => "the bytes end inside a value";
    ONCILLA_PADDING => "a padding byte is not zero";
    ONCILLA_BOOL => "a bool is neither 0 nor 1";
    ONCILLA_LENGTH => "a length is larger than the bytes that are left";
    ONCILLA_BOUND => "more bytes or elements than the interface allows";
    ONCILLA_TEXT => "a string has a zero byte in it";
    ONCILLA_VARIANT => "no variant has this number";
    ONCILLA_LEFT_OVER => "bytes are left over after the last value; do both ends use the same interface?";
    ONCILLA_MALFORMED => "a value is malformed";
    ONCILLA_NO_ROOM => "the room is too small for what is written";
    ONCILLA_TIME_UP => "the deadline passed and no message came";
    ONCILLA_CLOSED => "the other end closed the link";
    ONCILLA_RESTARTED => "the other end has restarted";
    ONCILLA_TRANSPORT => "the transport failed; the details have its error number";
    ONCILLA_UNSENT => "only a part of a message could be sent in time";
    ONCILLA_OUT_OF_STEP => "an earlier message was sent only in part, or the carrier failed in it; make a new connection";
    ONCILLA_TIMED_OUT => "no reply in time; the call may have been executed or not";
    ONCILLA_ECHOED => "no reply in time, and the line echoes what is sent";
    ONCILLA_CALL_TOO_LARGE => "the call is larger than the other end can receive; it was not sent";
    ONCILLA_REPLY_TOO_LARGE => "the reply does not fit the receive buffer; the call was executed";
    ONCILLA_REPLY_MALFORMED => "the reply's header is malformed";
    ONCILLA_NO_SLOT => "as many calls are in flight as there can be; finish, cancel or poll first";
    ONCILLA_UNKNOWN_TICKET => "no call in flight has this ticket";
    ONCILLA_TOO_DEEP => "a procedure of the innermost level cannot call; give the endpoint more levels";
    ONCILLA_PROG_UNAVAIL => "the server does not serve this program";
    ONCILLA_PROG_MISMATCH => "the server does not serve this version of the program";
    ONCILLA_PROC_UNAVAIL => "the server's program has no such procedure";
    ONCILLA_GARBAGE_ARGS => "the server could not decode the arguments; do both ends use the same interface, and does its receive buffer hold the call with its credential?";
    ONCILLA_SYSTEM_ERR => "the server failed to carry out the call";
    ONCILLA_RPC_MISMATCH => "the server speaks other versions of RPC than 2";
    ONCILLA_AUTH_ERROR => "the server refused the caller";
    ONCILLA_NO_REPLY => "there is to be no reply";
}

/// What a status means, in English. Never NULL, and in constant memory.
#[unsafe(no_mangle)]
pub extern "C" fn oncilla_strerror(status: Status) -> *const c_char {
    describe(status).map_or(c"an unknown status", |(_, text)| text).as_ptr()
}

/// The name of a status as it stands in this header, such as "ONCILLA_TIMED_OUT". Never NULL, and in constant memory.
#[unsafe(no_mangle)]
pub extern "C" fn oncilla_status_name(status: Status) -> *const c_char {
    describe(status).map_or(c"unknown", |(name, _)| name).as_ptr()
}

/// What is wrong with XDR bytes, as a status.
pub(crate) fn of_fault(fault: Fault) -> Status {
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

/// The status of a function that gives nothing else.
pub(crate) fn status(result: Result<(), Status>) -> Status {
    match result {
        Ok(()) => ONCILLA_OK,
        Err(status) => status,
    }
}
