//! Calls that succeed.

use crate::*;

#[test]
fn results_follow_the_header() {
    let mut state = State { name: "hall".into(), ..State::default() };
    let mut answers = |procedure, arguments: &[u8], results: &[u8]| {
        let reply = ask(&mut state, &call(7, PROGRAM, 1, procedure, arguments));
        assert_eq!(reply, Some(success(7, results)), "procedure {procedure}");
    };
    answers(1, &words(&[5, u32::MAX - 2]), &words(&[2]));
    answers(2, &[], &[]);
    answers(3, &[], b"\0\0\0\x04hall");
    answers(4, b"\0\0\0\x03abc\0", b"\0\0\0\x03abc\0");
    answers(5, b"\0\0\0\x05attic\0\0\0", &[]);
    answers(3, &[], b"\0\0\0\x05attic\0\0\0");
    answers(u32::MAX, &[], &words(&[7]));
    assert_eq!(state.runs, 7);
}

#[test]
fn null_is_always_served() {
    for (program, version) in [
        (counter::PROGRAM, 1),
        (counter::PROGRAM, 3),
        (counter::PROGRAM, 7),
        (lone::PROGRAM, 5),
        (bare::PROGRAM, 0),
        (extreme::PROGRAM, u32::MAX),
    ] {
        assert_eq!(refused(&call(1, program, version, 0, &[])), Some(success(1, &[])), "{program:x} {version}");
        // NULL takes no arguments.
        assert_eq!(refused(&call(1, program, version, 0, &[0; 4])), Some(accepted(1, &[4])));
    }
}

#[test]
fn each_version_has_its_own_procedures() {
    for (version, procedure, runs) in [(1, 2, 1), (3, 2, 100), (7, 1, 100)] {
        let mut state = State::default();
        assert_eq!(ask(&mut state, &call(1, PROGRAM, version, procedure, &[])), Some(success(1, &[])));
        assert_eq!(state.runs, runs, "version {version}");
    }
}

#[test]
fn the_reply_has_the_xid_of_the_call() {
    for xid in [0, 1, 0x8000_0000, u32::MAX] {
        assert_eq!(refused(&call(xid, PROGRAM, 1, 0, &[])), Some(success(xid, &[])));
        assert_eq!(refused(&call(xid, PROGRAM, 2, 0, &[])), Some(accepted(xid, &[2, 1, 7])));
    }
}

#[test]
fn reply_max_is_the_largest_reply() {
    assert_eq!(TABLE.reply_max(), 24 + 4 + 64);
    static ONE: Table<State> = oncilla::table![bare::program()];
    assert_eq!(ONE.reply_max(), 32);
    assert_eq!((counter::CALL_MAX, counter::REPLY_MAX), (40 + 68, 24 + 68));
    assert_eq!((bare::CALL_MAX, bare::REPLY_MAX), (40, 32));
}

mod tables {
    use oncilla::{Failure, Procedure, Program, Table, TableError};

    const fn procedure(number: u32) -> Procedure<()> {
        Procedure::new(number, 0, |_, _, _| Err(Failure::SystemError))
    }

    const ONE: &[Procedure<()>] = &[procedure(1)];
    const TWICE: &[Procedure<()>] = &[procedure(1), procedure(2), procedure(1)];
    const NULL: &[Procedure<()>] = &[procedure(1), procedure(0)];

    #[test]
    fn duplicate_and_reserved_numbers_are_rejected() {
        const SAME: &[Program<()>] = &[Program::new(1, 1, ONE), Program::new(1, 2, ONE), Program::new(1, 1, ONE)];
        assert_eq!(Table::new(SAME).err(), Some(TableError::ProgramTwice { program: 1, version: 1 }));
        const PROCEDURES: &[Program<()>] = &[Program::new(9, 1, TWICE)];
        assert_eq!(Table::new(PROCEDURES).err(), Some(TableError::ProcedureTwice { program: 9, procedure: 1 }));
        const ZERO: &[Program<()>] = &[Program::new(9, 1, ONE), Program::new(9, 2, NULL)];
        assert_eq!(Table::new(ZERO).err(), Some(TableError::ProcedureZero { program: 9 }));
        const DIFFERENT: &[Program<()>] = &[Program::new(1, 1, ONE), Program::new(2, 1, ONE), Program::new(1, 2, ONE)];
        assert!(Table::new(DIFFERENT).is_ok());
    }

    #[test]
    fn a_failure_is_sent_as_a_refusal() {
        const PROGRAMS: &[Program<()>] = &[Program::new(1, 1, ONE)];
        let table = Table::new(PROGRAMS).unwrap();
        let mut reply = [0; 32];
        let length = oncilla::answer(&table, &mut (), &super::call(7, 1, 1, 1, &[]), &mut reply);
        assert_eq!(length.map(|length| reply[..length].to_vec()), Some(super::accepted(7, &[5])));
    }
}
