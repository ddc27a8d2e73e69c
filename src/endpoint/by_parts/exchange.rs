//! One call whose arguments are encoded already.

use super::Place;
use crate::client::{Authenticate, CallError, Calling, Outgoing, send};
use crate::framing::Framing;
use crate::link::{Buffers, Link, LinkError, Time, Transport};
use crate::message::{
    AuthStatus, CALL_HEADER, Form, MAX_AUTH_BODY, OpaqueAuth, ProcedureId, RPC_VERSION, Refusal, SHORT_REPLY_HEADER,
    write_short_call,
};
use crate::xdr::{DecodeError, EncodeError, Fault, padding, split_opaque};

/// One call to make.
#[derive(Clone, Copy)]
pub struct Exchange<'a> {
    /// The procedure to call.
    pub id: ProcedureId,
    /// The encoded arguments.
    pub arguments: &'a [u8],
    /// Whether no reply is expected.
    pub one_way: bool,
    /// Whether this side serves on the link, too.
    pub serves: bool,
    /// The total time-out, in microseconds.
    pub timeout: u64,
    /// When the call is retransmitted first, in microseconds.
    pub pause: u64,
}

/// Makes one call, and returns the encoded results.
///
/// `stranger` sees every message that is not the reply.
///
/// # Errors
/// Those of [`Caller::call`](crate::Caller::call).
#[inline]
pub fn exchange<'l, A: Authenticate, T: Transport, B: Buffers>(
    calling: &mut Calling<A>,
    link: &'l mut Link<T, B>,
    Exchange { id, arguments, one_way, serves, timeout, mut pause }: Exchange<'_>,
    mut stranger: impl FnMut(&mut Link<T, B>, Place, Time) -> Result<(), LinkError<T::Error>>,
) -> Result<&'l [u8], CallError<T::Error>> {
    if T::Framing::NOISY && serves {
        if one_way {
            link.own.cast(calling.serial(), id);
        } else {
            link.own.call(calling.serial(), id);
        }
    }
    let call = calling.next(link, id);
    if !one_way {
        link.forget_unframed();
    }
    let deadline = link.now().later(timeout);
    loop {
        // A one-way call waits for its peer only where it needs a session.
        let may_call = one_way && !T::Framing::KEYED || link.greet(id, deadline)?;
        let length = write(calling.identity().credential(), link, call, arguments)?;
        if one_way && may_call {
            return send(link, call, length, deadline).map(|()| &[][..]);
        }
        let length = if may_call { length } else { 0 };
        if let Some(place) = calling.attempt(link, call, length, &mut pause, deadline, &mut stranger)? {
            return results(place.form::<T::Framing>(), link.message(place));
        }
    }
}

/// Writes a call to the link's transmit buffer; returns its size.
fn write<T: Transport, B: Buffers>(
    credential: OpaqueAuth<'_>,
    link: &mut Link<T, B>,
    Outgoing { form, xid, id }: Outgoing,
    arguments: &[u8],
) -> Result<usize, CallError<T::Error>> {
    let room = link.room();
    let header = if T::Framing::SHORT && form == Form::Short {
        write_short_call(xid, id, room).unwrap_or(usize::MAX)
    } else {
        write_header(credential, xid, id, room)
    };
    let (needed, available) = (header.saturating_add(arguments.len()), room.len());
    match room.get_mut(header..).and_then(|rest| rest.get_mut(..arguments.len())) {
        Some(place) => {
            place.copy_from_slice(arguments);
            Ok(needed)
        }
        None => Err(CallError::Arguments(EncodeError::NoRoom { needed, available })),
    }
}

/// Writes the header of a call with an empty verifier, if there is room. Returns its size.
#[inline]
fn write_header(credential: OpaqueAuth<'_>, xid: u32, id: ProcedureId, room: &mut [u8]) -> usize {
    let length = credential.body.len();
    let size = CALL_HEADER.saturating_add(length).saturating_add(padding(length));
    let Some(header) = room.get_mut(..size) else { return size };
    header.fill(0);
    let fixed = [xid, 0, RPC_VERSION, id.program, id.version, id.procedure, credential.flavor, length as u32];
    let (words, rest) = header.as_chunks_mut();
    debug_assert!(rest.is_empty());
    for (place, word) in words.iter_mut().zip(fixed) {
        *place = word.to_be_bytes();
    }
    if let Some(place) = header.get_mut(CALL_HEADER - 8..).and_then(|rest| rest.get_mut(..length)) {
        place.copy_from_slice(credential.body);
    }
    size
}

/// Returns the results in a reply, or why there are none. The reply has been recognised by its xid.
fn results<E>(form: Form, message: &[u8]) -> Result<&[u8], CallError<E>> {
    let parsed = if form == Form::Short { message.get(SHORT_REPLY_HEADER..).map(Ok) } else { parse(message) };
    match parsed {
        Some(outcome) => outcome.map_err(CallError::Refused),
        None => Err(CallError::Reply(DecodeError { fault: Fault::Variant, offset: 0, value: None })),
    }
}

/// Parses a reply in the full form, of which the first two words are known.
fn parse(message: &[u8]) -> Option<Result<&[u8], Refusal>> {
    let mut rest = message.get(8..)?;
    let denied = take(&mut rest)?;
    if denied == 0 {
        // The verifier, which nobody looks at.
        take(&mut rest)?;
        split_opaque(&mut rest, MAX_AUTH_BODY).ok()?;
    }
    let status = take(&mut rest)?;
    Some(Err(match (denied, status) {
        (0, 0) => return Some(Ok(rest)),
        (0, 1) => Refusal::ProgramUnavailable,
        (0, 2) => Refusal::ProgramMismatch { low: take(&mut rest)?, high: take(&mut rest)? },
        (0, 3) => Refusal::ProcedureUnavailable,
        (0, 4) => Refusal::GarbageArguments,
        (0, 5) => Refusal::SystemError,
        (1, 0) => Refusal::RpcMismatch { low: take(&mut rest)?, high: take(&mut rest)? },
        (1, 1) => Refusal::Authentication(AuthStatus(take(&mut rest)?)),
        _ => return None,
    }))
}

/// Takes a word.
#[inline]
fn take(rest: &mut &[u8]) -> Option<u32> {
    let (word, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(u32::from_be_bytes(*word))
}
