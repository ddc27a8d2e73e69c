//! Polling: what it handles, and how long it takes.

use oncilla::framing::{Cobs, Framing, Record, RecordAhead};
use oncilla::{CallError, LinkError, Retry, Time};

use crate::counter::{finish, start};
use crate::script::{Event, Script, at};
use crate::*;

#[test]
fn a_poll_does_not_wait() {
    let mut calls: Calls<Cobs> = calls(Script::new([at::<Cobs>(5_000, &[sum(XID, 3)])]));
    assert_eq!(calls.poll(), Ok(tally(0, 0)));
    let ticket = start::add(&mut calls, 1, 2).unwrap();
    for _ in 0..10 {
        assert_eq!(calls.poll(), Ok(tally(1, 0)));
        assert!(!calls.is_done(&ticket));
    }
    assert_eq!(now(&mut calls), 0);
    work(&mut calls, 5_000);
    assert_eq!(calls.poll(), Ok(tally(0, 1)));
    assert!(calls.is_done(&ticket));
    assert_eq!(calls.poll(), Ok(tally(0, 1)));
    assert_eq!(finish::add(&mut calls, ticket), Ok(3));
    assert_eq!((now(&mut calls), calls.poll()), (5_000, Ok(tally(0, 0))));
}

#[test]
fn a_poll_handles_all_replies_that_have_arrived() {
    fn check<F: Framing>() {
        let replies = [sum(XID + 1, 2), sum(XID, 1), sum(0, 3)];
        let mut calls: Calls<F> = calls(Script::new([at::<F>(0, &replies)]));
        let tickets = [1, 2, 3].map(|i| start::add(&mut calls, 0, i).unwrap());
        assert_eq!(calls.poll(), Ok(tally(0, 3)));
        assert_eq!(tickets.map(|ticket| finish::add(&mut calls, ticket)), [Ok(1), Ok(2), Ok(3)]);
    }
    // An exact reader needs several receives for one message, so it is left out.
    check::<RecordAhead>();
    check::<Cobs>();
}

#[test]
fn replies_may_arrive_in_pieces() {
    fn check<F: Framing>() {
        let frame = match at::<F>(0, &[sum(XID, 3)]) {
            Event::Bytes(_, frame) => frame,
            _ => unreachable!(),
        };
        let bytes = frame.iter().enumerate().map(|(i, &byte)| Event::Bytes(i as u64, vec![byte]));
        let mut calls: Calls<F> = calls(Script::new(bytes));
        let ticket = start::add(&mut calls, 1, 2).unwrap();
        for micros in 0..frame.len() as u64 {
            assert!(!calls.is_done(&ticket), "{micros}");
            calls.poll().unwrap();
            assert_eq!(now(&mut calls), micros);
            work(&mut calls, 1);
        }
        assert_eq!(finish::add(&mut calls, ticket), Ok(3));
    }
    check::<Record>();
    check::<RecordAhead>();
    check::<Cobs>();
}

#[test]
fn a_flood_of_messages_does_not_block_a_poll() {
    // Receiving takes no time on this clock, so only the limit on messages ends the poll.
    let flood = match at::<Cobs>(0, &[sum(7, 7)]) {
        Event::Bytes(_, frame) => Event::Flood(0, frame),
        _ => unreachable!(),
    };
    let mut calls: Calls<Cobs> = calls(Script::new([flood]));
    let ticket = start::add(&mut calls, 1, 2).unwrap();
    for _ in 0..100 {
        assert_eq!(calls.poll(), Ok(tally(1, 0)));
    }
    work(&mut calls, TIMEOUT.as_micros() as u64 + 1);
    assert_eq!(calls.poll(), Ok(tally(0, 1)));
    assert_eq!(finish::add(&mut calls, ticket), Err(TIMED_OUT));
}

#[test]
fn poll_until_waits_for_the_next_call_that_is_done() {
    let events =
        [at::<Cobs>(3_000, &[sum(XID + 1, 2)]), at::<Cobs>(4_000, &[sum(9, 9)]), at::<Cobs>(5_000, &[sum(XID, 1)])];
    let mut calls: Calls<Cobs> = calls(Script::new(events));
    let (a, b) = (start::add(&mut calls, 0, 1).unwrap(), start::add(&mut calls, 1, 1).unwrap());
    let until = |calls: &mut Calls<Cobs>, micros| {
        let tally = calls.poll_until(Time::from_micros(micros)).unwrap();
        (now(calls), tally)
    };
    assert_eq!(until(&mut calls, 2_000), (2_000, tally(2, 0)));
    assert_eq!(until(&mut calls, 9_000), (3_000, tally(1, 1)));
    // Neither a call that was done before nor a stranger ends the wait.
    assert_eq!(until(&mut calls, 9_000), (5_000, tally(0, 2)));
    assert_eq!(until(&mut calls, 9_000), (9_000, tally(0, 2)));
    assert_eq!((finish::add(&mut calls, a), finish::add(&mut calls, b)), (Ok(1), Ok(2)));
}

#[test]
fn poll_until_ends_with_a_time_out_or_with_the_link() {
    let mut calls: Calls<Cobs> = calls(Script::new([Event::End(2_000_000)]));
    calls.caller().set_retry(Retry::every(Duration::from_millis(300)));
    let _late = start::add(&mut calls, 0, 1).unwrap();
    assert_eq!(calls.poll_until(Time::NEVER), Ok(tally(0, 1)));
    assert_eq!((now(&mut calls), sent(&mut calls).len()), (1_000_000, 4));
    assert_eq!(calls.poll_until(Time::NEVER), Ok(Tally { in_flight: 0, done: 1, closed: true, restarted: false }));
    assert_eq!(now(&mut calls), 2_000_000);
}

#[test]
fn time_outs_work_on_a_link_that_always_fails() {
    // More errors in a row than are counted as noise.
    let mut calls: Calls<Cobs> = calls(Script::new((0..252).map(|_| Event::Fails(0))));
    let ticket = start::add(&mut calls, 0, 1).unwrap();
    assert_eq!(calls.poll(), Err(LinkError::Transport("parity")));
    assert!(!calls.is_done(&ticket));
    work(&mut calls, 1_000_001);
    assert_eq!(calls.poll(), Err(LinkError::Transport("parity")));
    assert!(calls.is_done(&ticket));
    assert_eq!(finish::add(&mut calls, ticket), Err(CallError::TimedOut { after: TIMEOUT, unframed: 0 }));
}
