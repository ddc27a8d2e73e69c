//! Describes the bytes on the wire in words, for `-vv`.

use oncilla::framing::crc32;
use oncilla::message::{Call, Reply, lengthen};

use crate::capture::unstuff;
use crate::connect::{is_message, is_text};
use crate::sealed::Sealed;

/// The bytes that `lengthen` needs in addition to the message.
const LONGER: usize = 36;

/// Describes bytes: calls, replies, hellos, text. Returns `None` for unknown bytes.
///
/// The framing is found by the bytes: a record mark, the zeros of COBS, or none, as in a datagram.
pub fn describe(bytes: &[u8]) -> Option<String> {
    if let Some((mark, message)) = bytes.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*mark);
        if length >> 31 == 1 && (length << 1 >> 1) as usize == message.len() && is_message(message) {
            return of_message(message);
        }
    }
    if is_message(bytes) {
        return of_message(bytes);
    }
    if let Some(sealed) = of_sealed(bytes) {
        return Some(sealed.to_string());
    }
    let frames: Vec<_> = bytes.split(|&byte| byte == 0).filter_map(of_frame).collect();
    (!frames.is_empty()).then(|| frames.join("; "))
}

/// Returns the message of a keyed link in a record or a datagram.
fn of_sealed(bytes: &[u8]) -> Option<Sealed> {
    let of_record = || {
        let (mark, message) = bytes.split_first_chunk::<4>()?;
        let length = u32::from_be_bytes(*mark);
        (length >> 31 == 1 && (length << 1 >> 1) as usize == message.len()).then_some(message)
    };
    of_record().and_then(Sealed::parse).or_else(|| Sealed::parse(bytes))
}

/// Describes the bytes between two zeros.
///
/// The check value is ignored, since it depends on the session.
fn of_frame(frame: &[u8]) -> Option<String> {
    if let Some(text) = frame.strip_prefix(&[oncilla::framing::TEXT]).filter(|text| is_text(text)) {
        return Some(format!("text of {} bytes", text.len()));
    }
    let message = unstuff(frame)?;
    let (message, check) = message.split_last_chunk::<4>()?;
    if is_message(message) {
        return of_message(message);
    }
    // Hellos, logs and short messages have a mark in their check value.
    if crc32(message).to_le_bytes() == *check
        && let Some(sealed) = Sealed::parse(message)
    {
        return Some(sealed.to_string());
    }
    match message.first()? >> 5 {
        4 => Some("hello".to_owned()),
        5 => Some(format!("binary log of {} bytes", message.len() - 1)),
        _ => {
            let mut room = vec![0; message.len() + LONGER];
            let length = lengthen(message, &mut room)?;
            Some(format!("{} (short form)", of_message(room.get(..length)?)?))
        }
    }
}

fn of_message(message: &[u8]) -> Option<String> {
    if let Ok(call) = Call::parse(message) {
        let id = call.id();
        return Some(format!(
            "call of program {:#x} version {} procedure {}, xid {:#010x}, {} bytes of arguments",
            id.program,
            id.version,
            id.procedure,
            call.xid(),
            call.arguments().len()
        ));
    }
    let reply = Reply::parse(message).ok()?;
    Some(match reply.outcome {
        Ok(results) => format!("reply, xid {:#010x}, {} bytes of results", reply.xid, results.len()),
        Err(refusal) => format!("reply, {}, xid {:#010x}", crate::refusal::name(&refusal), reply.xid),
    })
}

#[cfg(test)]
mod tests {
    use oncilla::framing::{Cobs, Framing as _};

    use super::*;

    const REPLY: [u8; 24] = [0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const WORDS: &str = "reply, xid 0x00000007, 0 bytes of results";

    #[test]
    fn messages_are_described_in_every_framing() {
        assert_eq!(describe(&REPLY).as_deref(), Some(WORDS));
        assert_eq!(describe(&[&[0x80, 0, 0, 24][..], &REPLY].concat()).as_deref(), Some(WORDS));
        let mut buffer = vec![0; Cobs::buffer(REPLY.len())];
        Cobs::room(&mut buffer)[..REPLY.len()].copy_from_slice(&REPLY);
        let frame = Cobs::seal(&mut buffer, REPLY.len()).unwrap();
        assert_eq!(describe(frame).as_deref(), Some(WORDS));
        assert_eq!(describe(b"\0\x7fready\n\0").as_deref(), Some("text of 6 bytes"));
    }

    #[test]
    fn stuffed_bytes_are_restored() {
        let long: Vec<u8> = (0..600).map(|number| (number % 256) as u8).collect();
        let mut buffer = vec![0; Cobs::buffer(long.len())];
        Cobs::room(&mut buffer)[..long.len()].copy_from_slice(&long);
        let frame = Cobs::seal(&mut buffer, long.len()).unwrap();
        let message = unstuff(&frame[1..frame.len() - 1]).unwrap();
        assert_eq!(message[..message.len() - 4], long);
    }

    #[test]
    fn anything_is_harmless() {
        let mut number = 1_u32;
        for length in 0..2000 {
            let bytes: Vec<u8> = (0..length % 67)
                .map(|_| {
                    number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (number >> 28) as u8
                })
                .collect();
            let _ = describe(&bytes);
        }
        assert_eq!(describe(b""), None);
        assert_eq!(describe(&REPLY[..11]), None);
    }
}
