//! Record marking: every fragmentation, and records that are too large.

use oncilla::framing::{Framing, Progress, Record, RecordAhead};

use crate::frames::{Found, Receiver, Sized, messages, receive};
use crate::models::KEPT;

/// Returns a fragment with its mark.
fn fragment(bytes: &[u8], last: bool) -> Vec<u8> {
    let mark = u32::try_from(bytes.len()).unwrap() | u32::from(last) << 31;
    [&mark.to_be_bytes(), bytes].concat()
}

/// Returns a record of these fragments.
fn record(fragments: &[&[u8]]) -> Vec<u8> {
    let last = fragments.len() - 1;
    fragments.iter().enumerate().flat_map(|(i, bytes)| fragment(bytes, i == last)).collect()
}

/// Checks the result of both readers, for the whole stream at once and byte by byte.
fn finds(buffer: usize, stream: &[u8], expected: &[Found]) {
    assert_eq!(receive::<Record>(buffer, [stream]), expected);
    assert_eq!(receive::<RecordAhead>(buffer, [stream]), expected);
    assert_eq!(receive::<Record>(buffer, stream.chunks(1)), expected);
    assert_eq!(receive::<RecordAhead>(buffer, stream.chunks(1)), expected);
}

const MESSAGE: [u8; 9] = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/// Cuts the message into fragments at the places whose bits are set.
fn fragments(places: u32) -> Vec<&'static [u8]> {
    let mut fragments = Vec::new();
    let mut start = 0;
    for end in 1..MESSAGE.len() {
        if places & 1 << (end - 1) != 0 {
            fragments.push(&MESSAGE[start..end]);
            start = end;
        }
    }
    fragments.push(&MESSAGE[start..]);
    fragments
}

#[test]
fn every_fragmentation_is_the_same_message() {
    for places in 0..256 {
        let stream = [record(&fragments(places)), record(&[b"next"])].concat();
        finds(40, &stream, &messages([&MESSAGE[..], b"next"]));
    }
}

#[test]
fn empty_fragments_do_not_change_a_message() {
    for places in [0, 0b1, 0b1000_0000, 0b10_0100, 0b1111_1111] {
        for zeros in [1, 2, 17] {
            let mut all = vec![&[][..]; zeros];
            for fragment in fragments(places) {
                all.push(fragment);
                all.extend(vec![&[][..]; zeros]);
            }
            let stream = [record(&all), record(&[b"next"])].concat();
            // An empty fragment counts as one byte.
            finds(40 + all.len(), &stream, &messages([&MESSAGE[..], b"next"]));
        }
    }
}

#[test]
fn many_empty_fragments_make_a_record_too_large() {
    let mut fragments = vec![&[][..]; 1_000];
    fragments.push(&MESSAGE);
    let stream = [record(&fragments), record(&[b"next"])].concat();
    finds(40, &stream, &[Found::Oversize(MESSAGE.to_vec(), 1_009), Found::Message(b"next".to_vec())]);
}

#[test]
fn empty_records_are_empty_messages() {
    finds(40, &record(&[&[]]), &messages([[]]));
    finds(40, &record(&[&[], &[], &[]]), &messages([[]]));
    let stream = [record(&[&[]]), record(&[b"next"]), record(&[&[]])].concat();
    finds(40, &stream, &messages([&[][..], b"next", &[]]));
}

fn oversize(message: &[u8]) -> Found {
    oversize_of(message, message.len())
}

fn oversize_of(message: &[u8], size: usize) -> Found {
    let kept = message.len().min(KEPT);
    Found::Oversize(message[..kept].to_vec(), u32::try_from(size).unwrap())
}

#[test]
fn too_large_records_are_skipped() {
    let message: Vec<u8> = (0..200).collect();
    let next = Found::Message(b"next".to_vec());
    // In one fragment, in many, too large at the first mark and only at the last.
    let cut: Vec<Vec<&[u8]>> = vec![
        vec![&message],
        message.chunks(1).collect(),
        message.chunks(7).collect(),
        message.chunks(30).collect(),
        vec![&message[..36], &message[36..]],
        vec![&message[..10], &message[10..]],
        vec![&message[..36], &[], &[], &message[36..], &[]],
    ];
    for fragments in cut {
        let stream = [record(&fragments), record(&[b"next"]), record(&[&message]), record(&[b"next"])].concat();
        let empty = fragments.split_last().unwrap().1.iter().filter(|fragment| fragment.is_empty()).count();
        let first = oversize_of(&message, message.len() + empty);
        finds(40, &stream, &[first, next.clone(), oversize(&message), next.clone()]);
    }
}

#[test]
fn a_record_one_byte_too_large_is_skipped() {
    let message = [5; 60];
    for capacity in [RecordAhead::BUFFER_MIN, 40, 64] {
        // Four bytes of a buffer are reserved for the mark of the next fragment.
        for (length, fits) in [(capacity - 4, true), (capacity - 3, false)] {
            let one = record(&[&message[..length.min(60)]]);
            let two = record(&[&message[..length.min(60) / 2], &message[length.min(60) / 2..length.min(60)]]);
            let expected = if fits || length > 60 {
                messages([&message[..length.min(60)]])
            } else {
                vec![oversize(&message[..length])]
            };
            finds(capacity, &one, &expected);
            finds(capacity, &two, &expected);
        }
    }
}

/// Passes a record through a reader, in fragments of these sizes, without its content.
fn pass<F: Sized>(sizes: &[u32]) -> Vec<Found> {
    let mut receiver = Receiver::<F>::new(1 << 16);
    let mut found = Vec::new();
    for (i, size) in sizes.iter().enumerate() {
        let last = i + 1 == sizes.len();
        receiver.feed(&(size | u32::from(last) << 31).to_be_bytes(), &mut found);
        let mut left = *size as usize;
        while left > 0 {
            let length = receiver.framing.window(&mut receiver.buffer).len().min(left);
            assert!(length > 0);
            receiver.framing.filled(length);
            left -= length;
            receiver.find(&mut found);
        }
    }
    receiver.feed(&fragment(b"next", true), &mut found);
    found
}

#[test]
fn records_of_gigabytes_are_skipped() {
    const MOST: u32 = (1 << 31) - 1;
    let sizes = |found: Vec<Found>| -> Vec<u32> {
        assert_eq!(found.last(), Some(&Found::Message(b"next".to_vec())));
        let sizes = found.iter().filter_map(|found| match found {
            Found::Oversize(_, size) => Some(*size),
            _ => None,
        });
        sizes.collect()
    };
    for (fragments, size) in [
        (&[MOST][..], MOST),
        (&[MOST, MOST], u32::MAX - 1),
        (&[MOST, MOST, 1], u32::MAX),
        // More than a `u32` can count.
        (&[MOST, MOST, 2], u32::MAX),
        (&[MOST, MOST, MOST], u32::MAX),
    ] {
        assert_eq!(sizes(pass::<Record>(fragments)), [size]);
        assert_eq!(sizes(pass::<RecordAhead>(fragments)), [size]);
    }
}

#[test]
fn the_exact_reader_never_reads_beyond_a_record() {
    let stream = [record(&fragments(0b1001)), record(&[b"next"])].concat();
    let mut receiver = Receiver::<Record>::new(100);
    let mut taken = 0;
    loop {
        let found = receiver.framing.next(&mut receiver.buffer);
        if let Progress::Message { start, length } = found {
            assert_eq!(receiver.buffer[start..start + length], MESSAGE);
            assert_eq!(taken, record(&fragments(0b1001)).len());
            return;
        }
        let window = receiver.framing.window(&mut receiver.buffer);
        // The carrier has the whole stream ready.
        window.copy_from_slice(&stream[taken..taken + window.len()]);
        taken += window.len();
        let length = window.len();
        receiver.framing.filled(length);
    }
}

#[test]
fn the_reader_ahead_finds_several_messages_in_one_read() {
    let stream = record(&[b"one"]).repeat(5);
    let mut receiver = Receiver::<RecordAhead>::new(100);
    assert_eq!(receiver.framing.next(&mut receiver.buffer), Progress::More);
    receiver.framing.window(&mut receiver.buffer)[..stream.len()].copy_from_slice(&stream);
    receiver.framing.filled(stream.len());
    let mut found = Vec::new();
    receiver.find(&mut found);
    assert_eq!(found, messages([b"one"; 5]));
}

#[test]
fn a_record_that_is_skipped_is_oversize_and_the_next_is_found() {
    let stream = [fragment(&[1; 100], false), fragment(&[2; 300], true), fragment(&[3; 20], true)].concat();
    let mut framing = RecordAhead::growing(1000);
    let mut buffer = vec![0; 64];
    let mut found = Vec::new();
    let mut rest = &stream[..];
    loop {
        match framing.next(&mut buffer) {
            Progress::More if rest.is_empty() => break,
            Progress::More => {
                if framing.window(&mut buffer).is_empty() {
                    framing.skip(&mut buffer);
                }
                let window = framing.window(&mut buffer);
                let length = window.len().min(rest.len());
                assert!(length > 0);
                window[..length].copy_from_slice(&rest[..length]);
                framing.filled(length);
                rest = &rest[length..];
            }
            progress => found.push((progress, buffer.clone())),
        }
    }
    let [
        (Progress::Oversize { start, length: 28, size: 400 }, first),
        (Progress::Message { start: next, length: 20 }, second),
    ] = &found[..]
    else {
        panic!("{found:?}")
    };
    assert_eq!(first[*start..][..28], [1; 28]);
    assert_eq!(second[*next..][..20], [3; 20]);
    // Between records there is nothing to skip.
    framing.skip(&mut buffer);
    assert!(!framing.is_amid());
}
