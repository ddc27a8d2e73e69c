//! The outcome of a message: one for each way that a call can end.

use oncilla::message::AuthStatus;
use oncilla::{Outcome, Refusal, ReplayCache, answer_observed};

use crate::*;

oncilla::program! { mod line = 0x2000_0045, version 1 { fn print(text: &str [..8]) = 1, oneway; fn long() -> &str [..4] = 2; } }

impl line::Service for State {
    fn print(&mut self, _: &str) {
        self.runs += 1;
    }
    fn long(&mut self) -> &str {
        self.runs += 1;
        "longer than its bound"
    }
}

static LINE: Table<State> = oncilla::table![line::program()];

/// Answers a message to a new state without a cache. Returns the outcome, the procedures that ran, and the reply.
fn observe(table: &Table<State>, message: &[u8]) -> (Outcome, u32, Option<Vec<u8>>) {
    let (mut state, mut reply) = (State::default(), vec![0xc5; table.reply_max()]);
    let (length, outcome) = answer_observed(&mut (), None, table, &mut state, message, &mut reply);
    (outcome, state.runs, length.map(|length| reply[..length].to_vec()))
}

#[test]
fn null_and_procedures_are_executed() {
    for (procedure, runs) in [(0, 0), (2, 1)] {
        let executed = observe(&TABLE, &call(7, PROGRAM, 1, procedure, &[]));
        assert_eq!(executed, (Outcome::Executed, runs, Some(success(7, &[]))));
    }
    let print = call(7, line::PROGRAM, 1, 1, &words(&[0]));
    assert_eq!(observe(&LINE, &print), (Outcome::Executed, 1, None));
}

#[test]
fn refusals_are_those_of_the_reply() {
    let low_high = Refusal::ProgramMismatch { low: 1, high: 7 };
    for (message, refusal) in [
        (call(7, PROGRAM + 3, 1, 2, &[]), Refusal::ProgramUnavailable),
        (call(7, PROGRAM, 2, 2, &[]), low_high),
        (call(7, PROGRAM, 1, 9, &[]), Refusal::ProcedureUnavailable),
        (call(7, PROGRAM, 1, 1, &[]), Refusal::GarbageArguments),
        (words(&[7, 0, 3, PROGRAM, 1, 2, 0, 0, 0, 0]), Refusal::RpcMismatch { low: 2, high: 2 }),
        (words(&[7, 0, 2, PROGRAM, 1, 2, 9, 0, 0, 0]), Refusal::Authentication(AuthStatus::REJECTED_CREDENTIAL)),
        (words(&[7, 0, 2, PROGRAM, 1, 2, 1, 0, 0, 0]), Refusal::Authentication(AuthStatus::BAD_CREDENTIAL)),
    ] {
        let (outcome, runs, reply) = observe(&TABLE, &message);
        assert_eq!((outcome, runs), (Outcome::Refused(refusal), 0));
        assert_eq!(oncilla::message::Reply::parse(&reply.unwrap()).unwrap().outcome, Err(refusal));
    }
}

#[test]
fn a_oneway_call_with_wrong_arguments_is_refused_without_a_reply() {
    let print = call(7, line::PROGRAM, 1, 1, &words(&[9]));
    assert_eq!(observe(&LINE, &print), (Outcome::Refused(Refusal::GarbageArguments), 0, None));
}

#[test]
fn results_over_their_bound_fail() {
    let long = call(7, line::PROGRAM, 1, 2, &[]);
    assert_eq!(observe(&LINE, &long), (Outcome::Failed, 1, Some(accepted(7, &[5]))));
}

#[test]
fn replies_and_scraps_are_no_calls() {
    for message in [success(7, &[]), vec![], vec![0; 27]] {
        assert_eq!(observe(&TABLE, &message), (Outcome::NotACall, 0, None));
    }
}

#[test]
fn a_remembered_reply_is_repeated() {
    let mut cache = ReplayCache::<2, 64>::new();
    let (mut state, mut reply) = (State::default(), [0; 128]);
    let touch = call(7, PROGRAM, 1, 2, &[]);
    for expected in [Outcome::Executed, Outcome::Repeated, Outcome::Repeated] {
        let (length, outcome) = answer_observed(&mut cache, None, &TABLE, &mut state, &touch, &mut reply);
        assert_eq!(outcome, expected);
        assert_eq!(reply[..length.unwrap()], success(7, &[]));
    }
    assert_eq!(state.runs, 1);
}

#[test]
fn a_table_lists_its_procedures_and_the_program_names_them() {
    let numbers: Vec<u32> = LINE.procedures().map(|id| id.procedure).collect();
    assert_eq!(numbers, [0, 1, 2]);
    assert!(TABLE.procedures().any(|id| (id.program, id.version, id.procedure) == (PROGRAM, 1, u32::MAX)));
    let names: Vec<_> = LINE.procedures().filter_map(|id| line::NAMES.procedure(id.procedure)).collect();
    assert_eq!(names, ["null", "print", "long"]);
}
