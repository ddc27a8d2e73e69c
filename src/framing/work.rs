//! The number of bytes moved per received byte is bounded for pieces of any size.

use std::cell::Cell;
use std::vec;
use std::vec::Vec;

use super::{Cobs, Framing, Progress, Record, RecordAhead, Serial};

std::thread_local! {
    static MOVED: Cell<usize> = const { Cell::new(0) };
}

/// Counts bytes that are moved within a buffer.
pub(super) fn count(bytes: usize) {
    MOVED.set(MOVED.get() + bytes);
}

/// Returns the bytes moved by `work`.
fn moved(work: impl FnOnce()) -> usize {
    let before = MOVED.get();
    work();
    MOVED.get() - before
}

/// Receives a stream in pieces of at most `piece` bytes. Returns the number of messages.
fn receive<F: Framing>(stream: &[u8], piece: usize, capacity: usize) -> usize {
    let (mut framing, mut buffer) = (F::default(), vec![0; capacity]);
    let (mut rest, mut messages) = (stream, 0);
    loop {
        while framing.next(&mut buffer) != Progress::More {
            messages += 1;
        }
        if rest.is_empty() {
            return messages;
        }
        let window = framing.window(&mut buffer);
        let length = window.len().min(piece).min(rest.len());
        let (now, later) = rest.split_at(length);
        window[..length].copy_from_slice(now);
        framing.filled(length);
        rest = later;
    }
}

/// Returns the frames of three messages of `size` bytes.
fn sent<F: Framing>(size: usize, byte: u8) -> Vec<u8> {
    let mut buffer = vec![0; 2 * size + 64];
    F::room(&mut buffer)[..size].fill(byte);
    F::seal(&mut buffer, size).unwrap().repeat(3)
}

fn bytewise<F: Framing>() {
    for (size, byte) in [(1_000, 0), (1_000, 7), (16_384, 0), (16_384, 7), (65_536, 0), (65_536, 7)] {
        let stream = sent::<F>(size, byte);
        for piece in [1, 2, 3, 7, 64, 1_000, usize::MAX] {
            let work = moved(|| assert_eq!(receive::<F>(&stream, piece, 2 * size + 64), 3));
            // Each byte is gathered once and unstuffed once.
            let limit = 2 * stream.len();
            assert!(work <= limit, "{size} bytes in pieces of {piece}: {work} moved, and at most {limit} should be");
        }
    }
}

#[test]
fn each_byte_is_moved_at_most_twice_in_pieces_of_any_size() {
    bytewise::<Record>();
    bytewise::<RecordAhead>();
    bytewise::<Cobs>();
    bytewise::<Serial>();
}

#[test]
fn empty_fragments_move_nothing() {
    fn hostile<F: Framing>() {
        let size = 16_384;
        // A record comes first, so that the next one starts behind the front of the buffer. Most of it follows.
        let mut stream = [&(1u32 << 31 | 64).to_be_bytes(), &[7; 64][..]].concat();
        stream.extend((size as u32).to_be_bytes());
        stream.resize(stream.len() + size, 7);
        stream.resize(stream.len() + 4 * 8_192, 0);
        for piece in [1, 4, 6, 7, 4_096] {
            let work = moved(|| assert_eq!(receive::<F>(&stream, piece, size + 9), 1));
            assert!(work <= 2 * stream.len(), "pieces of {piece}: {work} moved for {} bytes", stream.len());
        }
    }
    hostile::<Record>();
    hostile::<RecordAhead>();
}

#[test]
fn stuffing_moves_each_byte_once() {
    for (size, byte) in [(253, 7), (508, 7), (16_384, 7), (65_536, 7), (65_536, 0)] {
        let work = moved(|| drop(sent::<Cobs>(size, byte)));
        assert!(work <= size + 8, "{size} bytes: {work} moved");
    }
}
