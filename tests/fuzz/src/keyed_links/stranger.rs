//! The bytes of a stranger that has recorded all that both ends have sent.

use crate::faults::Carried;
use crate::frames::{Found, Receiver, Sized, seal};

/// Makes frames. The first byte chooses whether the rest is a stream as it is, or items of three bytes.
///
/// The first byte of an item chooses what is done with a recorded message, the next ones which message and where.
pub fn frames<F: Sized + Carried>(bytes: &[u8], recorded: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let Some((&kind, mut rest)) = bytes.split_first() else { return Vec::new() };
    if kind & 1 == 1 {
        return vec![rest.to_vec()];
    }
    let recorded: Vec<Vec<u8>> = recorded.iter().filter_map(|frame| message::<F>(frame)).collect();
    let of = |place: u8| recorded.get(usize::from(place) % recorded.len().max(1)).cloned().unwrap_or_default();
    let mut made = Vec::new();
    while let Some((&[what, which, place], after)) = rest.split_first_chunk() {
        rest = after;
        let mut message = of(which);
        let at = usize::from(place).min(message.len());
        match what % 8 {
            0 | 1 => {}
            2 | 3 => {
                if let Some(byte) = message.get_mut(at) {
                    *byte ^= 1 << (what >> 5);
                }
            }
            4 => message.truncate(at),
            5 => message = [&message[..at], of(what >> 3).get(at..).unwrap_or_default()].concat(),
            6 => message.extend_from_slice(&rest[..at.min(rest.len())]),
            _ => {
                let (own, after) = rest.split_at(usize::from(which).min(rest.len()));
                rest = after;
                message = own.to_vec();
            }
        }
        made.push(seal::<F>(&message));
    }
    made
}

/// Returns the message in a frame.
fn message<F: Sized + Carried>(frame: &[u8]) -> Option<Vec<u8>> {
    let mut found = Vec::new();
    Receiver::<F>::new(F::buffer(1024)).feed(frame, &mut found);
    match found.pop()? {
        Found::Message(message) | Found::Short(message) => Some(message),
        _ => None,
    }
}

/// Inputs to begin with.
pub fn seeds() -> Vec<Vec<u8>> {
    let replayed: Vec<u8> = (0..30).flat_map(|which| [0, which, 0]).collect();
    let flipped: Vec<u8> = (0..30).flat_map(|which| [2 | which << 5, which, which * 5 % 47]).collect();
    let spliced: Vec<u8> = (0..30).flat_map(|which| [5 | which << 3, which, 5]).collect();
    let cut: Vec<u8> = (0..12).flat_map(|which| [4, which, which * 4]).collect();
    let own = [&[7, 43, 0, 1][..], &[9; 42], &[7, 30, 0, 0x80], &[0; 29], &[7, 30, 0, 0xc0], &[0; 29]].concat();
    let mut seeds: Vec<_> =
        [replayed, flipped, spliced, cut, own].into_iter().map(|items| [&[0], &items[..]].concat()).collect();
    seeds.push([&[1], &[0x80, 0, 0, 43, 1][..], &[7; 42], &[0, 5, 1, 2, 3, 4, 0]].concat());
    // More than the buffers hold.
    seeds.push([&[1][..], &[0x5a; 700]].concat());
    seeds.push([&[0, 7, 255, 0][..], &[0x80; 255], &[0, 1, 0]].concat());
    seeds
}
