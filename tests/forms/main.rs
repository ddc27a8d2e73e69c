//! The full and the short form of messages: conversion, encodings, and equal answers of a server.

mod answers;
mod bridge;
mod canonical;

use oncilla::ProcedureId;
use oncilla::message::{CallHeader, OpaqueAuth, Refusal, lengthen, shorten, write_reply};
use proptest::prelude::*;

/// The largest difference in size between the two forms of a message, in bytes.
const MORE: usize = 36;

/// Converts a message to the full form.
fn full(short: &[u8]) -> Option<Vec<u8>> {
    in_room(lengthen, short, short.len() + MORE)
}

/// Converts a message to the short form.
fn short(full: &[u8]) -> Option<Vec<u8>> {
    in_room(shorten, full, full.len())
}

/// Converts a message into a buffer of `room` bytes.
fn in_room(change: fn(&[u8], &mut [u8]) -> Option<usize>, message: &[u8], room: usize) -> Option<Vec<u8>> {
    // Bytes that are not written cannot match by chance.
    let mut bytes = vec![0xee; room];
    let length = change(message, &mut bytes)?;
    bytes.truncate(length);
    assert_eq!(bytes.len(), length);
    Some(bytes)
}

/// Returns a call without credential and verifier.
fn call(xid: u32, id: ProcedureId, arguments: &[u8]) -> Vec<u8> {
    call_by(xid, id, OpaqueAuth::NONE, OpaqueAuth::NONE, arguments)
}

/// Returns a call in the full form.
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

/// Returns a reply without verifier.
fn reply(xid: u32, outcome: Result<&[u8], Refusal>) -> Vec<u8> {
    let mut message = vec![0; 32];
    let length = write_reply(xid, outcome.map(|_| ()), &mut message).unwrap();
    message.truncate(length);
    [&message, outcome.unwrap_or_default()].concat()
}

/// Generates numbers of every length, and the limits of each length.
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
