//! Slots are few, and are used again.

use oncilla::framing::{Cobs, Record};
use oncilla::xdr::EncodeError;
use oncilla::{LinkError, Retry};

use crate::counter::{finish, start};
use crate::script::{Script, Sends, at};
use crate::*;

#[test]
fn when_all_are_taken_nothing_is_sent() {
    let mut calls: Calls<Cobs, 2> = calls(Script::new([at::<Cobs>(10, &[sum(XID, 1)])]));
    let a = start::add(&mut calls, 0, 1).unwrap();
    let _b = start::add(&mut calls, 1, 1).unwrap();
    assert_eq!(start::add(&mut calls, 1, 2).unwrap_err(), CallError::NoSlot { slots: 2 });
    assert_eq!(counter::Client::new(&mut calls).add(1, 2), Err(CallError::NoSlot { slots: 2 }));
    assert_eq!(sent(&mut calls).len(), 2);
    // Results that wait for their ticket keep their slot.
    work(&mut calls, 10);
    assert_eq!(calls.poll(), Ok(tally(1, 1)));
    assert_eq!(start::add(&mut calls, 1, 2).unwrap_err(), CallError::NoSlot { slots: 2 });
    assert_eq!(finish::add(&mut calls, a), Ok(1));
    assert!(start::add(&mut calls, 1, 2).is_ok());
    assert_eq!(sent(&mut calls).len(), 3);
}

#[test]
fn again_and_again() {
    let xid = |i: u32| XID.wrapping_add(i);
    let events = (0..1_000).map(|i| at::<Record>(0, &[sum(xid(i), i)]));
    let mut calls: Calls<Record> = calls(Script::new(events));
    let mut tickets = std::collections::VecDeque::new();
    for i in 0..1_000 {
        tickets.push_back((i, start::add(&mut calls, 0, i).unwrap()));
        if tickets.len() == 3 {
            let (i, ticket) = tickets.pop_front().unwrap();
            assert_eq!(ticket.xid(), xid(i as u32));
            assert_eq!(finish::add(&mut calls, ticket), Ok(i));
        }
    }
}

#[test]
fn forgotten_tickets_cost_none_for_ever() {
    let mut calls: Calls<Cobs, 2> = calls(Script::new([at::<Cobs>(10, &[sum(XID, 1)])]));
    drop(start::add(&mut calls, 0, 1).unwrap());
    work(&mut calls, 500_000);
    assert_eq!(calls.poll(), Ok(tally(0, 1)));
    drop(start::add(&mut calls, 1, 1).unwrap());
    // The time-out itself still belongs to the call.
    work(&mut calls, 500_000);
    assert_eq!(start::add(&mut calls, 1, 2).unwrap_err(), CallError::NoSlot { slots: 2 });
    work(&mut calls, 1);
    // Nobody polled meanwhile. The first has given way, the second not yet.
    assert!(start::add(&mut calls, 1, 2).is_ok());
    assert_eq!(start::add(&mut calls, 1, 3).unwrap_err(), CallError::NoSlot { slots: 2 });
    work(&mut calls, 1_000_001);
    let fresh = [(); 2].map(|()| start::add(&mut calls, 1, 3).unwrap());
    assert_eq!(start::add(&mut calls, 1, 3).unwrap_err(), CallError::NoSlot { slots: 2 });
    assert!(fresh.iter().all(|ticket| !calls.is_done(ticket)));
}

#[test]
fn the_oldest_gives_way_and_only_when_no_slot_is_free() {
    let mut calls: Calls<Cobs, 3> = calls(Script::new([at::<Cobs>(0, &[sum(XID, 1), sum(0, 3)])]));
    let first = start::add(&mut calls, 0, 1).unwrap();
    work(&mut calls, 10);
    let second = start::add(&mut calls, 1, 1).unwrap();
    let third = start::add(&mut calls, 1, 2).unwrap();
    work(&mut calls, 2_000_000);
    calls.cancel(second);
    // There is a free one: the results of the others wait for hours.
    let fourth = start::add(&mut calls, 1, 3).unwrap();
    assert_eq!(calls.poll(), Ok(tally(1, 2)));
    work(&mut calls, 900_000);
    let fifth = start::add(&mut calls, 1, 4).unwrap();
    assert_eq!(finish::add(&mut calls, third), Ok(3));
    assert_eq!(finish::add(&mut calls, first), Err(CallError::UnknownTicket { xid: XID }));
    assert!(!calls.is_done(&fourth) && !calls.is_done(&fifth));
}

#[test]
fn a_stale_ticket_never_gets_the_results_of_another_call() {
    let replies = [sum(XID, 1), sum(XID + 1, 2)];
    let mut calls: Calls<Cobs, 1> = calls(Script::new([at::<Cobs>(1_000_001, &replies)]));
    let stale = start::add(&mut calls, 0, 1).unwrap();
    work(&mut calls, 1_000_001);
    let fresh = start::add(&mut calls, 1, 1).unwrap();
    assert!(calls.is_done(&stale));
    assert_eq!(finish::add(&mut calls, stale), Err(CallError::UnknownTicket { xid: XID }));
    assert_eq!(finish::add(&mut calls, fresh), Ok(2));
}

#[test]
fn a_ticket_is_of_one_procedure() {
    let mut calls: Calls<Cobs> = calls(Script::new([at::<Cobs>(0, &[sum(XID, 1)])]));
    // Without its type, as a callback gets it, and said to be another's.
    let id = oncilla::ProcedureId { program: counter::PROGRAM, version: 1, procedure: 1 };
    let arguments = |writer: &mut oncilla::Writer<'_>| writer.put::<oncilla::Xdr, _>(&[0, 1]);
    let ticket: Ticket = oncilla::Starter::start(&mut calls, id, arguments).unwrap();
    assert_eq!(finish::name(&mut calls, ticket.typed()), Err(CallError::UnknownTicket { xid: XID }));
    let ticket: Ticket = oncilla::Starter::start(&mut calls, id, arguments).unwrap();
    calls.caller().link().transport().events.push_back(at::<Cobs>(0, &[sum(XID + 1, 1)]));
    assert_eq!(finish::add(&mut calls, ticket.typed()), Ok(1));
}

#[test]
fn waiting_for_ever_is_never_given_away() {
    let mut calls: Calls<Cobs, 1> = calls(Script::new([at::<Cobs>(10, &[sum(XID, 1)])]));
    calls.caller().wait_for_ever();
    let ticket = start::add(&mut calls, 0, 1).unwrap();
    work(&mut calls, 1 << 50);
    assert_eq!(start::add(&mut calls, 1, 2).unwrap_err(), CallError::NoSlot { slots: 1 });
    assert_eq!(calls.poll(), Ok(tally(0, 1)));
    assert_eq!(start::add(&mut calls, 1, 2).unwrap_err(), CallError::NoSlot { slots: 1 });
    assert_eq!(finish::add(&mut calls, ticket), Ok(1));
}

#[test]
fn a_call_that_cannot_be_sent_takes_none() {
    let script = Script::<Cobs>::new([]).sending([Sends::Fails, Sends::Part(3)]);
    let mut calls: Calls<Cobs, 1> = calls(script);
    assert_eq!(start::add(&mut calls, 0, 1).unwrap_err(), CallError::Link(LinkError::Transport("no carrier")));
    let unsent = start::add(&mut calls, 0, 1).unwrap_err();
    assert!(matches!(unsent, CallError::Link(LinkError::Unsent { sent: 3, .. })), "{unsent}");
    // Too many bytes for the interface.
    assert!(matches!(start::echo(&mut calls, &[0; 65]).unwrap_err(), CallError::Arguments(_)));
    assert_eq!(calls.poll(), Ok(tally(0, 0)));
    assert!(start::add(&mut calls, 0, 1).is_ok());
}

#[test]
fn arguments_that_do_not_fit() {
    // On a carrier that loses messages they must fit the slot.
    let mut lossy: Calls<Cobs, 1, 7> = calls(Script::new([]));
    let error = CallError::Arguments(EncodeError::NoRoom { needed: 4, available: 3 });
    assert_eq!(start::add(&mut lossy, 1, 2).unwrap_err(), error);
    assert_eq!(sent(&mut lossy).len(), 0);
    assert_eq!(lossy.poll(), Ok(tally(0, 0)));
    // On others only the link's buffer counts.
    let mut sure: Calls<Record, 1, 4> = calls(Script::new([at::<Record>(0, &[sum(XID, 3)])]));
    let ticket = start::add(&mut sure, 1, 2).unwrap();
    assert_eq!(finish::add(&mut sure, ticket), Ok(3));
}

#[test]
fn results_that_do_not_fit() {
    let replies = [success(XID, &[0, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0]), success(XID + 1, b"\0\0\0\x04hall")];
    let mut calls: Calls<Record, 2, 8> = calls(Script::new([at::<Record>(0, &replies)]));
    let echo = start::echo(&mut calls, &[1, 2, 3, 4, 5]).unwrap();
    let name = start::name(&mut calls).unwrap();
    assert_eq!(finish::echo(&mut calls, echo), Err(CallError::ReplyTooLarge { size: 36 }));
    assert_eq!(finish::name(&mut calls, name), Ok("hall"));
}

#[test]
fn replies_that_the_links_buffer_does_not_hold() {
    let replies = [success(XID, &[0; 700]), success(9, &[0; 700]), sum(XID + 1, 2)];
    let mut calls: Calls<Record> = calls(Script::new([at::<Record>(0, &replies)]));
    let (a, b) = (start::add(&mut calls, 0, 1).unwrap(), start::add(&mut calls, 1, 1).unwrap());
    assert_eq!(finish::add(&mut calls, b), Ok(2));
    assert_eq!(finish::add(&mut calls, a), Err(CallError::ReplyTooLarge { size: 724 }));
}

#[test]
fn the_largest_of_an_interface_fits_exactly() {
    assert_eq!(counter::SLOT_MAX, 68);
    let reply = success(XID, &[&[0, 0, 0, 64][..], &[7; 64]].concat());
    let mut calls: Calls<Cobs> = calls(Script::new([at::<Cobs>(0, &[reply])]));
    calls.caller().set_retry(Retry::DEFAULT);
    let echo = start::echo(&mut calls, &[7; 64]).unwrap();
    assert_eq!(finish::echo(&mut calls, echo), Ok(&[7; 64][..]));
}

#[test]
fn bytes_of_a_slot() {
    const ONE: usize = size_of::<CallsInFlight<&mut Client<Script<Cobs>, Vec<u8>>, 1, 64>>();
    const TWO: usize = size_of::<CallsInFlight<&mut Client<Script<Cobs>, Vec<u8>>, 2, 64>>();
    // Of 32 bits the documentation tells; pointers and lengths are longer here.
    let documented = 80 + 64;
    assert!((documented..=documented + 16).contains(&(TWO - ONE)), "{}", TWO - ONE);
}
