//! Messages that are cut short, and messages that are no calls.

use crate::*;

/// Bytes of a call including the flavor of the credential: shorter messages are not answered.
const SHORTEST: usize = 28;

#[test]
fn a_call_cut_at_every_length_is_refused() {
    let whole = call(7, PROGRAM, 1, 1, &words(&[1, 2]));
    for length in 0..=whole.len() {
        let reply = ask(&mut State::default(), &whole[..length]);
        let expected = match length {
            // Too short to be recognized as a call.
            0..SHORTEST => None,
            SHORTEST..48 => Some(accepted(7, &[4])),
            _ => Some(success(7, &words(&[3]))),
        };
        assert_eq!(reply, expected, "{length} bytes");
    }
}

#[test]
fn a_call_without_arguments_cut_at_every_length_is_refused() {
    let whole = call(7, PROGRAM, 1, 2, &[]);
    for length in 0..whole.len() {
        let expected = (length >= SHORTEST).then(|| accepted(7, &[4]));
        assert_eq!(refused(&whole[..length]), expected, "{length} bytes");
    }
}

#[test]
fn a_call_with_credentials_cut_at_every_length_is_refused() {
    let fixed = words(&[7, 0, 2, PROGRAM, 1, 1]);
    let credential = [words(&[0, 22]), vec![0xab; 22], vec![0; 2]].concat();
    let verifier = [words(&[2, 5]), vec![0xcd; 5], vec![0; 3]].concat();
    let whole = [fixed, credential, verifier, words(&[1, 2])].concat();
    for length in SHORTEST..whole.len() {
        assert_eq!(refused(&whole[..length]), Some(accepted(7, &[4])), "{length} bytes");
    }
}

#[test]
fn another_rpc_version_is_refused_as_soon_as_it_is_received() {
    let whole = words(&[7, 0, 3, PROGRAM, 1, 1, 0, 0, 0, 0]);
    for length in SHORTEST..=whole.len() {
        assert_eq!(refused(&whole[..length]), Some(denied(7, &[0, 2, 2])), "{length} bytes");
    }
}

#[test]
fn replies_are_not_answered() {
    for reply in
        [success(7, &[]), success(7, &[0; 100]), accepted(7, &[2, 1, 1]), denied(7, &[1, 1]), denied(7, &[0, 2, 2])]
    {
        assert_eq!(refused(&reply), None);
    }
}

#[test]
fn other_kinds_of_messages_are_not_answered() {
    for kind in [2, 0x0100_0000, u32::MAX] {
        let mut message = call(7, PROGRAM, 1, 2, &[]);
        message[4..8].copy_from_slice(&kind.to_be_bytes());
        assert_eq!(refused(&message), None, "kind {kind}");
    }
}
