//! Credentials and verifiers: up to 400 bytes of any flavor are accepted, more are refused.

use oncilla::message::{AuthStatus, Call};
use oncilla::{Table, answer};

use crate::*;

/// Returns a call of `add(1, 2)` with these flavors and bodies.
fn with(credential: (u32, &[u8]), verifier: (u32, &[u8])) -> Vec<u8> {
    let authentication = |(flavor, body): (u32, &[u8])| {
        let fill = vec![0; body.len().next_multiple_of(4) - body.len()];
        [words(&[flavor, body.len() as u32]), body.to_vec(), fill].concat()
    };
    let fixed = words(&[9, 0, 2, PROGRAM, 1, 1]);
    [fixed, authentication(credential), authentication(verifier), words(&[1, 2])].concat()
}

#[test]
fn every_length_up_to_400_is_served() {
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
            // The credential is checked first.
            assert_eq!(refused(&with((flavor, &body), (0, &body))), Some(denied(9, &[1, 1])));
        }
    }
}

/// A length over 400 is malformed even if the padding is not zero or missing.
#[test]
fn a_length_over_400_is_malformed_whatever_the_padding() {
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
fn padding_that_is_not_zero_is_malformed() {
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
fn lengths_beyond_the_message_are_garbage() {
    // These are also over 400 bytes, but a body that is missing cannot be checked.
    for length in [1, 17, 400, 401, 0x7fff_ffff, u32::MAX] {
        let credential = words(&[9, 0, 2, PROGRAM, 1, 1, 0, length]);
        assert_eq!(refused(&credential), Some(accepted(9, &[4])), "{length} bytes of credential");
        let verifier = words(&[9, 0, 2, PROGRAM, 1, 1, 0, 0, 1, length]);
        assert_eq!(refused(&verifier), Some(accepted(9, &[4])), "{length} bytes of verifier");
    }
}

/// Returns the body of an AUTH_SYS credential.
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
fn malformed_unix_users_are_rejected() {
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

/// Accepts calls with flavor 99 and counts its calls.
fn guard(state: &mut State, call: &Call<'_>) -> Result<(), AuthStatus> {
    state.runs += 1000;
    let credential = call.credential();
    assert!(call.peer().is_none());
    if credential.flavor == 99 { Ok(()) } else { Err(AuthStatus(credential.flavor + 70)) }
}

/// Returns the reply of the guarded table, and a count: 1000 for each call of `guard`, 1 for each executed procedure.
fn guarded(message: &[u8]) -> (Vec<u8>, u32) {
    let (mut state, mut reply) = (State::default(), [0xee; 100]);
    let length = answer(&GUARDED, &mut state, message, &mut reply).unwrap();
    (reply[..length].to_vec(), state.runs)
}

#[test]
fn authorize_decides_which_calls_are_served() {
    assert_eq!(guarded(&with((99, b"key"), (0, &[]))), (success(9, &words(&[3])), 1001));
    assert_eq!(guarded(&with((0, &[]), (0, &[]))), (denied(9, &[1, 70]), 1000));
    assert_eq!(guarded(&with((1, b"no user"), (0, &[]))), (denied(9, &[1, 71]), 1000));
}

#[test]
fn authorize_runs_before_the_other_checks() {
    for message in [
        // NULL; an unknown program, version and procedure; arguments that cannot be decoded.
        call(9, PROGRAM, 1, 0, &[]),
        call(9, 1, 1, 0, &[]),
        call(9, PROGRAM, 2, 0, &[]),
        call(9, PROGRAM, 1, 99, &[]),
        call(9, PROGRAM, 1, 1, &[1]),
    ] {
        assert_eq!(guarded(&message), (denied(9, &[1, 70]), 1000));
    }
    // Malformed credentials are refused before.
    let body = [0; 401];
    assert_eq!(guarded(&with((99, &body), (0, &[]))), (denied(9, &[1, 1]), 0));
    assert_eq!(guarded(&words(&[9, 0, 3, PROGRAM, 1, 1, 99, 0])), (denied(9, &[0, 2, 2]), 0));
}
