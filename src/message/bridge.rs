//! From one form of a message to the other, for what stands between a serial line and a network.

use super::{Call, Form, OpaqueAuth, Reply, short, write_reply};

/// Restores the standard message from a call or reply in the short form, bit for bit, at the start of `room`; gives
/// its bytes. `room` should have 36 bytes more than the message.
///
/// `None` when the message is neither call nor reply in that form, or `room` is too small.
#[must_use]
pub fn lengthen(message: &[u8], room: &mut [u8]) -> Option<usize> {
    if let Some(restored) = short::restore(message) {
        let call = Call::restored(&restored);
        let length = call.header().write(room)?;
        return append(length, call.arguments(), room);
    }
    let reply = Reply::parse_in(Form::Short, message).ok()?;
    let length = write_reply(reply.xid, reply.outcome.map(|_| ()), room)?;
    append(length, reply.outcome.unwrap_or_default(), room)
}

/// Writes a standard call or reply in the short form, at the start of `room`; gives its bytes, never more than it had.
///
/// `None` when it has no short form, since it is malformed, has a credential or verifier, or is a refusal, or when
/// `room` is too small. What cannot be shortened travels as it is.
#[must_use]
pub fn shorten(message: &[u8], room: &mut [u8]) -> Option<usize> {
    if let Ok(call) = Call::parse(message) {
        let header = call.header();
        if header.credential != OpaqueAuth::NONE || header.verifier != OpaqueAuth::NONE {
            return None;
        }
        let length = short::write_call(header.xid, header.id, room)?;
        return append(length, call.arguments(), room);
    }
    let Reply { xid, verifier: OpaqueAuth::NONE, outcome: Ok(results) } = Reply::parse(message).ok()? else {
        return None;
    };
    let length = short::write_reply(xid, room)?;
    append(length, results, room)
}

fn append(header: usize, rest: &[u8], room: &mut [u8]) -> Option<usize> {
    room.get_mut(header..)?.get_mut(..rest.len())?.copy_from_slice(rest);
    header.checked_add(rest.len())
}
