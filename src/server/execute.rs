//! A call executed from a table, whatever envelope it came in.

use super::table::{NO_REPLY, Procedure, Table};
use crate::message::{Call, Failure, ProcedureId, Refusal};

impl<S> Table<S> {
    /// Executes one call, and writes its results to the start of `room`.
    ///
    /// This is [`answer`](crate::answer) without the headers of ONC RPC: use it to serve the table in an envelope of
    /// your own. `call` comes from [`Call::parse`], or from [`CallFields`](crate::message::CallFields) where there is no
    /// header of ONC RPC, which has an example. The guide's chapter `another_wire` states what an envelope decides.
    ///
    /// Returns the bytes of the results, or `None` for a one-way procedure, which has none. In order:
    ///
    /// 1. The table's [`authorize`](Self::authorize) sees the call.
    /// 2. Program, version and procedure are looked up. Procedure 0 is NULL, which is not in the table: it takes no
    ///    arguments and returns none. An envelope in which 0 is a procedure like others maps it to another number.
    /// 3. The procedure runs, if `room` holds its [largest results](Procedure::results_max). No `room` needs more than
    ///    [`results_max`](Self::results_max) bytes.
    ///
    /// It blocks as long as the procedure does. It remembers nothing: a call that is executed twice runs twice.
    ///
    /// # Errors
    /// The [`Refusal`], for the envelope to express: [`Authentication`](Refusal::Authentication),
    /// [`ProgramUnavailable`](Refusal::ProgramUnavailable), [`ProgramMismatch`](Refusal::ProgramMismatch),
    /// [`ProcedureUnavailable`](Refusal::ProcedureUnavailable), [`GarbageArguments`](Refusal::GarbageArguments), and
    /// [`SystemError`](Refusal::SystemError) if `room` is too small or the procedure failed. Only in the last case may
    /// the procedure have run. [`RpcMismatch`](Refusal::RpcMismatch) belongs to the header of ONC RPC and never comes.
    pub fn execute(&self, state: &mut S, call: &Call<'_>, room: &mut [u8]) -> Result<Option<usize>, Refusal> {
        let available = room.len();
        match run(self, state, call, None, room, &mut false)? {
            NO_REPLY | NOT_RUN => Ok(None),
            length if length <= available => Ok(Some(length)),
            // A procedure that was made by hand returned more than it can have written.
            _ => Err(Refusal::SystemError),
        }
    }
}

/// The result of a [`Run`](crate::Run) whose one-way procedure was not run: its arguments cannot be decoded.
///
/// As with [`NO_REPLY`](crate::NO_REPLY) there is no reply, but the replay cache stores nothing.
pub const NOT_RUN: usize = usize::MAX - 1;

/// Runs the procedure if its largest results fit into `room`.
///
/// Returns the bytes of the results, or [`NO_REPLY`](crate::NO_REPLY). Sets `ran` if the arguments were decoded and the
/// procedure started.
#[inline]
pub(super) fn run<S>(
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

/// Returns the called procedure, or `None` for NULL, which every program has (RFC 5531 §12.1).
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
