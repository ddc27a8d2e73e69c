//! Conversion between the forms of a message, for bridges from serial lines to networks.

use super::{Call, Form, OpaqueAuth, Reply, short, write_reply};

/// Converts a call or reply from the short form to the full form, without loss.
///
/// Writes the message at the start of `room`, and returns its size. A `room` that is 36 bytes larger than `message` is
/// always large enough. Returns `None` if `message` is neither a call nor a reply in the short form, or `room` is too
/// small.
///
/// ```
/// use oncilla::message::{lengthen, shorten};
/// // Procedure 0 (NULL) of version 1 of program 0x2000_0042, with xid 7.
/// let mut room = [0; 40];
/// assert_eq!(lengthen(&[0, 0, 7, 0x42], &mut room), Some(40));
/// let mut short = [0; 40];
/// assert_eq!(shorten(&room, &mut short), Some(4));
/// assert_eq!(short[..4], [0, 0, 7, 0x42]);
/// ```
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

/// Converts a call or reply from the full form to the short form.
///
/// Writes the message at the start of `room`, and returns its size, which is below that of `message`. Returns `None`
/// if `room` is too small, or the message has no short form: it is malformed, has a credential or a verifier, is a
/// refusal, or has an xid above 65 535. Such a message travels in the full form. See [`lengthen`] for an example.
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

/// Copies `rest` to the place after a header of `header` bytes, and returns the size of the message.
fn append(header: usize, rest: &[u8], room: &mut [u8]) -> Option<usize> {
    room.get_mut(header..)?.get_mut(..rest.len())?.copy_from_slice(rest);
    header.checked_add(rest.len())
}
