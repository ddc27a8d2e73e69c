//! One-way calls, in both directions.

use oncilla::framing::{Cobs, Datagram, Record, RecordAhead};

use crate::faults::line::End;
use crate::*;

fn note<F: Carried>(peer: &mut Peer<End<F>>, amount: u32) {
    peer::Client::new(peer).note(amount).unwrap();
}

#[test]
fn both_endpoints_send_one_way_calls_at_the_same_moment() {
    fn on<F: Sized + Carried>(line: Line) {
        let [a, b] = line.ends::<F>();
        let run = |end: End<F>| {
            let mut peer = peer_at(end);
            for amount in 0..20 {
                note(&mut peer, amount);
            }
            // All of them arrived before this call, and are served while it waits.
            assert_eq!(double(&mut peer, 1), Ok(2));
            assert_eq!(peer.state().noted, (0..20).collect::<Vec<_>>());
            peer.serve().unwrap();
            peer.state().served
        };
        assert_eq!(both(a, b, run, run), (21, 21));
    }
    for line in [Line::QUICK, Line::SERIAL] {
        on::<Cobs>(line);
        on::<Datagram>(line);
        on::<Record>(line);
        on::<RecordAhead>(line);
    }
}

#[test]
fn one_way_calls_do_not_wait() {
    let [a, b] = Line::QUICK.ends::<Cobs>();
    let _b = b.by_hand();
    let clock = a.clock();
    let mut peer = peer(a);
    for amount in 0..20 {
        note(&mut peer, amount);
    }
    assert_eq!(clock.now(), 0);
}

#[test]
fn one_way_calls_are_served_while_a_call_waits() {
    let [a, b] = Line::QUICK.ends::<Record>();
    let calls = |end| {
        let mut peer = peer(end);
        assert_eq!(peer::Client::new(&mut peer).bill(3), Ok(()));
        assert_eq!(peer.state().noted, []);
        assert_eq!(double(&mut peer, 1), Ok(2));
        assert_eq!(peer.state().noted, [3]);
    };
    let pushes = |end: End<Record>| {
        let clock = end.clock();
        let mut peer = peer(end);
        peer.serve_next(oncilla::Time::NEVER).unwrap();
        clock.pass(10_000);
        let amount = peer.state().bills[0];
        note(&mut peer, amount);
        peer.serve().unwrap();
    };
    both(a, b, calls, pushes);
}
