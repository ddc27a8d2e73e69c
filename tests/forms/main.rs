//! The two forms of messages: from one to the other and back, and the same answer to both.

mod answers;
mod bridge;
mod canonical;

use oncilla::ProcedureId;
use oncilla::message::{CallHeader, OpaqueAuth, Refusal, lengthen, shorten, write_reply};
use proptest::prelude::*;

/// Bytes that a message in the short form has more in the full one, at most.
const MORE: usize = 36;

/// The full form of what is in the short one.
fn full(short: &[u8]) -> Option<Vec<u8>> {
    in_room(lengthen, short, short.len() + MORE)
}

/// The short form of what is in the full one.
fn short(full: &[u8]) -> Option<Vec<u8>> {
    in_room(shorten, full, full.len())
}

fn in_room(change: fn(&[u8], &mut [u8]) -> Option<usize>, message: &[u8], room: usize) -> Option<Vec<u8>> {
    // What is not written is never right by chance.
    let mut bytes = vec![0xee; room];
    let length = change(message, &mut bytes)?;
    bytes.truncate(length);
    assert_eq!(bytes.len(), length);
    Some(bytes)
}

/// A call without a credential.
fn call(xid: u32, id: ProcedureId, arguments: &[u8]) -> Vec<u8> {
    call_by(xid, id, OpaqueAuth::NONE, OpaqueAuth::NONE, arguments)
}

fn call_by(
    xid: u32,
    id: ProcedureId,
    credential: OpaqueAuth<'_>,
    verifier: OpaqueAuth<'_>,
    arguments: &[u8],
) -> Vec<u8> {
    let header = CallHeader { xid, id, credential, verifier };
    let mut message = vec![0; header.size()];
    assert_eq!(header.write(&mut message), Some(header.size()));
    [&message, arguments].concat()
}

/// A reply without a verifier.
fn reply(xid: u32, outcome: Result<&[u8], Refusal>) -> Vec<u8> {
    let mut message = vec![0; 32];
    let length = write_reply(xid, outcome.map(|_| ()), &mut message).unwrap();
    message.truncate(length);
    [&message, outcome.unwrap_or_default()].concat()
}

/// Numbers of every length, and those where something changes.
fn number() -> impl Strategy<Value = u32> {
    prop_oneof![
        any::<u32>(),
        0..200u32,
        (0..32u32, any::<u32>()).prop_map(|(bits, number)| number >> bits),
        (0..32u32, 0..3u32).prop_map(|(bit, more)| (1u32 << bit).wrapping_add(more).wrapping_sub(1)),
        (0..300u32).prop_map(|number| 0x2000_0000 + number),
    ]
}

fn id() -> impl Strategy<Value = ProcedureId> {
    let version = prop_oneof![Just(1), Just(2), number()];
    (number(), version, number()).prop_map(|(program, version, procedure)| ProcedureId { program, version, procedure })
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..most)
}
