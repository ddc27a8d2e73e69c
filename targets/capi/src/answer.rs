//! The server as a function, without a carrier.

use core::ffi::c_void;

use oncilla::message::Form;

use crate::checked::{check, place_at, put, reference, slice, slice_mut};
use crate::lent::{Served, are_apart};
use crate::replay::named;
use crate::status::status;
use crate::{Address, ONCILLA_TOO_SMALL, Replay, Status, Table};

/// Answers one message: reads a call and writes its reply.
///
/// Use it to carry messages in a way of your own. `*length` is set to the bytes of the reply to send, or to 0 when no
/// reply is due: the message was not a call, or the call was one-way. Blocks as long as the procedure runs. All
/// memory is lent until the function returns.
///
/// - `context` is passed to the procedure.
/// - `replay` may be NULL or ONCILLA_WITHOUT_REPLAY: no reply is remembered then.
/// - `peer` may be NULL. With a peer, `replay` must be a replay cache for many peers (ONCILLA_INVALID otherwise).
/// - `reply` must be initialised, as static memory is. It should have `oncilla_table_reply_max` bytes. With fewer
///   bytes, some procedures are refused with SYSTEM_ERR and do not run. With fewer than ONCILLA_REFUSAL_MAX bytes,
///   the function returns ONCILLA_TOO_SMALL.
///
/// Returns ONCILLA_OVERLAP if any of these memories, or those lent to `table` and `replay`, share bytes.
///
/// # Safety
/// `call` points to `call_length` bytes and `reply` to `reply_size`. Each pointer is NULL or valid for its purpose.
#[allow(clippy::too_many_arguments)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_answer(
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    peer: *const Address,
    call: *const u8,
    call_length: usize,
    reply: *mut u8,
    reply_size: usize,
    length: *mut usize,
) -> Status {
    // SAFETY: this function's condition; all memories are checked to be apart before they are used.
    let answered = unsafe {
        named(replay, false).and_then(|replay| {
            let address = if peer.is_null() { None } else { reference(peer)?.to_socket() };
            let served = Served::new(table, context, replay, address.is_some())?;
            let reply_at = (reply.cast_const(), reply_size);
            are_apart(&[reply_at, place_at(length), place_at(peer), (call, call_length)], 2, Some(&served))?;
            put(length, 0)?;
            check(reply)?;
            let (message, room) = (slice(call, call_length)?, slice_mut(reply, reply_size)?);
            if room.len() < crate::ONCILLA_REFUSAL_MAX {
                return Err(ONCILLA_TOO_SMALL);
            }
            let answer = served.answer::<(), false>(Form::Full, address.as_ref().into(), message, room);
            put(length, answer.unwrap_or(0))
        })
    };
    status(answered)
}
