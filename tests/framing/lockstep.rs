//! Compares the real readers with simple models on the same stream, cut in the same way.

use oncilla::framing::{Cobs, Framing, Record, RecordAhead, Serial, TEXT};
use oncilla::message::Form;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::frames::{Found, Receiver, Sized, seal_in};
use crate::models::{CobsModel, RecordModel};

/// Cuts a stream into chunks of the given sizes, repeated as needed.
fn chunks<'s>(stream: &'s [u8], sizes: &'s [usize]) -> impl Iterator<Item = &'s [u8]> {
    let mut rest = stream;
    sizes.iter().cycle().map_while(move |size| {
        let (chunk, after) = rest.split_at(rest.len().min(*size));
        rest = after;
        (!chunk.is_empty()).then_some(chunk)
    })
}

fn records<F: Sized>(mut real: Receiver<F>, stream: &[u8], sizes: &[usize], capacity: usize) {
    let mut model = RecordModel { capacity, stream: Vec::new() };
    let mut fed = 0;
    for chunk in chunks(stream, sizes) {
        let before = real.buffer.len();
        let mut found = Vec::new();
        real.feed(chunk, &mut found);
        assert_eq!(found, model.feed(chunk));
        assert_eq!(real.framing.is_amid(), model.is_amid());
        // A buffer grows by bytes that came, not by lengths in marks.
        fed += chunk.len();
        assert!(real.buffer.len() == before || real.buffer.len() <= 2 * fed);
    }
}

/// Fragments, mostly valid, some with a random mark.
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

/// Runs a real framing beside the model. Returns the number of frames that the model dropped.
fn framed<F: Framing>(real: &mut Receiver<F>, mut model: CobsModel, stream: &[u8], sizes: &[usize]) -> u32 {
    for chunk in chunks(stream, sizes) {
        let mut found = Vec::new();
        real.feed(chunk, &mut found);
        let expected = model.feed(chunk);
        assert_eq!(found.len(), expected.len(), "{found:?}, and not {expected:?}");
        for (found, expected) in found.into_iter().zip(expected) {
            match (found, expected) {
                // If the bytes exceed the buffer, only the last of them are there.
                (Found::Dropped(end), Found::Dropped(whole)) if whole >= model.capacity => {
                    assert!(end < model.capacity)
                }
                (found, expected) => assert_eq!(found, expected),
            }
        }
    }
    model.dropped
}

/// Frames of either form, text and garbage. Some frames are joined or cut.
fn frames() -> impl Strategy<Value = Vec<u8>> {
    let messages = (0..3u8, vec(any::<u8>(), 10..600));
    let messages = messages.prop_map(|(kind, bytes)| [&[1, 0, 3, 4, 0, 0, 0, kind], &bytes[..]].concat());
    let frame = prop_oneof![vec(any::<u8>(), 0..70), vec(1..=255u8, 230..280), vec(0..3u8, 0..60), messages];
    let form = prop_oneof![Just(Form::Full), Just(Form::Short)];
    let frame = (frame, form).prop_map(|(message, form)| seal_in::<Serial>(form, &message));
    let text = vec(1..=255u8, 0..130).prop_map(|text| [&[TEXT], &text[..], &[0]].concat());
    let cut = (frame.clone(), any::<prop::sample::Index>()).prop_map(|(mut frame, place)| {
        frame.truncate(place.index(frame.len()));
        frame
    });
    let garbage = vec(prop_oneof![any::<u8>(), Just(0), 1..4u8], 0..30);
    let pieces = vec(prop_oneof![6 => frame, 1 => cut, 1 => text, 2 => garbage], 0..12);
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
        records(Receiver::<Record>::new(capacity), &stream, &sizes, capacity);
        records(Receiver::<RecordAhead>::new(capacity), &stream, &sizes, capacity);
        records(Receiver::growing(capacity), &stream, &sizes, capacity);
    }

    #[test]
    fn frames_are_found_as_the_model_finds_them(
        stream in frames(),
        sizes in vec(1..300usize, 1..10),
        capacity in 8..350usize,
    ) {
        let model = |short| CobsModel { capacity, short, ..CobsModel::default() };
        let (mut cobs, mut serial) = (Receiver::<Cobs>::new(capacity), Receiver::<Serial>::new(capacity));
        let dropped = framed(&mut cobs, model(false), &stream, &sizes);
        prop_assert_eq!(cobs.framing.dropped(), dropped);
        let dropped = framed(&mut serial, model(true), &stream, &sizes);
        prop_assert_eq!(serial.framing.dropped(), dropped);
    }

    #[test]
    fn text_and_dropped_bytes_are_found_as_the_model_finds_them(
        stream in frames(),
        sizes in vec(1..300usize, 1..10),
        capacity in 8..350usize,
    ) {
        let model = |short| CobsModel { capacity, short, beside: true, ..CobsModel::default() };
        let (mut cobs, mut serial) = (Receiver::<Cobs>::of_all(capacity), Receiver::<Serial>::of_all(capacity));
        let dropped = framed(&mut cobs, model(false), &stream, &sizes);
        prop_assert_eq!(cobs.framing.dropped(), dropped);
        let dropped = framed(&mut serial, model(true), &stream, &sizes);
        prop_assert_eq!(serial.framing.dropped(), dropped);
    }
}

/// Checks that the generated streams contain everything; otherwise the tests above would prove nothing.
#[test]
fn the_streams_contain_everything_that_can_be_found() {
    use proptest::strategy::ValueTree;

    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut records, mut all) = (Vec::new(), Vec::new());
    for _ in 0..300 {
        let stream = fragments().new_tree(&mut runner).unwrap().current();
        records.extend((RecordModel { capacity: 64, stream: Vec::new() }).feed(&stream));
        let stream = frames().new_tree(&mut runner).unwrap().current();
        all.extend((CobsModel { capacity: 200, short: true, beside: true, ..CobsModel::default() }).feed(&stream));
    }
    let count = |found: &[Found], kind: fn(&Found) -> bool| found.iter().filter(|found| kind(found)).count();
    let counts = [
        count(&records, |found| matches!(found, Found::Message(_))),
        count(&records, |found| matches!(found, Found::Oversize(..))),
        count(&all, |found| matches!(found, Found::Message(_))),
        count(&all, |found| matches!(found, Found::Short(_))),
        count(&all, |found| matches!(found, Found::Text(_))),
        count(&all, |found| matches!(found, Found::Oversize(..))),
        count(&all, |found| matches!(found, Found::Dropped(_))),
    ];
    assert!(counts.iter().all(|&count| count > 50), "{counts:?}");
}
