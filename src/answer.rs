//! The server, as a pure function.

use core::net::SocketAddr;

use crate::message::{
    Call, CallFault, Form, ProcedureId, REPLY_HEADER, Refusal, SHORT_REPLY_HEADER, restore, write_reply,
    write_short_reply,
};
use crate::table::{Failure, Procedure, Table};

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
    let (xid, outcome) = match Call::parse(message) {
        Ok(call) => (call.xid(), run(table, state, &call.from_peer(peer), REPLY_HEADER, reply)),
        Err(CallFault::Refused { xid, refusal }) => (xid, Err(refusal)),
        Err(CallFault::NotACall) => return None,
    };
    let header = write_reply(xid, outcome.map(|_| ()), reply)?;
    // NO_REPLY overflows.
    header.checked_add(outcome.unwrap_or(0))
}

/// The same for a message in either form. Results are in the form of the call, refusals in the full one:
/// [`form_of_reply`](crate::message::form_of_reply) tells.
///
/// Apart from [`answer_from`], though it could do the same: who has no short form would pay for it.
pub(crate) fn answer_in<S>(
    form: Form,
    peer: Option<&SocketAddr>,
    table: &Table<S>,
    state: &mut S,
    message: &[u8],
    reply: &mut [u8],
) -> Option<usize> {
    let restored;
    let (header, call) = match form {
        Form::Full => (REPLY_HEADER, Call::parse(message)),
        Form::Short => {
            restored = restore(message)?;
            (SHORT_REPLY_HEADER, Ok(Call::restored(&restored)))
        }
    };
    let (xid, outcome) = match call {
        Ok(call) => (call.xid(), run(table, state, &call.from_peer(peer), header, reply)),
        Err(CallFault::Refused { xid, refusal }) => (xid, Err(refusal)),
        Err(CallFault::NotACall) => return None,
    };
    let header = match (form, outcome) {
        (Form::Short, Ok(_)) => write_short_reply(xid, reply)?,
        _ => write_reply(xid, outcome.map(|_| ()), reply)?,
    };
    // NO_REPLY overflows.
    header.checked_add(outcome.unwrap_or(0))
}

/// Runs the procedure, if there is room for its largest results; gives their bytes, which stand behind `header`, or
/// [`NO_REPLY`](crate::NO_REPLY).
#[inline]
fn run<S>(table: &Table<S>, state: &mut S, call: &Call<'_>, header: usize, reply: &mut [u8]) -> Result<usize, Refusal> {
    (table.authorize)(state, call).map_err(Refusal::Authentication)?;
    let Some(procedure) = find(table, call.id())? else {
        return if call.arguments().is_empty() { Ok(0) } else { Err(Refusal::GarbageArguments) };
    };
    match reply.get_mut(header..) {
        Some(room) if room.len() >= procedure.results_max() => match (procedure.run)(state, call, room) {
            Ok(length) => Ok(length),
            Err(Failure::GarbageArguments) => Err(Refusal::GarbageArguments),
            Err(Failure::SystemError) => Err(Refusal::SystemError),
        },
        _ => Err(Refusal::SystemError),
    }
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
