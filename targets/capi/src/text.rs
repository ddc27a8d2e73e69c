//! Text and logs beside calls on a serial line.

use core::str;

use oncilla::framing::Serial;
use oncilla::{Link, LinkError, Time};

use crate::carrier::{Carrier, On};
use crate::checked::{apart, cleared, place_at, slice};
use crate::details::Told;
use crate::status::status;
use crate::{Client, Io, ONCILLA_INVALID, Status};

/// Writes text between the messages of a serial line.
///
/// Use it for logs on the line that also carries calls. The peer can pass the text on; a terminal on the line shows
/// it, and needs "\r\n" at the end of a line. `io` is that of the server, client or endpoint on the line. Call it in
/// the thread of that object; in a procedure is fine. It needs no buffer, and no reply comes. Blocks until the text
/// is sent, but no longer than `deadline`.
///
/// `text` is UTF-8 of `length` bytes without a zero (ONCILLA_INVALID otherwise). It is sent in pieces of 124 bytes,
/// each with 3 more. A peer with a receive buffer of less than 127 bytes drops the pieces that it cannot hold.
///
/// # Safety
/// `text` points to `length` bytes. Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_print(io: *const Io, text: *const u8, length: usize, deadline: u64) -> Status {
    // SAFETY: this function's condition.
    let printed = unsafe {
        Carrier::<On<Serial, Client>>::new(io, false).and_then(|carrier| Ok((carrier, slice(text, length)?)))
    };
    status(printed.and_then(|(carrier, text)| {
        let text = str::from_utf8(text).map_err(|_| ONCILLA_INVALID)?;
        let mut link = Link::new(carrier, [0; 0], [0; 0]);
        link.print(text, Time::from_micros(deadline)).map_err(what)
    }))
}

/// Sends a piece of binary log between the messages of a serial line.
///
/// The piece, such as a frame of a log's own format, has a checksum: the peer gets it whole or not at all. It is not
/// retransmitted. A peer drops it if its receive buffer is too small or it does not know short headers.
///
/// `io` is that of the server, client or endpoint on the line. Call it in the thread of that object; in a procedure
/// is fine. `bytes` has `length` bytes. `memory` has `size` bytes, at least ONCILLA_SERIAL_BUFFER(length + 1); it is
/// lent until the function returns. Blocks until the piece is sent, but no longer than `deadline`.
///
/// # Safety
/// `bytes` points to `length` bytes and `memory` to `size`. Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_log(
    io: *const Io,
    bytes: *const u8,
    length: usize,
    memory: *mut u8,
    size: usize,
    deadline: u64,
) -> Status {
    // SAFETY: this function's condition; bytes and memory are checked to be apart before they are used.
    let logged = unsafe {
        Carrier::<On<Serial, Client>>::new(io, false).and_then(|carrier| {
            apart((bytes, length), (memory, size))?;
            apart(place_at(io), (memory, size))?;
            let mut link = Link::new(carrier, &mut [][..], cleared(memory, size)?);
            link.log(slice(bytes, length)?, Time::from_micros(deadline)).map_err(what)
        })
    };
    status(logged)
}

fn what(error: LinkError<i32>) -> Status {
    error.status()
}
