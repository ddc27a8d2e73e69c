//! Callbacks: functions that run when a call is done.

use std::cell::{Cell, RefCell};

use oncilla::framing::Cobs;
use oncilla::{Starter, Time};

use crate::counter::{finish, start};
use crate::script::{Event, Script, at};
use crate::*;

thread_local! {
    /// What the callbacks received. Each test has a thread of its own.
    static GOT: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn note(what: impl std::fmt::Debug) {
    GOT.with_borrow_mut(|got| got.push(format!("{what:?}")));
}

/// Returns what the callbacks received since the last time.
fn got() -> Vec<String> {
    GOT.take()
}

/// A callback for any calls in flight.
fn added(calls: &mut impl Starter<Error = &'static str>, ticket: Ticket) {
    note(finish::add(calls, ticket.typed()));
}

#[test]
fn a_callback_runs_once_in_the_poll_that_finds_its_call_done() {
    let events = [at::<Cobs>(10, &[sum(XID + 1, 2)]), at::<Cobs>(20, &[sum(XID, 1), sum(XID, 1), sum(XID + 1, 2)])];
    let mut calls: Calls<Cobs> = calls(Script::new(events));
    for i in [1, 2] {
        let ticket = start::add(&mut calls, 0, i).unwrap();
        calls.then(ticket, added);
    }
    assert_eq!((calls.poll(), got()), (Ok(tally(2, 0)), vec![]));
    work(&mut calls, 10);
    assert_eq!((calls.poll(), got()), (Ok(tally(1, 0)), vec!["Ok(2)".to_owned()]));
    assert_eq!((calls.poll(), got()), (Ok(tally(1, 0)), vec![]));
    work(&mut calls, 10);
    assert_eq!((calls.poll(), got()), (Ok(tally(0, 0)), vec!["Ok(1)".to_owned()]));
    assert_eq!((calls.poll(), got()), (Ok(tally(0, 0)), vec![]));
}

#[test]
fn a_callback_runs_while_another_call_is_finished() {
    let events = [at::<Cobs>(10, &[sum(XID, 1)]), at::<Cobs>(20, &[sum(XID + 1, 2), sum(0, 3)])];
    let mut calls: Calls<Cobs> = calls(Script::new(events));
    let [a, b, c] = [1, 2, 3].map(|i| start::add(&mut calls, 0, i).unwrap());
    calls.then(a, |calls, ticket| {
        note(calls.caller().link().transport().now);
        added(calls, ticket);
    });
    calls.then(c, added);
    assert_eq!(finish::add(&mut calls, b), Ok(2));
    assert_eq!(got(), ["10", "Ok(1)"]);
    assert_eq!(counter::Client::new(&mut calls).add(1, 1), Err(TIMED_OUT));
    assert_eq!(got(), ["Ok(3)"]);
}

#[test]
fn a_callback_gets_failures_and_results() {
    let events = [at::<Cobs>(0, &[words(&[XID, 1, 0, 0, 0, 3])]), Event::End(2_000_000)];
    let mut calls: Calls<Cobs> = calls(Script::new(events));
    for i in [1, 2] {
        let ticket = start::add(&mut calls, 0, i).unwrap();
        calls.then(ticket, added);
    }
    calls.caller().set_timeout(Duration::from_secs(10));
    let ticket = start::add(&mut calls, 0, 3).unwrap();
    calls.then(ticket, added);
    calls.poll_until(Time::NEVER).unwrap();
    assert_eq!(got(), ["Err(Refused(ProcedureUnavailable))"]);
    calls.poll_until(Time::NEVER).unwrap();
    assert_eq!(got(), ["Err(TimedOut { after: 1s, unframed: 0 })"]);
    calls.poll_until(Time::NEVER).unwrap();
    assert_eq!(got(), ["Err(Closed)"]);
}

#[test]
fn a_callback_may_be_set_after_its_call_is_done() {
    let mut calls: Calls<Cobs> = calls(Script::new([at::<Cobs>(0, &[sum(XID, 1)])]));
    let ticket = start::add(&mut calls, 0, 1).unwrap();
    assert_eq!(calls.poll(), Ok(tally(0, 1)));
    calls.then(ticket, added);
    assert_eq!(got(), [""; 0]);
    // A callback is due, so that the poll does not wait.
    let _waits = start::add(&mut calls, 0, 2).unwrap();
    assert_eq!(calls.poll_until(Time::from_micros(500)), Ok(tally(1, 0)));
    assert_eq!((now(&mut calls), got()), (0, vec!["Ok(1)".to_owned()]));
}

#[test]
fn a_callback_for_a_stale_ticket_runs_at_once() {
    let mut calls: Calls<Cobs, 1> = calls(Script::new([]));
    let stale = start::add(&mut calls, 0, 1).unwrap();
    work(&mut calls, 1_000_001);
    let _fresh = start::add(&mut calls, 0, 2).unwrap();
    calls.then(stale, added);
    assert_eq!(got(), ["Err(UnknownTicket { xid: 4294967294 })"]);
    assert_eq!(calls.poll(), Ok(tally(1, 0)));
}

#[test]
fn a_callback_that_does_not_finish_the_ticket_frees_the_slot() {
    let mut calls: Calls<Cobs, 1> = calls(Script::new([at::<Cobs>(0, &[sum(XID, 1)])]));
    let ticket = start::add(&mut calls, 0, 1).unwrap();
    calls.then(ticket, |_, ticket| note(ticket.xid()));
    assert_eq!(calls.poll(), Ok(tally(0, 0)));
    assert_eq!(got(), [XID.to_string()]);
}

#[test]
fn a_callback_may_start_the_next_call_in_the_only_slot() {
    thread_local!(static LEFT: Cell<u32> = const { Cell::new(5) });
    fn next(calls: &mut Calls<Cobs, 1>, ticket: Ticket) {
        added(calls, ticket);
        if LEFT.replace(LEFT.get() - 1) > 1 {
            let ticket = start::add(calls, 0, 1).unwrap();
            calls.then(ticket, next);
        }
    }
    let events = (0..5).map(|i| at::<Cobs>(10 * u64::from(i), &[sum(XID.wrapping_add(i), i)]));
    let mut calls: Calls<Cobs, 1> = calls(Script::new(events));
    let ticket = start::add(&mut calls, 0, 1).unwrap();
    calls.then(ticket, next);
    while calls.poll_until(Time::NEVER).unwrap().in_flight > 0 {}
    assert_eq!(got(), ["Ok(0)", "Ok(1)", "Ok(2)", "Ok(3)", "Ok(4)"]);
    assert_eq!(now(&mut calls), 40);
}

#[test]
fn a_call_that_is_being_finished_keeps_its_slot() {
    fn start_others(calls: &mut Calls<Cobs, 2>, ticket: Ticket) {
        // Both slots are past their time-outs: that of this call, and that of the call that is being finished.
        note(start::add(calls, 0, 9).map(drop));
        added(calls, ticket);
    }
    let mut calls: Calls<Cobs, 2> = calls(Script::new([at::<Cobs>(2_000_000, &[sum(XID, 1), sum(XID + 1, 2)])]));
    let [a, b] = [1, 2].map(|i| start::add(&mut calls, 0, i).unwrap());
    calls.then(a, start_others);
    work(&mut calls, 2_000_000);
    assert_eq!(finish::add(&mut calls, b), Ok(2));
    assert_eq!(got(), ["Err(NoSlot { slots: 2 })", "Ok(1)"]);
}

#[test]
fn a_callback_may_wait_and_other_callbacks_run_within_it() {
    fn waits(calls: &mut Calls<Cobs>, ticket: Ticket) {
        added(calls, ticket);
        note(counter::Client::new(calls).add(5, 5));
    }
    let events = [at::<Cobs>(10, &[sum(XID, 1)]), at::<Cobs>(20, &[sum(XID + 1, 2), sum(0, 10)])];
    let mut calls: Calls<Cobs> = calls(Script::new(events));
    let [a, b] = [1, 2].map(|i| start::add(&mut calls, 0, i).unwrap());
    calls.then(a, waits);
    calls.then(b, added);
    assert_eq!(calls.poll_until(Time::NEVER), Ok(tally(0, 0)));
    assert_eq!(got(), ["Ok(1)", "Ok(2)", "Ok(10)"]);
}
