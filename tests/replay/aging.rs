//! Calls in the short form, whose xids repeat: a reply is removed before that, but not too early.

use oncilla::message::{Form, Origin, lengthen, shorten};

use crate::*;

/// Number of calls after which an xid repeats.
const XIDS: u32 = 65_536;

impl<const SLOTS: usize> Server<SLOTS, BYTES> {
    /// Makes the call with this number in the short form. Returns whether it was executed.
    fn short(&mut self, number: u32, procedure: u32, arguments: &[u32]) -> bool {
        let (mut message, mut reply) = ([0; 64], [0xee; BYTES]);
        let length = shorten(&call(number % XIDS, procedure, arguments), &mut message).expect("it has a short form");
        let runs = self.ledger.runs;
        let form = Some(Form::Short);
        let length =
            self.cache.answer(form, Origin::default(), &TABLE, &mut self.ledger, &message[..length], &mut reply);
        let length = length.expect("it is answered");
        let mut standard = [0xee; BYTES + 36];
        let length = lengthen(&reply[..length], &mut standard).expect("in the short form");
        assert_eq!(Some(&standard[..4]), Some(&(number % XIDS).to_be_bytes()[..]));
        assert!(length >= 24);
        self.ledger.runs > runs
    }
}

/// Adds once, makes `calls` idempotent calls, and adds again with the same xid. Returns whether that was executed.
fn again_after<const SLOTS: usize>(calls: u32, before: usize) -> bool {
    let mut server = Server::<SLOTS, BYTES>::new();
    // Calls before it, so that it gets any of the slots.
    for number in 0..before as u32 {
        assert!(server.short(number, ADD, &[9]));
    }
    assert!(server.short(XIDS / 2, ADD, &[1]));
    for number in 0..calls {
        assert!(server.short(XIDS / 2 + 1 + number, TOTAL, &[]));
    }
    server.short(XIDS / 2, ADD, &[1])
}

fn removed_in_time<const SLOTS: usize>() {
    for before in [0, 1, SLOTS] {
        // It is known for about half as many calls as there are xids, and unknown when its xid repeats.
        for (calls, again) in
            [(0, false), (1, false), (1_000, false), (32_000, false), (32_900, true), (XIDS - 1, true)]
        {
            assert_eq!(again_after::<SLOTS>(calls, before), again, "{calls} calls, {before} before");
        }
    }
}

#[test]
fn a_reply_is_removed_before_its_xid_repeats() {
    removed_in_time::<1>();
    removed_in_time::<3>();
    removed_in_time::<8>();
}

fn rounds<const SLOTS: usize>(every: u32) {
    let mut server = Server::<SLOTS, BYTES>::new();
    // The same arguments each time, so that only its age distinguishes a call from that of the round before.
    for number in 0..3 * XIDS {
        let add = number % every == 0;
        assert!(server.short(number, if add { ADD } else { TOTAL }, if add { &[1] } else { &[] }), "{number}");
        // It may be repeated.
        assert!(!add || !server.short(number, ADD, &[1]), "{number}");
    }
}

#[test]
fn every_call_of_several_rounds_is_executed_once() {
    // Divisors of the number of xids, so that the same call has the same xid in every round.
    for every in [256, 65_536] {
        rounds::<1>(every);
        rounds::<3>(every);
        rounds::<8>(every);
    }
}

fn newest<const SLOTS: usize>() {
    // The idempotent calls between them are too few to remove a reply.
    for idle in [0, 1, 1_000, 32_768 / SLOTS as u32 - 1] {
        let mut server = Server::<SLOTS, BYTES>::new();
        let mut number = 0;
        for round in 0..3 * SLOTS as u32 {
            for _ in 0..idle {
                server.short(20_000 + number, TOTAL, &[]);
                number += 1;
            }
            assert!(server.short(round, ADD, &[1]));
            for known in round.saturating_sub(SLOTS as u32 - 1)..=round {
                assert!(!server.short(known, ADD, &[1]), "{known} after {round}, with {idle} between");
            }
        }
    }
}

#[test]
fn as_many_replies_are_known_as_there_are_slots() {
    newest::<1>();
    newest::<3>();
    newest::<8>();
}

#[test]
fn repeated_calls_do_not_age_replies() {
    let mut server = Server::<1, BYTES>::new();
    assert!(server.short(7, ADD, &[1]));
    for _ in 0..XIDS {
        assert!(!server.short(7, ADD, &[1]));
    }
}

#[test]
fn calls_in_the_full_form_do_not_age_replies() {
    let mut server = Server::<1, BYTES>::new();
    assert_eq!(server.ask(&call(7, ADD, &[5])), success(7, &[5]));
    for xid in 0..XIDS {
        server.ask(&call(xid, TOTAL, &[]));
    }
    assert_eq!(server.ask(&call(7, ADD, &[5])), success(7, &[5]));
    assert_eq!(server.ledger.total, 5);
}

#[test]
fn the_two_forms_of_a_call_are_different_calls() {
    // A client retransmits a call in its original form.
    let mut server = Server::<2, BYTES>::new();
    assert_eq!(server.ask(&call(7, ADD, &[5])), success(7, &[5]));
    assert!(server.short(7, ADD, &[5]));
    assert!(!server.short(7, ADD, &[5]));
    assert_eq!(server.ask(&call(7, ADD, &[5])), success(7, &[5]));
}
