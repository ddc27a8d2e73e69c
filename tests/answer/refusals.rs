//! The refusals of RFC 5531 section 9, byte by byte, and their order.

use crate::*;

const XID: u32 = 0xabcd_ef01;

#[test]
fn another_rpc_version_is_refused() {
    for version in [0, 1, 3, u32::MAX] {
        let message = words(&[XID, 0, version, PROGRAM, 1, 2, 0, 0, 0, 0]);
        assert_eq!(refused(&message), Some(denied(XID, &[0, 2, 2])), "version {version}");
    }
}

#[test]
fn an_unknown_program_is_refused() {
    for program in [0, PROGRAM - 1, PROGRAM + 3, 100_000] {
        for procedure in [0, 2, 99] {
            assert_eq!(refused(&call(XID, program, 1, procedure, &[])), Some(accepted(XID, &[1])));
        }
    }
}

#[test]
fn an_unknown_version_is_refused_with_the_lowest_and_highest() {
    // Versions 1, 3 and 7 are served. Versions between the lowest and the highest are missing.
    for version in [0, 2, 4, 8, u32::MAX] {
        for procedure in [0, 2, 99] {
            let reply = refused(&call(XID, PROGRAM, version, procedure, &[]));
            assert_eq!(reply, Some(accepted(XID, &[2, 1, 7])), "version {version}");
        }
    }
    assert_eq!(refused(&call(XID, lone::PROGRAM, 1, 0, &[])), Some(accepted(XID, &[2, 5, 5])));
    assert_eq!(refused(&call(XID, bare::PROGRAM, 1, 0, &[])), Some(accepted(XID, &[2, 0, 0])));
    let highest = u32::MAX;
    assert_eq!(refused(&call(XID, highest, 1, 0, &[])), Some(accepted(XID, &[2, highest, highest])));
}

#[test]
fn an_unknown_procedure_is_refused() {
    for (version, procedure) in [(1, 6), (1, 99), (3, 1), (7, 2), (1, u32::MAX - 1)] {
        assert_eq!(refused(&call(XID, PROGRAM, version, procedure, &[])), Some(accepted(XID, &[3])));
    }
    assert_eq!(refused(&call(XID, bare::PROGRAM, 0, 1, &[])), Some(accepted(XID, &[3])));
}

#[test]
fn arguments_that_cannot_be_decoded_are_refused() {
    let garbage = Some(accepted(XID, &[4]));
    // Too few, too many, cut.
    for arguments in [&[][..], &[0; 3], &[0; 4], &[0; 7], &[0; 9], &[0; 12], &[0; 400]] {
        assert_eq!(refused(&call(XID, PROGRAM, 1, 1, arguments)), garbage, "{} bytes", arguments.len());
    }
    // Extra bytes after no arguments.
    assert_eq!(refused(&call(XID, PROGRAM, 1, 2, &[0])), garbage);
    assert_eq!(refused(&call(XID, PROGRAM, 1, 2, &[0; 4])), garbage);
    // A wrong length, padding that is not zero, text that is not UTF-8.
    assert_eq!(refused(&call(XID, PROGRAM, 1, 4, &words(&[5, 0]))), garbage);
    assert_eq!(refused(&call(XID, PROGRAM, 1, 4, &words(&[u32::MAX, 0]))), garbage);
    assert_eq!(refused(&call(XID, PROGRAM, 1, 4, &[0, 0, 0, 1, 7, 1, 0, 0])), garbage);
    assert_eq!(refused(&call(XID, PROGRAM, 1, 5, &[0, 0, 0, 1, 0xff, 0, 0, 0])), garbage);
}

#[test]
fn arguments_over_their_bound_are_refused() {
    let opaque = |length: u32| {
        let padded = length.next_multiple_of(4) as usize;
        call(XID, PROGRAM, 1, 4, &[words(&[length]), vec![0; padded]].concat())
    };
    assert_eq!(refused(&opaque(65)), Some(accepted(XID, &[4])));
    let mut state = State::default();
    assert_eq!(ask(&mut state, &opaque(64)).map(|reply| reply.len()), Some(24 + 68));
    assert_eq!(state.runs, 1);
}

#[test]
fn results_over_their_bound_are_a_system_error() {
    let mut state = State { name: "seventeen letters".into(), ..State::default() };
    assert_eq!(ask(&mut state, &call(XID, PROGRAM, 1, 3, &[])), Some(accepted(XID, &[5])));
    state.name.pop();
    assert_eq!(ask(&mut state, &call(XID, PROGRAM, 1, 3, &[])).map(|reply| reply.len()), Some(44));
}

/// A call of `add` with selected faults.
struct Faulty {
    rpc: u32,
    credential: usize,
    verifier: usize,
    program: u32,
    version: u32,
    procedure: u32,
    arguments: Vec<u8>,
}

impl Faulty {
    fn message(&self) -> Vec<u8> {
        let authentication = |length: usize| {
            let body = vec![0; length.next_multiple_of(4)];
            [words(&[0, length as u32]), body].concat()
        };
        let fixed = words(&[XID, 0, self.rpc, self.program, self.version, self.procedure]);
        [fixed, authentication(self.credential), authentication(self.verifier), self.arguments.clone()].concat()
    }
}

/// A message with several faults is refused for the first check that fails.
#[test]
fn the_first_failing_check_decides_the_refusal() {
    let mut call = Faulty {
        rpc: 2,
        credential: 400,
        verifier: 400,
        program: PROGRAM,
        version: 1,
        procedure: 4,
        arguments: words(&[0]),
    };
    let enough = TABLE.reply_max();
    let check = |call: &Faulty, room: usize, reply: Vec<u8>| {
        assert_eq!(ask_in(&mut State::default(), &call.message(), room), Some(reply));
    };
    // From the last check to the first: each fault together with those that are checked later.
    check(&call, enough, success(XID, &words(&[0])));
    call.arguments = vec![1];
    check(&call, enough, accepted(XID, &[4]));
    let little = enough - 1;
    check(&call, little, accepted(XID, &[5]));
    call.procedure = 99;
    check(&call, little, accepted(XID, &[3]));
    call.version = 2;
    check(&call, little, accepted(XID, &[2, 1, 7]));
    call.program = 1;
    check(&call, little, accepted(XID, &[1]));
    call.verifier = 401;
    check(&call, little, denied(XID, &[1, 3]));
    call.credential = 401;
    check(&call, little, denied(XID, &[1, 1]));
    call.rpc = 3;
    check(&call, little, denied(XID, &[0, 2, 2]));
}
