//! The short form of headers, for serial lines.
//!
//! The 40 bytes before a call's arguments and the 24 before its results are mostly the same from call to call. The
//! short form leaves out what is always the same and writes numbers in as few bytes as they need. It has no
//! state: each message can be restored, bit for bit, to the standard one (`message::lengthen`), and the other way
//! round when there is neither credential nor verifier nor refusal, and the xid is below 65 536 (`message::shorten`).
//!
//! How it looks, [`Form::Short`] says.

use super::call::RestoredHeader;
use super::number::{put, take};
use super::{AUTH_NONE, CALL, Form, OpaqueAuth, ProcedureId, RPC_VERSION, Reply};

/// What the upper bits of the first byte say; of a call, how many numbers there are beside the program.
const KIND: u32 = 5;
const REPLY: u8 = 3 << KIND;
pub(super) const HELLO: u8 = 4 << KIND;
pub(crate) const LOG: u8 = 5 << KIND;

/// The largest procedure that the lower bits of the first byte hold.
const PROCEDURE: u32 = 31;

/// The bit that the programs for users have.
const USERS: u32 = 0x2000_0000;

/// Bytes before the results of a reply.
pub(crate) const SHORT_REPLY_HEADER: usize = 3;

/// Splits first byte and xid off.
#[inline]
fn split(message: &[u8]) -> Option<(u8, u32, &[u8])> {
    let (&[first, high, low], rest) = message.split_first_chunk()?;
    Some((first, u32::from(u16::from_be_bytes([high, low])), rest))
}

/// Writes first byte and xid; `None` for an xid over 16 bits, or when there is not room.
#[inline]
fn put_first(first: u8, xid: u32, room: &mut [u8]) -> Option<()> {
    let [high, low] = u16::try_from(xid).ok()?.to_be_bytes();
    *room.first_chunk_mut()? = [first, high, low];
    Some(())
}

/// The xid of a message and whether it is a reply; `None` when it is neither call nor reply.
#[inline]
pub(super) fn peek(message: &[u8]) -> Option<(u32, bool)> {
    let (first, xid, _) = split(message)?;
    (first <= REPLY).then_some((xid, first == REPLY))
}

/// The form of a reply to a call in `form`. A refusal, whose xid is small, begins with 0, and not as a short reply.
#[inline]
pub(crate) fn form_of_reply(form: Form, reply: &[u8]) -> Form {
    if form == Form::Short && reply.first() == Some(&REPLY) { Form::Short } else { Form::Full }
}

/// Reads a call: restores the beginning of its full header, and gives the arguments.
#[inline]
pub(crate) fn restore(message: &[u8]) -> Option<(RestoredHeader, &[u8])> {
    let (first, xid, mut rest) = split(message)?;
    let (kind, low) = (first >> KIND, u32::from(first) & PROCEDURE);
    if first >= REPLY {
        return None;
    }
    let program = take(&mut rest)?;
    let version = if kind == 0 { 1 } else { take(&mut rest)? };
    let procedure = if kind == 2 { take(&mut rest)? } else { low };
    // In one way only may a call be written.
    if kind == 1 && version == 1 || kind == 2 && (low != 0 || procedure <= PROCEDURE) {
        return None;
    }
    let word = u32::to_be_bytes;
    let header = [
        word(xid),
        word(CALL),
        word(RPC_VERSION),
        word(program ^ USERS),
        word(version),
        word(procedure),
        word(AUTH_NONE),
    ];
    Some((header, rest))
}

/// Writes the header of a call at the start of `room`; gives its bytes, 4 to 18, or `None` for an xid over 16 bits,
/// or when there is not room.
#[inline]
pub(crate) fn write_call(xid: u32, id: ProcedureId, room: &mut [u8]) -> Option<usize> {
    let (kind, low) = match id.procedure {
        0..=PROCEDURE if id.version == 1 => (0, id.procedure as u8),
        0..=PROCEDURE => (1, id.procedure as u8),
        _ => (2, 0),
    };
    put_first(kind << KIND | low, xid, room)?;
    let mut length = 3usize;
    let numbers = [id.program ^ USERS, id.version, id.procedure];
    for number in numbers.into_iter().take(usize::from(kind).wrapping_add(1)) {
        length = length.wrapping_add(put(number, room.get_mut(length..)?)?);
    }
    Some(length)
}

/// Reads a reply.
#[inline]
pub(super) fn parse_reply(message: &[u8]) -> Option<Reply<'_>> {
    match split(message)? {
        (REPLY, xid, results) => Some(Reply { xid, verifier: OpaqueAuth::NONE, outcome: Ok(results) }),
        _ => None,
    }
}

/// Writes the header of a reply with results at the start of `room`; gives its bytes, or `None` for an xid over 16 bits,
/// or when there is not room.
#[inline]
pub(crate) fn write_reply(xid: u32, room: &mut [u8]) -> Option<usize> {
    put_first(REPLY, xid, room)?;
    Some(SHORT_REPLY_HEADER)
}
