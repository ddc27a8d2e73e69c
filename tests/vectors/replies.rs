//! The headers of replies, written and parsed.

use oncilla::Refusal;
use oncilla::message::{AuthStatus, OpaqueAuth, REFUSAL_MAX, REPLY_HEADER, REPLY_HEADER_MAX, Reply, write_reply};

use crate::vectors::Vectors;

const XID: u32 = 7;

/// Checks that `outcome` is written as `header`.
fn writes(outcome: Result<(), Refusal>, header: &[u8]) {
    let mut room = [0xee; REFUSAL_MAX];
    assert_eq!(write_reply(XID, outcome, &mut room), Some(header.len()), "{outcome:?}");
    let (written, behind) = room.split_at(header.len());
    assert_eq!(written, header, "{outcome:?}");
    // The bytes after the header may hold the results already.
    assert!(outcome.is_err() || behind.iter().all(|&byte| byte == 0xee));
    assert_eq!(write_reply(XID, outcome, &mut [0; REFUSAL_MAX - 1]), None, "{outcome:?}");
}

/// Checks that `refusal` is parsed from `bytes`, and written as them.
fn refused(refusal: Refusal, bytes: &[u8]) {
    let reply = Reply { xid: XID, verifier: OpaqueAuth::NONE, outcome: Err(refusal) };
    assert_eq!(Reply::parse(bytes), Ok(reply));
    writes(Err(refusal), bytes);
}

#[test]
fn successes() {
    let mut v = vectors();
    for (name, results) in [("success without results", &[][..]), ("success", &[0xff, 0xff, 0xff, 0xfe])] {
        let bytes = v.take(name);
        let reply = Reply { xid: XID, verifier: OpaqueAuth::NONE, outcome: Ok(results) };
        assert_eq!(Reply::parse(bytes), Ok(reply));
        writes(Ok(()), &bytes[..REPLY_HEADER]);
    }
}

// Oncilla servers send no verifier, so these are only parsed.
#[test]
fn verifiers_of_other_servers() {
    let mut v = vectors();
    let verifier = OpaqueAuth { flavor: 2, body: &[0xbe, 0xef, 1] };
    let reply = Reply { xid: XID, verifier, outcome: Ok(&[0, 0, 0, 1]) };
    assert_eq!(Reply::parse(v.take("success with verifier")), Ok(reply));

    let bytes = v.take("success with the largest verifier");
    assert_eq!(bytes.len(), REPLY_HEADER_MAX + 4);
    let verifier = OpaqueAuth { flavor: 6, body: &[0xc3; 400] };
    assert_eq!(Reply::parse(bytes), Ok(Reply { xid: XID, verifier, outcome: Ok(&[0, 0, 0, 5]) }));

    let verifier = OpaqueAuth { flavor: 0, body: b"STARTTLS" };
    assert_eq!(Reply::parse(v.take("TLS may begin")), Ok(Reply { xid: 9, verifier, outcome: Ok(&[]) }));
}

#[test]
fn refusals() {
    let mut v = vectors();
    refused(Refusal::ProgramUnavailable, v.take("program unavailable"));
    let bytes = v.take("program mismatch");
    assert_eq!(bytes.len(), REFUSAL_MAX);
    refused(Refusal::ProgramMismatch { low: 1, high: 3 }, bytes);
    refused(Refusal::ProcedureUnavailable, v.take("procedure unavailable"));
    refused(Refusal::GarbageArguments, v.take("garbage arguments"));
    refused(Refusal::SystemError, v.take("system error"));
    refused(Refusal::RpcMismatch { low: 2, high: 2 }, v.take("rpc mismatch"));
    for (number, status) in [
        (1, AuthStatus::BAD_CREDENTIAL),
        (2, AuthStatus::REJECTED_CREDENTIAL),
        (3, AuthStatus::BAD_VERIFIER),
        (4, AuthStatus::REJECTED_VERIFIER),
        (5, AuthStatus::TOO_WEAK),
        (6, AuthStatus::INVALID_RESPONSE),
        (7, AuthStatus::FAILED),
        (13, AuthStatus(13)),
    ] {
        refused(Refusal::Authentication(status), v.take(&format!("authentication error {number}")));
    }
    // The tests above check the others.
    let successes = v.into_all().filter(|(name, _)| name.starts_with("success")).count();
    assert_eq!(successes, 4);
}

fn vectors() -> Vectors {
    Vectors::parse(include_str!("replies.txt"))
}
