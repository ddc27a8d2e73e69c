//! A procedure cannot call the peer; it notes which call to make next.

use oncilla::framing::{Cobs, Datagram, Record};
use oncilla::{Retry, Served, Time};

use crate::faults::line::End;
use crate::faults::{Faults, Faulty};
use crate::*;

/// Serves, and after each message makes the calls that were noted.
fn pay<T: Transport<Error = &'static str>>(peer: &mut Peer<T>) -> u32 {
    let mut paid = 0;
    while peer.serve_next(Time::NEVER).unwrap() != Served::End {
        while let Some(amount) = peer.state().bills.pop() {
            add(peer, amount).unwrap();
            paid += amount;
        }
    }
    paid
}

#[test]
fn a_call_is_answered_before_the_noted_call_is_made() {
    fn on<F: Sized + Carried>() {
        let [a, b] = Line::QUICK.ends::<F>();
        let bills = |end| {
            let mut peer = peer(end);
            for amount in 1..=10 {
                assert_eq!(peer::Client::new(&mut peer).bill(amount), Ok(()));
            }
            peer.serve().unwrap();
            peer.state().sum
        };
        assert_eq!(both(a, b, bills, |end| pay(&mut peer(end))), (55, 55));
    }
    on::<Cobs>();
    on::<Datagram>();
    on::<Record>();
}

#[test]
fn both_endpoints_note_calls() {
    let [a, b] = Line::QUICK.ends::<Cobs>();
    let run = |end: End<Cobs>| {
        let mut peer = peer_at(end);
        for amount in 1..=10 {
            assert_eq!(peer::Client::new(&mut peer).bill(amount), Ok(()));
        }
        // Calls that were noted while it called are still to be made.
        let noted: u32 = peer.state().bills.iter().sum();
        assert_eq!(noted, 55);
        while let Some(amount) = peer.state().bills.pop() {
            add(&mut peer, amount).unwrap();
        }
        peer.serve().unwrap();
        peer.state().sum
    };
    assert_eq!(both(a, b, run, run), (55, 55));
}

#[test]
fn noted_calls_are_executed_once_on_a_bad_line() {
    let [a, b] = Line::QUICK.ends::<Cobs>();
    let bad = |end: End<Cobs>, seed| {
        let xid = end.first_xid(XID);
        let mut peer = peer_from(Faulty::new(end, seed).sending(Faults::BAD), xid);
        peer.set_timeout(Duration::from_secs(60));
        peer.set_retry(Retry::every(Duration::from_millis(10)));
        peer
    };
    let bills = |end| {
        let mut peer = bad(end, 1);
        for amount in 1..=100 {
            assert_eq!(peer::Client::new(&mut peer).bill(amount), Ok(()));
        }
        peer.serve().unwrap();
        peer.state().sum
    };
    assert_eq!(both(a, b, bills, |end| pay(&mut bad(end, 2))), (5050, 5050));
}
