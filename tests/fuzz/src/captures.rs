//! Captures of strangers, and the bytes of tapped lines, as `oncilla sniff` reads them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use oncilla::keys::Key;

use crate::capture::{Carrier, Line, Message, Network, Opener, Packets, Place, Side, Time, Writer};
use crate::seeds;
use crate::target::Framing;

/// The size of the largest message.
const LARGEST: usize = 4096;

/// Reads bytes as a capture. No message is larger than is allowed, and all of them together are not larger than what
/// was read. What was found is written, and opened by a key where it is sealed.
///
/// # Panics
/// When it is not so.
pub fn capture(data: &[u8]) {
    let messages = read(data);
    let found: usize = messages.iter().map(|message| message.bytes.len()).sum();
    assert!(found <= data.len(), "{found} bytes of messages in {} bytes", data.len());
    let mut writer = Writer::new(Vec::new()).expect("memory is writable");
    messages.iter().for_each(|message| writer.message(message).expect("memory is writable"));
    // The key of the vectors, whatever its number.
    let key = std::array::from_fn(|index| index as u8);
    let mut opener = Opener::new(move |id| Some(Arc::new(Key::new(id, key))));
    for message in messages {
        opener.open(message);
    }
}

/// Returns the messages of a capture, up to the first error.
fn read(data: &[u8]) -> Vec<Message> {
    let mut messages = Vec::new();
    let mut network = Network::new(LARGEST);
    let mut take = |message: Message| {
        assert!(message.bytes.len() <= LARGEST, "a message of {} bytes", message.bytes.len());
        messages.push(message);
    };
    if let Ok(mut packets) = Packets::new(data) {
        while let Ok(true) = packets.next(|packet| network.push(&packet, &mut take)) {}
    }
    network.finish(&mut take);
    messages
}

/// Reads bytes as those of a tapped line, in the framing and in the pieces that the first two bytes select.
///
/// # Panics
/// When a message is larger than is allowed.
pub fn tapped_line(data: &[u8]) {
    let [choice, piece, bytes @ ..] = data else { return };
    let framing = [Framing::Serial, Framing::Cobs, Framing::Record][usize::from(*choice) % 3];
    let mut line = Line::new(framing, LARGEST);
    for (index, piece) in bytes.chunks(usize::from(*piece).max(1)).enumerate() {
        let side = if (index + usize::from(*choice)).is_multiple_of(2) { Side::A } else { Side::B };
        line.push(side, piece, &mut |found| {
            if let crate::capture::Found::Message(bytes, _) = found {
                assert!(bytes.len() <= LARGEST, "a message of {} bytes", bytes.len());
            }
        });
    }
}

/// Captures of calls over each carrier, also joined and cut.
pub fn capture_seeds() -> Vec<Vec<u8>> {
    let socket = |text: &str| Place::Socket(text.parse::<SocketAddr>().expect("an address"));
    let mut all = Vec::new();
    for carrier in [Carrier::Udp, Carrier::Tcp, Carrier::Serial] {
        let mut capture = Vec::new();
        let mut writer = Writer::new(&mut capture).expect("memory is writable");
        let sealed = [&[1, 1, 2, 1, 2, 3, 4, 0, 0, 4, 0][..], &[0x5a; 32]].concat();
        let data = [&[0x80, 0, 0, 0, 0][..], &[0x5a; 40]].concat();
        let all_bytes = seeds::calls().into_iter().chain(seeds::replies()).chain([sealed, data]);
        for (number, bytes) in all_bytes.enumerate() {
            let (from, to) = (socket("10.0.0.1:700"), socket("[fd00::1]:2049"));
            let to = if carrier == Carrier::Udp { socket("10.0.0.2:111") } else { to };
            let from = if carrier == Carrier::Tcp { socket("[fd00::2]:700") } else { from };
            let time = Time::new(Duration::from_millis(1_700_000_000_000 + number as u64));
            let message = Message { time, from, to, carrier, bytes, missing: 0, key: None };
            writer.message(&message).expect("memory is writable");
        }
        all.push(capture[..capture.len() / 2].to_vec());
        all.push(capture);
    }
    all
}

/// Streams in each framing.
pub fn line_seeds() -> Vec<Vec<u8>> {
    let framed =
        seeds::frames().into_iter().map(|seed| (0, seed)).chain(seeds::records().into_iter().map(|seed| (2, seed)));
    framed
        .flat_map(|(choice, seed)| [[&[choice, 7][..], &seed].concat(), [&[choice + 1, 255][..], &seed].concat()])
        .collect()
}
