//! What polling takes in, and how long it takes.

use oncilla::framing::{Cobs, Framing, Record, RecordAhead};
use oncilla::{CallError, LinkError, Retry, Time};

use crate::counter::{finish, start};
use crate::script::{Event, Script, at};
use crate::*;

#[test]
fn it_does_not_wait() {
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
fn it_takes_in_all_that_is_there() {
    fn check<F: Framing>() {
        let replies = [sum(XID + 1, 2), sum(XID, 1), sum(0, 3)];
        let mut calls: Calls<F> = calls(Script::new([at::<F>(0, &replies)]));
        let tickets = [1, 2, 3].map(|i| start::add(&mut calls, 0, i).unwrap());
        assert_eq!(calls.poll(), Ok(tally(0, 3)));
        assert_eq!(tickets.map(|ticket| finish::add(&mut calls, ticket)), [Ok(1), Ok(2), Ok(3)]);
    }
    // An exact reader needs several looks for one message.
    check::<RecordAhead>();
    check::<Cobs>();
}

#[test]
fn replies_that_come_in_pieces_come_whole_in_the_end() {
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
fn a_flood_does_not_hold_it_up() {
    // Looking at it takes no time on this clock, so only a limit ends it.
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
fn waiting_for_the_next_one() {
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
    // What is done already is no reason to return, nor is a stranger.
    assert_eq!(until(&mut calls, 9_000), (5_000, tally(0, 2)));
    assert_eq!(until(&mut calls, 9_000), (9_000, tally(0, 2)));
    assert_eq!((finish::add(&mut calls, a), finish::add(&mut calls, b)), (Ok(1), Ok(2)));
}

#[test]
fn waiting_ends_with_a_time_out_or_with_the_link() {
    let mut calls: Calls<Cobs> = calls(Script::new([Event::End(2_000_000)]));
    calls.caller().set_retry(Retry::every(Duration::from_millis(300)));
    let _late = start::add(&mut calls, 0, 1).unwrap();
    assert_eq!(calls.poll_until(Time::NEVER), Ok(tally(0, 1)));
    assert_eq!((now(&mut calls), sent(&mut calls).len()), (1_000_000, 4));
    assert_eq!(calls.poll_until(Time::NEVER), Ok(Tally { in_flight: 0, done: 1, closed: true, restarted: false }));
    assert_eq!(now(&mut calls), 2_000_000);
}

#[test]
fn time_outs_are_kept_on_a_link_that_always_fails() {
    // So often in a row that it is no noise.
    let mut calls: Calls<Cobs> = calls(Script::new((0..252).map(|_| Event::Fails(0))));
    let ticket = start::add(&mut calls, 0, 1).unwrap();
    assert_eq!(calls.poll(), Err(LinkError::Transport("parity")));
    assert!(!calls.is_done(&ticket));
    work(&mut calls, 1_000_001);
    assert_eq!(calls.poll(), Err(LinkError::Transport("parity")));
    assert!(calls.is_done(&ticket));
    assert_eq!(finish::add(&mut calls, ticket), Err(CallError::TimedOut { after: TIMEOUT, unframed: 0 }));
}
