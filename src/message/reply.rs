//! The header of a reply.

use core::ops::RangeInclusive;

use super::{AuthStatus, Form, OpaqueAuth, REFUSAL_MAX, REPLY, Refusal, short, word};
use crate::xdr::{DecodeError, Fault};

/// The size of the header before results with an empty verifier: 24 bytes.
pub const REPLY_HEADER: usize = 24;

/// The size of the header before results with the largest verifier: 424 bytes.
pub const REPLY_HEADER_MAX: usize = 424;

// The status of a reply.
const ACCEPTED: u32 = 0;
const DENIED: u32 = 1;

// The status of an accepted reply.
const SUCCESS: u32 = 0;
const PROG_UNAVAIL: u32 = 1;
const PROG_MISMATCH: u32 = 2;
const PROC_UNAVAIL: u32 = 3;
const GARBAGE_ARGS: u32 = 4;
const SYSTEM_ERR: u32 = 5;

// The status of a denied reply.
const RPC_MISMATCH: u32 = 0;
const AUTH_ERROR: u32 = 1;

/// A received reply: its header and results. See [the module](super) for an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply<'a> {
    /// The transaction number of the call.
    pub xid: u32,
    /// The server's verifier. It is empty for a denied reply, which has no verifier.
    pub verifier: OpaqueAuth<'a>,
    /// The encoded results, or the reason why there are none.
    pub outcome: Result<&'a [u8], Refusal>,
}

impl<'a> Reply<'a> {
    /// Parses a message, and checks the header of the reply.
    ///
    /// # Errors
    /// [`DecodeError`], with the fault and the byte of the header at which the wrong item begins.
    #[inline]
    pub fn parse(message: &'a [u8]) -> Result<Self, DecodeError> {
        let mut rest = message;
        Self::split(&mut rest).map_err(|fault| {
            let offset = message.len().saturating_sub(rest.len());
            DecodeError { fault, offset, value: None }
        })
    }

    /// Parses a reply in either form.
    #[inline]
    pub(crate) fn parse_in(form: Form, message: &'a [u8]) -> Result<Self, DecodeError> {
        match form {
            Form::Full => Self::parse(message),
            Form::Short => {
                short::parse_reply(message).ok_or(DecodeError { fault: Fault::Variant, offset: 0, value: None })
            }
        }
    }

    /// Parses a reply, and leaves `rest` at the results, or at the wrong item.
    #[inline]
    fn split(rest: &mut &'a [u8]) -> Result<Self, Fault> {
        let [xid] = words(rest)?;
        number(rest, REPLY..=REPLY)?;
        if number(rest, ACCEPTED..=DENIED)? == DENIED {
            return Ok(Self { xid, verifier: OpaqueAuth::NONE, outcome: Err(denied(rest)?) });
        }
        let verifier = OpaqueAuth::split_off(rest)?;
        let outcome = accepted(rest)?;
        Ok(Self { xid, verifier, outcome })
    }
}

/// Reads the outcome of an accepted reply.
#[inline]
fn accepted<'a>(rest: &mut &'a [u8]) -> Result<Result<&'a [u8], Refusal>, Fault> {
    Ok(Err(match number(rest, SUCCESS..=SYSTEM_ERR)? {
        SUCCESS => return Ok(Ok(rest)),
        PROG_UNAVAIL => Refusal::ProgramUnavailable,
        PROG_MISMATCH => {
            let [low, high] = words(rest)?;
            Refusal::ProgramMismatch { low, high }
        }
        PROC_UNAVAIL => Refusal::ProcedureUnavailable,
        GARBAGE_ARGS => Refusal::GarbageArguments,
        _ => Refusal::SystemError,
    }))
}

/// Reads the refusal of a denied reply.
#[inline]
fn denied(rest: &mut &[u8]) -> Result<Refusal, Fault> {
    if number(rest, RPC_MISMATCH..=AUTH_ERROR)? == RPC_MISMATCH {
        let [low, high] = words(rest)?;
        return Ok(Refusal::RpcMismatch { low, high });
    }
    let [status] = words(rest)?;
    Ok(Refusal::Authentication(AuthStatus(status)))
}

/// Reads a number from the front of `rest`.
///
/// `rest` advances only if the number is within `known`.
#[inline]
fn number(rest: &mut &[u8], known: RangeInclusive<u32>) -> Result<u32, Fault> {
    let mut after = *rest;
    let [number] = words(&mut after)?;
    if !known.contains(&number) {
        return Err(Fault::Variant);
    }
    *rest = after;
    Ok(number)
}

/// Reads `N` words from the front of `rest`.
#[inline]
fn words<const N: usize>(rest: &mut &[u8]) -> Result<[u32; N], Fault> {
    let mut words = [0; N];
    for place in &mut words {
        let (bytes, after) = rest.split_first_chunk::<4>().ok_or(Fault::End)?;
        *place = word(bytes, 0);
        *rest = after;
    }
    Ok(words)
}

/// Writes the header of a reply at the start of `room`, and returns its size.
///
/// The header before results has 24 bytes; bytes after it do not change, so they can hold the results already. A
/// refusal has 20 to 32 bytes. Returns `None` if `room` has fewer than [`REFUSAL_MAX`] bytes.
#[inline]
pub fn write_reply(xid: u32, outcome: Result<(), Refusal>, room: &mut [u8]) -> Option<usize> {
    let (header, _) = room.split_first_chunk_mut::<REFUSAL_MAX>()?;
    let mut put = |index: usize, word: u32| {
        if let Some(place) = header.get_mut(index.wrapping_mul(4)..).and_then(|rest| rest.first_chunk_mut()) {
            *place = word.to_be_bytes();
        }
    };
    let (kind, words, length) = match outcome {
        Err(Refusal::RpcMismatch { low, high }) => (DENIED, [RPC_MISMATCH, low, high], 24),
        Err(Refusal::Authentication(status)) => (DENIED, [AUTH_ERROR, status.0, 0], 20),
        Err(Refusal::ProgramMismatch { low, high }) => {
            put(6, low);
            put(7, high);
            (ACCEPTED, [0, 0, PROG_MISMATCH], 32)
        }
        Err(Refusal::ProgramUnavailable) => (ACCEPTED, [0, 0, PROG_UNAVAIL], 24),
        Err(Refusal::ProcedureUnavailable) => (ACCEPTED, [0, 0, PROC_UNAVAIL], 24),
        Err(Refusal::GarbageArguments) => (ACCEPTED, [0, 0, GARBAGE_ARGS], 24),
        Err(Refusal::SystemError) => (ACCEPTED, [0, 0, SYSTEM_ERR], 24),
        Ok(()) => (ACCEPTED, [0, 0, SUCCESS], REPLY_HEADER),
    };
    put(0, xid);
    put(1, REPLY);
    put(2, kind);
    put(3, words[0]);
    put(4, words[1]);
    put(5, words[2]);
    Some(length)
}
