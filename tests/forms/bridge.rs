//! The conversions of a bridge between a serial line and a network: a message survives both without loss.

use oncilla::ProcedureId;
use oncilla::message::{AuthStatus, OpaqueAuth, Refusal, SysCredential, lengthen, shorten};
use proptest::prelude::*;

use crate::*;

const ID: ProcedureId = ProcedureId { program: 0x2000_0042, version: 1, procedure: 3 };

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn every_call_without_credential_is_restored(xid in 0..=0xffffu32, id in id(), arguments in bytes(80)) {
        let message = call(xid, id, &arguments);
        let short = short(&message).unwrap();
        let header = short.len() - arguments.len();
        prop_assert!((4..=18).contains(&header), "{} bytes of header", header);
        prop_assert_eq!(full(&short), Some(message));
    }

    #[test]
    fn every_reply_with_results_is_restored(xid in 0..=0xffffu32, results in bytes(80)) {
        let message = reply(xid, Ok(&results));
        let short = short(&message).unwrap();
        prop_assert_eq!(short.len(), 3 + results.len());
        prop_assert_eq!(full(&short), Some(message));
    }

    /// Every message with a short form is restored from it, and the short form is smaller.
    #[test]
    fn any_bytes(mut message in bytes(100), xid in any::<u16>(), good in 0..100usize, is_reply in any::<bool>()) {
        let right = if is_reply { reply(xid.into(), Ok(&[])) } else { call(xid.into(), ID, &[]) };
        let good = good.min(message.len()).min(right.len());
        message[..good].copy_from_slice(&right[..good]);
        if let Some(short) = short(&message) {
            prop_assert!(short.len() < message.len());
            prop_assert_eq!(full(&short), Some(message));
        }
    }
}

#[test]
fn xids_above_16_bits_have_no_short_form() {
    for xid in [0, 1, 0xffff] {
        assert!(short(&call(xid, ID, &[])).is_some());
        assert!(short(&reply(xid, Ok(&[]))).is_some());
    }
    for xid in [0x1_0000, 0x1_0001, 0xffff_0000, u32::MAX] {
        assert_eq!(short(&call(xid, ID, &[])), None);
        assert_eq!(short(&reply(xid, Ok(&[]))), None);
    }
}

#[test]
fn credentials_and_verifiers_have_no_short_form() {
    let user = SysCredential::new(1, "host", 0, 0, &[]).unwrap();
    for auth in [user.as_auth(), OpaqueAuth { flavor: 1, body: &[] }, OpaqueAuth { flavor: 0, body: &[1] }] {
        assert_eq!(short(&call_by(7, ID, auth, OpaqueAuth::NONE, &[])), None, "{auth:?}");
        assert_eq!(short(&call_by(7, ID, OpaqueAuth::NONE, auth, &[])), None, "{auth:?}");
        // A verifier has the same bytes in a reply as after the credential of a call.
        let verifier = call_by(7, ID, OpaqueAuth::NONE, auth, &[]).split_off(32);
        let header = [7u32, 1, 0].map(u32::to_be_bytes).concat();
        assert_eq!(short(&[&header, &verifier[..], &[0; 4]].concat()), None, "{auth:?}");
    }
}

#[test]
fn refusals_have_no_short_form() {
    for refusal in [
        Refusal::ProgramUnavailable,
        Refusal::ProgramMismatch { low: 1, high: 2 },
        Refusal::ProcedureUnavailable,
        Refusal::GarbageArguments,
        Refusal::SystemError,
        Refusal::RpcMismatch { low: 2, high: 2 },
        Refusal::Authentication(AuthStatus::TOO_WEAK),
    ] {
        assert_eq!(short(&reply(7, Err(refusal))), None, "{refusal:?}");
    }
}

#[test]
fn malformed_messages_have_no_short_form() {
    let (call, reply) = (call(7, ID, &[]), reply(7, Ok(&[])));
    for message in [&call, &reply] {
        assert!(short(message).is_some());
        // The message ends within its header.
        for length in 0..message.len() {
            assert_eq!(short(&message[..length]), None, "{length} bytes of {message:02x?}");
        }
    }
    // A message that is neither call nor reply, another RPC version, and unknown statuses of a reply.
    for (message, place) in [(&call, 7), (&call, 11), (&reply, 7), (&reply, 11), (&reply, 23)] {
        for value in [9, 0xff] {
            let mut other = message.clone();
            other[place] = value;
            assert_eq!(short(&other), None, "{other:02x?}");
        }
    }
}

#[test]
fn buffers_that_are_too_small() {
    let arguments = [1, 2, 3, 4, 5];
    for message in
        [call(7, ID, &arguments), call(7, ProcedureId { procedure: 99, ..ID }, &[]), reply(7, Ok(&arguments))]
    {
        let short = short(&message).unwrap();
        for room in 0..short.len() {
            assert_eq!(in_room(shorten, &message, room), None);
        }
        assert_eq!(in_room(shorten, &message, short.len()), Some(short.clone()));
        for room in 0..message.len() {
            assert_eq!(in_room(lengthen, &short, room), None);
        }
    }
    // A reply needs the room of the largest refusal. The documented size is enough for all messages.
    assert_eq!(in_room(lengthen, &[0x60, 0, 7], 31), None);
    assert_eq!(in_room(lengthen, &[0x60, 0, 7], 3 + MORE), Some(reply(7, Ok(&[]))));
    assert_eq!(in_room(lengthen, &[0, 0, 7, 0x42], 4 + MORE - 1), None);
}
