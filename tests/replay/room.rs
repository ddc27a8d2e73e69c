//! Replies that do not fit, in a slot or in the reply buffer.

use oncilla::message::Origin;
use oncilla::{Failure, Procedure, Program};

use crate::*;

#[test]
fn a_procedure_whose_reply_no_slot_can_hold_is_not_run() {
    let mut server = Server::<4, 64>::new();
    for _ in 0..3 {
        assert_eq!(server.ask(&call(7, PAGE, &[])), system_err(7));
        assert_eq!(server.ledger.runs, 0);
    }
    assert_eq!(server.ask(&call(8, ADD, &[5])), success(8, &[5]));
}

#[test]
fn an_idempotent_procedure_needs_no_slot() {
    let mut server = Server::<4, 64>::new();
    for runs in 1..4 {
        assert_eq!(server.ask(&call(7, COPY, &[])).unwrap().len(), 24 + 64);
        assert_eq!(server.ledger.runs, runs);
    }
}

#[test]
fn a_slot_of_exactly_the_largest_reply_is_enough() {
    const PAGE_REPLY: usize = 24 + 4 + 64;
    let mut server = Server::<1, PAGE_REPLY>::new();
    for _ in 0..3 {
        assert_eq!(server.ask(&call(7, PAGE, &[])).unwrap().len(), 24 + 64);
    }
    assert_eq!(server.ledger.runs, 1);
    let mut server = Server::<1, { PAGE_REPLY - 1 }>::new();
    assert_eq!(server.ask(&call(7, PAGE, &[])), system_err(7));
    assert_eq!(server.ledger.runs, 0);
}

#[test]
fn the_smallest_slot_holds_small_replies() {
    let mut server = Server::<1, 32>::new();
    for _ in 0..3 {
        assert_eq!(server.ask(&call(7, ADD, &[5])), success(7, &[5]));
    }
    assert_eq!(server.ledger.runs, 1);
}

#[test]
fn a_repeated_call_without_room_is_not_executed() {
    let mut server = Server::<4, BYTES>::new();
    let page = server.ask(&call(7, PAGE, &[]));
    for room in 0..88 {
        let reply = server.reply(None, &call(7, PAGE, &[]), room);
        assert_eq!(reply, if room < 32 { None } else { system_err(7) }, "in {room} bytes");
        assert_eq!(server.ledger.runs, 1);
    }
    // With enough room again, the first reply is returned, not the last.
    assert_eq!(server.ask(&call(7, PAGE, &[])), page);
    assert_eq!(server.reply(None, &call(7, PAGE, &[]), 88), page);
    assert_eq!(server.ledger.runs, 1);
}

#[test]
fn a_call_refused_for_lack_of_room_is_executed_later() {
    for room in 0..32 {
        let mut server = Server::<4, BYTES>::new();
        assert_eq!(server.reply(None, &call(7, ADD, &[5]), room), None);
        assert_eq!(server.ledger.runs, 0);
        assert_eq!(server.ask(&call(7, ADD, &[5])), success(7, &[5]));
    }
}

#[test]
fn a_reply_larger_than_declared_is_never_cut() {
    // Written by hand, with a wrong size of its results.
    const LIAR: Procedure<u32> = Procedure::new(1, 4, |runs, _, room| {
        *runs += 1;
        room.get_mut(..60).ok_or(Failure::SystemError)?.fill(0xaa);
        Ok(60)
    });
    static LIES: Table<u32> = oncilla::table![Program::new(1, 1, const { &[LIAR] })];
    let id = ProcedureId { program: 1, version: 1, procedure: 1 };
    let (mut runs, mut cache, mut reply) = (0, ReplayCache::<4, 64>::new(), [0; 128]);
    let mut ask = || {
        let length = cache.answer(None, Origin::default(), &LIES, &mut runs, &call_of(7, id, &[]), &mut reply)?;
        Some(reply[..length].to_vec())
    };
    let first = ask();
    assert_eq!([ask(), ask()], [first.clone(), first]);
    assert!(runs <= 1, "executed {runs} times");
}
