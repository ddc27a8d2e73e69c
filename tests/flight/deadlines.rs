//! Each call has its own time-out.

use oncilla::framing::{Cobs, Framing, Record};

use crate::counter::{finish, start};
use crate::script::{Event, Script, at};
use crate::*;

fn started<F: Framing>(calls: &mut Calls<F>, millis: u64) -> Adding {
    calls.caller().set_timeout(Duration::from_millis(millis));
    start::add(calls, 0, 1).unwrap()
}

fn timed_out(millis: u64) -> Result<i32, Error> {
    Err(CallError::TimedOut { after: Duration::from_millis(millis), unframed: 0 })
}

#[test]
fn each_call_has_its_own_time_out() {
    fn check<F: Framing>() {
        let events = [at::<F>(30_000, &[sum(0, 3)]), at::<F>(60_000, &[sum(XID, 1)])];
        let mut calls: Calls<F> = calls(Script::new(events));
        let (long, short, middle) = (started(&mut calls, 100), started(&mut calls, 20), started(&mut calls, 40));
        assert_eq!(finish::add(&mut calls, short), timed_out(20));
        assert_eq!(now(&mut calls), 20_000);
        assert_eq!(finish::add(&mut calls, middle), Ok(3));
        assert_eq!(finish::add(&mut calls, long), Ok(1));
        assert_eq!(now(&mut calls), 60_000);
    }
    check::<Record>();
    check::<Cobs>();
}

#[test]
fn a_time_out_is_noticed_while_another_call_is_finished() {
    let mut calls: Calls<Record> = calls(Script::new([at::<Record>(90_000, &[sum(XID, 1), sum(XID + 1, 2)])]));
    let (long, short) = (started(&mut calls, 100), started(&mut calls, 20));
    assert_eq!(finish::add(&mut calls, long), Ok(1));
    // Its reply came after its time-out, and was dropped.
    assert!(calls.is_done(&short));
    assert_eq!(finish::add(&mut calls, short), timed_out(20));
}

#[test]
fn a_late_poll_still_finds_the_replies() {
    for late in [0, 1, 1_000_000] {
        let mut calls: Calls<Cobs> = calls(Script::new([at::<Cobs>(10_000, &[sum(XID + 1, 2), sum(XID, 1)])]));
        let tickets = [started(&mut calls, 20), started(&mut calls, 30), started(&mut calls, 40)];
        work(&mut calls, 40_000 + late);
        assert_eq!(calls.poll(), Ok(tally(0, 3)));
        assert_eq!(tickets.map(|ticket| finish::add(&mut calls, ticket)), [Ok(1), Ok(2), timed_out(40)]);
    }
}

#[test]
fn a_reply_at_the_deadline_is_accepted_and_a_later_one_is_not() {
    for (micros, expected) in [(20_000, Ok(1)), (20_001, timed_out(20))] {
        let mut calls: Calls<Cobs> = calls(Script::new([at::<Cobs>(micros, &[sum(XID, 1)])]));
        let ticket = started(&mut calls, 20);
        assert_eq!(finish::add(&mut calls, ticket), expected);
        assert_eq!(now(&mut calls), 20_000);
    }
}

#[test]
fn a_reply_at_the_deadline_is_accepted_after_a_stranger() {
    let events = [sum(7, 7), sum(XID, 1)].map(|reply| at::<Cobs>(20_000, &[reply]));
    let mut calls: Calls<Cobs, 1> = calls(Script::new(events));
    calls.caller().set_timeout(Duration::from_millis(20));
    let ticket = start::add(&mut calls, 0, 1).unwrap();
    assert_eq!(finish::add(&mut calls, ticket), Ok(1));
}

#[test]
fn strangers_do_not_extend_the_time_out() {
    let frame = match at::<Cobs>(0, &[sum(7, 7)]) {
        Event::Bytes(_, frame) => frame,
        _ => unreachable!(),
    };
    // Whole messages, and bytes that never make a message.
    for (whole, flood) in [(true, frame), (false, vec![1, 2, 3])] {
        let mut calls: Calls<Cobs> = calls(Script::new([Event::Flood(100, flood)]));
        let (long, short) = (started(&mut calls, 100), started(&mut calls, 20));
        // 603 bytes have arrived by then; those of the second flood make no frame.
        let unframed = if whole { 0 } else { 603 };
        let after = Duration::from_millis(20);
        assert_eq!(finish::add(&mut calls, short), Err(CallError::TimedOut { after, unframed }));
        assert!((20_000..21_000).contains(&now(&mut calls)), "{}", now(&mut calls));
        assert!(matches!(finish::add(&mut calls, long), Err(CallError::TimedOut { .. })));
        assert!((100_000..101_000).contains(&now(&mut calls)), "{}", now(&mut calls));
    }
}

#[test]
fn a_call_with_a_time_out_of_zero_is_sent_and_ends() {
    let mut calls: Calls<Cobs> = calls(Script::new([]));
    let ticket = started(&mut calls, 0);
    assert_eq!(sent(&mut calls).len(), 1);
    assert_eq!(finish::add(&mut calls, ticket), timed_out(0));
    assert_eq!(now(&mut calls), 0);
}

#[test]
fn a_late_reply_is_not_read_as_the_reply_to_the_next_call_in_the_slot() {
    let events = [at::<Record>(25_000, &[sum(XID, 100)]), at::<Record>(26_000, &[sum(XID + 1, 2)])];
    let mut calls: Calls<Record> = calls(Script::new(events));
    let ticket = started(&mut calls, 20);
    assert_eq!(finish::add(&mut calls, ticket), timed_out(20));
    let ticket = started(&mut calls, 20);
    assert_eq!(finish::add(&mut calls, ticket), Ok(2));
}
