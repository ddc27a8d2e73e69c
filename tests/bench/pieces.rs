//! The work for a byte: when a message comes whole, byte by byte, and as a hostile peer sends it.

use std::time::Instant;

use oncilla::framing::{Cobs, Framing, Progress, RecordAhead};

use crate::ratio::{Contest, Run};

/// A stream, the largest piece in which it comes, and the buffer that it is received in.
struct Delivery {
    stream: Vec<u8>,
    piece: usize,
    capacity: usize,
}

impl Delivery {
    /// Receives all of it; returns how often something was found.
    fn receive<F: Framing>(&self, buffer: &mut [u8]) -> usize {
        let (mut framing, mut rest, mut found) = (F::default(), &self.stream[..], 0);
        loop {
            while framing.next(buffer) != Progress::More {
                found += 1;
            }
            if rest.is_empty() {
                return found;
            }
            let window = framing.window(buffer);
            let (now, later) = rest.split_at(window.len().min(self.piece).min(rest.len()));
            window[..now.len()].copy_from_slice(now);
            framing.filled(now.len());
            rest = later;
        }
    }

    fn runs<F: Framing>(self) -> Run {
        let mut buffer = vec![0; self.capacity];
        Box::new(move |times| {
            let begin = Instant::now();
            for _ in 0..times {
                std::hint::black_box(self.receive::<F>(&mut buffer));
            }
            begin.elapsed()
        })
    }
}

/// A message of `size` bytes, as it is sent.
fn sent<F: Framing>(size: usize) -> Vec<u8> {
    let mut buffer = vec![0; 2 * size + 64];
    for (place, byte) in F::room(&mut buffer)[..size].iter_mut().enumerate() {
        *byte = place as u8;
    }
    F::seal(&mut buffer, size).expect("there is room").to_vec()
}

/// A record nearly whole, and then empty fragments, in pieces that end within a mark.
fn empty_fragments(size: usize) -> Delivery {
    let body = size / 2;
    let mut stream = (body as u32).to_be_bytes().to_vec();
    stream.resize(4 + size, 0);
    stream[4..4 + body].fill(7);
    Delivery { stream, piece: 7, capacity: body + 9 }
}

/// Frames of one byte, each begun with the end of the one before it.
fn tiny_frames(size: usize) -> Delivery {
    Delivery { stream: [2, 7, 0].repeat(size / 3), piece: 7, capacity: 2 * size + 64 }
}

fn contests_of<F: Framing + 'static>(
    whole: &'static str,
    hostile: &'static str,
    peer: fn(usize) -> Delivery,
) -> Vec<Contest> {
    let mut contests = Vec::new();
    for (size, bytewise) in [(1 << 10, "1 KiB, byte by byte"), (1 << 16, "64 KiB, byte by byte")] {
        let delivery = |piece| Delivery { stream: sent::<F>(size), piece, capacity: 2 * size + 64 }.runs::<F>();
        contests.push(Contest::new(whole, (bytewise, delivery(1)), ("whole", delivery(usize::MAX)), None));
        contests.push(Contest::new(whole, (hostile, peer(size).runs::<F>()), ("whole", delivery(usize::MAX)), None));
    }
    contests
}

/// The ratios are to be the same for 1 KiB and for 64 KiB.
pub fn contests() -> Vec<Contest> {
    let mut contests = contests_of::<RecordAhead>("record, work a byte", "empty fragments", empty_fragments);
    contests.extend(contests_of::<Cobs>("COBS, work a byte", "tiny frames", tiny_frames));
    contests
}
