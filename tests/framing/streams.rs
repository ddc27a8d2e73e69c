//! One table of messages through every framing, cut in every way in which a stream can arrive.

use oncilla::framing::{Cobs, Record, RecordAhead, Serial};
use proptest::prelude::*;

use crate::cases;
use crate::frames::{Receiver, Sized, messages, receive, seal};

/// Instantiates a test for every framing of streams.
macro_rules! every_framing {
    ($($name:ident)*) => {
        mod record { $(#[test] fn $name() { super::$name::<super::Record>(); })* }
        mod record_ahead { $(#[test] fn $name() { super::$name::<super::RecordAhead>(); })* }
        mod cobs { $(#[test] fn $name() { super::$name::<super::Cobs>(); })* }
        mod serial { $(#[test] fn $name() { super::$name::<super::Serial>(); })* }
    };
}

every_framing! { whole byte_by_byte cut_at_every_place back_to_back is_amid_is_true_within_a_message large }

fn whole<F: Sized>() {
    for (name, message) in cases() {
        let stream = seal::<F>(&message);
        assert_eq!(receive::<F>(F::buffer(message.len()).max(40), [&stream[..]]), messages([&message]), "{name}");
    }
}

fn byte_by_byte<F: Sized>() {
    for (name, message) in cases() {
        let stream = seal::<F>(&message);
        let found = receive::<F>(F::buffer(message.len()).max(40), stream.chunks(1));
        assert_eq!(found, messages([&message]), "{name}");
    }
}

fn cut_at_every_place<F: Sized>() {
    for (name, message) in cases() {
        let stream = [seal::<F>(&message), seal::<F>(b"next")].concat();
        for place in 0..=stream.len() {
            let (before, behind) = stream.split_at(place);
            let found = receive::<F>(F::buffer(message.len()).max(40), [before, behind]);
            assert_eq!(found, messages([&message[..], b"next"]), "{name}, cut at {place}");
        }
    }
}

fn back_to_back<F: Sized>() {
    let all: Vec<_> = cases().into_iter().map(|(_, message)| message).collect();
    let stream: Vec<u8> = all.iter().flat_map(|message| seal::<F>(message)).collect();
    for buffer in [F::buffer(1000), F::buffer(1001), 2 * F::buffer(1000), stream.len(), 2 * stream.len()] {
        assert_eq!(receive::<F>(buffer, [&stream[..]]), messages(&all), "a buffer of {buffer} bytes");
    }
    for size in [1, 2, 3, 4, 5, 7, 64, 255, 256, 1000, 1460] {
        assert_eq!(receive::<F>(F::buffer(1000), stream.chunks(size)), messages(&all), "chunks of {size} bytes");
    }
}

fn is_amid_is_true_within_a_message<F: Sized>() {
    let stream = seal::<F>(&[7; 300]);
    let mut receiver = Receiver::<F>::new(F::buffer(300));
    let mut found = Vec::new();
    assert!(!oncilla::framing::Framing::is_amid(&receiver.framing));
    for round in 0..3 {
        // The zero before a frame ends what came before.
        for (place, byte) in stream.chunks(1).enumerate() {
            receiver.feed(byte, &mut found);
            let amid = place + 1 < stream.len() && (place > 0 || byte != [0]);
            assert_eq!(receiver.framing.is_amid(), amid, "round {round}, byte {place}");
        }
    }
    assert_eq!(found, messages([[7; 300]; 3]));
}

fn large<F: Sized>() {
    let cases = [vec![0; 65_000], vec![1; 65_000], (0..65_000u32).map(|i| (i % 251) as u8).collect()];
    for message in cases {
        let stream = seal::<F>(&message);
        assert_eq!(receive::<F>(F::buffer(65_000), [&stream[..]]), messages([&message]));
        assert_eq!(receive::<F>(F::buffer(65_000), stream.chunks(1460)), messages([&message]));
    }
}

fn in_random_chunks<F: Sized>(all: &[Vec<u8>], sizes: &[usize], more: usize) {
    let stream: Vec<u8> = all.iter().flat_map(|message| seal::<F>(message)).collect();
    let mut receiver = Receiver::<F>::new(F::buffer(600) + more);
    let (mut rest, mut found) = (&stream[..], Vec::new());
    for size in sizes.iter().cycle() {
        let (chunk, after) = rest.split_at(rest.len().min(*size));
        receiver.feed(chunk, &mut found);
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    assert_eq!(found, messages(all));
    assert!(!receiver.framing.is_amid());
}

/// Messages of any length up to 600, with few or many zeros.
fn any_message() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..600),
        proptest::collection::vec(0..2u8, 0..600),
        proptest::collection::vec(1..=255u8, 0..600),
        proptest::collection::vec(1..=255u8, 240..260),
    ]
}

proptest! {
    #[test]
    fn random_chunks(
        all in proptest::collection::vec(any_message(), 1..8),
        sizes in proptest::collection::vec(1..700usize, 1..20),
        more in 0..700usize,
    ) {
        in_random_chunks::<Record>(&all, &sizes, more);
        in_random_chunks::<RecordAhead>(&all, &sizes, more);
        in_random_chunks::<Cobs>(&all, &sizes, more);
        in_random_chunks::<Serial>(&all, &sizes, more);
    }
}
