//! The server, as a pure function.

use core::net::SocketAddr;

use super::replay::{Identity, Recalled, Remembers};
use super::table::{Procedure, Table};
use crate::message::{
    Call, CallFault, Failure, Form, ProcedureId, REPLY_HEADER, Refusal, SHORT_REPLY_HEADER, restore, write_reply,
    write_short_reply,
};

/// Answers one message: the bytes of a call in, the bytes of its reply out, at the start of `reply`.
/// Returns their number, or `None` when no reply is due: the message is a reply itself, is too short
/// to be a call, calls a one-way procedure, or `reply` has no room even for a refusal.
///
/// It runs at most one procedure, and only when `reply` has room for the largest results of that
/// procedure. It blocks as long as the procedure does. `reply` should have [`Table::reply_max`]
/// bytes; with fewer, some procedures are answered with SYSTEM_ERR instead of being run.
///
/// The refusals are those of RFC 5531 §9: RPC_MISMATCH, AUTH_ERROR for malformed credentials,
/// PROG_UNAVAIL, PROG_MISMATCH with the lowest and highest version served, PROC_UNAVAIL,
/// GARBAGE_ARGS and SYSTEM_ERR.
#[inline]
pub fn answer<S>(table: &Table<S>, state: &mut S, message: &[u8], reply: &mut [u8]) -> Option<usize> {
    answer_from(None, table, state, message, reply)
}

/// The same for a message that came from `peer`, which the table's `authorize` sees.
pub fn answer_from<S>(
    peer: Option<&SocketAddr>,
    table: &Table<S>,
    state: &mut S,
    message: &[u8],
    reply: &mut [u8],
) -> Option<usize> {
    answer_full(&mut (), peer, table, state, message, reply)
}

/// The same for a message in either form, if it has one of two, with a memory of replies. Results are in the form of the
/// call, refusals in the full one: [`form_of_reply`](crate::message::form_of_reply) tells.
#[inline]
pub(crate) fn answer_form<S, M: Remembers>(
    memory: &mut M,
    form: Option<Form>,
    peer: Option<&SocketAddr>,
    table: &Table<S>,
    state: &mut S,
    message: &[u8],
    reply: &mut [u8],
) -> Option<usize> {
    match form {
        None => answer_full(memory, peer, table, state, message, reply),
        Some(form) => answer_either(memory, form, peer, table, state, message, reply),
    }
}

fn answer_full<S, M: Remembers>(
    memory: &mut M,
    peer: Option<&SocketAddr>,
    table: &Table<S>,
    state: &mut S,
    message: &[u8],
    reply: &mut [u8],
) -> Option<usize> {
    let call = Call::parse(message).map(|call| call.from_peer(peer));
    answer_call(memory, Form::Full, call, table, state, message, reply)
}

/// Answers a message in either form. It could stand for [`answer_full`], too, but servers without the short form would link
/// it.
fn answer_either<S, M: Remembers>(
    memory: &mut M,
    form: Form,
    peer: Option<&SocketAddr>,
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
    let call = call.map(|call| call.from_peer(peer));
    answer_call(memory, form, call, table, state, message, reply)
}

/// What a [`Run`](crate::Run) returns in place of [`NO_REPLY`](crate::NO_REPLY) when its procedure was not run: the
/// arguments of a one-way call cannot be decoded. There is no reply, and nothing to remember.
pub const NOT_RUN: usize = usize::MAX - 1;

/// Answers a call, which is `message`, or what is wrong with it. What ran is remembered, also when it failed; what was
/// refused before is not.
#[inline]
fn answer_call<S, M: Remembers>(
    memory: &mut M,
    form: Form,
    call: Result<Call<'_>, CallFault>,
    table: &Table<S>,
    state: &mut S,
    message: &[u8],
    reply: &mut [u8],
) -> Option<usize> {
    let mut identity = Identity::default();
    // Whether a procedure ran that is remembered.
    let mut ran = false;
    let (xid, outcome) = match call {
        Ok(call) => {
            // Without a memory it is looked up when the call is authorized, and not kept meanwhile.
            let found = M::REMEMBERS.then(|| find(table, call.id()));
            let kept = matches!(found, Some(Ok(Some(procedure))) if !procedure.is_idempotent());
            let known = if kept {
                identity[0] = call.xid();
                memory.recall(&mut identity, form, call.peer(), message, reply)
            } else {
                Recalled::New
            };
            if let Recalled::Known(length) = known {
                return length;
            }
            if form == Form::Short {
                memory.grow_older();
            }
            let header = if form == Form::Short { SHORT_REPLY_HEADER } else { REPLY_HEADER };
            // What could not be remembered has no room, and so is not executed.
            let limit = match known {
                Recalled::Ambiguous => 0,
                _ if kept => memory.reply_max().min(reply.len()),
                _ => reply.len(),
            };
            let room = reply.get_mut(header..limit).unwrap_or_default();
            let outcome = run(table, state, &call, found, room, &mut ran);
            ran &= kept;
            (call.xid(), outcome)
        }
        Err(CallFault::Refused { xid, refusal }) => (xid, Err(refusal)),
        Err(CallFault::NotACall) => return None,
    };
    let header = match (form, outcome) {
        (Form::Short, Ok(_)) => write_short_reply(xid, reply)?,
        _ => write_reply(xid, outcome.map(|_| ()), reply)?,
    };
    // NO_REPLY overflows, and so does NOT_RUN.
    let length = header.checked_add(outcome.unwrap_or(0));
    if ran {
        memory.remember(&identity, length.and_then(|length| reply.get(..length)));
    }
    length
}

/// Runs the procedure, if `room` has place for its largest results; gives their bytes, or [`NO_REPLY`](crate::NO_REPLY),
/// and notes in `ran` whether more was done than to decode the arguments.
#[inline]
fn run<S>(
    table: &Table<S>,
    state: &mut S,
    call: &Call<'_>,
    found: Option<Result<Option<&'static Procedure<S>>, Refusal>>,
    room: &mut [u8],
    ran: &mut bool,
) -> Result<usize, Refusal> {
    (table.authorize)(state, call).map_err(Refusal::Authentication)?;
    let Some(procedure) = found.unwrap_or_else(|| find(table, call.id()))? else {
        return if call.arguments().is_empty() { Ok(0) } else { Err(Refusal::GarbageArguments) };
    };
    if room.len() < procedure.results_max() {
        return Err(Refusal::SystemError);
    }
    let outcome = (procedure.run)(state, call, room);
    *ran = !matches!(outcome, Ok(NOT_RUN) | Err(Failure::GarbageArguments));
    outcome.map_err(|failure| match failure {
        Failure::GarbageArguments => Refusal::GarbageArguments,
        Failure::SystemError => Refusal::SystemError,
    })
}

/// The procedure that is called; `None` for NULL, which every program has (RFC 5531 §12.1).
#[inline]
pub(crate) fn find<S>(table: &Table<S>, id: ProcedureId) -> Result<Option<&'static Procedure<S>>, Refusal> {
    let (mut low, mut high) = (u32::MAX, 0);
    for program in table.programs.iter().filter(|program| program.number == id.program) {
        if program.version == id.version {
            if id.procedure == 0 {
                return Ok(None);
            }
            let procedure = program.procedures.iter().find(|procedure| procedure.number == id.procedure);
            return procedure.map(Some).ok_or(Refusal::ProcedureUnavailable);
        }
        low = low.min(program.version);
        high = high.max(program.version);
    }
    Err(if low > high { Refusal::ProgramUnavailable } else { Refusal::ProgramMismatch { low, high } })
}
