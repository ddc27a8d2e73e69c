//! A call without a message of ONC RPC: it does what `answer` does, and no header is written.

use std::net::{Ipv4Addr, SocketAddr};

use crate::*;
use oncilla::message::{AUTH_NONE, AuthStatus, Call, CallFields, Reply};
use oncilla::{Failure, NO_REPLY, Procedure, ProcedureId, Program, Refusal};

const fn id(program: u32, version: u32, procedure: u32) -> ProcedureId {
    ProcedureId { program, version, procedure }
}

/// Executes a call in `room` bytes; returns the results, which must not depend on old bytes.
fn execute_in(state: &mut State, id: ProcedureId, arguments: &[u8], room: usize) -> Result<Option<Vec<u8>>, Refusal> {
    let fields = CallFields::new(7, id);
    let mut room = vec![0xc5; room];
    let length = TABLE.execute(state, &fields.call(arguments), &mut room)?;
    assert!(length.is_none() || room[length.unwrap()..].iter().all(|&byte| byte == 0xc5), "results are longer");
    Ok(length.map(|length| room[..length].to_vec()))
}

#[test]
fn a_call_is_made_of_its_fields() {
    let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
    let fields = CallFields::new(u32::MAX, id(1, 2, 3));
    let call = fields.call(b"arguments").from_peer(Some(&peer));
    assert_eq!((call.xid(), call.id(), call.arguments()), (u32::MAX, id(1, 2, 3), &b"arguments"[..]));
    assert_eq!((call.credential().flavor, call.credential().body), (AUTH_NONE, &[][..]));
    assert_eq!((call.verifier().flavor, call.verifier().body), (AUTH_NONE, &[][..]));
    assert_eq!((call.peer(), call.check_credential()), (Some(&peer), Ok(())));

    // Written as a message, it is the same call.
    let mut message = [0; 40];
    assert_eq!(call.header().write(&mut message), Some(40));
    let parsed = Call::parse(&message).unwrap();
    assert_eq!((parsed.header(), parsed.arguments()), (call.header(), &[][..]));
}

#[test]
fn execute_does_what_answer_does() {
    let arguments = [vec![], words(&[0]), words(&[2, 3]), words(&[3, 0x6162_6300]), vec![1], words(&[65, 0])];
    for (program, versions) in [(PROGRAM, 0..9), (lone::PROGRAM, 4..6), (bare::PROGRAM, 0..2), (1, 0..2)] {
        for version in versions {
            for procedure in (0..8).chain([u32::MAX]) {
                for arguments in &arguments {
                    let (mut with, mut without) = (State::default(), State::default());
                    let reply = ask(&mut with, &call(7, program, version, procedure, arguments)).unwrap();
                    let expected = Reply::parse(&reply).unwrap().outcome.map(|results| Some(results.to_vec()));
                    let room = TABLE.results_max();
                    let outcome = execute_in(&mut without, id(program, version, procedure), arguments, room);
                    assert_eq!((outcome, without), (expected, with), "{program:#x}.{version}.{procedure}");
                }
            }
        }
    }
}

#[test]
fn a_procedure_without_room_for_its_largest_results_does_not_run() {
    for (procedure, arguments, needed) in
        [(1, words(&[1, 2]), 8), (2, vec![], 8), (3, vec![], 20), (4, words(&[0]), 68)]
    {
        for room in 0..needed + 8 {
            let mut state = State::default();
            let outcome = execute_in(&mut state, id(PROGRAM, 1, procedure), &arguments, room);
            if room < needed {
                assert_eq!(outcome, Err(Refusal::SystemError), "in {room} bytes");
            } else {
                assert!(matches!(outcome, Ok(Some(_))), "in {room} bytes: {outcome:?}");
            }
            assert_eq!(state.runs, u32::from(room >= needed), "in {room} bytes");
        }
    }
    assert_eq!(TABLE.results_max(), 68);
}

#[test]
fn null_and_refusals_need_no_room() {
    let mut state = State::default();
    assert_eq!(execute_in(&mut state, id(PROGRAM, 1, 0), &[], 0), Ok(Some(vec![])));
    assert_eq!(execute_in(&mut state, id(PROGRAM, 1, 0), &[0; 4], 0), Err(Refusal::GarbageArguments));
    let mismatch = Refusal::ProgramMismatch { low: 1, high: 7 };
    assert_eq!(execute_in(&mut state, id(PROGRAM, 2, 1), &[], 0), Err(mismatch));
}

/// A table of what is made by hand: its state is the number of runs.
static BY_HAND: Table<u32> = oncilla::table![Program::new(
    1,
    1,
    const {
        &[
            Procedure::new(1, 0, |runs, _, _| {
                *runs += 1;
                Ok(NO_REPLY)
            }),
            // It claims more than it can have written.
            Procedure::new(2, 0, |_, _, room| Ok(room.len() + 1)),
            Procedure::new(3, 0, |_, _, _| Err(Failure::SystemError)),
            Procedure::new(4, 0, |_, _, room| Ok(room.len())),
        ]
    }
)]
.authorize(|_, call| match (call.xid(), call.peer()) {
    (0, _) => Err(AuthStatus::TOO_WEAK),
    (_, None) => Err(AuthStatus::REJECTED_CREDENTIAL),
    (_, Some(_)) => Ok(()),
});

#[test]
fn results_are_within_the_room_or_absent() {
    let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
    let (mut runs, mut room) = (0, [0; 9]);
    let mut execute = |procedure| {
        BY_HAND.execute(&mut runs, &CallFields::new(1, id(1, 1, procedure)).call(&[]).from_peer(Some(&peer)), &mut room)
    };
    assert_eq!(execute(1), Ok(None));
    assert_eq!(execute(2), Err(Refusal::SystemError));
    assert_eq!(execute(3), Err(Refusal::SystemError));
    assert_eq!(execute(4), Ok(Some(9)));
    assert_eq!(runs, 1);
}

#[test]
fn authorize_sees_the_call_and_its_origin() {
    let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
    let mut runs = 0;
    let mut execute = |xid, peer| {
        BY_HAND.execute(&mut runs, &CallFields::new(xid, id(1, 1, 1)).call(&[]).from_peer(peer), &mut [0; 8])
    };
    assert_eq!(execute(0, Some(&peer)), Err(Refusal::Authentication(AuthStatus::TOO_WEAK)));
    assert_eq!(execute(1, None), Err(Refusal::Authentication(AuthStatus::REJECTED_CREDENTIAL)));
    assert_eq!(execute(1, Some(&peer)), Ok(None));
    assert_eq!(runs, 1);
}

#[test]
fn the_example_runs() {
    crate::envelope::main().unwrap();
}
