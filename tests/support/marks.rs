//! Marks of check values on serial lines, written down a second time.

use std::vec::Vec;

use oncilla::framing::crc32;

/// That of hellos and logs.
pub const SHORT: u32 = 0x5348_4f52;

/// Four steps of the CRC with a zero byte, bit by bit.
pub fn zeros(mut register: u32) -> u32 {
    for _ in 0..32 {
        register = if register & 1 == 1 { register >> 1 ^ 0xedb8_8320 } else { register >> 1 };
    }
    register
}

/// That of a message in the full form between two ends.
#[allow(dead_code)] // Not every test has such.
pub fn between(sender: u32, receiver: u32) -> u32 {
    sender ^ zeros(receiver)
}

/// The mark of a frame, without the zeros around it, and the message in it; `None` when it is no frame.
pub fn find(frame: &[u8]) -> Option<(u32, Vec<u8>)> {
    let (mut message, mut rest) = (Vec::new(), frame);
    while let Some((&code, after)) = rest.split_first() {
        let (block, after) = after.split_at_checked(usize::from(code).checked_sub(1)?)?;
        message.extend(block);
        if code < 255 && !after.is_empty() {
            message.push(0);
        }
        rest = after;
    }
    let length = message.len().checked_sub(4)?;
    let check = message.split_off(length).try_into().map(u32::from_le_bytes).ok()?;
    Some((crc32(&message) ^ check, message))
}

/// The same of what must be a frame.
///
/// # Panics
/// When it is none.
#[allow(dead_code)] // Not every test opens frames.
pub fn open(frame: &[u8]) -> (u32, Vec<u8>) {
    find(frame).expect("a frame")
}
