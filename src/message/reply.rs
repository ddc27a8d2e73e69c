//! The header of a reply.

use super::{AuthStatus, OpaqueAuth, REFUSAL_MAX, REPLY, Refusal, word};
use crate::xdr::{DecodeError, Fault};

/// Bytes before the results when the verifier is empty.
pub const REPLY_HEADER: usize = 24;

/// Bytes before the results with the largest verifier.
pub const REPLY_HEADER_MAX: usize = 424;

const ACCEPTED: u32 = 0;
const DENIED: u32 = 1;

const SUCCESS: u32 = 0;
const PROG_UNAVAIL: u32 = 1;
const PROG_MISMATCH: u32 = 2;
const PROC_UNAVAIL: u32 = 3;
const GARBAGE_ARGS: u32 = 4;
const SYSTEM_ERR: u32 = 5;

const RPC_MISMATCH: u32 = 0;
const AUTH_ERROR: u32 = 1;

/// A reply: header and results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reply<'a> {
    /// The transaction number of the call.
    pub xid: u32,
    /// The server's verifier; empty in a denied reply, which has none.
    pub verifier: OpaqueAuth<'a>,
    /// The results as they came, or why there are none.
    pub outcome: Result<&'a [u8], Refusal>,
}

impl<'a> Reply<'a> {
    /// Reads the header of a reply.
    ///
    /// # Errors
    /// What is wrong with the header and at which of its bytes.
    pub fn parse(message: &'a [u8]) -> Result<Self, DecodeError> {
        let mut rest = message;
        Self::split(&mut rest).map_err(|fault| DecodeError { fault, offset: message.len().saturating_sub(rest.len()) })
    }

    #[inline]
    fn split(rest: &mut &'a [u8]) -> Result<Self, Fault> {
        let [xid, kind, status] = words(rest)?;
        if kind != REPLY {
            return Err(Fault::Variant);
        }
        match status {
            ACCEPTED => {
                let verifier = OpaqueAuth::split_off(rest)?;
                let outcome = accepted(rest)?;
                Ok(Self { xid, verifier, outcome })
            }
            DENIED => Ok(Self { xid, verifier: OpaqueAuth::NONE, outcome: Err(denied(rest)?) }),
            _ => Err(Fault::Variant),
        }
    }
}

#[inline]
fn accepted<'a>(rest: &mut &'a [u8]) -> Result<Result<&'a [u8], Refusal>, Fault> {
    let [status] = words(rest)?;
    Ok(Err(match status {
        SUCCESS => return Ok(Ok(rest)),
        PROG_UNAVAIL => Refusal::ProgramUnavailable,
        PROG_MISMATCH => {
            let [low, high] = words(rest)?;
            Refusal::ProgramMismatch { low, high }
        }
        PROC_UNAVAIL => Refusal::ProcedureUnavailable,
        GARBAGE_ARGS => Refusal::GarbageArguments,
        SYSTEM_ERR => Refusal::SystemError,
        _ => return Err(Fault::Variant),
    }))
}

#[inline]
fn denied(rest: &mut &[u8]) -> Result<Refusal, Fault> {
    let [status] = words(rest)?;
    match status {
        RPC_MISMATCH => {
            let [low, high] = words(rest)?;
            Ok(Refusal::RpcMismatch { low, high })
        }
        AUTH_ERROR => {
            let [status] = words(rest)?;
            Ok(Refusal::Authentication(AuthStatus(status)))
        }
        _ => Err(Fault::Variant),
    }
}

/// Takes `N` words off the front.
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

/// Writes the header of a reply at the start of `room` and returns its bytes: 24 before results, or
/// 20 to 32 that are all of a refusal. `None` when `room` has fewer than [`REFUSAL_MAX`] bytes.
///
/// Of `room` behind those bytes nothing is touched.
#[inline]
pub fn write_reply(xid: u32, outcome: Result<(), Refusal>, room: &mut [u8]) -> Option<usize> {
    let (header, _) = room.split_first_chunk_mut::<REFUSAL_MAX>()?;
    let mut put = |index: usize, word: u32| {
        if let Some(place) = header.get_mut(index.wrapping_mul(4)..).and_then(|rest| rest.first_chunk_mut()) {
            *place = word.to_be_bytes();
        }
    };
    put(0, xid);
    put(1, REPLY);
    let refusal = match outcome {
        Err(Refusal::RpcMismatch { low, high }) => {
            put(2, DENIED);
            put(3, RPC_MISMATCH);
            put(4, low);
            put(5, high);
            return Some(24);
        }
        Err(Refusal::Authentication(status)) => {
            put(2, DENIED);
            put(3, AUTH_ERROR);
            put(4, status.0);
            return Some(20);
        }
        accepted => accepted.err(),
    };
    put(2, ACCEPTED);
    put(3, 0);
    put(4, 0);
    let status = match refusal {
        None => SUCCESS,
        Some(Refusal::ProgramMismatch { low, high }) => {
            put(6, low);
            put(7, high);
            put(5, PROG_MISMATCH);
            return Some(32);
        }
        Some(Refusal::ProgramUnavailable) => PROG_UNAVAIL,
        Some(Refusal::ProcedureUnavailable) => PROC_UNAVAIL,
        Some(Refusal::GarbageArguments) => GARBAGE_ARGS,
        Some(_) => SYSTEM_ERR,
    };
    put(5, status);
    Some(REPLY_HEADER)
}
