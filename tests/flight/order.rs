//! Replies and tickets in any order.

use oncilla::framing::{Cobs, Datagram, Framing, Record, RecordAhead};

use crate::counter::{finish, start};
use crate::script::{Script, at, framed};
use crate::*;

/// Every order of three calls.
const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

fn every_order<F: Framing>() {
    for (replied, finished) in ORDERS.iter().flat_map(|replied| ORDERS.map(|finished| (replied, finished))) {
        let events = replied.iter().enumerate().map(|(i, &call)| {
            at::<F>(1_000 * (i as u64 + 1), &[sum(XID.wrapping_add(call as u32), 100 + call as u32)])
        });
        let mut calls: Calls<F> = calls(Script::new(events));
        let mut tickets = [0, 1, 2].map(|i| Some(start::add(&mut calls, i, i).unwrap()));
        for call in finished {
            let ticket = tickets[call].take().unwrap();
            assert_eq!(finish::add(&mut calls, ticket), Ok(100 + call as i32), "{replied:?} {finished:?}");
            // It waited only until its own reply.
            let at = replied.iter().position(|&other| other == call).unwrap();
            assert!(now(&mut calls) >= 1_000 * (at as u64 + 1));
        }
        assert_eq!((now(&mut calls), calls.poll()), (3_000, Ok(tally(0, 0))));
    }
}

#[test]
fn every_order_on_every_framing() {
    every_order::<Record>();
    every_order::<RecordAhead>();
    every_order::<Cobs>();
    every_order::<Datagram>();
}

#[test]
fn calls_are_sent_at_their_start_as_the_standard_requires() {
    fn check<F: Framing>() {
        let mut calls: Calls<F> = calls(Script::new([]));
        let (_a, _b) = (start::add(&mut calls, 1, -2).unwrap(), start::add(&mut calls, 5, 6).unwrap());
        let _echo = start::echo(&mut calls, &[1, 0, 3]).unwrap();
        let call = |xid, procedure, arguments: &[u32]| {
            framed::<F>(&[words(&[xid, 0, 2, counter::PROGRAM, 1, procedure, 0, 0, 0, 0]), words(arguments)].concat())
        };
        // The xid after the highest is 0.
        let expected = [call(XID, 1, &[1, u32::MAX - 1]), call(XID + 1, 1, &[5, 6]), call(0, 4, &[3, 0x0100_0300])];
        assert_eq!(sent(&mut calls), expected);
        let within = calls.caller().link().transport().until.iter().all(|until| until.as_micros() == 1_000_000);
        assert!(within, "each has its time-out to be sent");
        assert_eq!(now(&mut calls), 0);
    }
    check::<Record>();
    check::<RecordAhead>();
    check::<Cobs>();
    check::<Datagram>();
}

#[test]
fn results_of_every_type_may_borrow_from_the_slot() {
    let replies = [
        success(XID, b"\0\0\0\x04hall"),
        success(XID + 1, b"\0\0\0\x03\x01\x02\x03\0"),
        success(0, &words(&[1, 77])),
        success(1, &[]),
    ];
    let mut calls: Calls<Cobs, 4> = calls(Script::new([at::<Cobs>(0, &replies)]));
    let name = start::name(&mut calls).unwrap();
    let echo = start::echo(&mut calls, &[9]).unwrap();
    let level = start::level(&mut calls, heapless::Vec::new()).unwrap();
    let reset = start::reset(&mut calls).unwrap();
    assert_eq!(calls.poll(), Ok(tally(0, 4)));
    assert_eq!(finish::reset(&mut calls, reset), Ok(()));
    assert_eq!(finish::echo(&mut calls, echo), Ok(&[1, 2, 3][..]));
    assert_eq!(finish::name(&mut calls, name), Ok("hall"));
    assert_eq!(finish::level(&mut calls, level), Ok(Err(77)));
}

#[test]
fn blocking_calls_in_between_lose_no_replies() {
    let replies = [sum(XID, 1), sum(0, 3), sum(XID + 1, 2)];
    let mut calls: Calls<RecordAhead> = calls(Script::new([at::<RecordAhead>(10, &replies)]));
    let (a, b) = (start::add(&mut calls, 0, 1).unwrap(), start::add(&mut calls, 1, 1).unwrap());
    assert_eq!(counter::Client::new(&mut calls).add(1, 2), Ok(3));
    assert_eq!(finish::add(&mut calls, b), Ok(2));
    assert_eq!(finish::add(&mut calls, a), Ok(1));
}

#[test]
fn one_way_calls_need_no_slot() {
    let mut calls: Calls<Cobs, 1> = calls(Script::new([at::<Cobs>(10, &[sum(XID, 3)])]));
    let ticket = start::add(&mut calls, 1, 2).unwrap();
    assert_eq!(counter::Client::new(&mut calls).note("full"), Ok(()));
    assert_eq!(finish::add(&mut calls, ticket), Ok(3));
    assert_eq!(sent(&mut calls).len(), 2);
}

#[test]
fn a_borrowed_client_can_be_used_afterwards() {
    let replies = [sum(XID + 1, 2), sum(XID, 1), sum(0, 3)];
    let mut client =
        client(Script::<Datagram>::new([at::<Datagram>(0, &replies[..1]), at::<Datagram>(0, &replies[1..2])]));
    let mut calls = CallsInFlight::<_, 2, 8>::new(&mut client);
    let late = start::add(&mut calls, 0, 1).unwrap();
    let second = start::add(&mut calls, 1, 1).unwrap();
    assert_eq!(finish::add(&mut calls, second), Ok(2));
    drop(late);
    client.link().transport().events.push_back(at::<Datagram>(0, &replies[2..]));
    assert_eq!(counter::Client::new(&mut client).add(1, 2), Ok(3));
}
