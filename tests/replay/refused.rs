//! A call that was not executed is not remembered and takes no slot.

use oncilla::message::{AUTH_SYS, AuthStatus, Call, Form, Origin, SysCredential, shorten};

use crate::*;

/// A table that serves only users with AUTH_SYS.
static GUARDED: Table<Ledger> = oncilla::table![ledger::program()].authorize(users);

fn users(_: &mut Ledger, call: &Call<'_>) -> Result<(), AuthStatus> {
    if call.credential().flavor == AUTH_SYS { Ok(()) } else { Err(AuthStatus::TOO_WEAK) }
}

fn by_user(xid: u32, procedure: u32, arguments: &[u32]) -> Vec<u8> {
    let id = ProcedureId { program: ledger::PROGRAM, version: ledger::VERSION, procedure };
    let credential = SysCredential::new(1, "host", 1000, 0, &[]).unwrap();
    let header = CallHeader { xid, id, credential: credential.as_auth(), verifier: OpaqueAuth::NONE };
    let mut message = vec![0; header.size()];
    header.write(&mut message).unwrap();
    message.extend(arguments.iter().flat_map(|word| word.to_be_bytes()));
    message
}

/// Returns whether an executed call is still known after `refused` ones, in a cache with one slot.
fn still_known(table: &Table<Ledger>, room: usize, refused: &[Vec<u8>]) -> bool {
    let mut server = Server::<1, BYTES>::new();
    let mut ask = |message: &[u8], room: usize| {
        let mut reply = vec![0xee; room];
        server.cache.answer(None, Origin::default(), table, &mut server.ledger, message, &mut reply)
    };
    let good = by_user(7, ADD, &[5]);
    assert!(ask(&good, BYTES).is_some());
    for message in refused {
        assert!(ask(message, room).is_some_and(|length| length < 40), "it is refused");
    }
    ask(&good, BYTES);
    server.ledger.runs == 1
}

#[test]
fn calls_refused_by_authorize_take_no_slot() {
    assert!(still_known(&GUARDED, BYTES, &[call(8, ADD, &[5]), call(9, SUBTRACT, &[5]), call(10, PAGE, &[])]));
}

#[test]
fn bad_arguments_take_no_slot() {
    let bad = [call(8, ADD, &[]), call(9, ADD, &[1, 2]), call(10, PAGE, &[1])];
    assert!(still_known(&TABLE, BYTES, &bad));
}

#[test]
fn bad_arguments_of_a_one_way_procedure_take_no_slot() {
    let mut server = Server::<1, BYTES>::new();
    assert_eq!(server.ask(&call(7, ADD, &[5])), success(7, &[5]));
    assert_eq!(server.ask(&call(8, NOTE, &[])), None);
    assert_eq!(server.ask(&call(9, NOTE, &[1, 2])), None);
    assert_eq!(server.ask(&call(7, ADD, &[5])), success(7, &[5]));
    assert_eq!(server.ledger.runs, 1);
}

#[test]
fn calls_without_room_take_no_slot() {
    assert!(still_known(&TABLE, 40, &[call(8, PAGE, &[])]));
    // In a slot.
    let mut server = Server::<1, 64>::new();
    assert_eq!(server.ask(&call(7, ADD, &[5])), success(7, &[5]));
    assert_eq!(server.ask(&call(8, PAGE, &[])), system_err(8));
    assert_eq!(server.ask(&call(7, ADD, &[5])), success(7, &[5]));
}

#[test]
fn unknown_procedures_take_no_slot() {
    let other = |program, version, procedure| call_of(8, ProcedureId { program, version, procedure }, &[]);
    let none = [other(ledger::PROGRAM, 1, 77), other(ledger::PROGRAM, 2, ADD), other(ledger::PROGRAM + 1, 1, ADD)];
    assert!(still_known(&TABLE, BYTES, &none));
}

#[test]
fn bad_arguments_in_the_short_form_take_no_slot() {
    let mut server = Server::<1, BYTES>::new();
    let mut ask = |full: &[u8]| {
        let (mut message, mut reply) = ([0; 64], [0xee; BYTES]);
        let length = shorten(full, &mut message).expect("it has a short form");
        let form = Some(Form::Short);
        server
            .cache
            .answer(form, Origin::default(), &TABLE, &mut server.ledger, &message[..length], &mut reply)
            .unwrap();
        server.ledger.runs
    };
    assert_eq!([ask(&call(7, ADD, &[5])), ask(&call(8, ADD, &[])), ask(&call(7, ADD, &[5]))], [1, 1, 1]);
}

#[test]
fn a_refused_call_is_executed_when_it_is_allowed_later() {
    // The same bytes, for example from a caller that was authorized meanwhile or on a server with a larger buffer.
    let (mut server, mut reply) = (Server::<4, BYTES>::new(), [0xee; BYTES]);
    let message = call(7, ADD, &[5]);
    for (table, runs) in [(&GUARDED, 0), (&TABLE, 1), (&TABLE, 1), (&GUARDED, 1)] {
        server.cache.answer(None, Origin::default(), table, &mut server.ledger, &message, &mut reply).unwrap();
        assert_eq!(server.ledger.runs, runs);
    }
    assert_eq!(server.reply(None, &call(8, PAGE, &[]), 40), system_err(8));
    assert_eq!(server.reply(None, &call(8, PAGE, &[]), BYTES).unwrap().len(), 24 + 64);
}

#[test]
fn a_failure_of_the_procedure_takes_a_slot() {
    // The procedure ran and must not run again.
    let mut server = Server::<1, BYTES>::new();
    assert_eq!(server.ask(&call(7, FAIL, &[5])), system_err(7));
    assert_eq!(server.ask(&call(7, FAIL, &[5])), system_err(7));
    assert_eq!(server.ledger.runs, 1);
}
