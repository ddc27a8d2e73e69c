//! Repeated calls.

use crate::*;

#[test]
fn a_repeated_call_is_answered_and_not_executed() {
    let mut server = Server::<4, BYTES>::new();
    for _ in 0..3 {
        assert_eq!(server.ask(&call(7, ADD, &[5])), success(7, &[5]));
        assert_eq!((server.ledger.total, server.ledger.runs), (5, 1));
    }
}

#[test]
fn a_repeated_call_gets_the_first_reply() {
    let mut server = Server::<4, BYTES>::new();
    assert_eq!(server.ask(&call(7, ADD, &[5])), success(7, &[5]));
    assert_eq!(server.ask(&call(8, ADD, &[10])), success(8, &[15]));
    assert_eq!(server.ask(&call(7, ADD, &[5])), success(7, &[5]));
    assert_eq!(server.ledger.total, 15);
}

#[test]
fn a_long_reply_is_repeated_exactly() {
    let mut server = Server::<4, BYTES>::new();
    let first = server.ask(&call(7, PAGE, &[]));
    assert_eq!(first.as_ref().unwrap().len(), 24 + 64);
    // Another reply in between, so that the buffer does not contain the first one.
    server.ask(&call(8, ADD, &[5]));
    assert_eq!(server.ask(&call(7, PAGE, &[])), first);
    assert_eq!(server.ledger.runs, 2);
}

#[test]
fn idempotent_procedures_run_again() {
    let mut server = Server::<4, BYTES>::new();
    assert_eq!(server.ask(&call(7, TOTAL, &[])), success(7, &[0]));
    server.ask(&call(8, ADD, &[5]));
    assert_eq!(server.ask(&call(7, TOTAL, &[])), success(7, &[5]));
    assert_eq!(server.ledger.runs, 3);
}

#[test]
fn null_is_served_and_takes_no_slot() {
    let mut server = Server::<1, BYTES>::new();
    server.ask(&call(7, ADD, &[5]));
    for _ in 0..3 {
        assert_eq!(server.ask(&call(8, 0, &[])), success(8, &[]));
    }
    // It took no slot.
    assert_eq!(server.ask(&call(7, ADD, &[5])), success(7, &[5]));
    assert_eq!(server.ledger.runs, 1);
}

#[test]
fn one_way_procedures_run_once_without_a_reply() {
    let mut server = Server::<4, BYTES>::new();
    for _ in 0..3 {
        assert_eq!(server.ask(&call(7, NOTE, &[5])), None);
        assert_eq!((server.ledger.total, server.ledger.runs), (5, 1));
    }
    assert_eq!(server.ask(&call(8, NOTE, &[5])), None);
    assert_eq!(server.ledger.runs, 2);
}

#[test]
fn a_failure_after_execution_is_remembered() {
    let mut server = Server::<4, BYTES>::new();
    for _ in 0..3 {
        assert_eq!(server.ask(&call(7, FAIL, &[5])), system_err(7));
        assert_eq!((server.ledger.total, server.ledger.runs), (5, 1));
    }
}

#[test]
fn after_forget_calls_are_executed_again() {
    let mut server = Server::<4, BYTES>::new();
    server.ask(&call(7, ADD, &[5]));
    server.ask(&call(8, NOTE, &[5]));
    server.cache.forget();
    assert_eq!(server.ask(&call(7, ADD, &[5])), success(7, &[15]));
    assert_eq!(server.ask(&call(8, NOTE, &[5])), None);
    assert_eq!(server.ledger.total, 20);
    // It remembers as before.
    assert_eq!(server.ask(&call(7, ADD, &[5])), success(7, &[15]));
    assert_eq!(server.ledger.total, 20);
}

#[test]
fn without_a_cache_repeated_calls_are_executed() {
    let (mut ledger, mut reply) = (Ledger::default(), [0; BYTES]);
    for total in [5, 10, 15] {
        let length =
            ().answer(None, oncilla::message::Origin::default(), &TABLE, &mut ledger, &call(7, ADD, &[5]), &mut reply)
                .unwrap();
        assert_eq!(Some(reply[..length].to_vec()), success(7, &[total]));
    }
}
