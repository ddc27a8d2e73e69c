//! An endpoint that retransmits a call and answers others meanwhile.

use oncilla::Retry;
use oncilla::framing::{Cobs, Datagram, Record};

use crate::faults::line::End;
use crate::hand::{Hand, call, reply, words};
use crate::*;

/// One endpoint calls and retransmits every 50 ms; the test plays its peer.
fn against<F: Sized + Carried, R>(answers: impl FnOnce(Hand<F>) -> R) -> (Outcome<Vec<u8>>, R) {
    let [a, b] = Line::QUICK.ends::<F>();
    let calls = |end: End<F>| {
        let mut peer = peer(end);
        peer.set_retry(Retry::every(Duration::from_millis(50)));
        peer::Client::new(&mut peer).echo(&[7; 9]).map(<[u8]>::to_vec)
    };
    both(a, b, calls, |end| answers(Hand::new(end)))
}

/// The call, and its reply.
fn echo() -> (Vec<u8>, Vec<u8>) {
    let seven = [words(&[9]), vec![7; 9], vec![0; 3]].concat();
    ([call(XID, ECHO, &[]), seven.clone()].concat(), [reply(XID, &[]), seven].concat())
}

#[test]
fn a_retransmission_is_the_same_call_whatever_was_answered_meanwhile() {
    fn on<F: Sized + Carried>() {
        let (call_of_echo, reply_to_echo) = echo();
        let (outcome, ()) = against::<F, _>(|mut hand| {
            for round in 0..3 {
                assert_eq!(hand.next(), call_of_echo);
                // Replies of all sizes are written to the buffer of the call.
                hand.send(&call(round, DOUBLE, &[1]));
                assert_eq!(hand.next(), reply(round, &[2]));
                let data = [words(&[600]), vec![0xff; 600]].concat();
                hand.send(&[call(10 + round, ECHO, &[]), data.clone()].concat());
                assert_eq!(hand.next(), [reply(10 + round, &[]), data].concat());
            }
            hand.send(&reply_to_echo);
        });
        assert_eq!(outcome, Ok(vec![7; 9]));
    }
    on::<Cobs>();
    on::<Datagram>();
}

#[test]
fn serving_does_not_delay_a_retransmission() {
    fn on<F: Sized + Carried>() {
        let (call_of_echo, _) = echo();
        let (outcome, times) = against::<F, _>(|mut hand| {
            let clock = hand.end.clock();
            let mut times = Vec::new();
            for xid in 0..120 {
                hand.send(&call(xid, DOUBLE, &[1]));
                while let Some(message) = hand.within(10_000) {
                    if message == call_of_echo {
                        times.push(clock.now());
                    }
                }
            }
            times
        });
        assert_eq!(outcome, Err(CallError::TimedOut { after: TIMEOUT, unframed: 0 }));
        assert_eq!(times, (0..20).map(|i| 1_000 + i * 50_000).collect::<Vec<_>>());
    }
    on::<Cobs>();
    on::<Datagram>();
}

#[test]
fn serving_without_a_pause_does_not_delay_a_retransmission() {
    fn on<F: Sized + Carried>() {
        let [a, b] = Line::QUICK.ends::<F>();
        let calls = |end: End<F>| {
            let slow = Some((end.clock(), 3_000));
            let mut peer = peer(end);
            peer.set_retry(Retry::every(Duration::from_millis(50)));
            peer.state().slow = slow;
            peer::Client::new(&mut peer).echo(&[7; 9]).map(<[u8]>::to_vec)
        };
        let floods = |end: End<F>| {
            let (call_of_echo, reply_to_echo) = echo();
            let (clock, mut hand) = (end.clock(), Hand::<F>::new(end));
            // 600 ms of calls that have already arrived.
            for xid in 0..200 {
                hand.send(&call(xid, DOUBLE, &[1]));
            }
            let mut times = Vec::new();
            while times.len() < 10 {
                if hand.next() == call_of_echo {
                    times.push(clock.now());
                }
            }
            hand.send(&reply_to_echo);
            times
        };
        let (outcome, times) = both(a, b, calls, floods);
        assert_eq!(outcome, Ok(vec![7; 9]));
        let late = times.windows(2).any(|pair| !(50_000..=53_000).contains(&(pair[1] - pair[0])));
        assert!(!late, "sent at {times:?}");
    }
    on::<Cobs>();
    on::<Datagram>();
}

#[test]
fn a_connection_retransmits_nothing() {
    let (call_of_echo, _) = echo();
    let (outcome, ()) = against::<Record, _>(|mut hand| {
        assert_eq!(hand.next(), call_of_echo);
        assert_eq!(hand.within(2_000_000), None);
    });
    assert_eq!(outcome, Err(CallError::TimedOut { after: TIMEOUT, unframed: 0 }));
}
