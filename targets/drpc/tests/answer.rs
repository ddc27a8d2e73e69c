//! The server as a function: each status, no room too small, and method 0.

use oncilla::message::AuthStatus;
use oncilla::{Failure, NO_REPLY, Procedure, ProcedureId, Program, Table, table};
use oncilla_drpc::{Call, HEADER_MAX, Module, ModuleTwice, Modules, Response, Status, answer, modules, response_max};

oncilla::program! {
    mod counter = 0x2000_0002, version 1 {
        fn add(a: i32, b: i32) -> i32 = 201;
        fn touch() = 202;
        fn echo(data: &[u8] [..300]) -> &[u8] [..300] = 203;
        fn note(number: u32) = 204, oneway;
    }
}

/// The state: how often procedures ran.
#[derive(Default)]
struct State {
    runs: u32,
}

impl counter::Service for State {
    fn add(&mut self, a: i32, b: i32) -> i32 {
        self.runs += 1;
        a.wrapping_add(b)
    }
    fn touch(&mut self) {
        self.runs += 1;
    }
    fn echo<'a>(&'a mut self, data: &'a [u8]) -> &'a [u8] {
        self.runs += 1;
        data
    }
    fn note(&mut self, _: u32) {
        self.runs += 1;
    }
}

/// A program for bodies of another encoding. Procedure 1 is the method 0 of its module.
const GREETINGS: Program<State> = Program::new(
    0x2000_0009,
    1,
    const {
        &[
            Procedure::new(1, 6, |_, call, room| {
                if call.arguments() != b"hello" {
                    return Err(Failure::GarbageArguments);
                }
                room.get_mut(..6).ok_or(Failure::SystemError)?.copy_from_slice(b"hello!");
                Ok(6)
            }),
            Procedure::new(2, 0, |_, _, _| Err(Failure::SystemError)),
            Procedure::new(3, 0, |state, _, _| {
                state.runs += 1;
                Ok(NO_REPLY)
            }),
            // Procedures see the sequence number, as far as an xid holds it.
            Procedure::new(4, 4, |_, call, room| {
                room.get_mut(..4).ok_or(Failure::SystemError)?.copy_from_slice(&call.xid().to_be_bytes());
                Ok(4)
            }),
        ]
    },
);

static TABLE: Table<State> = table![counter::program(), GREETINGS];
static MODULES: Modules = modules![
    Module::new(2, counter::PROGRAM, counter::VERSION),
    Module::new(0, 0x2000_0009, 1).method_zero(1),
    Module::new(-1, 0x2000_0009, 1),
    Module::new(3, counter::PROGRAM, 7),
    Module::new(4, 0x2000_0003, 1),
];

fn ask_in(state: &mut State, call: &Call<'_>, room: usize) -> Option<(i64, Status, Vec<u8>)> {
    let mut message = vec![0; call.size()];
    call.write(&mut message).unwrap();
    let mut room = vec![0xc5; room];
    let length = answer(&MODULES, &TABLE, state, &message, &mut room)?;
    let response = Response::parse(&room[..length]).unwrap();
    // The response is written as `Response` writes it.
    let mut again = vec![0; response.size()];
    assert_eq!(response.write(&mut again), Some(length));
    assert_eq!(again, room[..length]);
    Some((response.sequence, response.status, response.body.to_vec()))
}

fn ask(module: i32, method: i32, sequence: i64, body: &[u8]) -> (i64, Status, Vec<u8>) {
    let call = Call { module, method, sequence, body };
    ask_in(&mut State::default(), &call, response_max(&TABLE)).unwrap()
}

#[test]
fn calls_are_executed() {
    assert_eq!(ask(2, 201, 9, &[0, 0, 0, 1, 0, 0, 0, 2]), (9, Status::SUCCESS, vec![0, 0, 0, 3]));
    assert_eq!(ask(2, 202, i64::MIN, &[]), (i64::MIN, Status::SUCCESS, vec![]));
    assert_eq!(ask(2, 202, 0, &[]), (0, Status::SUCCESS, vec![]));
    for length in [0_usize, 1, 119, 120, 123, 124, 300] {
        let body = [&(length as u32).to_be_bytes()[..], &vec![7; length], &vec![0; length.wrapping_neg() % 4]].concat();
        for sequence in [0, 1, -1, 1 << 40] {
            assert_eq!(ask(2, 203, sequence, &body), (sequence, Status::SUCCESS, body.clone()), "{length} bytes");
        }
    }
    assert_eq!(ask(0, 4, 0x0007_0000_0005, &[]).2, [0, 0, 0, 5]);
}

#[test]
fn refusals_have_their_status_and_no_body() {
    for (module, method, body, status) in [
        (5, 201, &[][..], Status::UNKNOWN_MODULE),
        // Modules whose program the table lacks, or has in another version.
        (4, 201, &[], Status::UNKNOWN_MODULE),
        (3, 201, &[], Status::UNKNOWN_MODULE),
        (2, 299, &[], Status::UNKNOWN_METHOD),
        (2, -201, &[], Status::UNKNOWN_METHOD),
        (2, 1, &[], Status::UNKNOWN_METHOD),
        (2, 201, &[0, 0, 0, 1], Status::BODY_NOT_UNDERSTOOD),
        (2, 202, &[0], Status::BODY_NOT_UNDERSTOOD),
        (0, 2, &[], Status::FAILURE),
        (0, 3, &[], Status::SUBMITTED),
        (2, 204, &[0, 0, 0, 1], Status::SUBMITTED),
        (2, 204, &[0], Status::SUBMITTED),
    ] {
        assert_eq!(ask(module, method, 7, body), (7, status, vec![]), "{module}.{method} {body:?}");
    }
}

#[test]
fn method_0_is_null_unless_the_module_names_a_procedure() {
    assert_eq!(ask(2, 0, 7, &[]), (7, Status::SUCCESS, vec![]));
    assert_eq!(ask(2, 0, 7, b"hello"), (7, Status::BODY_NOT_UNDERSTOOD, vec![]));
    assert_eq!(ask(0, 0, 7, b"hello"), (7, Status::SUCCESS, b"hello!".to_vec()));
    assert_eq!(ask(0, 1, 7, b"hello"), (7, Status::SUCCESS, b"hello!".to_vec()));
    assert_eq!(ask(-1, 0, 7, &[]), (7, Status::SUCCESS, vec![]));
    // The call without any bytes is method 0 of module 0.
    assert_eq!(ask(0, 0, 0, &[]), (0, Status::BODY_NOT_UNDERSTOOD, vec![]));
}

#[test]
fn what_is_not_a_call_is_answered_with_minus_one() {
    let mut room = [0; HEADER_MAX];
    for message in [&b"\x22\x05cut"[..], &[0xff; 40], &[0; 1]] {
        let length = answer(&MODULES, &TABLE, &mut State::default(), message, &mut room).unwrap();
        let response = Response::parse(&room[..length]).unwrap();
        assert_eq!(response, Response { sequence: -1, status: Status::CALL_NOT_UNDERSTOOD, body: &[] });
    }
}

#[test]
fn a_procedure_without_room_for_its_largest_results_does_not_run() {
    let call = Call { module: 2, method: 203, sequence: 1, body: &[0; 4] };
    for room in 0..response_max(&TABLE) + 9 {
        let mut state = State::default();
        let answered = ask_in(&mut state, &call, room);
        let runs = room >= HEADER_MAX + 304;
        let status = if runs { Status::SUCCESS } else { Status::FAILURE };
        // A refusal has four bytes.
        assert_eq!(answered.map(|(_, status, _)| status), (room >= 4).then_some(status), "in {room} bytes");
        assert_eq!(state.runs, u32::from(runs), "in {room} bytes");
    }
    assert_eq!(response_max(&TABLE), HEADER_MAX + 304);
}

#[test]
fn a_refused_caller_gets_a_failure() {
    static CLOSED: Table<State> = table![counter::program()].authorize(|_, _| Err(AuthStatus::TOO_WEAK));
    let mut room = [0; 400];
    let length = answer(&MODULES, &CLOSED, &mut State::default(), &[8, 2, 16, 202, 1, 24, 5], &mut room).unwrap();
    let failed = Response { sequence: 5, status: Status::FAILURE, body: &[] };
    assert_eq!(Response::parse(&room[..length]), Ok(failed));
}

#[test]
fn methods_and_procedures_are_each_other() {
    let id = |program, version, procedure| ProcedureId { program, version, procedure };
    for (module, method, procedure) in [(2, 201, id(counter::PROGRAM, 1, 201)), (2, 0, id(counter::PROGRAM, 1, 0))] {
        assert_eq!(MODULES.procedure(module, method), Some(procedure));
        assert_eq!(MODULES.method(procedure), Some((module, method)));
    }
    // The first of two modules with one program.
    assert_eq!(MODULES.method(id(0x2000_0009, 1, 2)), Some((0, 2)));
    assert_eq!(MODULES.method(id(0x2000_0009, 1, 1)), Some((0, 0)));
    assert_eq!(MODULES.method(id(0x2000_0009, 1, 0)), None);
    assert_eq!(MODULES.method(id(counter::PROGRAM, 2, 201)), None);
    assert_eq!(MODULES.procedure(9, 201), None);
    const TWICE: &[Module] = &[Module::new(1, 1, 1), Module::new(2, 1, 1), Module::new(1, 2, 2)];
    assert_eq!(Modules::new(TWICE), Err(ModuleTwice(1)));
}
