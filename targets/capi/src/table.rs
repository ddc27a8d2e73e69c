//! Tables of C procedures, which servers serve.

use core::ffi::c_void;
use core::slice::from_raw_parts;

use oncilla::__private::NOT_RUN;
use oncilla::message::{AuthStatus, Call, ProcedureId};
use oncilla::{Failure, NO_REPLY, TableError};

use crate::checked::{Memory, Overlap, apart, check, check_many, place_at, slice};
use crate::object::{Kind, init, look};
use crate::status::status;
use crate::*;

/// Executes one call: decodes the arguments, does the work and encodes the results.
///
/// Check `oncilla_get_end` before doing anything: a call with arguments that cannot be decoded is not remembered, so
/// a repeated one runs again. Returns
///
/// - ONCILLA_OK: the results are sent, or SYSTEM_ERR if they did not fit;
/// - ONCILLA_NO_REPLY: nothing is sent;
/// - ONCILLA_GARBAGE_ARGS, or any status after an argument could not be decoded: GARBAGE_ARGS is sent;
/// - anything else: SYSTEM_ERR is sent.
///
/// The memory for results is zero at first. A procedure may write to `results->bytes` itself and add to `length`.
///
/// `context` is that of the server, endpoint or `oncilla_answer`. All pointers are lent until the procedure returns.
/// It must return: neither longjmp nor a C++ exception may leave it. It must not use the object that called it
/// (ONCILLA_BUSY), unless that is an `oncilla_nested`. To call the peer from an `oncilla_endpoint`, let the procedure
/// set a flag in its context, and let the loop around `oncilla_endpoint_serve_next` make the call.
pub type Run = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        request: *const Request,
        arguments: *mut Reader,
        results: *mut Writer,
    ) -> Status,
>;

/// Decides whether a call is executed. Returns 0, or the auth_stat of RFC 5531 §9 with which the call is refused.
pub type Authorize = Option<unsafe extern "C" fn(context: *mut c_void, request: *const Request) -> u32>;

/// A flag of a procedure: executing a call twice does no harm, so its reply need not be remembered.
pub const ONCILLA_IDEMPOTENT: u32 = 1;

/// Bytes of a call before its arguments, with empty credential and verifier.
pub const ONCILLA_CALL_HEADER: usize = 40;

/// Bytes by which credential and verifier can lengthen a call.
///
/// Add them to the receive buffer of a server whose callers send credentials, as most hosts do.
pub const ONCILLA_CREDENTIALS_MAX: usize = 800;

/// Bytes of a reply before its results.
pub const ONCILLA_REPLY_HEADER: usize = 24;

/// Bytes of the largest refusal. Every reply buffer should have at least as many.
pub const ONCILLA_REFUSAL_MAX: usize = 32;

const _: () = {
    use oncilla::message;
    assert!(ONCILLA_CALL_HEADER == message::CALL_HEADER && ONCILLA_REPLY_HEADER == message::REPLY_HEADER);
    assert!(ONCILLA_CREDENTIALS_MAX == message::CREDENTIALS_MAX && ONCILLA_REFUSAL_MAX == message::REFUSAL_MAX);
    // ONCILLA_TABLE_WORDS relies on these sizes.
    let word = size_of::<usize>();
    assert!(size_of::<oncilla::Program<State>>() == 8 + 2 * word);
    assert!(size_of::<oncilla::Procedure<State>>() <= if word < 4 { 8 } else { 3 * word });
};

/// One procedure of a program. It can be in flash.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Procedure {
    /// The number of the procedure, from 1. Procedure 0 is NULL and always served.
    pub number: u32,
    /// 0 or ONCILLA_IDEMPOTENT.
    pub flags: u32,
    /// Bytes of the largest results. The procedure runs only if the reply buffer has room for them.
    pub results_max: usize,
    /// The function that executes it; never NULL.
    pub run: Run,
}

/// One version of one program. It can be in flash. Each version of a program is one of these.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Program {
    /// The number of the program.
    pub number: u32,
    /// The version of the program.
    pub version: u32,
    /// The procedures of this version.
    pub procedures: *const Procedure,
    /// The number of procedures.
    pub procedure_count: usize,
}

/// Words of an `oncilla_table`.
#[cfg(target_pointer_width = "64")]
pub const ONCILLA_TABLE_SIZE: usize = 9;
/// Words of an `oncilla_table`.
#[cfg(target_pointer_width = "32")]
pub const ONCILLA_TABLE_SIZE: usize = 5;
/// Words of an `oncilla_table`.
#[cfg(target_pointer_width = "16")]
pub const ONCILLA_TABLE_SIZE: usize = 3;

/// The programs that a server serves.
///
/// `oncilla_table_init` makes it. It does not change afterwards, so several servers in several threads can share it.
/// It must be in writable memory, because it counts its users.
#[repr(C)]
pub struct Table {
    opaque: [u64; ONCILLA_TABLE_SIZE],
}

/// The content of an `oncilla_table`.
pub(crate) struct Built {
    pub table: oncilla::Table<State>,
    programs: &'static [Program],
    authorize: Authorize,
    /// The memory lent for the core's form of the programs: see `memory_needed`.
    memory: *const u64,
}

impl Kind for Table {
    type Inner = Built;
    const MARK: u32 = 0x7461_626c;
}

impl Built {
    /// Checks that no memory lent to the table shares a byte with `memory`.
    pub fn is_apart_from(&self, memory: Memory) -> Result<(), Overlap> {
        apart((self.memory.cast(), memory_needed(self.programs).unwrap_or(usize::MAX)), memory)?;
        are_apart_from(self.programs, memory)
    }
}

/// Checks that no part of `programs` shares a byte with `memory`.
#[inline(never)]
fn are_apart_from(programs: &[Program], memory: Memory) -> Result<(), Overlap> {
    apart((programs.as_ptr().cast(), size_of_val(programs)), memory)?;
    programs.iter().try_for_each(|program| {
        let length = program.procedure_count.saturating_mul(size_of::<Procedure>());
        apart((program.procedures.cast(), length), memory)
    })
}

/// Returns the bytes that the core's form of `programs` takes.
#[inline(never)]
fn memory_needed(programs: &[Program]) -> Option<usize> {
    let procedures = programs.iter().try_fold(0usize, |sum, program| sum.checked_add(program.procedure_count))?;
    let procedures = procedures.checked_mul(size_of::<oncilla::Procedure<State>>())?;
    programs.len().checked_mul(size_of::<oncilla::Program<State>>())?.checked_add(procedures)
}

/// The state of procedures: the C program's context, and the table with the C procedures.
pub(crate) struct State {
    context: *mut c_void,
    table: *const Table,
}

/// Makes a table of `count` programs.
///
/// - `authorize` decides about every call. With NULL, AUTH_NONE and well-formed AUTH_SYS are served.
/// - `memory` is ONCILLA_TABLE_WORDS(programs, procedures) of uint64_t, where `procedures` counts those of all
///   programs.
/// - `size` is the size of `memory` in bytes.
///
/// Programs, procedures and memory are lent as long as the table is used. Returns ONCILLA_OVERLAP if the memory or
/// the table shares bytes with the rest; ONCILLA_BUSY in a callback of an object that serves the table;
/// ONCILLA_PROGRAM_TWICE, ONCILLA_PROCEDURE_TWICE or ONCILLA_PROCEDURE_ZERO if the numbers are wrong.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_table_init(
    table: *mut Table,
    programs: *const Program,
    count: usize,
    authorize: Authorize,
    memory: *mut u64,
    size: usize,
) -> Status {
    // SAFETY: this function's condition.
    let make = || unsafe {
        let programs = slice(programs, count)?;
        for program in programs {
            // Checked before it is compared with anything.
            slice(program.procedures, program.procedure_count)?;
        }
        let own = place_at(table);
        apart((memory.cast(), size), own)?;
        are_apart_from(programs, own)?;
        let table = build(programs, memory, size)?.authorize(State::authorize);
        Ok(Built { table, programs, authorize, memory })
    };
    // SAFETY: this function's condition.
    status(unsafe { init(table, make) })
}

/// Makes the core's form of the programs.
///
/// # Safety
/// As of [`oncilla_table_init`].
unsafe fn build(programs: &'static [Program], memory: *mut u64, size: usize) -> Result<oncilla::Table<State>, Status> {
    let needed = memory_needed(programs).ok_or(ONCILLA_IMPOSSIBLE_LENGTH)?;
    check_many(memory.cast::<u8>(), size)?;
    check(memory)?;
    if size < needed {
        return Err(ONCILLA_TOO_SMALL);
    }
    // Checked before the first write, so that nothing that is read has been overwritten.
    let lent = (memory.cast_const().cast::<u8>(), size);
    are_apart_from(programs, lent)?;
    let first: *mut oncilla::Program<State> = memory.cast();
    // SAFETY: the programs are at the front of the memory and the procedures behind them. All are aligned, as programs
    // take whole words. All fit, as `needed` is at most `size`. They stay in place, by the function's condition.
    unsafe {
        let mut next: *mut oncilla::Procedure<State> = first.add(programs.len()).cast();
        for (index, program) in programs.iter().enumerate() {
            let procedures = slice(program.procedures, program.procedure_count)?;
            let own = next;
            for procedure in procedures {
                next.write(procedure.build()?);
                next = next.add(1);
            }
            let own = from_raw_parts(own, procedures.len());
            first.add(index).write(oncilla::Program::new(program.number, program.version, own));
        }
        oncilla::Table::new(from_raw_parts(first, programs.len())).map_err(|error| match error {
            TableError::ProgramTwice { .. } => ONCILLA_PROGRAM_TWICE,
            TableError::ProcedureTwice { .. } => ONCILLA_PROCEDURE_TWICE,
            TableError::ProcedureZero { .. } => ONCILLA_PROCEDURE_ZERO,
        })
    }
}

impl Procedure {
    /// Makes the core's form of the procedure.
    fn build(&self) -> Result<oncilla::Procedure<State>, Status> {
        if self.run.is_none() {
            return Err(ONCILLA_NULL);
        }
        if self.flags & !ONCILLA_IDEMPOTENT != 0 || self.results_max > i32::MAX as usize {
            return Err(ONCILLA_INVALID);
        }
        let built = oncilla::Procedure::new(self.number, self.results_max, State::run);
        Ok(if self.flags & ONCILLA_IDEMPOTENT != 0 { built.idempotent() } else { built })
    }
}

impl State {
    /// # Safety
    /// `table` points to a table that was made, and stays in its place as long as this is used.
    pub const unsafe fn new(context: *mut c_void, table: *const Table) -> Self {
        Self { context, table }
    }

    /// Returns the table, which is in use and so does not change.
    fn built(&self) -> Result<&'static Built, Failure> {
        // SAFETY: the condition of `new`.
        unsafe { look(self.table) }.map_err(|_| Failure::SystemError)
    }

    fn find(&self, id: ProcedureId) -> Option<&'static Procedure> {
        let wanted = |program: &&Program| program.number == id.program && program.version == id.version;
        let program = self.built().ok()?.programs.iter().find(wanted)?;
        // SAFETY: the condition of `oncilla_table_init`, which has checked them.
        let procedures = unsafe { slice(program.procedures, program.procedure_count) }.ok()?;
        procedures.iter().find(|procedure| procedure.number == id.procedure)
    }

    /// Runs a C procedure.
    fn run(&mut self, call: &Call<'_>, room: &mut [u8]) -> Result<usize, Failure> {
        let procedure = self.find(call.id()).ok_or(Failure::SystemError)?;
        // No more room than the interface states, even if the buffer is larger. The room is cleared, so that a
        // procedure that reports a length without writing does not send bytes of an earlier message.
        let room = room.get_mut(..procedure.results_max).ok_or(Failure::SystemError)?;
        room.fill(0);
        let request = Request::of(call);
        let mut arguments = Reader::new(call.arguments());
        let mut results = Writer::new(room);
        let run = procedure.run.ok_or(Failure::SystemError)?;
        // SAFETY: it is a procedure of the table, called with the arguments of its type.
        let returned = unsafe { run(self.context, &request, &mut arguments, &mut results) };
        match returned {
            ONCILLA_NO_REPLY if arguments.status != ONCILLA_OK => Ok(NOT_RUN),
            ONCILLA_NO_REPLY => Ok(NO_REPLY),
            ONCILLA_GARBAGE_ARGS => Err(Failure::GarbageArguments),
            _ if arguments.status != ONCILLA_OK => Err(Failure::GarbageArguments),
            ONCILLA_OK if results.status == ONCILLA_OK && results.length <= room.len() => Ok(results.length),
            _ => Err(Failure::SystemError),
        }
    }

    /// Asks the C program whether a call is executed.
    fn authorize(&mut self, call: &Call<'_>) -> Result<(), AuthStatus> {
        let Ok(Some(authorize)) = self.built().map(|built| built.authorize) else { return call.check_credential() };
        // SAFETY: it was passed with the table, and is called with the arguments of its type.
        match unsafe { authorize(self.context, &Request::of(call)) } {
            0 => Ok(()),
            auth_stat => Err(AuthStatus(auth_stat)),
        }
    }
}

/// Returns the bytes of the table's largest reply, before framing.
///
/// Use it for the size of reply buffers. Returns 0 if the table was not initialised.
///
/// # Safety
/// The pointer points to a table, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_table_reply_max(table: *const Table) -> usize {
    // SAFETY: this function's condition.
    unsafe { look(table) }.map_or(0, |built| built.table.reply_max())
}
