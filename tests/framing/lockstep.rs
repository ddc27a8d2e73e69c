//! The real readers and simple ones, side by side on the same stream, cut the same way.

use oncilla::framing::{Cobs, Framing, Record, RecordAhead};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::frames::{Found, Receiver, Sized, seal};
use crate::models::{CobsModel, RecordModel};

/// Cuts a stream in chunks of the given sizes, again and again.
fn chunks<'s>(stream: &'s [u8], sizes: &'s [usize]) -> impl Iterator<Item = &'s [u8]> {
    let mut rest = stream;
    sizes.iter().cycle().map_while(move |size| {
        let (chunk, after) = rest.split_at(rest.len().min(*size));
        rest = after;
        (!chunk.is_empty()).then_some(chunk)
    })
}

fn records<F: Sized>(stream: &[u8], sizes: &[usize], capacity: usize) {
    let mut real = Receiver::<F>::new(capacity);
    let mut model = RecordModel { capacity, stream: Vec::new() };
    for chunk in chunks(stream, sizes) {
        let mut found = Vec::new();
        real.feed(chunk, &mut found);
        assert_eq!(found, model.feed(chunk));
        assert_eq!(real.framing.is_amid(), model.is_amid());
    }
}

/// Fragments, mostly honest: now and then a mark that is random.
fn fragments() -> impl Strategy<Value = Vec<u8>> {
    let fragment = (vec(any::<u8>(), 0..50), any::<bool>()).prop_map(|(bytes, last)| {
        let mark = bytes.len() as u32 | u32::from(last) << 31;
        [&mark.to_be_bytes(), &bytes[..]].concat()
    });
    let empty = any::<bool>().prop_map(|last| vec![u8::from(last) << 7, 0, 0, 0]);
    let random = vec(any::<u8>(), 0..12);
    let pieces = vec(prop_oneof![8 => fragment, 3 => empty, 1 => random], 0..20);
    pieces.prop_map(|pieces| pieces.concat())
}

/// Frames and garbage; now and then two frames grow together or one is cut.
fn frames() -> impl Strategy<Value = Vec<u8>> {
    let frame = prop_oneof![vec(any::<u8>(), 0..70), vec(1..=255u8, 230..280), vec(0..3u8, 0..60)]
        .prop_map(|message| seal::<Cobs>(&message));
    let cut = (frame.clone(), any::<prop::sample::Index>()).prop_map(|(mut frame, place)| {
        frame.truncate(place.index(frame.len()));
        frame
    });
    let garbage = vec(prop_oneof![any::<u8>(), Just(0), 1..4u8], 0..30);
    let pieces = vec(prop_oneof![6 => frame, 1 => cut, 2 => garbage], 0..12);
    pieces.prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn records_are_found_as_the_model_finds_them(
        stream in fragments(),
        sizes in vec(1..90usize, 1..10),
        capacity in RecordAhead::BUFFER_MIN..140usize,
    ) {
        records::<Record>(&stream, &sizes, capacity);
        records::<RecordAhead>(&stream, &sizes, capacity);
    }

    #[test]
    fn frames_are_found_as_the_model_finds_them(
        stream in frames(),
        sizes in vec(1..300usize, 1..10),
        capacity in 8..350usize,
    ) {
        let mut real = Receiver::<Cobs>::new(capacity);
        let mut model = CobsModel { capacity, frame: Vec::new(), dropped: 0 };
        for chunk in chunks(&stream, &sizes) {
            let mut found = Vec::new();
            real.feed(chunk, &mut found);
            prop_assert_eq!(found, model.feed(chunk));
            prop_assert_eq!(real.framing.dropped(), model.dropped);
        }
    }
}

/// That the generated streams do contain messages, or the tests above would prove nothing.
#[test]
fn the_streams_contain_messages_of_both_kinds() {
    use proptest::strategy::ValueTree;

    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut whole, mut oversize, mut framed, mut dropped) = (0, 0, 0, 0);
    for _ in 0..200 {
        let stream = fragments().new_tree(&mut runner).unwrap().current();
        for found in (RecordModel { capacity: 64, stream: Vec::new() }).feed(&stream) {
            match found {
                Found::Message(_) => whole += 1,
                Found::Oversize(..) => oversize += 1,
            }
        }
        let mut model = CobsModel { capacity: 64, frame: Vec::new(), dropped: 0 };
        framed += model.feed(&frames().new_tree(&mut runner).unwrap().current()).len();
        dropped += model.dropped;
    }
    assert!(
        [whole, oversize, framed, dropped as usize].iter().all(|&count| count > 50),
        "{whole} {oversize} {framed} {dropped}"
    );
}
