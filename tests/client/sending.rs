//! Calls that are not sent completely.

use oncilla::framing::{Cobs, Datagram, Framing, Record, RecordAhead};
use oncilla::{CallError, LinkError};

use crate::script::{Script, Sends, now};
use crate::*;

/// Returns the size of the frame of a call of `add`.
fn size<F: Framing>() -> usize {
    let mut client = client(Script::<F>::new([]));
    let _ = add(&mut client, 1, 2);
    client.link().transport().sent[0].len()
}

fn unsent(sent: usize, size: usize) -> Result<i32, Error> {
    Err(CallError::Link(LinkError::Unsent { sent, size }))
}

const OUT_OF_STEP: Result<i32, Error> = Err(CallError::Link(LinkError::OutOfStep));
const NO_CARRIER: Result<i32, Error> = Err(CallError::Link(LinkError::Transport("no carrier")));

fn records_are_lost<F: Framing>() {
    let size = size::<F>();
    for sent in 1..size {
        let reply = now::<F>(&[sum(XID + 1, 7)]);
        let mut client = client(Script::<F>::new([reply]).sending([Sends::Part(sent)]));
        assert_eq!(add(&mut client, 1, 2), unsent(sent, size));
        // The peer would read the next call as the rest of this one.
        assert_eq!(add(&mut client, 3, 4), OUT_OF_STEP);
        assert_eq!(add(&mut client, 3, 4), OUT_OF_STEP);
        assert_eq!(client.link().transport().sent.len(), 1);
    }
    let mut client = client(Script::<F>::new([]).sending([Sends::Fails]));
    assert_eq!(add(&mut client, 1, 2), NO_CARRIER);
    // Later calls report that, too.
    assert_eq!(add(&mut client, 3, 4), Err(CallError::Link(LinkError::Broken)));
    assert_eq!(add(&mut client, 3, 4), Err(CallError::Link(LinkError::Broken)));
}

#[test]
fn a_record_sent_in_part_breaks_the_link() {
    records_are_lost::<Record>();
    records_are_lost::<RecordAhead>();
}

#[test]
fn a_record_of_which_nothing_was_sent_does_not_break_the_link() {
    let reply = now::<Record>(&[sum(XID + 1, 7)]);
    let mut client = client(Script::<Record>::new([reply]).sending([Sends::Part(0)]));
    assert_eq!(add(&mut client, 1, 2), unsent(0, size::<Record>()));
    assert_eq!(add(&mut client, 3, 4), Ok(7));
}

fn frames_are_found_again<F: Framing>() {
    let size = size::<F>();
    for failure in [Sends::Part(0), Sends::Part(1), Sends::Part(size - 1), Sends::Fails] {
        let reply = now::<F>(&[sum(XID + 1, 7)]);
        let mut client = client(Script::<F>::new([reply]).sending([failure]));
        let result = add(&mut client, 1, 2);
        match failure {
            Sends::Part(sent) => assert_eq!(result, unsent(sent, size)),
            _ => assert_eq!(result, NO_CARRIER),
        }
        assert_eq!(add(&mut client, 3, 4), Ok(7));
    }
}

#[test]
fn a_frame_sent_in_part_does_no_harm() {
    frames_are_found_again::<Cobs>();
    frames_are_found_again::<Datagram>();
}
