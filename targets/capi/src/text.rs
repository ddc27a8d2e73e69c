//! Text and logs beside calls, on a serial line that carries both.

use core::str;

use oncilla::framing::Serial;
use oncilla::{Link, LinkError, Time};

use crate::checked::{apart, cleared, place_at, slice};
use crate::io::{Carrier, Io};
use crate::status::status;
use crate::{Details, ONCILLA_INVALID, Status};

/// Writes text between the messages of a serial line: a log on the line that also carries calls. The other end is shown
/// it, and so is whoever looks at the line with a terminal, who wants "\r\n" at the end of a line. `io` is that of the
/// server, client or endpoint on the line, in whose thread this is to be called; in a procedure too. It needs no buffer
/// and no answer comes; it blocks as sending does, until `deadline` at most.
///
/// The text is UTF-8, without a zero. It goes in pieces of 124 bytes, each of which takes 3 more; an end whose receive buffer
/// has fewer than 127 bytes drops pieces that it cannot hold.
///
/// # Safety
/// `text` points to `length` bytes; the pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_print(io: *const Io, text: *const u8, length: usize, deadline: u64) -> Status {
    // SAFETY: this function's condition.
    let printed = unsafe { Carrier::<Serial>::new(io, false).and_then(|carrier| Ok((carrier, slice(text, length)?))) };
    status(printed.and_then(|(carrier, text)| {
        let text = str::from_utf8(text).map_err(|_| ONCILLA_INVALID)?;
        let mut link = Link::new(carrier, [0; 0], [0; 0]);
        link.print(text, Time::from_micros(deadline)).map_err(what)
    }))
}

/// Sends a piece of binary log, such as a frame of a log's own format, with a check value: the other end is shown it
/// whole or not at all. It is not sent again, and dropped by an end whose receive buffer cannot hold it or which knows
/// nothing of short headers. `memory` is ONCILLA_SERIAL_BUFFER(length + 1) bytes and is not used afterwards; otherwise as
/// `oncilla_print`.
///
/// # Safety
/// `bytes` points to `length` bytes and `memory` to `size`; the pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_log(
    io: *const Io,
    bytes: *const u8,
    length: usize,
    memory: *mut u8,
    size: usize,
    deadline: u64,
) -> Status {
    // SAFETY: this function's condition; bytes and memory are apart, as is checked before they are used.
    let logged = unsafe {
        Carrier::<Serial>::new(io, false).and_then(|carrier| {
            apart((bytes, length), (memory, size))?;
            apart(place_at(io), (memory, size))?;
            let mut link = Link::new(carrier, &mut [][..], cleared(memory, size)?);
            link.log(slice(bytes, length)?, Time::from_micros(deadline)).map_err(what)
        })
    };
    status(logged)
}

fn what(error: LinkError<i32>) -> Status {
    Details::from(error).status
}
