//! Calls that are cancelled.

use oncilla::Retry;
use oncilla::framing::{Cobs, Datagram, Framing, Record, RecordAhead};

use crate::counter::{finish, start};
use crate::script::{Script, at};
use crate::*;

#[test]
fn a_cancelled_call_frees_its_slot_and_its_late_reply_is_dropped() {
    fn check<F: Framing>() {
        let events = [at::<F>(10, &[sum(XID, 1)]), at::<F>(20, &[sum(XID + 1, 2)])];
        let mut calls: Calls<F, 1> = calls(Script::new(events));
        let given_up = start::add(&mut calls, 0, 1).unwrap();
        calls.cancel(given_up);
        let ticket = start::add(&mut calls, 1, 1).unwrap();
        work(&mut calls, 15);
        assert_eq!(calls.poll(), Ok(tally(1, 0)));
        assert_eq!(finish::add(&mut calls, ticket), Ok(2));
    }
    check::<Record>();
    check::<RecordAhead>();
    check::<Cobs>();
    check::<Datagram>();
}

#[test]
fn a_cancelled_call_is_not_retransmitted() {
    let mut calls: Calls<Cobs> = calls(Script::new([]));
    calls.caller().set_retry(Retry::every(Duration::from_millis(10)));
    let (a, b) = (start::add(&mut calls, 0, 1).unwrap(), start::add(&mut calls, 1, 1).unwrap());
    calls.cancel(a);
    assert_eq!(finish::add(&mut calls, b), Err(TIMED_OUT));
    assert_eq!(sent(&mut calls).len(), 1 + 100);
}

#[test]
fn a_call_that_is_done_can_be_cancelled() {
    let mut calls: Calls<Cobs, 1> = calls(Script::new([at::<Cobs>(0, &[sum(XID, 1)])]));
    let ticket = start::add(&mut calls, 0, 1).unwrap();
    assert_eq!(calls.poll(), Ok(tally(0, 1)));
    calls.cancel(ticket);
    assert_eq!(calls.poll(), Ok(tally(0, 0)));
}

#[test]
fn a_stale_ticket_cancels_nothing() {
    let mut calls: Calls<Cobs, 1> = calls(Script::new([]));
    let stale = start::add(&mut calls, 0, 1).unwrap();
    work(&mut calls, 1_000_001);
    let fresh = start::add(&mut calls, 1, 1).unwrap();
    calls.cancel(stale);
    assert!(!calls.is_done(&fresh));
    assert_eq!(calls.poll(), Ok(tally(1, 0)));
}

#[test]
fn the_callback_of_a_call_given_up_does_not_run() {
    let mut calls: Calls<Cobs> = calls(Script::new([at::<Cobs>(0, &[sum(XID, 1)])]));
    let ticket = start::add(&mut calls, 0, 1).unwrap();
    let again: Adding = {
        let xid = ticket.xid();
        calls.then(ticket, |_, _| panic!("it was given up"));
        assert_eq!(xid, XID);
        start::add(&mut calls, 1, 1).unwrap()
    };
    // `into_caller` gives up all calls.
    drop(again);
    drop(calls.into_caller());
}
