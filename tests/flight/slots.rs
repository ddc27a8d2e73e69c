//! Slots: how many there are, and when they are free again.

use oncilla::framing::{Cobs, Record};
use oncilla::xdr::EncodeError;
use oncilla::{LinkError, Retry};

use crate::counter::{finish, start};
use crate::script::{Script, Sends, at};
use crate::*;

#[test]
fn when_all_slots_are_taken_nothing_is_sent() {
    let mut calls: Calls<Cobs, 2> = calls(Script::new([at::<Cobs>(10, &[sum(XID, 1)])]));
    let a = start::add(&mut calls, 0, 1).unwrap();
    let _b = start::add(&mut calls, 1, 1).unwrap();
    assert_eq!(start::add(&mut calls, 1, 2).unwrap_err(), CallError::NoSlot { slots: 2 });
    assert_eq!(counter::Client::new(&mut calls).add(1, 2), Err(CallError::NoSlot { slots: 2 }));
    assert_eq!(sent(&mut calls).len(), 2);
    // Results keep their slot until their ticket is finished.
    work(&mut calls, 10);
    assert_eq!(calls.poll(), Ok(tally(1, 1)));
    assert_eq!(start::add(&mut calls, 1, 2).unwrap_err(), CallError::NoSlot { slots: 2 });
    assert_eq!(finish::add(&mut calls, a), Ok(1));
    assert!(start::add(&mut calls, 1, 2).is_ok());
    assert_eq!(sent(&mut calls).len(), 3);
}

#[test]
fn slots_are_used_again() {
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
fn forgotten_tickets_do_not_keep_their_slots_for_ever() {
    let mut calls: Calls<Cobs, 2> = calls(Script::new([at::<Cobs>(10, &[sum(XID, 1)])]));
    drop(start::add(&mut calls, 0, 1).unwrap());
    work(&mut calls, 500_000);
    assert_eq!(calls.poll(), Ok(tally(0, 1)));
    drop(start::add(&mut calls, 1, 1).unwrap());
    // At the very time-out the call still has its slot.
    work(&mut calls, 500_000);
    assert_eq!(start::add(&mut calls, 1, 2).unwrap_err(), CallError::NoSlot { slots: 2 });
    work(&mut calls, 1);
    // Without a poll in between: a new call takes the first slot, the second is not free yet.
    assert!(start::add(&mut calls, 1, 2).is_ok());
    assert_eq!(start::add(&mut calls, 1, 3).unwrap_err(), CallError::NoSlot { slots: 2 });
    work(&mut calls, 1_000_001);
    let fresh = [(); 2].map(|()| start::add(&mut calls, 1, 3).unwrap());
    assert_eq!(start::add(&mut calls, 1, 3).unwrap_err(), CallError::NoSlot { slots: 2 });
    assert!(fresh.iter().all(|ticket| !calls.is_done(ticket)));
}

#[test]
fn a_new_call_takes_the_oldest_slot_only_when_none_is_free() {
    let mut calls: Calls<Cobs, 3> = calls(Script::new([at::<Cobs>(0, &[sum(XID, 1), sum(0, 3)])]));
    let first = start::add(&mut calls, 0, 1).unwrap();
    work(&mut calls, 10);
    let second = start::add(&mut calls, 1, 1).unwrap();
    let third = start::add(&mut calls, 1, 2).unwrap();
    work(&mut calls, 2_000_000);
    calls.cancel(second);
    // A slot is free: the results of the other calls stay for hours.
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
fn a_ticket_belongs_to_one_procedure() {
    let mut calls: Calls<Cobs> = calls(Script::new([at::<Cobs>(0, &[sum(XID, 1)])]));
    // A ticket without type, as callbacks receive it, typed as that of another procedure.
    let id = oncilla::ProcedureId { program: counter::PROGRAM, version: 1, procedure: 1 };
    let arguments = |writer: &mut oncilla::Writer<'_>| writer.put::<oncilla::Xdr, _>(&[0, 1]);
    let ticket: Ticket = oncilla::Starter::start(&mut calls, id, arguments).unwrap();
    assert_eq!(finish::name(&mut calls, ticket.typed()), Err(CallError::UnknownTicket { xid: XID }));
    let ticket: Ticket = oncilla::Starter::start(&mut calls, id, arguments).unwrap();
    calls.caller().link().transport().events.push_back(at::<Cobs>(0, &[sum(XID + 1, 1)]));
    assert_eq!(finish::add(&mut calls, ticket.typed()), Ok(1));
}

#[test]
fn a_call_that_waits_for_ever_keeps_its_slot() {
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
fn a_call_that_cannot_be_sent_takes_no_slot() {
    let script = Script::<Cobs>::new([]).sending([Sends::Fails, Sends::Part(3)]);
    let mut calls: Calls<Cobs, 1> = calls(script);
    assert_eq!(start::add(&mut calls, 0, 1).unwrap_err(), CallError::Link(LinkError::Transport("no carrier")));
    let unsent = start::add(&mut calls, 0, 1).unwrap_err();
    assert!(matches!(unsent, CallError::Link(LinkError::Unsent { sent: 3, .. })), "{unsent}");
    // Over the bound of the interface.
    assert!(matches!(start::echo(&mut calls, &[0; 65]).unwrap_err(), CallError::Arguments(_)));
    assert_eq!(calls.poll(), Ok(tally(0, 0)));
    assert!(start::add(&mut calls, 0, 1).is_ok());
}

#[test]
fn arguments_larger_than_the_slot_are_an_error_on_lossy_carriers() {
    // On a carrier that loses messages they must fit the slot.
    let mut lossy: Calls<Cobs, 1, 7> = calls(Script::new([]));
    let error = CallError::Arguments(EncodeError::NoRoom { needed: 4, available: 3 });
    assert_eq!(start::add(&mut lossy, 1, 2).unwrap_err(), error);
    assert_eq!(sent(&mut lossy).len(), 0);
    assert_eq!(lossy.poll(), Ok(tally(0, 0)));
    // On others they must only fit the link's buffer.
    let mut sure: Calls<Record, 1, 4> = calls(Script::new([at::<Record>(0, &[sum(XID, 3)])]));
    let ticket = start::add(&mut sure, 1, 2).unwrap();
    assert_eq!(finish::add(&mut sure, ticket), Ok(3));
}

#[test]
fn results_larger_than_the_slot_are_an_error() {
    let replies = [success(XID, &[0, 0, 0, 5, 1, 2, 3, 4, 5, 0, 0, 0]), success(XID + 1, b"\0\0\0\x04hall")];
    let mut calls: Calls<Record, 2, 8> = calls(Script::new([at::<Record>(0, &replies)]));
    let echo = start::echo(&mut calls, &[1, 2, 3, 4, 5]).unwrap();
    let name = start::name(&mut calls).unwrap();
    assert_eq!(finish::echo(&mut calls, echo), Err(CallError::ReplyTooLarge { size: 36 }));
    assert_eq!(finish::name(&mut calls, name), Ok("hall"));
}

#[test]
fn replies_larger_than_the_receive_buffer_are_an_error() {
    let replies = [success(XID, &[0; 700]), success(9, &[0; 700]), sum(XID + 1, 2)];
    let mut calls: Calls<Record> = calls(Script::new([at::<Record>(0, &replies)]));
    let (a, b) = (start::add(&mut calls, 0, 1).unwrap(), start::add(&mut calls, 1, 1).unwrap());
    assert_eq!(finish::add(&mut calls, b), Ok(2));
    assert_eq!(finish::add(&mut calls, a), Err(CallError::ReplyTooLarge { size: 724 }));
}

#[test]
fn slot_max_fits_the_largest_arguments_and_results() {
    assert_eq!(counter::SLOT_MAX, 68);
    let reply = success(XID, &[&[0, 0, 0, 64][..], &[7; 64]].concat());
    let mut calls: Calls<Cobs> = calls(Script::new([at::<Cobs>(0, &[reply])]));
    calls.caller().set_retry(Retry::DEFAULT);
    let echo = start::echo(&mut calls, &[7; 64]).unwrap();
    assert_eq!(finish::echo(&mut calls, echo), Ok(&[7; 64][..]));
}

#[test]
fn a_slot_has_the_documented_size() {
    const ONE: usize = size_of::<CallsInFlight<&mut Client<Script<Cobs>, Vec<u8>>, 1, 64>>();
    const TWO: usize = size_of::<CallsInFlight<&mut Client<Script<Cobs>, Vec<u8>>, 2, 64>>();
    // The documented size is for 32 bits; pointers and lengths are longer here.
    let documented = 80 + 64;
    assert!((documented..=documented + 16).contains(&(TWO - ONE)), "{}", TWO - ONE);
}
