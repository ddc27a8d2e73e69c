//! Strangers: messages that are not the reply to a call in flight.

use oncilla::framing::{Cobs, Datagram, Framing, Record, RecordAhead, crc32};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::counter::{finish, start};
use crate::script::{Event, Script, at};
use crate::*;

fn strangers() -> Vec<Vec<u8>> {
    vec![
        sum(1, 100),
        sum(XID - 1, 101),
        sum(77, 102),
        words(&[XID ^ 4, 1, 1, 0, 2, 2]),
        words(&[XID ^ 4, 1, 77]),
        vec![0xff; 7],
        // Neither call nor reply, and calls with xids of calls in flight.
        words(&[XID, 2, 0, 0, 0, 0, 103]),
        words(&[XID, 0, 2, counter::PROGRAM, 1, 1, 0, 0, 0, 0, 1, 2]),
        words(&[XID + 1, 0, 2, counter::PROGRAM, 1, 1, 0, 0, 0, 0, 1, 2]),
    ]
}

#[test]
fn strangers_are_dropped() {
    fn check<F: Framing>() {
        let mut messages = strangers();
        messages.insert(3, sum(XID + 1, 2));
        messages.push(sum(XID, 1));
        // The system keeps datagrams apart.
        let events: Vec<_> = messages.iter().map(|message| at::<F>(0, std::slice::from_ref(message))).collect();
        let mut calls: Calls<F> = calls(Script::new(events));
        let (a, b) = (start::add(&mut calls, 0, 1).unwrap(), start::add(&mut calls, 1, 1).unwrap());
        assert_eq!(finish::add(&mut calls, a), Ok(1));
        assert_eq!(finish::add(&mut calls, b), Ok(2));
    }
    check::<Record>();
    check::<RecordAhead>();
    check::<Cobs>();
    check::<Datagram>();
}

#[test]
fn a_repeated_reply_changes_nothing() {
    let replies = [sum(XID, 1), sum(XID, 100), words(&[XID, 1, 0, 0, 0, 5]), success(XID, &[0; 700]), sum(XID + 1, 2)];
    let mut calls: Calls<Cobs> = calls(Script::new(replies.map(|reply| at::<Cobs>(0, &[reply]))));
    let (a, b) = (start::add(&mut calls, 0, 1).unwrap(), start::add(&mut calls, 1, 1).unwrap());
    assert_eq!(finish::add(&mut calls, b), Ok(2));
    assert_eq!(finish::add(&mut calls, a), Ok(1));
}

/// A piece of the received bytes.
#[derive(Clone, Debug)]
enum Piece {
    Garbage(Vec<u8>),
    Stranger(usize),
    Reply(u32),
}

proptest! {
    /// Whatever else arrives on a serial line, each reply with a whole frame is found, and no other.
    #[test]
    fn garbage_between_frames_is_no_reply(pieces in vec(prop_oneof![
        2 => vec(any::<u8>(), 0..40).prop_map(Piece::Garbage),
        2 => (0..9usize).prop_map(Piece::Stranger),
        3 => (0..3u32).prop_map(Piece::Reply),
    ], 0..20)) {
        let mut replied = [false; 3];
        let mut bytes = Vec::new();
        for piece in &pieces {
            let message = match piece {
                Piece::Garbage(garbage) => {
                    bytes.extend(garbage);
                    continue;
                }
                Piece::Stranger(which) => strangers()[*which].clone(),
                Piece::Reply(call) => {
                    replied[*call as usize] = true;
                    sum(XID.wrapping_add(*call), crc32(&call.to_be_bytes()))
                }
            };
            bytes.extend(script::framed::<Cobs>(&message));
        }
        let events = if bytes.is_empty() { None } else { Some(Event::Bytes(5, bytes)) };
        let mut calls: Calls<Cobs> = calls(Script::new(events));
        let tickets = [0, 1, 2].map(|call: u32| (call, start::add(&mut calls, 0, 1).unwrap()));
        for (call, ticket) in tickets {
            let result = finish::add(&mut calls, ticket);
            if replied[call as usize] {
                prop_assert_eq!(result, Ok(crc32(&call.to_be_bytes()) as i32));
            } else {
                // A stranger may be a call with an own xid, as an echo would be.
                let Err(CallError::TimedOut { after, .. } | CallError::Echoed { after }) = result else {
                    panic!("{result:?}");
                };
                prop_assert_eq!(after, TIMEOUT);
            }
        }
    }
}
