//! The server as a function: the envelope of ONC RPC around [`Table::execute`].

use core::net::SocketAddr;

use super::execute::{find, run};
use super::replay::{Identity, Recalled, Remembers};
use super::table::Table;
use crate::message::{
    Call, CallFault, Form, Origin, REPLY_HEADER, SHORT_REPLY_HEADER, restore, write_reply, write_short_reply,
};

/// Answers one message: reads a call, runs its procedure and writes the reply.
///
/// Use it to serve calls without a [`Link`](crate::Link), over a carrier of your own or in a test. `message` is a call
/// without framing. The reply is written to the start of `reply`.
///
/// Returns the bytes of the reply, or `None` if there is no reply: the message is itself a reply, is too short to be a
/// call, calls a one-way procedure, or `reply` has no room even for a refusal.
///
/// `reply` should have [`Table::reply_max`] bytes. A procedure is not run if its largest results do not fit; the call
/// is refused with SYSTEM_ERR. At most one procedure runs. The function blocks as long as that procedure does.
///
/// Refusals are those of RFC 5531 §9: RPC_MISMATCH, AUTH_ERROR for malformed credentials, PROG_UNAVAIL, PROG_MISMATCH
/// with the lowest and highest version served, PROC_UNAVAIL, GARBAGE_ARGS and SYSTEM_ERR.
///
/// # Example
/// ```
/// use oncilla::message::{CallHeader, OpaqueAuth, Reply};
/// use oncilla::{ProcedureId, Table, answer, table};
///
/// oncilla::program! {
///     pub mod clock = 0x2000_0001, version 1 {
///         fn now() -> u64 = 1;
///     }
/// }
///
/// struct Device;
///
/// impl clock::Service for Device {
///     fn now(&mut self) -> u64 {
///         7
///     }
/// }
///
/// static TABLE: Table<Device> = table![clock::program()];
///
/// // A call as a peer sends it: a header, and no arguments.
/// let id = ProcedureId { program: 0x2000_0001, version: 1, procedure: 1 };
/// let header = CallHeader { xid: 42, id, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
/// let mut call = [0; 40];
/// header.write(&mut call).unwrap();
///
/// let mut reply = [0; TABLE.reply_max()];
/// let length = answer(&TABLE, &mut Device, &call, &mut reply).unwrap();
/// let reply = Reply::parse(&reply[..length]).unwrap();
/// assert_eq!(reply.xid, 42);
/// assert_eq!(reply.outcome, Ok(&[0, 0, 0, 0, 0, 0, 0, 7][..]));
/// ```
#[inline]
pub fn answer<S>(table: &Table<S>, state: &mut S, message: &[u8], reply: &mut [u8]) -> Option<usize> {
    answer_from(None, table, state, message, reply)
}

/// Answers one message from `peer`.
///
/// The table's `authorize` function sees the peer by [`Call::peer`]. Everything else is as with [`answer`].
pub fn answer_from<S>(
    peer: Option<&SocketAddr>,
    table: &Table<S>,
    state: &mut S,
    message: &[u8],
    reply: &mut [u8],
) -> Option<usize> {
    answer_full(&mut (), peer.into(), table, state, message, reply)
}

/// Answers one message in its form, with a replay cache.
///
/// Results have the form of the call. Refusals always have the full form; see
/// [`form_of_reply`](crate::message::form_of_reply).
#[inline]
pub(crate) fn answer_form<S, M: Remembers>(
    cache: &mut M,
    form: Option<Form>,
    origin: Origin<'_>,
    table: &Table<S>,
    state: &mut S,
    message: &[u8],
    reply: &mut [u8],
) -> Option<usize> {
    match form {
        None => answer_full(cache, origin, table, state, message, reply),
        Some(form) => answer_either(cache, form, origin, table, state, message, reply),
    }
}

pub(super) fn answer_full<S, M: Remembers>(
    cache: &mut M,
    origin: Origin<'_>,
    table: &Table<S>,
    state: &mut S,
    message: &[u8],
    reply: &mut [u8],
) -> Option<usize> {
    let call = Call::parse(message).map(|call| call.from_origin(origin));
    answer_call(cache, Form::Full, call, table, state, message, reply)
}

/// Answers a message in either form.
///
/// [`answer_full`] is separate, so that servers without the short form do not link this code.
fn answer_either<S, M: Remembers>(
    cache: &mut M,
    form: Form,
    origin: Origin<'_>,
    table: &Table<S>,
    state: &mut S,
    message: &[u8],
    reply: &mut [u8],
) -> Option<usize> {
    let restored;
    let call = match form {
        Form::Full => Call::parse(message),
        Form::Short => {
            restored = restore(message)?;
            Ok(Call::restored(&restored))
        }
    };
    let call = call.map(|call| call.from_origin(origin));
    answer_call(cache, form, call, table, state, message, reply)
}

/// Answers a parsed call, or refuses one that cannot be parsed. `message` contains its bytes.
///
/// If the procedure ran, the reply is remembered, also after a failure. Refusals before that are not remembered.
#[inline]
fn answer_call<S, M: Remembers>(
    cache: &mut M,
    form: Form,
    call: Result<Call<'_>, CallFault>,
    table: &Table<S>,
    state: &mut S,
    message: &[u8],
    reply: &mut [u8],
) -> Option<usize> {
    let mut identity = Identity::default();
    // Whether a procedure ran whose reply is remembered.
    let mut ran = false;
    let (xid, outcome) = match call {
        Ok(call) => {
            // Without a replay cache the procedure is looked up after authorization, so that it need not be stored.
            let found = M::REMEMBERS.then(|| find(table, call.id()));
            let kept = matches!(found, Some(Ok(Some(procedure))) if !procedure.is_idempotent());
            let known = if kept {
                identity[0] = call.xid();
                cache.recall(&mut identity, form, call.origin(), message, reply)
            } else {
                Recalled::New
            };
            if let Recalled::Known(length) = known {
                return length;
            }
            if form == Form::Short {
                cache.grow_older();
            }
            let header = if form == Form::Short { SHORT_REPLY_HEADER } else { REPLY_HEADER };
            // A reply that cannot be remembered gets no room, so that the procedure does not run.
            let limit = match known {
                Recalled::Ambiguous => 0,
                _ if kept => cache.reply_max().min(reply.len()),
                _ => reply.len(),
            };
            let room = reply.get_mut(header..limit).unwrap_or_default();
            let outcome = run(table, state, &call, found, room, &mut ran);
            cache.note(outcome, ran);
            ran &= kept;
            (call.xid(), outcome)
        }
        Err(CallFault::Refused { xid, refusal }) => {
            cache.note(Err(refusal), false);
            (xid, Err(refusal))
        }
        Err(CallFault::NotACall) => return None,
    };
    let header = match (form, outcome) {
        (Form::Short, Ok(_)) => write_short_reply(xid, reply)?,
        _ => write_reply(xid, outcome.map(|_| ()), reply)?,
    };
    // The sum overflows for NO_REPLY and NOT_RUN.
    let length = header.checked_add(outcome.unwrap_or(0));
    if ran {
        cache.remember(&identity, length.and_then(|length| reply.get(..length)));
    }
    length
}
