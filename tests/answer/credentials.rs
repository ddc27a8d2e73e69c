//! Credentials and verifiers: up to 400 bytes of any flavor, and not one more.

use oncilla::message::{AuthStatus, Call};
use oncilla::{Table, answer};

use crate::*;

/// A call of `add(1, 2)` with these flavors and bodies.
fn with(credential: (u32, &[u8]), verifier: (u32, &[u8])) -> Vec<u8> {
    let authentication = |(flavor, body): (u32, &[u8])| {
        let fill = vec![0; body.len().next_multiple_of(4) - body.len()];
        [words(&[flavor, body.len() as u32]), body.to_vec(), fill].concat()
    };
    let fixed = words(&[9, 0, 2, PROGRAM, 1, 1]);
    [fixed, authentication(credential), authentication(verifier), words(&[1, 2])].concat()
}

#[test]
fn every_length_up_to_400() {
    let sum = success(9, &words(&[3]));
    for length in 0..=400 {
        let body = vec![0xab; length];
        for message in [with((0, &body), (0, &[])), with((0, &[]), (2, &body)), with((0, &body), (u32::MAX, &body))] {
            assert_eq!(ask(&mut State::default(), &message), Some(sum.clone()), "{length} bytes");
        }
    }
}

#[test]
fn over_400_bytes_are_malformed() {
    for length in [401, 402, 404, 1000] {
        let body = vec![0xab; length];
        for flavor in [0, 1, 2, 99] {
            assert_eq!(refused(&with((flavor, &body), (0, &[]))), Some(denied(9, &[1, 1])), "{length} bytes");
            assert_eq!(refused(&with((0, &[]), (flavor, &body))), Some(denied(9, &[1, 3])), "{length} bytes");
            // The credential is looked at first.
            assert_eq!(refused(&with((flavor, &body), (0, &body))), Some(denied(9, &[1, 1])));
        }
    }
}

/// As long as they are said to be, but with fill that is not zero or not there: they are too long, whatever follows.
#[test]
fn over_400_bytes_are_malformed_before_their_fill_is_looked_at() {
    let body = vec![0xab; 401];
    for (message, at, status) in [(with((0, &body), (0, &[])), 32, 1), (with((0, &[]), (0, &body)), 40, 3)] {
        let mut fill = message.clone();
        fill[at + 401] = 1;
        for message in [&fill[..], &message[..at + 401], &message[..at + 402]] {
            assert_eq!(refused(message), Some(denied(9, &[1, status])), "{} bytes", message.len());
        }
    }
}

#[test]
fn fill_that_is_not_zero_is_malformed() {
    for length in [1, 2, 3, 5, 399] {
        let body = vec![0; length];
        let fill = length.next_multiple_of(4) - length;
        for place in 0..fill {
            let mut message = with((0, &body), (0, &[]));
            message[32 + length + place] = 1;
            assert_eq!(refused(&message), Some(denied(9, &[1, 1])), "byte {place} behind {length}");
            let mut message = with((0, &[]), (0, &body));
            message[40 + length + place] = 0x80;
            assert_eq!(refused(&message), Some(denied(9, &[1, 3])), "byte {place} behind {length}");
        }
    }
}

#[test]
fn lengths_over_the_message_are_garbage() {
    // Over 400 bytes too, but what is not there cannot be looked at.
    for length in [1, 17, 400, 401, 0x7fff_ffff, u32::MAX] {
        let credential = words(&[9, 0, 2, PROGRAM, 1, 1, 0, length]);
        assert_eq!(refused(&credential), Some(accepted(9, &[4])), "{length} bytes of credential");
        let verifier = words(&[9, 0, 2, PROGRAM, 1, 1, 0, 0, 1, length]);
        assert_eq!(refused(&verifier), Some(accepted(9, &[4])), "{length} bytes of verifier");
    }
}

/// The body of an AUTH_SYS credential.
fn sys(machine: &[u8], fill: &[u8], groups: &[u32]) -> Vec<u8> {
    let name = [words(&[1, machine.len() as u32]), machine.to_vec(), fill.to_vec()].concat();
    [name, words(&[1000, 100, groups.len() as u32]), words(groups)].concat()
}

#[test]
fn unix_users_are_served() {
    let sum = Some(success(9, &words(&[3])));
    let groups: Vec<u32> = (0..16).collect();
    for body in [
        sys(b"onze12", &[0; 2], &[4, 24]),
        sys(b"", &[], &[]),
        sys(b"four", &[], &groups),
        sys(&[b'x'; 255], &[0], &groups),
        sys(&[0xff; 3], &[0], &[u32::MAX]),
    ] {
        assert_eq!(ask(&mut State::default(), &with((1, &body), (0, &[]))), sum, "{body:?}");
    }
}

#[test]
fn unix_users_that_are_malformed() {
    let groups: Vec<u32> = (0..17).collect();
    let good = sys(b"four", &[], &[1, 2]);
    let group_count = |count: u32| [sys(b"four", &[], &[])[..20].to_vec(), words(&[count, 0, 0])].concat();
    let mut malformed = vec![
        sys(&[b'x'; 256], &[], &[]),
        sys(b"four", &[], &groups),
        sys(b"five5", &[0, 0, 1], &[]),
        [good.clone(), vec![0; 4]].concat(),
        group_count(1),
        group_count(3),
        group_count(17),
        group_count(u32::MAX),
        words(&[1, u32::MAX, 0, 0, 0]),
    ];
    malformed.extend((0..good.len()).map(|length| good[..length].to_vec()));
    for body in malformed {
        assert_eq!(refused(&with((1, &body), (0, &[]))), Some(denied(9, &[1, 1])), "{body:?}");
    }
}

#[test]
fn other_flavors_are_rejected() {
    for flavor in [2, 3, 4, 6, 390_000, u32::MAX] {
        for body in [&[][..], &[0xab; 36]] {
            assert_eq!(refused(&with((flavor, body), (0, &[]))), Some(denied(9, &[1, 2])), "flavor {flavor}");
        }
    }
}

static GUARDED: Table<State> = oncilla::table![counter::program()].authorize(guard);

/// Lets in whoever shows the flavor 99, and counts who asked.
fn guard(state: &mut State, call: &Call<'_>) -> Result<(), AuthStatus> {
    state.runs += 1000;
    let credential = call.credential();
    assert!(call.peer().is_none());
    if credential.flavor == 99 { Ok(()) } else { Err(AuthStatus(credential.flavor + 70)) }
}

/// What the guarded table answers, and what was done: a thousand for each time that it asked.
fn guarded(message: &[u8]) -> (Vec<u8>, u32) {
    let (mut state, mut reply) = (State::default(), [0xee; 100]);
    let length = answer(&GUARDED, &mut state, message, &mut reply).unwrap();
    (reply[..length].to_vec(), state.runs)
}

#[test]
fn a_table_decides_whom_it_serves() {
    assert_eq!(guarded(&with((99, b"key"), (0, &[]))), (success(9, &words(&[3])), 1001));
    assert_eq!(guarded(&with((0, &[]), (0, &[]))), (denied(9, &[1, 70]), 1000));
    assert_eq!(guarded(&with((1, b"no user"), (0, &[]))), (denied(9, &[1, 71]), 1000));
}

#[test]
fn it_decides_before_anything_else_is_looked_at() {
    for message in [
        // NULL, a program, a version and a procedure that are not there, arguments that are garbage.
        call(9, PROGRAM, 1, 0, &[]),
        call(9, 1, 1, 0, &[]),
        call(9, PROGRAM, 2, 0, &[]),
        call(9, PROGRAM, 1, 99, &[]),
        call(9, PROGRAM, 1, 1, &[1]),
    ] {
        assert_eq!(guarded(&message), (denied(9, &[1, 70]), 1000));
    }
    // But not of what is malformed.
    let body = [0; 401];
    assert_eq!(guarded(&with((99, &body), (0, &[]))), (denied(9, &[1, 1]), 0));
    assert_eq!(guarded(&words(&[9, 0, 3, PROGRAM, 1, 1, 99, 0])), (denied(9, &[0, 2, 2]), 0));
}
