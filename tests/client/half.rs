//! A reply in two parts: the rest comes late or never.

use oncilla::CallError;
use oncilla::framing::{Cobs, Framing, Record, RecordAhead};

use crate::script::{Event, Script, framed};
use crate::*;

/// Cuts the first reply at every place; its rest comes after the call has timed out.
fn rest_is_late<F: Framing>() {
    let reply = framed::<F>(&sum(XID, 100));
    let late = TIMEOUT.as_micros() as u64 + 1;
    for place in 1..reply.len() {
        let (before, behind) = reply.split_at(place);
        let next = [behind, &framed::<F>(&sum(XID + 1, 7))].concat();
        let mut client = client(Script::<F>::new([Event::Bytes(5, before.to_vec()), Event::Bytes(late, next)]));
        let timed_out = Err(CallError::TimedOut { after: TIMEOUT, unframed: place as u32 });
        assert_eq!(add(&mut client, 1, 2), timed_out, "cut at {place}");
        assert_eq!(add(&mut client, 3, 4), Ok(7), "cut at {place}");
    }
}

#[test]
fn the_late_rest_of_a_reply_is_not_read_as_the_next_reply() {
    rest_is_late::<Record>();
    rest_is_late::<RecordAhead>();
    rest_is_late::<Cobs>();
}

/// Cuts the reply at every place; its rest comes in time.
fn rest_is_in_time<F: Framing>() {
    let reply = framed::<F>(&sum(XID, 3));
    for place in 1..reply.len() {
        let (before, behind) = reply.split_at(place);
        let events = [Event::Bytes(5, before.to_vec()), Event::Bytes(999_999, behind.to_vec())];
        assert_eq!(add(&mut client(Script::<F>::new(events)), 1, 2), Ok(3), "cut at {place}");
    }
}

#[test]
fn a_reply_may_come_in_pieces() {
    rest_is_in_time::<Record>();
    rest_is_in_time::<RecordAhead>();
    rest_is_in_time::<Cobs>();
}

#[test]
fn the_link_closes_in_the_middle_of_a_reply() {
    let reply = framed::<Record>(&sum(XID, 3));
    for place in 0..reply.len() {
        let events = [Event::Bytes(5, reply[..place].to_vec()), Event::End(6)];
        let events = events.into_iter().skip(usize::from(place == 0));
        assert_eq!(add(&mut client(Script::<Record>::new(events)), 1, 2), Err(CallError::Closed), "cut at {place}");
    }
}

#[test]
fn on_a_serial_line_a_reply_without_its_rest_does_no_harm() {
    let reply = framed::<Cobs>(&sum(XID, 100));
    for place in 1..reply.len() - 1 {
        let late = TIMEOUT.as_micros() as u64 + 1;
        let events = [Event::Bytes(5, reply[..place].to_vec()), Event::Bytes(late, framed::<Cobs>(&sum(XID + 1, 7)))];
        let mut client = client(Script::<Cobs>::new(events));
        assert_eq!(add(&mut client, 1, 2), Err(CallError::TimedOut { after: TIMEOUT, unframed: place as u32 }));
        assert_eq!(add(&mut client, 3, 4), Ok(7), "cut at {place}");
    }
}
