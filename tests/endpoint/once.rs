//! Retransmitted calls, and calls that arrive more than once.

use oncilla::Replay;
use oncilla::framing::{Cobs, Datagram};

use crate::faults::line::End;
use crate::hand::{Hand, call, reply};
use crate::*;

#[test]
fn a_repeated_call_is_executed_once_while_serving() {
    let [a, b] = Line::QUICK.ends::<Cobs>();
    let serves = |end: End<Cobs>| {
        let mut peer = peer(end);
        peer.serve().unwrap();
        (peer.state().sum, peer.state().noted.len())
    };
    let repeats = |end| {
        let mut hand = Hand::<Cobs>::new(end);
        for _ in 0..3 {
            hand.send(&call(7, ADD, &[5]));
            assert_eq!(hand.next(), reply(7, &[5]));
            hand.send(&call(8, NOTE, &[5]));
            assert_eq!(hand.within(10_000), None);
        }
    };
    assert_eq!(both(a, b, serves, repeats).0, (5, 1));
}

#[test]
fn a_repeated_call_is_executed_once_while_a_call_waits() {
    fn on<F: Sized + Carried>() {
        let [a, b] = Line::QUICK.ends::<F>();
        let calls = |end: End<F>| {
            let mut peer = peer(end);
            assert_eq!(double(&mut peer, 21), Ok(42));
            // One more retransmission arrives after the wait.
            peer.serve().unwrap();
            peer.state().sum
        };
        let repeats = |end| {
            let mut hand = Hand::<F>::new(end);
            hand.next();
            for _ in 0..3 {
                hand.send(&call(7, ADD, &[5]));
                assert_eq!(hand.next(), reply(7, &[5]));
            }
            hand.send(&reply(XID, &[42]));
            hand.send(&call(7, ADD, &[5]));
            assert_eq!(hand.next(), reply(7, &[5]));
        };
        assert_eq!(both(a, b, calls, repeats).0, 5);
    }
    on::<Cobs>();
    on::<Datagram>();
}

#[test]
fn forget_clears_the_replay_cache() {
    let [a, b] = Line::QUICK.ends::<Cobs>();
    let (mut peer, mut hand) = (peer(a.by_hand()), Hand::<Cobs>::new(b.by_hand()));
    for sum in [5, 10] {
        for _ in 0..2 {
            hand.send(&call(7, ADD, &[5]));
            peer.serve_next(oncilla::Time::NEVER).unwrap();
            assert_eq!(hand.next(), reply(7, &[sum]));
        }
        peer.replay().forget();
    }
}

#[test]
fn a_borrowed_replay_cache_outlives_the_endpoint() {
    let [a, b] = Line::QUICK.ends::<Cobs>();
    let (mut end, mut hand, mut cache) = (a.by_hand(), Hand::<Cobs>::new(b.by_hand()), Cache::new());
    for executed in [1, 0] {
        let link = Link::new(&mut end, vec![0; 1024], vec![0; 1024]);
        let mut peer = Endpoint::new(link, &TABLE, State::default(), XID).with_replay(&mut cache);
        hand.send(&call(7, ADD, &[5]));
        peer.serve_next(oncilla::Time::NEVER).unwrap();
        assert_eq!(hand.next(), reply(7, &[5]));
        assert_eq!(peer.state().served, executed);
        // `forget` also clears a borrowed cache.
        if executed == 0 {
            peer.replay().forget();
        }
    }
    let link = Link::new(&mut end, vec![0; 1024], vec![0; 1024]);
    let mut peer = Endpoint::new(link, &TABLE, State::default(), XID).with_replay(&mut cache);
    hand.send(&call(7, ADD, &[5]));
    peer.serve_next(oncilla::Time::NEVER).unwrap();
    assert_eq!(peer.state().served, 1);
}

#[test]
fn without_a_replay_cache_a_repeated_call_is_executed_again() {
    let [a, b] = Line::QUICK.ends::<Cobs>();
    let mut hand = Hand::<Cobs>::new(b.by_hand());
    let link = Link::new(a.by_hand(), vec![0; 1024], vec![0; 1024]);
    let mut peer = Endpoint::new(link, &TABLE, State::default(), XID);
    for sum in [5, 10] {
        hand.send(&call(7, ADD, &[5]));
        peer.serve_next(oncilla::Time::NEVER).unwrap();
        assert_eq!(hand.next(), reply(7, &[sum]));
    }
}
