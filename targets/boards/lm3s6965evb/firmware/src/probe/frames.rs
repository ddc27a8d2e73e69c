//! The received frames, as they are on the wire.

use oncilla::ProcedureId;
use oncilla::message::{CallHeader, Form, OpaqueAuth, shorten};

use super::three;
use crate::carried::Carried;

/// A measured procedure.
pub struct Called {
    /// The name of its figure.
    pub name: &'static str,
    /// The number of the procedure.
    pub number: u32,
    /// Words of the arguments. Each is 64, which is also the length of the echoed data.
    arguments: usize,
    /// Words of the results.
    results: usize,
}

/// All measured procedures.
pub const PROCEDURES: [Called; 3] = [
    Called { name: "null", number: 0, arguments: 0, results: 0 },
    Called { name: "add", number: 1, arguments: 2, results: 1 },
    Called { name: "echo64", number: 2, arguments: 17, results: 17 },
];

/// The xid of the measured client's calls.
pub const XID: u32 = 0x0506_0708;

const WORD: u32 = 64;

/// The echoed data, also words of 64.
pub static DATA: [u8; 64] = {
    let mut data = [0; 64];
    let mut place = 3;
    while place < 64 {
        data[place] = WORD as u8;
        place += 4;
    }
    data
};

/// Frames a call; returns the bytes of the frame.
#[inline(never)]
pub fn frame_call<F: Carried>(called: &Called, frame: &mut [u8]) -> Option<usize> {
    let id = ProcedureId { program: three::PROGRAM, version: three::VERSION, procedure: called.number };
    let mut message = [0; 112];
    let header = call_header::<F>(id, &mut message)?;
    let length = put(&mut message, header, &[WORD; 17], called.arguments)?;
    frame_message::<F>(message.get(..length)?, frame)
}

/// Frames a call with arguments that are encoded already; returns the bytes of the frame.
#[cfg(feature = "protobuf")]
#[inline(never)]
pub fn frame_encoded<F: Carried>(id: ProcedureId, arguments: &[&[u8]], frame: &mut [u8]) -> Option<usize> {
    let mut message = [0; 112];
    let mut length = call_header::<F>(id, &mut message)?;
    for part in arguments {
        let end = length.wrapping_add(part.len());
        message.get_mut(length..end)?.copy_from_slice(part);
        length = end;
    }
    frame_message::<F>(message.get(..length)?, frame)
}

/// Writes the header of a call; returns its bytes.
fn call_header<F: Carried>(id: ProcedureId, message: &mut [u8]) -> Option<usize> {
    // In the short form, all xids of a client except the first few have two bytes.
    let xid = if F::FORM == Form::Short { 0x0304 } else { 0x0102_0304 };
    CallHeader { xid, id, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE }.write(message)
}

/// Frames a reply to the measured client's call; returns the bytes of the frame.
#[inline(never)]
pub fn frame_reply<F: Carried>(called: &Called, frame: &mut [u8]) -> Option<usize> {
    let mut message = [0; 112];
    // A reply, accepted, with an empty verifier, successful.
    let header = put(&mut message, 0, &[XID, 1, 0, 0, 0, 0], 6)?;
    let length = put(&mut message, header, &[WORD; 17], called.results)?;
    frame_message::<F>(message.get(..length)?, frame)
}

/// Writes the first `count` words at `place`; returns where they end.
fn put(message: &mut [u8], place: usize, words: &[u32], count: usize) -> Option<usize> {
    let mut end = place;
    for word in words.get(..count)? {
        *message.get_mut(end..)?.first_chunk_mut()? = word.to_be_bytes();
        end = end.wrapping_add(4);
    }
    Some(end)
}

fn frame_message<F: Carried>(message: &[u8], frame: &mut [u8]) -> Option<usize> {
    let room = F::room(frame);
    let length = match F::FORM {
        Form::Short => shorten(message, room)?,
        Form::Full => {
            room.get_mut(..message.len())?.copy_from_slice(message);
            message.len()
        }
    };
    // The measured stream reads from the start of the frame.
    let sealed = F::seal_marked(frame, length, F::MARK)?.len();
    Some(sealed)
}

/// Frames the message that is received before the first call.
pub fn frame_first<F: Carried>(frame: &mut [u8]) -> &[u8] {
    match F::room(frame).get_mut(..F::FIRST.len()) {
        Some(place) if !F::FIRST.is_empty() => place.copy_from_slice(F::FIRST),
        _ => return &[],
    }
    F::seal_marked(frame, F::FIRST.len(), F::FIRST_MARK).unwrap_or_default()
}
