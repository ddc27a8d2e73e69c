//! COBS on a line with errors: damaged frames are dropped, valid frames are found.

use oncilla::framing::Cobs;

use crate::cases;
use crate::frames::{Found, Receiver, messages, receive, seal};

const BUFFER: usize = 64;

fn found(stream: &[u8]) -> (Vec<Found>, u32) {
    let mut receiver = Receiver::<Cobs>::new(BUFFER);
    let mut found = Vec::new();
    receiver.feed(stream, &mut found);
    (found, receiver.framing.dropped())
}

/// Bytes without a frame that a line could deliver.
fn garbage() -> Vec<Vec<u8>> {
    vec![
        vec![],
        vec![0],
        vec![0; 20],
        vec![1],
        vec![255],
        vec![1, 2, 3, 4, 5],
        vec![5, 0, 0, 4, 0, 1, 1, 0, 2],
        b"Hello from the boot loader!\r\n".to_vec(),
        vec![0x55; 300],
        vec![0xff; 1000],
        (0..=255).collect(),
        (0..=255).rev().collect(),
    ]
}

#[test]
fn frames_between_garbage_are_found() {
    let frames = [seal::<Cobs>(b"one"), seal::<Cobs>(b"two"), seal::<Cobs>(b"three")];
    let expected = messages([&b"one"[..], b"two", b"three"]);
    for before in garbage() {
        for between in garbage() {
            for behind in garbage() {
                let parts = [&before, &frames[0], &between, &frames[1], &between, &frames[2], &behind];
                let stream = parts.map(|part| &part[..]).concat();
                assert_eq!(found(&stream).0, expected, "{before:?}, {between:?}, {behind:?}");
            }
        }
    }
}

#[test]
fn dropped_frames_are_counted() {
    for (garbage, dropped) in [
        (&[][..], 0),
        (&[0, 0, 0], 0),
        (&[1, 2, 3], 1),
        (&[1, 0, 1, 0, 9], 3),
        (&[7; 1000], 1),
        // Long enough to be checked, but with a wrong check value.
        (&[9, 1, 2, 3, 4, 5, 6, 7, 8], 1),
    ] {
        let stream = [garbage, &seal::<Cobs>(b"one")].concat();
        assert_eq!(found(&stream), (messages([b"one"]), dropped), "{garbage:?}");
    }
}

#[test]
fn every_flipped_bit_is_detected() {
    let messages_of = [&b"\x80\0\0\x01"[..], b"123456789", &[0; 12], b"\x01\x02\0\x03\0\0\x04", &[0xff; 40]];
    for message in messages_of {
        let frame = seal::<Cobs>(message);
        for place in 0..frame.len() {
            for bit in 0..8 {
                let mut damaged = frame.clone();
                damaged[place] ^= 1 << bit;
                let next = seal::<Cobs>(b"next");
                let (mut found, _) = found(&[damaged, next].concat());
                // Four zeros are the check value of an empty message. Therefore a cut in a run of zeros may leave an
                // empty message. It does no harm: it is no call and no reply.
                found.retain(|found| *found != Found::Message(vec![]));
                assert_eq!(found, messages([b"next"]), "bit {bit} of byte {place} of {frame:02x?}");
            }
        }
    }
}

#[test]
fn every_flipped_bit_of_a_long_frame_is_detected() {
    let message: Vec<u8> = (1..=255).chain(1..=10).collect();
    let frame = seal::<Cobs>(&message);
    let next = seal::<Cobs>(b"next");
    for bit in 0..8 * frame.len() {
        let mut damaged = frame.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let found = receive::<Cobs>(Cobs::buffer(message.len()), [&damaged[..], &next]);
        assert_eq!(found, messages([b"next"]), "bit {bit}");
    }
}

#[test]
fn a_frame_cut_short_is_dropped() {
    let frame = seal::<Cobs>(b"a message of some length");
    for length in 0..frame.len() - 1 {
        let stream = [&frame[..length], &seal::<Cobs>(b"next")].concat();
        assert_eq!(found(&stream).0, messages([b"next"]), "after {length} bytes");
    }
    // Without its last zero, the frame is ended by the first zero of the next frame.
    let stream = [&frame[..frame.len() - 1], &seal::<Cobs>(b"next")].concat();
    assert_eq!(found(&stream).0, messages([&b"a message of some length"[..], b"next"]));
}

#[test]
fn a_lost_or_doubled_byte_is_detected() {
    let frame = seal::<Cobs>(b"\x01\x02\x03\0\x04\x05\x06\0\0\x07");
    let next = seal::<Cobs>(b"next");
    // The zeros at the ends may be lost or doubled without harm.
    for place in 1..frame.len() - 1 {
        let (before, behind) = frame.split_at(place);
        let lost = [before, &behind[1..], &next].concat();
        assert_eq!(found(&lost).0, messages([b"next"]), "byte {place} lost");
        let doubled = [before, &behind[..1], behind, &next].concat();
        assert_eq!(found(&doubled).0, messages([b"next"]), "byte {place} doubled");
    }
}

#[test]
fn two_frames_that_collide_are_dropped() {
    let (one, two) = (seal::<Cobs>(b"the first message"), seal::<Cobs>(b"the second message"));
    for place in 2..one.len() - 1 {
        let inner = [&one[..place], &two[1..two.len() - 1], &one[place..]].concat();
        let stream = [inner, seal::<Cobs>(b"next")].concat();
        assert_eq!(receive::<Cobs>(200, [&stream[..]]), messages([b"next"]), "at {place}");
    }
}

#[test]
fn too_large_frames_are_dropped_once() {
    let next = seal::<Cobs>(b"next");
    for length in [60, 61, 64, 100, 253, 254, 255, 1000, 10_000] {
        for byte in [0, 1, 0xff] {
            let stream = [seal::<Cobs>(&vec![byte; length]), next.clone()].concat();
            let expected = [Found::Oversize(vec![byte; 28], length as u32), Found::Message(b"next".to_vec())];
            assert_eq!(found(&stream), (expected.to_vec(), 1), "{length} times {byte}");
            let found = receive::<Cobs>(BUFFER, stream.chunks(1));
            assert_eq!(found, expected, "{length} times {byte}");
        }
    }
}

#[test]
fn too_large_calls_and_replies_are_reported_and_the_next_frame_is_found() {
    let next = seal::<Cobs>(b"next");
    for length in [60, 61, 64, 100, 200] {
        for kind in [0, 1] {
            let message = [&[9, 0, 0, 8, 0, 0, 0, kind][..], &vec![0; length]].concat();
            let stream = [seal::<Cobs>(&message), next.clone()].concat();
            let expected =
                [Found::Oversize(message[..28].to_vec(), message.len() as u32), Found::Message(b"next".to_vec())];
            assert_eq!(receive::<Cobs>(BUFFER, stream.chunks(1)), expected, "{length}");
            // A damaged one is dropped.
            for place in [12, 40, 60] {
                let mut damaged = stream.clone();
                damaged[place] ^= 0x40;
                assert_eq!(receive::<Cobs>(BUFFER, [&damaged[..]]), messages([b"next"]), "{length}, {place}");
            }
        }
    }
}

#[test]
fn a_check_value_alone_is_an_empty_message() {
    // The register after fewer than four bytes must not pass for the register after a check value.
    assert_eq!(found(&[0, 1, 1, 1, 1, 1, 0]), (messages([[]]), 0));
    for frame in [&[0, 1, 0][..], &[0, 1, 1, 0], &[0, 1, 1, 1, 0], &[0, 1, 1, 1, 1, 0], &[0, 2, 9, 0]] {
        assert_eq!(found(frame), (vec![], 1), "{frame:?}");
    }
    // A sample of all contents of three bytes: none of them is a message.
    for bytes in 0..1u32 << 24 {
        if bytes % 97 == 0 {
            let [a, b, c, _] = bytes.to_le_bytes().map(|byte| byte.max(1));
            assert_eq!(found(&[0, 4, a, b, c, 0]), (vec![], 1));
        }
    }
}

#[test]
fn frames_contain_no_zero_between_their_ends() {
    for (name, message) in cases() {
        let frame = seal::<Cobs>(&message);
        let inner = &frame[1..frame.len() - 1];
        assert!(!inner.contains(&0), "{name}");
        assert_eq!((frame[0], frame[frame.len() - 1]), (0, 0), "{name}");
        let most = message.len() + 4 + 1 + (message.len() + 4) / 254 + 2;
        assert!(frame.len() <= most, "{name}: {} bytes, {most} at most", frame.len());
    }
}
