//! Text between frames, and bytes that are no frame.

use oncilla::framing::{Cobs, Framing, Progress, Serial, TEXT, TEXT_MAX};
use oncilla::message::Form;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::frames::{Found, Receiver, seal, seal_in};

const BUFFER: usize = Serial::buffer(600);

/// Returns text as a link sends it.
fn printed(text: &[u8]) -> Vec<u8> {
    [&[0, TEXT], text, &[0]].concat()
}

fn found<F: Framing>(stream: &[u8]) -> Vec<Found> {
    let mut receiver = Receiver::<F>::of_all(BUFFER);
    let mut found = Vec::new();
    receiver.feed(stream, &mut found);
    found
}

/// Returns what a terminal shows that does not support frames: neither zeros nor DEL.
fn shown(stream: &[u8]) -> Vec<u8> {
    stream.iter().copied().filter(|&byte| byte != 0 && byte != TEXT).collect()
}

#[test]
fn text_of_every_length_is_found() {
    for length in 0..=TEXT_MAX {
        for byte in [b'a', TEXT, 1, 0xff, b'\n'] {
            let text = vec![byte; length];
            let stream = [seal::<Cobs>(b"one"), printed(&text), seal::<Cobs>(b"two")].concat();
            let expected = [Found::Message(b"one".into()), Found::Text(text), Found::Message(b"two".into())];
            assert_eq!(found::<Cobs>(&stream), expected, "{length} times {byte}");
            assert_eq!(found::<Serial>(&stream), expected, "{length} times {byte}");
        }
    }
}

#[test]
fn too_long_text_is_dropped() {
    for length in TEXT_MAX + 1..BUFFER - 2 {
        let stream = printed(&vec![b'a'; length]);
        assert_eq!(found::<Serial>(&stream), [Found::Dropped(length + 1)], "{length}");
    }
}

#[test]
fn frames_that_begin_like_text_are_frames() {
    // 122 bytes, then a zero: the first code has the value of TEXT.
    for more in [0, 1, 50] {
        let mut message = vec![1; usize::from(TEXT) - 1];
        message.push(0);
        message.extend(vec![2; more]);
        let frame = seal::<Serial>(&message);
        assert_eq!(frame[1], TEXT);
        assert_eq!(found::<Serial>(&frame), [Found::Message(message)]);
    }
    // No zero, and message and check value have 126 bytes: the first code has the value of TEXT, too.
    let message = (0u8..).map(|last| [&[3; 121][..], &[last]].concat());
    let (message, frame) =
        message.map(|message| (message.clone(), seal::<Serial>(&message))).find(|(_, frame)| frame[1] == TEXT).unwrap();
    assert_eq!(found::<Serial>(&frame), [Found::Message(message)]);
}

#[test]
fn the_output_of_a_boot_loader_is_dropped_in_one_piece() {
    let hello = b"boot: 12 kB of RAM\r\n";
    let mut receiver = Receiver::<Serial>::of_all(64);
    let stream = [&hello[..], &seal::<Serial>(b"one")].concat();
    receiver.framing.window(&mut receiver.buffer)[..stream.len()].copy_from_slice(&stream);
    receiver.framing.filled(stream.len());
    let progress = receiver.framing.next_of_all(&mut receiver.buffer);
    assert_eq!(progress, Progress::Dropped { start: 0, length: hello.len() });
    assert_eq!(receiver.buffer[..hello.len()], hello[..]);
    assert_eq!(receiver.framing.dropped(), 1);
}

#[test]
fn the_end_of_garbage_longer_than_the_buffer_is_returned() {
    for length in 64..300 {
        for rest in [1, 7, 63, 64] {
            let mut receiver = Receiver::<Serial>::of_all(64);
            let mut all = Vec::new();
            let noise = vec![b'x'; length];
            for chunk in noise.chunks(rest) {
                receiver.feed(chunk, &mut all);
            }
            receiver.feed(&seal::<Serial>(b"one"), &mut all);
            let [Found::Dropped(shown), Found::Message(message)] = &all[..] else { panic!("{length}: {all:?}") };
            assert!(*shown < 64, "{shown} of {length} bytes in a buffer of 64");
            assert_eq!(message, b"one");
        }
    }
}

#[test]
fn the_end_of_garbage_longer_than_the_buffer_is_no_text() {
    // The buffer is full just before bytes that look like text.
    for before in 60..70 {
        let noise = [&vec![b'x'; before][..], &[TEXT], b"abc"].concat();
        let mut receiver = Receiver::<Serial>::of_all(64);
        let mut all = Vec::new();
        receiver.feed(&noise, &mut all);
        receiver.feed(&[0], &mut all);
        assert!(matches!(all[..], [Found::Dropped(_)]), "{before}: {all:?}");
    }
}

#[test]
fn damaged_frames_are_dropped() {
    let frame = seal_in::<Serial>(Form::Short, b"\x01\x02\0\x03");
    for bit in 8..8 * (frame.len() - 1) {
        let mut damaged = frame.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        let all = found::<Serial>(&damaged);
        // A flipped bit may have made a zero, which splits the frame into two pieces.
        let dropped: usize = all.iter().map(|found| if let Found::Dropped(length) = found { *length } else { 0 }).sum();
        assert!((frame.len() - 3..=frame.len() - 2).contains(&dropped), "bit {bit}: {all:?}");
    }
}

/// Messages in either form, and pieces of text.
fn pieces() -> impl Strategy<Value = Vec<Found>> {
    let message = prop_oneof![vec(any::<u8>(), 0..200), vec(1..=255u8, 100..300), vec(0..2u8, 0..100)];
    let text = vec(1..=255u8, 0..=TEXT_MAX);
    let line = "[ -~]{0,100}\r\n".prop_map(String::into_bytes);
    vec(
        prop_oneof![
            message.clone().prop_map(Found::Message),
            message.prop_map(Found::Short),
            prop_oneof![text, line].prop_map(Found::Text),
        ],
        0..12,
    )
}

fn sent(piece: &Found) -> Vec<u8> {
    match piece {
        Found::Message(message) => seal::<Serial>(message),
        Found::Short(message) => seal_in::<Serial>(Form::Short, message),
        Found::Text(text) => printed(text),
        other => panic!("{other:?} is not sent"),
    }
}

proptest! {
    #[test]
    fn messages_and_text_are_found_in_order(pieces in pieces(), size in 1..400usize) {
        let stream: Vec<u8> = pieces.iter().flat_map(sent).collect();
        let (mut receiver, mut all) = (Receiver::<Serial>::of_all(BUFFER), Vec::new());
        stream.chunks(size).for_each(|chunk| receiver.feed(chunk, &mut all));
        prop_assert_eq!(&all, &pieces);
        prop_assert_eq!(receiver.framing.dropped(), 0);
        // A reader that does not ask for text finds the same messages.
        let (mut receiver, mut messages) = (Receiver::<Serial>::new(BUFFER), Vec::new());
        stream.chunks(size).for_each(|chunk| receiver.feed(chunk, &mut messages));
        all.retain(|found| !matches!(found, Found::Text(_)));
        prop_assert_eq!(messages, all);
    }

    #[test]
    fn a_terminal_shows_the_text(pieces in pieces()) {
        let stream: Vec<u8> = pieces.iter().flat_map(sent).collect();
        let mut rest = &shown(&stream)[..];
        for piece in &pieces {
            let Found::Text(text) = piece else { continue };
            let text = shown(text);
            let at = (0..=rest.len() - text.len()).find(|&at| rest[at..].starts_with(&text));
            prop_assert!(at.is_some(), "{:?} is not shown", text);
            rest = &rest[at.unwrap_or(0) + text.len()..];
        }
    }
}
