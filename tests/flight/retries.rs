//! Calls in flight that are retransmitted, on carriers that can lose them.

use oncilla::framing::{Cobs, Datagram, Framing, Record, RecordAhead};
use oncilla::{LinkError, Retry, Time};

use crate::counter::{finish, start};
use crate::script::{Script, Sends, at};
use crate::*;

const PAUSE: Duration = Duration::from_millis(100);

/// Returns when frames were sent, and of which call. The second call starts 50 milliseconds after the first, with
/// pauses that do not double; there are no replies.
fn course<F: Framing>(retry: Retry) -> Vec<(u64, usize)> {
    let mut calls: Calls<F> = calls(Script::new([]));
    calls.caller().set_retry(retry);
    let mut course = Vec::new();
    let a = start::add(&mut calls, 1, 2).unwrap();
    work(&mut calls, 50_000);
    calls.caller().set_retry(Retry::every(3 * PAUSE));
    let b = start::echo(&mut calls, &[0, 1, 0]).unwrap();
    let [first, second] = [0, 1].map(|i| sent(&mut calls)[i].clone());
    for millis in 50..1100 {
        calls.poll_until(Time::from_micros(1_000 * millis)).unwrap();
        for frame in sent(&mut calls).split_off_from(2 + course.len()) {
            // Every retransmission has the same xid and arguments.
            course.push((millis, [&first, &second].iter().position(|known| **known == frame).unwrap()));
        }
    }
    assert_eq!(finish::add(&mut calls, a), Err(TIMED_OUT));
    assert_eq!(finish::echo(&mut calls, b), Err(TIMED_OUT));
    course
}

trait SplitOffFrom {
    fn split_off_from(&self, index: usize) -> Vec<Vec<u8>>;
}

impl SplitOffFrom for [Vec<u8>] {
    fn split_off_from(&self, index: usize) -> Vec<Vec<u8>> {
        self[index..].to_vec()
    }
}

fn of(call: usize, millis: &[u64]) -> Vec<(u64, usize)> {
    millis.iter().map(|&millis| (millis, call)).collect()
}

fn merged(a: &[u64], b: &[u64]) -> Vec<(u64, usize)> {
    let mut both = [of(0, a), of(1, b)].concat();
    both.sort_unstable();
    both
}

#[test]
fn each_call_is_retransmitted_after_its_own_pauses() {
    let b = [350, 650, 950];
    let every = [100, 200, 300, 400, 500, 600, 700, 800, 900];
    assert_eq!(course::<Cobs>(Retry::every(PAUSE)), merged(&every, &b));
    assert_eq!(course::<Datagram>(Retry::every(PAUSE)), merged(&every, &b));
    assert_eq!(course::<Cobs>(Retry::doubling(PAUSE)), merged(&[100, 300, 700], &b));
    assert_eq!(course::<Datagram>(Retry::doubling(PAUSE)), merged(&[100, 300, 700], &b));
    assert_eq!(course::<Cobs>(Retry::NEVER), of(1, &b));
}

#[test]
fn a_carrier_that_loses_nothing_retransmits_nothing() {
    assert_eq!(course::<Record>(Retry::every(PAUSE)), []);
    assert_eq!(course::<RecordAhead>(Retry::every(PAUSE)), []);
}

#[test]
fn a_reply_to_any_retransmission_ends_the_call_and_the_others_are_dropped() {
    let reply = || sum(XID, 3);
    let events = [at::<Cobs>(250_000, &[reply(), reply(), reply()]), at::<Cobs>(260_000, &[sum(XID + 1, 7)])];
    let mut calls: Calls<Cobs, 1> = calls(Script::new(events));
    calls.caller().set_retry(Retry::every(PAUSE));
    let ticket = start::add(&mut calls, 1, 2).unwrap();
    assert_eq!(finish::add(&mut calls, ticket), Ok(3));
    assert_eq!(sent(&mut calls).len(), 3);
    let ticket = start::add(&mut calls, 3, 4).unwrap();
    assert_eq!(finish::add(&mut calls, ticket), Ok(7));
}

#[test]
fn replies_that_have_arrived_are_handled_before_a_retransmission() {
    let mut calls: Calls<Cobs> = calls(Script::new([at::<Cobs>(10, &[sum(9, 9), sum(XID, 3)])]));
    calls.caller().set_retry(Retry::every(PAUSE));
    let ticket = start::add(&mut calls, 1, 2).unwrap();
    work(&mut calls, 450_000);
    assert_eq!(calls.poll(), Ok(tally(0, 1)));
    assert_eq!(sent(&mut calls).len(), 1);
    assert_eq!(finish::add(&mut calls, ticket), Ok(3));
}

#[test]
fn after_a_long_time_without_a_poll_a_call_is_retransmitted_once() {
    let mut calls: Calls<Cobs> = calls(Script::new([]));
    calls.caller().set_retry(Retry::every(PAUSE));
    let _ticket = start::add(&mut calls, 1, 2).unwrap();
    work(&mut calls, 450_000);
    calls.poll().unwrap();
    calls.poll().unwrap();
    assert_eq!(sent(&mut calls).len(), 2);
}

#[test]
fn a_pause_of_zero_does_not_hang() {
    let mut calls: Calls<Cobs> = calls(Script::new([at::<Cobs>(0, &[sum(XID, 3)])]));
    calls.caller().set_retry(Retry::every(Duration::ZERO));
    let ticket = start::add(&mut calls, 1, 2).unwrap();
    let other = start::add(&mut calls, 1, 2).unwrap();
    assert_eq!(finish::add(&mut calls, ticket), Ok(3));
    assert_eq!(calls.poll(), Ok(tally(1, 0)));
    assert!(!calls.is_done(&other));
}

#[test]
fn a_pause_of_zero_does_not_flood_the_carrier() {
    for (retry, times) in [(Retry::every(Duration::ZERO), 1000), (Retry::doubling(Duration::ZERO), 10)] {
        let mut calls: Calls<Cobs> = calls(Script::new([]));
        calls.caller().set_retry(retry);
        let ticket = start::add(&mut calls, 1, 2).unwrap();
        assert_eq!(finish::add(&mut calls, ticket), Err(TIMED_OUT));
        assert_eq!(sent(&mut calls).len(), times, "{retry:?}");
    }
}

#[test]
fn a_retransmission_is_not_changed_by_stuffing_or_other_calls() {
    // Other messages use the transmit buffer meanwhile, and framing works in place.
    let data: Vec<u8> = (0..64).map(|i| i % 3).collect();
    let mut calls: Calls<Cobs> = calls(Script::new([]));
    calls.caller().set_retry(Retry::every(PAUSE));
    let ticket = start::echo(&mut calls, &data).unwrap();
    counter::Client::new(&mut calls).note("something else").unwrap();
    assert_eq!(finish::echo(&mut calls, ticket), Err(TIMED_OUT));
    let frames = sent(&mut calls);
    assert_eq!(frames.len(), 11);
    assert!(frames[2..].iter().all(|frame| *frame == frames[0]));
}

#[test]
fn a_retransmission_is_sent_until_its_time_out_or_that_of_the_finished_call() {
    let mut calls: Calls<Cobs> = calls(Script::new([]));
    calls.caller().set_retry(Retry::every(PAUSE));
    let long = start::add(&mut calls, 1, 2).unwrap();
    calls.caller().set_timeout(Duration::from_millis(150));
    let short = start::add(&mut calls, 3, 4).unwrap();
    assert_eq!(
        finish::add(&mut calls, short),
        Err(CallError::TimedOut { after: Duration::from_millis(150), unframed: 0 })
    );
    work(&mut calls, 100_000);
    calls.poll().unwrap();
    let until = calls.caller().link().transport().until.iter().map(|until| until.as_micros() / 1000);
    // The two starts, the two retransmissions while the short call is finished, and that of the long call in a poll.
    assert_eq!(until.collect::<Vec<_>>(), [1000, 150, 150, 150, 1000]);
    assert!(!calls.is_done(&long));
}

#[test]
fn a_transport_error_is_returned_and_the_call_is_retransmitted_after_the_pause() {
    let script = Script::<Cobs>::new([]).sending([Sends::All, Sends::All, Sends::Fails]);
    let mut calls: Calls<Cobs> = calls(script);
    calls.caller().set_retry(Retry::every(PAUSE));
    let (a, b) = (start::add(&mut calls, 1, 2).unwrap(), start::add(&mut calls, 3, 4).unwrap());
    work(&mut calls, 100_000);
    assert_eq!(calls.poll(), Err(LinkError::Transport("no carrier")));
    assert_eq!(sent(&mut calls).len(), 3);
    // The other call is still due, the failed one only after its pause.
    assert_eq!(calls.poll(), Ok(tally(2, 0)));
    assert_eq!(calls.poll(), Ok(tally(2, 0)));
    assert_eq!(sent(&mut calls).len(), 4);
    work(&mut calls, 100_000);
    assert_eq!(calls.poll(), Ok(tally(2, 0)));
    assert_eq!(sent(&mut calls).len(), 6);
    assert_eq!(finish::add(&mut calls, a), Err(TIMED_OUT));
    assert_eq!(finish::add(&mut calls, b), Err(TIMED_OUT));
}
