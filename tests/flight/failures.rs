//! Calls that end without results, and links that fail.

use oncilla::framing::{Cobs, Framing, Record, RecordAhead};
use oncilla::xdr::{DecodeError, Fault};
use oncilla::{LinkError, Refusal};

use crate::counter::{finish, start};
use crate::script::{Event, Script, Sends, at};
use crate::*;

#[test]
fn a_refusal_or_a_malformed_reply_ends_only_its_call() {
    let replies = [
        words(&[XID + 1, 1, 0, 0, 0, 2, 3, 9]),
        words(&[XID, 1, 0, 0, 0, 6]),
        success(0, &[0, 0, 0]),
        sum(1, 4),
        words(&[2, 1, 1, 1, 5]),
    ];
    let mut calls: Calls<Cobs, 5> = calls(Script::new([at::<Cobs>(0, &replies)]));
    let tickets = [1; 5].map(|i| start::add(&mut calls, 0, i).unwrap());
    assert_eq!(calls.poll(), Ok(tally(0, 5)));
    let expected = [
        Err(CallError::Reply(DecodeError { fault: Fault::Variant, offset: 20, value: None })),
        Err(CallError::Refused(Refusal::ProgramMismatch { low: 3, high: 9 })),
        Err(CallError::Results(DecodeError { fault: Fault::End, offset: 0, value: None })),
        Ok(4),
        Err(CallError::Refused(Refusal::Authentication(oncilla::message::AuthStatus::TOO_WEAK))),
    ];
    assert_eq!(tickets.map(|ticket| finish::add(&mut calls, ticket)), expected);
}

#[test]
fn results_over_the_interfaces_bound_are_an_error() {
    let mut calls: Calls<Cobs> =
        calls(Script::new([at::<Cobs>(0, &[success(XID, &[&[0, 0, 0, 20][..], &[b'x'; 20]].concat())])]));
    let ticket = start::name(&mut calls).unwrap();
    let error = DecodeError { fault: Fault::Bound, offset: 0, value: Some(20) };
    assert_eq!(finish::name(&mut calls, ticket), Err(CallError::Results(error)));
}

#[test]
fn all_calls_end_when_the_peer_closes_the_link() {
    fn check<F: Framing>() {
        let mut calls: Calls<F> = calls(Script::new([at::<F>(5, &[sum(XID + 1, 2)]), Event::End(10)]));
        let [a, b, c] = [1, 2, 3].map(|i| start::add(&mut calls, 0, i).unwrap());
        assert_eq!(finish::add(&mut calls, a), Err(CallError::Closed));
        assert_eq!(now(&mut calls), 10);
        assert_eq!(calls.poll(), Ok(Tally { in_flight: 0, done: 2, closed: true, restarted: false }));
        assert_eq!(finish::add(&mut calls, b), Ok(2));
        assert_eq!(finish::add(&mut calls, c), Err(CallError::Closed));
        // It stays closed.
        let late = start::add(&mut calls, 0, 4).unwrap();
        assert_eq!(finish::add(&mut calls, late), Err(CallError::Closed));
    }
    check::<Record>();
    check::<RecordAhead>();
    check::<Cobs>();
}

#[test]
fn an_error_of_the_link_ends_only_the_call_that_is_finished() {
    let events = [Event::Fails(5), at::<Record>(10, &[sum(XID, 1), sum(XID + 1, 2), sum(0, 3)])];
    let mut calls: Calls<Record> = calls(Script::new(events));
    let [a, b, c] = [1, 2, 3].map(|i| start::add(&mut calls, 0, i).unwrap());
    assert_eq!(finish::add(&mut calls, b), Err(CallError::Link(LinkError::Transport("parity"))));
    assert_eq!(calls.poll(), Ok(tally(2, 0)));
    // The reply to the second call is dropped.
    assert_eq!(finish::add(&mut calls, a), Ok(1));
    assert_eq!(finish::add(&mut calls, c), Ok(3));
}

#[test]
fn on_a_connection_out_of_step_earlier_calls_can_be_finished() {
    let script = Script::<Record>::new([at::<Record>(5, &[sum(XID, 1)])]).sending([Sends::All, Sends::Part(9)]);
    let mut calls: Calls<Record> = calls(script);
    let a = start::add(&mut calls, 0, 1).unwrap();
    let unsent = CallError::Link(LinkError::Unsent { sent: 9, size: 52 });
    assert_eq!(start::add(&mut calls, 0, 2).unwrap_err(), unsent);
    assert_eq!(start::add(&mut calls, 0, 3).unwrap_err(), CallError::Link(LinkError::OutOfStep));
    // A call that was sent before may still be answered.
    assert_eq!(finish::add(&mut calls, a), Ok(1));
}
