//! An endpoint that restarts and has no memory of what was before.

use oncilla::framing::{Cobs, Datagram, Serial};
use oncilla::{Replay, Retry, Served, Time};

use crate::faults::line::End;
use crate::hand::{Hand, call};
use crate::*;

/// An endpoint that retransmits its calls.
fn patient<T: Transport<Framing: Sized>>(transport: T) -> Peer<T> {
    let mut peer = peer(transport);
    peer.set_retry(Retry::every(Duration::from_millis(50)));
    peer
}

#[test]
fn a_retransmitted_call_is_executed_by_the_restarted_peer() {
    fn on<F: Sized + Carried>() {
        let [a, b] = Line::QUICK.ends::<F>();
        let calls = |end: End<F>| add(&mut patient(end), 5);
        let restarts = |end: End<F>| {
            let mut hand = Hand::new(end);
            assert_eq!(hand.next(), call(XID, ADD, &[5]));
            let mut peer = peer(hand.end);
            peer.serve().unwrap();
            peer.state().sum
        };
        assert_eq!(both(a, b, calls, restarts), (Ok(5), 5));
    }
    on::<Cobs>();
    on::<Datagram>();
}

#[test]
fn calls_with_other_xids_after_a_restart_are_new() {
    fn on<F: Sized + Carried>() {
        let [a, b] = Line::QUICK.ends::<F>();
        let serves = |end: End<F>| {
            let mut peer = peer(end);
            peer.serve().unwrap();
            peer.state().sum
        };
        let restarts = |mut end: End<F>| {
            for (life, sum) in [(0, 5), (1, 10), (2, 15)] {
                assert_eq!(add(&mut peer_from(&mut end, 1000 * life), 5), Ok(sum));
            }
        };
        assert_eq!(both(a, b, serves, restarts), (15, ()));
    }
    on::<Cobs>();
    on::<Datagram>();
}

#[test]
fn calls_with_the_same_xids_after_a_restart_are_new_only_after_forget() {
    let [a, b] = Line::QUICK.ends::<Cobs>();
    let serves = |end: End<Cobs>| {
        let mut peer = peer(end);
        for call in 0..3 {
            assert_eq!(peer.serve_next(Time::NEVER), Ok(Served::Message));
            if call == 1 {
                peer.replay().forget();
            }
        }
        peer.state().sum
    };
    let restarts = |mut end: End<Cobs>| {
        // The second call is answered as a retransmission of the first.
        for sum in [5, 5, 10] {
            assert_eq!(add(&mut peer_from(&mut end, 7), 5), Ok(sum));
        }
    };
    assert_eq!(both(a, b, serves, restarts), (10, ()));
}

/// An endpoint with a boot number, and the same xids after every restart.
fn introduced<T: Transport<Framing = Serial, Error = &'static str>>(transport: T, boot: u32) -> Peer<T> {
    let size = Serial::buffer(peer::CALL_MAX.max(peer::REPLY_MAX));
    let link = Link::with_boot_number(transport, vec![0xc5; size], vec![0x3a; size], boot);
    Endpoint::new(link, &TABLE, State::default(), 7).with_replay(Cache::new())
}

#[test]
fn calls_with_the_same_xids_and_another_boot_number_are_new() {
    let [a, b] = Line::QUICK.ends::<Serial>();
    let serves = |end: End<Serial>| {
        let (mut peer, mut restarts) = (introduced(end, 9), 0);
        loop {
            match peer.serve_next(Time::NEVER).unwrap() {
                Served::Restart => restarts += 1,
                Served::End => return (peer.state().sum, restarts),
                Served::Message | Served::TimeUp => {}
            }
        }
    };
    let restarts = |mut end: End<Serial>| {
        for (boot, sum) in [(1, 5), (2, 10), (3, 15)] {
            assert_eq!(add(&mut introduced(&mut end, boot), 5), Ok(sum));
        }
    };
    assert_eq!(both(a, b, serves, restarts), ((15, 2), ()));
}

#[test]
fn a_restart_of_the_peer_ends_a_call_at_once() {
    let [a, b] = Line::QUICK.ends::<Serial>();
    let calls = |end: End<Serial>| {
        let clock = end.clock();
        let mut peer = introduced(end, 9);
        assert_eq!(add(&mut peer, 5), Ok(5));
        let begun = clock.now();
        assert_eq!(add(&mut peer, 5), Err(CallError::Restarted));
        assert!(clock.now() - begun < 200_000, "after {} µs", clock.now() - begun);
        // The restarted peer has executed nothing yet.
        assert_eq!(add(&mut peer, 7), Ok(7));
    };
    let restarts = |mut end: End<Serial>| {
        let clock = end.clock();
        let mut first = introduced(&mut end, 1);
        while first.state().sum == 0 {
            first.serve_next(Time::NEVER).unwrap();
        }
        drop(first);
        // The next call arrives while it is down.
        clock.pass(100_000);
        let mut lost = vec![0; 2048];
        while end.receive(&mut lost, Time::ZERO) != Ok(oncilla::Received::TimeUp) {}
        let mut second = introduced(&mut end, 2);
        second.serve().unwrap();
        assert_eq!(second.state().sum, 7);
    };
    both(a, b, calls, restarts);
}
