//! Strangers: replies to other calls, and other messages that are not the reply.

use oncilla::CallError;
use oncilla::framing::{Cobs, Datagram, Framing, Record, RecordAhead};

use crate::script::{Script, at, now};
use crate::*;

fn dropped<F: Framing>() {
    let strangers = [
        sum(XID + 1, 100),
        sum(XID - 1, 101),
        sum(0, 102),
        // Refusals and malformed replies with another xid.
        words(&[XID ^ 1, 1, 1, 0, 2, 2]),
        words(&[XID ^ 1, 1, 77]),
        // Too short for an xid; neither call nor reply; a call with the same xid.
        vec![0xff; 7],
        words(&[XID, 2, 0, 0, 0, 0, 103]),
        words(&[XID, 0, 2, counter::PROGRAM, 1, 1, 0, 0, 0, 0, 1, 2]),
        sum(XID, 3),
    ];
    let mut client = client(Script::<F>::new([now::<F>(&strangers)]));
    assert_eq!(add(&mut client, 1, 2), Ok(3));
}

#[test]
fn strangers_are_dropped() {
    dropped::<Record>();
    dropped::<RecordAhead>();
    dropped::<Cobs>();
}

#[test]
fn datagrams_of_strangers_are_dropped() {
    let events = [100, 200].map(|micros| at::<Datagram>(micros, &[sum(XID + 1, 9)]));
    let reply = at::<Datagram>(300, &[sum(XID, 3)]);
    let mut client = client(Script::<Datagram>::new(events.into_iter().chain([reply])));
    assert_eq!(add(&mut client, 1, 2), Ok(3));
}

#[test]
fn a_stranger_larger_than_the_buffer_is_dropped() {
    let events = [now::<Record>(&[success(XID + 1, &[0; 300]), vec![0; 400], sum(XID, 3)])];
    assert_eq!(add(&mut client_with(Script::<Record>::new(events), 100), 1, 2), Ok(3));
}

#[test]
fn a_late_reply_is_not_read_as_the_next_reply() {
    fn check<F: Framing>() {
        let late = TIMEOUT.as_micros() as u64 + 1000;
        let events = [at::<F>(late, &[sum(XID, 100)]), at::<F>(late + 1, &[sum(XID + 1, 7)])];
        let mut client = client(Script::<F>::new(events));
        assert_eq!(add(&mut client, 1, 2), Err(CallError::TimedOut { after: TIMEOUT, unframed: 0 }));
        assert_eq!(add(&mut client, 3, 4), Ok(7));
    }
    check::<Record>();
    check::<RecordAhead>();
    check::<Cobs>();
    check::<Datagram>();
}

#[test]
fn a_repeated_reply_is_not_read_as_the_next_reply() {
    let events = [now::<Record>(&[sum(XID, 3), sum(XID, 3), sum(XID, 3), sum(XID + 1, 7)])];
    let mut client = client(Script::<Record>::new(events));
    assert_eq!(add(&mut client, 1, 2), Ok(3));
    assert_eq!(add(&mut client, 3, 4), Ok(7));
}
