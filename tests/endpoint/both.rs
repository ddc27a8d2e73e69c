//! Two endpoints call each other at the same moment.

use oncilla::framing::{Cobs, Datagram, Record, RecordAhead};

use crate::faults::line::End;
use crate::*;

const CALLS: u32 = 50;

/// Calls the peer again and again, and then serves it until nothing more happens.
fn call_and_serve<F: Sized + Carried>(end: End<F>) -> (u32, u64) {
    let clock = end.clock();
    let mut peer = peer_at(end);
    for i in 0..CALLS {
        assert_eq!(double(&mut peer, i), Ok(2 * i));
    }
    let done = clock.now();
    peer.serve().unwrap();
    (peer.state().served, done)
}

fn on<F: Sized + Carried>() {
    // Calls cross: each endpoint gets its reply after the time of two frames.
    let [a, b] = Line::QUICK.ends::<F>();
    let end = (CALLS, u64::from(CALLS) * 2_000);
    assert_eq!(both(a, b, call_and_serve, call_and_serve), (end, end));
    // Calls cross byte by byte.
    let [a, b] = Line::SERIAL.ends::<F>();
    let ((served_a, _), (served_b, _)) = both(a, b, call_and_serve, call_and_serve);
    assert_eq!((served_a, served_b), (CALLS, CALLS));
}

#[test]
fn two_endpoints_call_each_other_on_every_framing() {
    on::<Cobs>();
    on::<Datagram>();
    on::<Record>();
    on::<RecordAhead>();
}

#[test]
fn one_endpoint_calls_often_and_the_other_seldom() {
    let [a, b] = Line::QUICK.ends::<Cobs>();
    let often = |end: End<Cobs>| {
        let mut peer = peer_at(end);
        for i in 1..=200 {
            assert_eq!(add(&mut peer, 1), Ok(i));
        }
        peer.serve().unwrap();
        peer.state().sum
    };
    let seldom = |end: End<Cobs>| {
        let mut peer = peer_at(end);
        for i in 1..=10 {
            let deadline = peer.link().transport().now().after(Duration::from_millis(17));
            while peer.serve_next(deadline).unwrap() != oncilla::Served::TimeUp {}
            assert_eq!(add(&mut peer, 1), Ok(i));
        }
        peer.serve().unwrap();
        peer.state().sum
    };
    assert_eq!(both(a, b, often, seldom), (10, 200));
}

#[test]
fn calls_of_the_largest_size_cross() {
    fn on<F: Sized + Carried>() {
        let [a, b] = Line::SERIAL.ends::<F>();
        let run = |end: End<F>| {
            let mut peer = peer_at(end);
            for byte in 0..=20 {
                let data = vec![byte; 600];
                assert_eq!(peer::Client::new(&mut peer).echo(&data), Ok(&*data));
            }
            peer.serve().unwrap();
        };
        both(a, b, run, run);
    }
    on::<Cobs>();
    on::<Datagram>();
    on::<Record>();
    on::<RecordAhead>();
}
