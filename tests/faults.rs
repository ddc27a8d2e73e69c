//! The simulated bad lines of the tests do what they should.

#[path = "support/faults.rs"]
mod faults;

use oncilla::framing::{Cobs, Datagram, Record};
use oncilla::{Received, Time, Transport};

use faults::line::{End, Line};
use faults::{Carried, Faults, Faulty};

const LATE: u64 = 3_000;

/// Returns what arrives at one end of a line, and when, while the other end sends 40 frames, one every millisecond.
fn arrivals<F: Carried>(seed: u64, sending: Faults, receiving: Faults) -> Vec<(u64, Vec<u8>)> {
    let [a, b] = Line::QUICK.ends::<F>();
    let mut a = Faulty::new(a.by_hand(), seed).sending(sending);
    let mut b = Faulty::new(b.by_hand(), seed).receiving(receiving);
    let mut arrivals = Vec::new();
    for number in 0..50 {
        if number < 40 {
            assert_eq!(a.send(&frame(number), Time::NEVER), Ok(12));
        }
        let until = Time::from_micros((u64::from(number) + 1) * 1_000);
        // Late frames leave while the sender waits; nothing is ever sent back.
        assert_eq!(a.receive(&mut [0; 1], until), Ok(Received::TimeUp));
        take(&mut b, &mut arrivals);
    }
    arrivals
}

fn take<F: Carried>(end: &mut Faulty<End<F>>, arrivals: &mut Vec<(u64, Vec<u8>)>) {
    let mut bytes = [0; 100];
    while let Ok(Received::Bytes(length)) = end.receive(&mut bytes, Time::ZERO) {
        arrivals.push((end.now().as_micros(), bytes[..length].to_vec()));
    }
}

/// A frame like one of a serial line: zeros only at its ends.
fn frame(number: u8) -> [u8; 12] {
    let mut frame = [number + 1; 12];
    frame[11] = 0;
    frame
}

/// Returns what arrives on any carrier with these faults when sending, and with the same faults when receiving.
fn bytes<F: Carried>(faults: Faults) -> [Vec<Vec<u8>>; 2] {
    let bytes = |arrivals: Vec<(u64, Vec<u8>)>| arrivals.into_iter().map(|(_, bytes)| bytes).collect();
    [bytes(arrivals::<F>(1, faults, Faults::NONE)), bytes(arrivals::<F>(1, Faults::NONE, faults))]
}

fn sent() -> Vec<Vec<u8>> {
    (0..40).map(|number| frame(number).to_vec()).collect()
}

#[test]
fn without_faults_everything_arrives() {
    assert_eq!(bytes::<Cobs>(Faults::NONE), [sent(), sent()]);
    assert_eq!(bytes::<Datagram>(Faults::NONE), [sent(), sent()]);
    assert_eq!(bytes::<Record>(Faults::NONE), [sent(), sent()]);
}

#[test]
fn the_same_seed_gives_the_same_faults() {
    let run = |seed| arrivals::<Cobs>(seed, Faults::BAD, Faults::BAD);
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn frames_are_dropped() {
    let faults = Faults { drop: 100, ..Faults::NONE };
    assert_eq!(bytes::<Cobs>(faults), [const { Vec::<Vec<u8>>::new() }; 2]);
    assert_eq!(bytes::<Datagram>(faults), [const { Vec::<Vec<u8>>::new() }; 2]);
}

#[test]
fn frames_are_repeated() {
    let faults = Faults { repeat: 100, ..Faults::NONE };
    let twice: Vec<_> = sent().into_iter().flat_map(|frame| [frame.clone(), frame]).collect();
    assert_eq!(bytes::<Cobs>(faults), [twice.clone(), twice.clone()]);
    assert_eq!(bytes::<Datagram>(faults), [twice.clone(), twice]);
}

#[test]
fn bits_are_flipped() {
    let faults = Faults { flip: 100, ..Faults::NONE };
    for arrived in bytes::<Cobs>(faults) {
        assert_eq!(arrived.len(), 40);
        let differences = arrived.iter().zip(sent()).filter(|(arrived, sent)| *arrived != sent).count();
        // The same bit may be flipped twice.
        assert!(differences > 30, "{differences}");
        assert!(arrived.iter().all(|frame| frame.len() == 12));
    }
    // The checksum of damaged frames is wrong.
    assert_eq!(bytes::<Datagram>(faults), [const { Vec::<Vec<u8>>::new() }; 2]);
}

#[test]
fn frames_are_cut_short() {
    let faults = Faults { cut: 100, ..Faults::NONE };
    for arrived in bytes::<Cobs>(faults) {
        let length: usize = arrived.iter().map(Vec::len).sum();
        assert!((100..380).contains(&length), "{length} of 480 bytes");
    }
    assert_eq!(bytes::<Datagram>(faults), [const { Vec::<Vec<u8>>::new() }; 2]);
}

#[test]
fn garbage_comes_before_frames() {
    let faults = Faults { garbage: 100, ..Faults::NONE };
    for arrived in bytes::<Cobs>(faults).into_iter().chain(bytes::<Datagram>(faults)) {
        assert_eq!(arrived.len(), 80);
        let frames: Vec<_> = arrived.into_iter().skip(1).step_by(2).collect();
        assert_eq!(frames, sent());
    }
}

#[test]
fn frames_are_overtaken() {
    // If every frame let the next one pass, none would be overtaken.
    let faults = Faults { reorder: 50, late: LATE, ..Faults::NONE };
    for arrived in bytes::<Cobs>(faults).into_iter().chain(bytes::<Datagram>(faults)) {
        let mut sorted = arrived.clone();
        sorted.sort();
        assert_eq!(sorted, sent());
        assert_ne!(arrived, sent());
    }
}

#[test]
fn frames_are_delayed() {
    let faults = Faults { delay: 100, late: LATE, ..Faults::NONE };
    for arrived in [arrivals::<Cobs>(1, faults, Faults::NONE), arrivals::<Cobs>(1, Faults::NONE, faults)] {
        assert_eq!(arrived.len(), 40);
        let late = arrived.iter().filter(|(at, bytes)| *at > u64::from(bytes[0]) * 1_000).count();
        assert!(late > 30, "{late} were late");
        for (at, bytes) in &arrived {
            // The receiver looks every millisecond.
            assert!(*at <= u64::from(bytes[0]) * 1_000 + LATE + 1_000, "too late");
        }
    }
}

#[test]
fn a_connection_only_delays() {
    let faults = Faults { drop: 50, repeat: 50, flip: 50, cut: 50, garbage: 50, reorder: 50, delay: 50, late: LATE };
    assert_eq!(bytes::<Record>(faults), [sent(), sent()]);
}

#[test]
fn a_frame_that_comes_in_pieces_is_one() {
    let [a, b] = Line { latency: 1, byte: 10, seed: 7 }.ends::<Cobs>();
    let (mut a, mut arrived) = (a.by_hand(), Vec::new());
    let mut b = Faulty::new(b.by_hand(), 1).receiving(Faults { repeat: 100, ..Faults::NONE });
    a.send(&[&[0][..], &frame(1), &frame(2)].concat(), Time::NEVER).unwrap();
    a.receive(&mut [0; 1], Time::from_micros(1_000)).unwrap();
    take(&mut b, &mut arrived);
    let arrived: Vec<_> = arrived.into_iter().flat_map(|(_, bytes)| bytes).collect();
    // The zero before the first frame is a part of it.
    let first = [&[0][..], &frame(1)].concat();
    assert_eq!(arrived, [&first[..], &first, &frame(2), &frame(2)].concat());
}
