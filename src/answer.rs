//! The server, as a pure function.

use crate::message::{Call, CallFault, ProcedureId, REPLY_HEADER, Refusal, write_refusal, write_success};
use crate::table::{Failure, Procedure, Table};

/// Answers one message: the bytes of a call in, the bytes of its reply out, at the start of `reply`.
/// Returns their number, or `None` when no reply is due: the message is a reply itself, is too short
/// to be a call, or `reply` has no room even for a refusal.
///
/// It runs at most one procedure, and only when `reply` has room for the largest results of that
/// procedure. It blocks as long as the procedure does. `reply` should have [`Table::reply_max`]
/// bytes; with fewer, some procedures are answered with SYSTEM_ERR instead of being run.
///
/// The refusals are those of RFC 5531 §9: RPC_MISMATCH, AUTH_ERROR for malformed credentials,
/// PROG_UNAVAIL, PROG_MISMATCH with the lowest and highest version served, PROC_UNAVAIL,
/// GARBAGE_ARGS and SYSTEM_ERR.
pub fn answer<S>(table: &Table<S>, state: &mut S, message: &[u8], reply: &mut [u8]) -> Option<usize> {
    let (xid, refusal) = match Call::parse(message) {
        Ok(call) => match run(table, state, &call, reply) {
            Ok(length) => return Some(length),
            Err(refusal) => (call.xid, refusal),
        },
        Err(CallFault::Refused { xid, refusal }) => (xid, refusal),
        Err(CallFault::NotACall) => return None,
    };
    write_refusal(xid, refusal, reply)
}

#[inline]
fn run<S>(table: &Table<S>, state: &mut S, call: &Call<'_>, reply: &mut [u8]) -> Result<usize, Refusal> {
    let results = match find(table, call.id)? {
        Some(procedure) => {
            let (_, room) = reply.split_at_mut_checked(REPLY_HEADER).ok_or(Refusal::SystemError)?;
            if room.len() < procedure.results_max {
                return Err(Refusal::SystemError);
            }
            (procedure.run)(state, call, room).map_err(|failure| match failure {
                Failure::GarbageArguments => Refusal::GarbageArguments,
                Failure::SystemError => Refusal::SystemError,
            })?
        }
        None if call.arguments.is_empty() => 0,
        None => return Err(Refusal::GarbageArguments),
    };
    let header = write_success(call.xid, reply).ok_or(Refusal::SystemError)?;
    Ok(header.saturating_add(results))
}

/// The procedure that is called; `None` for NULL, which every program has (RFC 5531 §12.1).
#[inline]
fn find<S>(table: &Table<S>, id: ProcedureId) -> Result<Option<&'static Procedure<S>>, Refusal> {
    let mut refusal = Refusal::ProgramUnavailable;
    for program in table.programs.iter().filter(|program| program.number == id.program) {
        if program.version == id.version {
            if id.procedure == 0 {
                return Ok(None);
            }
            let mut procedures = program.procedures.iter();
            return procedures
                .find(|procedure| procedure.number == id.procedure)
                .map(Some)
                .ok_or(Refusal::ProcedureUnavailable);
        }
        refusal = match refusal {
            Refusal::ProgramMismatch { low, high } => {
                Refusal::ProgramMismatch { low: low.min(program.version), high: high.max(program.version) }
            }
            _ => Refusal::ProgramMismatch { low: program.version, high: program.version },
        };
    }
    Err(refusal)
}
