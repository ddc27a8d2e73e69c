//! Calls that are served while a call waits, and how long that may take.

use oncilla::framing::{Cobs, Datagram, Record};

use crate::faults::line::End;
use crate::hand::{Hand, call, reply};
use crate::*;

#[test]
fn calls_are_served_while_a_call_waits() {
    fn on<F: Sized + Carried>() {
        let [a, b] = Line::QUICK.ends::<F>();
        let calls = |end| {
            let mut peer = peer(end);
            assert_eq!(double(&mut peer, 21), Ok(42));
            peer.state().sum
        };
        let answers = |end| {
            let mut hand = Hand::<F>::new(end);
            assert_eq!(hand.next(), call(XID, DOUBLE, &[21]));
            for (xid, sum) in [(700, 1), (701, 2), (702, 3)] {
                hand.send(&call(xid, ADD, &[1]));
                assert_eq!(hand.next(), reply(xid, &[sum]));
            }
            // The same xid in the other direction is another call.
            hand.send(&call(XID, ADD, &[1]));
            assert_eq!(hand.next(), reply(XID, &[4]));
            hand.send(&reply(XID, &[42]));
        };
        assert_eq!(both(a, b, calls, answers).0, 4);
    }
    on::<Cobs>();
    on::<Datagram>();
    on::<Record>();
}

#[test]
fn calls_that_arrived_with_the_reply_are_served_after_it() {
    let [a, b] = Line::QUICK.ends::<Cobs>();
    let calls = |end| {
        let mut peer = peer(end);
        assert_eq!(double(&mut peer, 21), Ok(42));
        assert_eq!(peer.state().served, 1);
        peer.serve().unwrap();
        assert_eq!(peer.state().served, 2);
    };
    let answers = |end| {
        let mut hand = Hand::<Cobs>::new(end);
        hand.next();
        hand.send(&call(700, ADD, &[1]));
        hand.send(&reply(XID, &[42]));
        hand.send(&call(701, ADD, &[1]));
        assert_eq!(hand.next(), reply(700, &[1]));
        assert_eq!(hand.next(), reply(701, &[2]));
    };
    both(a, b, calls, answers);
}

/// Returns when a call without a reply ends, while a call arrives every `every` microseconds and takes `slow` to
/// execute.
fn ends_at<F: Sized + Carried>(every: u64, slow: u64) -> u64 {
    let [a, b] = Line::QUICK.ends::<F>();
    let calls = |end: End<F>| {
        let clock = end.clock();
        let mut peer = peer(end);
        peer.state().slow = Some((clock.clone(), slow));
        assert_eq!(double(&mut peer, 21), Err(CallError::TimedOut { after: TIMEOUT, unframed: 0 }));
        (clock.now(), peer.state().served)
    };
    let floods = |end: End<F>| {
        let clock = end.clock();
        let mut hand = Hand::<F>::new(end);
        hand.next();
        for xid in 0..2 * TIMEOUT.as_micros() as u64 / every {
            hand.send(&call(xid as u32, DOUBLE, &[1]));
            clock.pass(every);
        }
    };
    let ((end, served), ()) = both(a, b, calls, floods);
    assert!(u64::from(served) > 800_000 / every.max(slow), "only {served} were served");
    end
}

#[test]
fn served_calls_do_not_extend_the_time_out() {
    let timeout = TIMEOUT.as_micros() as u64;
    for every in [100, 1_000, 30_000] {
        assert_eq!(ends_at::<Record>(every, 0), timeout);
        assert_eq!(ends_at::<Cobs>(every, 0), timeout);
        assert_eq!(ends_at::<Datagram>(every, 0), timeout);
    }
}

#[test]
fn a_slow_procedure_delays_the_time_out_only_by_itself() {
    let timeout = TIMEOUT.as_micros() as u64;
    for slow in [3_000, 7_001, 70_000] {
        for end in [ends_at::<Record>(1_000, slow), ends_at::<Cobs>(1_000, slow), ends_at::<Datagram>(1_000, slow)] {
            assert!(timeout <= end && end <= timeout + slow, "{slow} µs each: ends at {end} µs");
        }
    }
}

#[test]
fn a_reply_that_arrives_while_a_slow_procedure_runs_is_accepted() {
    let [a, b] = Line::QUICK.ends::<Record>();
    let calls = |end: End<Record>| {
        let slow = Some((end.clock(), 50_000));
        let mut peer = peer(end);
        peer.state().slow = slow;
        assert_eq!(double(&mut peer, 21), Ok(42));
    };
    let answers = |end| {
        let mut hand = Hand::<Record>::new(end);
        hand.next();
        hand.send(&call(700, DOUBLE, &[1]));
        hand.send(&reply(XID, &[42]));
        assert_eq!(hand.next(), reply(700, &[2]));
    };
    both(a, b, calls, answers);
}
