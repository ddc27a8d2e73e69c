//! The short form of headers, for serial links.
//!
//! The 40 bytes before the arguments of a call, and the 24 before its results, are almost equal from call to call. The
//! short form omits the constant parts, and writes numbers in as few bytes as possible. [`Form::Short`] documents its
//! bytes.
//!
//! The short form has no state. `message::lengthen` restores the full form of each message without loss.
//! `message::shorten` does the reverse for messages without credential, verifier and refusal, with an xid below 65 536.

use super::call::RestoredHeader;
use super::number::{put, take};
use super::{CallFields, Form, OpaqueAuth, ProcedureId, Reply};

/// The lowest bit of the kind in the first byte.
///
/// The kind of a call, 0 to 2, is the count of numbers after the program.
const KIND: u32 = 5;

/// The first byte of a reply.
const REPLY: u8 = 3 << KIND;

/// The first byte of a hello, without its flags.
pub(super) const HELLO: u8 = 4 << KIND;

/// The first byte of a log.
pub(crate) const LOG: u8 = 5 << KIND;

/// The largest procedure number in the low bits of the first byte.
const PROCEDURE: u32 = 31;

/// The bit of program numbers in the range for users, which is inverted.
const USERS: u32 = 0x2000_0000;

/// The size of a reply's header: 3 bytes.
pub(crate) const SHORT_REPLY_HEADER: usize = 3;

/// Splits a message into its first byte, its xid and the rest.
#[inline]
fn split(message: &[u8]) -> Option<(u8, u32, &[u8])> {
    let (&[first, high, low], rest) = message.split_first_chunk()?;
    Some((first, u32::from(u16::from_be_bytes([high, low])), rest))
}

/// Writes the first byte and the xid.
///
/// Returns `None` if the xid has more than 16 bits, or `room` is too small.
#[inline]
fn put_first(first: u8, xid: u32, room: &mut [u8]) -> Option<()> {
    let [high, low] = u16::try_from(xid).ok()?.to_be_bytes();
    *room.first_chunk_mut()? = [first, high, low];
    Some(())
}

/// Returns the xid of a message, and whether the message is a reply.
///
/// The result is `None` if the message is neither a call nor a reply.
#[inline]
pub(super) fn peek(message: &[u8]) -> Option<(u32, bool)> {
    let (first, xid, _) = split(message)?;
    (first <= REPLY).then_some((xid, first == REPLY))
}

/// Returns the form of a reply to a call in `form`.
///
/// A refusal is in the full form. Its first byte is the top byte of the xid, which is 0 because the xid has 16 bits.
/// The first byte of a short reply is not 0.
#[inline]
pub(crate) fn form_of_reply(form: Form, reply: &[u8]) -> Form {
    if form == Form::Short && reply.first() == Some(&REPLY) { Form::Short } else { Form::Full }
}

/// Parses a call, and returns the fixed part of its full header with the arguments.
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
    // Each call has exactly one encoding.
    if kind == 1 && version == 1 || kind == 2 && (low != 0 || procedure <= PROCEDURE) {
        return None;
    }
    let header = CallFields::new(xid, ProcedureId { program: program ^ USERS, version, procedure }).into_header();
    Some((header, rest))
}

/// Writes the header of a call at the start of `room`, and returns its size.
///
/// The header has 4 to 18 bytes. Returns `None` if the xid has more than 16 bits, or `room` is too small.
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

/// Parses a reply.
#[inline]
pub(super) fn parse_reply(message: &[u8]) -> Option<Reply<'_>> {
    match split(message)? {
        (REPLY, xid, results) => Some(Reply { xid, verifier: OpaqueAuth::NONE, outcome: Ok(results) }),
        _ => None,
    }
}

/// Writes the header of a reply with results, and returns its size in bytes.
///
/// Returns `None` if the xid has more than 16 bits, or `room` is too small.
#[inline]
pub(crate) fn write_reply(xid: u32, room: &mut [u8]) -> Option<usize> {
    put_first(REPLY, xid, room)?;
    Some(SHORT_REPLY_HEADER)
}
