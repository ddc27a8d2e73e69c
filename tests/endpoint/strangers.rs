//! Strangers: messages that are neither the awaited reply nor a call.

use oncilla::framing::{Cobs, Datagram, Record};

use crate::faults::line::End;
use crate::hand::{Hand, call, reply, words};
use crate::*;

/// Returns the result of `double(21)` when `before` arrives before its reply.
fn after<F: Sized + Carried>(before: &[Vec<u8>]) -> Outcome<u32> {
    let [a, b] = Line::QUICK.ends::<F>();
    let calls = |end: End<F>| double(&mut peer(end), 21);
    let answers = |end| {
        let mut hand = Hand::<F>::new(end);
        hand.next();
        for message in before {
            hand.send(message);
        }
        hand.send(&reply(XID, &[42]));
        hand.within(100_000)
    };
    let (outcome, answer) = both(a, b, calls, answers);
    assert_eq!(answer, None, "strangers are not answered");
    outcome
}

#[test]
fn replies_to_other_calls_are_dropped() {
    let replies: Vec<_> = [0, 1, 7, XID - 1].map(|xid| reply(xid, &[99])).into();
    assert_eq!(after::<Cobs>(&replies), Ok(42));
    assert_eq!(after::<Datagram>(&replies), Ok(42));
    assert_eq!(after::<Record>(&replies), Ok(42));
}

#[test]
fn messages_that_are_neither_call_nor_reply_are_dropped() {
    let nothing = [vec![1], vec![0; 7], words(&[XID, 2, 0, 0, 0, 0, 42]), vec![0xff; 300]];
    assert_eq!(after::<Cobs>(&nothing), Ok(42));
    assert_eq!(after::<Datagram>(&nothing), Ok(42));
    assert_eq!(after::<Record>(&nothing), Ok(42));
}

#[test]
fn a_call_too_large_is_refused_while_a_call_waits() {
    let [a, b] = Line::QUICK.ends::<Record>();
    let calls = |end: End<Record>| double(&mut peer(end), 21);
    let answers = |end| {
        let mut hand = Hand::<Record>::new(end);
        hand.next();
        hand.send(&call(700, ECHO, &[7; 400]));
        // GARBAGE_ARGS.
        assert_eq!(hand.next(), words(&[700, 1, 0, 0, 0, 4]));
        hand.send(&reply(XID, &[42]));
    };
    assert_eq!(both(a, b, calls, answers).0, Ok(42));
}

#[test]
fn a_reply_too_large_is_an_error() {
    let [a, b] = Line::QUICK.ends::<Record>();
    let calls = |end: End<Record>| double(&mut peer(end), 21);
    let answers = |end| {
        let mut hand = Hand::<Record>::new(end);
        hand.next();
        // A stranger that is too large is not.
        hand.send(&reply(7, &[7; 400]));
        hand.send(&reply(XID, &[7; 400]));
    };
    assert_eq!(both(a, b, calls, answers).0, Err(CallError::ReplyTooLarge { size: 1624 }));
}

#[test]
fn a_late_reply_is_not_read_as_the_next_reply() {
    fn on<F: Sized + Carried>() {
        let [a, b] = Line::QUICK.ends::<F>();
        let calls = |end: End<F>| {
            let mut peer = peer(end);
            peer.set_timeout(Duration::from_millis(10));
            assert_eq!(
                double(&mut peer, 21),
                Err(CallError::TimedOut { after: Duration::from_millis(10), unframed: 0 })
            );
            peer.set_timeout(TIMEOUT);
            assert_eq!(double(&mut peer, 5), Ok(10));
        };
        let answers = |end: End<F>| {
            let clock = end.clock();
            let mut hand = Hand::<F>::new(end);
            hand.next();
            clock.pass(20_000);
            hand.send(&reply(XID, &[42]));
            assert_eq!(hand.next(), call(0, DOUBLE, &[5]));
            hand.send(&reply(XID, &[42]));
            hand.send(&reply(0, &[10]));
        };
        both(a, b, calls, answers);
    }
    on::<Cobs>();
    on::<Datagram>();
    on::<Record>();
}
