//! Framings: each message is found however the carrier cuts the stream, and other bytes are dropped without harm.

#[path = "../support/frames.rs"]
mod frames;
#[path = "../support/models.rs"]
mod models;

mod buffers;
mod cobs;
mod crc;
mod datagram;
mod forms;
mod lockstep;
mod record;
mod streams;
mod text;

/// Messages of every length and content that matters to a framing.
fn cases() -> Vec<(String, Vec<u8>)> {
    let counting = |length: usize| (0..length).map(|i| (i % 256) as u8).collect();
    let no_zeros = |length: usize| (0..length).map(|i| (i % 255 + 1) as u8).collect();
    let mut cases: Vec<(String, Vec<u8>)> = vec![("nothing".into(), vec![])];
    for length in [1, 2, 3, 4, 5, 24, 40, 249, 250, 251, 253, 254, 255, 256, 503, 504, 505, 508, 509, 510, 1000] {
        cases.push((format!("{length} zeros"), vec![0; length]));
        cases.push((format!("{length} bytes without a zero"), no_zeros(length)));
        cases.push((format!("{length} bytes of all values"), counting(length)));
        cases.push((format!("{length} times 255"), vec![255; length]));
    }
    for end in [253, 254, 255] {
        let mut message: Vec<u8> = no_zeros(600);
        message[end] = 0;
        cases.push((format!("a zero at {end}"), message));
    }
    // Bytes that look like marks.
    cases.push(("marks".into(), [[0x80, 0, 0, 4], [0, 0, 0, 0], [0x80, 0, 0, 0]].concat()));
    cases
}
