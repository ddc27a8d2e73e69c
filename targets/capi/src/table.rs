//! What a server serves: tables of C procedures.

use core::ffi::c_void;
use core::slice::from_raw_parts;

use oncilla::__private::NOT_RUN;
use oncilla::message::{AuthStatus, Call, ProcedureId};
use oncilla::{Failure, NO_REPLY, TableError};

use crate::checked::{Memory, Overlap, apart, check, check_many, place_at, slice};
use crate::object::{Kind, init, look};
use crate::status::status;
use crate::*;

/// Carries out one call: takes the arguments, works, puts the results, and returns
/// - ONCILLA_OK: the results are sent. If they did not find room, SYSTEM_ERR is;
/// - ONCILLA_NO_REPLY: nothing is sent;
/// - ONCILLA_GARBAGE_ARGS, or anything else after an argument could not be taken: GARBAGE_ARGS is sent. Such a call is
///   not remembered, so look at `oncilla_get_end` before anything is done;
/// - anything else: SYSTEM_ERR is sent.
///
/// The room for results is all zeros before, so a procedure may also write to `results->bytes` itself and add to `length`.
///
/// `context` is that of the server or endpoint, or of `oncilla_answer`. A procedure must return: no longjmp and no C++
/// exception may leave it. It must not call what has called it (ONCILLA_BUSY), unless that is an
/// `oncilla_nested`: what it wants to tell the other end it notes in its
/// context, and the loop around `oncilla_endpoint_serve_next` calls.
pub type Run = Option<
    unsafe extern "C" fn(
        context: *mut c_void,
        request: *const Request,
        arguments: *mut Reader,
        results: *mut Writer,
    ) -> Status,
>;

/// Decides whether a call is carried out: 0, or the auth_stat of RFC 5531 §9 that the caller is told.
pub type Authorize = Option<unsafe extern "C" fn(context: *mut c_void, request: *const Request) -> u32>;

/// A flag of a procedure: running it twice for one call does no harm. A replay cache need not remember its replies.
pub const ONCILLA_IDEMPOTENT: u32 = 1;

/// Bytes of a call before its arguments, when credential and verifier are empty.
pub const ONCILLA_CALL_HEADER: usize = 40;

/// Bytes by which credential and verifier can make a call longer. A server whose callers send some, as most on hosts do,
/// adds it to its receive buffer.
pub const ONCILLA_CREDENTIALS_MAX: usize = 800;

/// Bytes of a reply before its results.
pub const ONCILLA_REPLY_HEADER: usize = 24;

/// Bytes of the largest refusal: no reply buffer should be smaller.
pub const ONCILLA_REFUSAL_MAX: usize = 32;

const _: () = {
    use oncilla::message;
    assert!(ONCILLA_CALL_HEADER == message::CALL_HEADER && ONCILLA_REPLY_HEADER == message::REPLY_HEADER);
    assert!(ONCILLA_CREDENTIALS_MAX == message::CREDENTIALS_MAX && ONCILLA_REFUSAL_MAX == message::REFUSAL_MAX);
    // ONCILLA_TABLE_WORDS says so.
    let word = size_of::<usize>();
    assert!(size_of::<oncilla::Program<State>>() == 8 + 2 * word);
    assert!(size_of::<oncilla::Procedure<State>>() <= if word < 4 { 8 } else { 3 * word });
};

/// One procedure of a program; it can be in flash.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Procedure {
    /// Its number, from 1: procedure 0 is NULL and always served.
    pub number: u32,
    /// 0 or ONCILLA_IDEMPOTENT.
    pub flags: u32,
    /// Bytes of the largest results. It is not run unless there is room for as many.
    pub results_max: usize,
    /// Never NULL.
    pub run: Run,
}

/// One version of one program; it can be in flash. Several versions of a program are several of these.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Program {
    /// The program's number.
    pub number: u32,
    /// Its version.
    pub version: u32,
    /// Its procedures.
    pub procedures: *const Procedure,
    /// How many.
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

/// All that one server serves. Made by `oncilla_table_init`, and not changed afterwards: several servers, in several
/// threads, can have one. It counts who uses it, so it stays in memory that can be written.
#[repr(C)]
pub struct Table {
    opaque: [u64; ONCILLA_TABLE_SIZE],
}

/// What is in a table.
pub(crate) struct Built {
    pub table: oncilla::Table<State>,
    programs: &'static [Program],
    authorize: Authorize,
    /// What was lent for the same programs as the core has them: see `memory_needed`.
    memory: *const u64,
}

impl Kind for Table {
    type Inner = Built;
    const MARK: u32 = 0x7461_626c;
}

impl Built {
    /// Checks that nothing that the table was lent has a byte in common with `memory`.
    pub fn is_apart_from(&self, memory: Memory) -> Result<(), Overlap> {
        apart((self.memory.cast(), memory_needed(self.programs).unwrap_or(usize::MAX)), memory)?;
        are_apart_from(self.programs, memory)
    }
}

/// Checks that nothing of the C program's own that describes `programs` has a byte in common with `memory`.
#[inline(never)]
fn are_apart_from(programs: &[Program], memory: Memory) -> Result<(), Overlap> {
    apart((programs.as_ptr().cast(), size_of_val(programs)), memory)?;
    programs.iter().try_for_each(|program| {
        let length = program.procedure_count.saturating_mul(size_of::<Procedure>());
        apart((program.procedures.cast(), length), memory)
    })
}

/// Bytes that `programs` take as the core has them.
#[inline(never)]
fn memory_needed(programs: &[Program]) -> Option<usize> {
    let procedures = programs.iter().try_fold(0usize, |sum, program| sum.checked_add(program.procedure_count))?;
    let procedures = procedures.checked_mul(size_of::<oncilla::Procedure<State>>())?;
    programs.len().checked_mul(size_of::<oncilla::Program<State>>())?.checked_add(procedures)
}

/// What procedures work on: the C program's context, and the table, where the C procedures are.
pub(crate) struct State {
    context: *mut c_void,
    table: *const Table,
}

/// Makes a table of `count` programs. `authorize` is asked about every call; with NULL, AUTH_NONE and well-formed AUTH_SYS
/// are served. `memory` is ONCILLA_TABLE_WORDS(programs, procedures) of uint64_t, of all programs together; `size` is
/// its size in bytes. Programs, procedures and memory must stay in their place as long as the table is used.
/// ONCILLA_OVERLAP if the memory or the table has bytes in common with the rest. ONCILLA_BUSY from a callback of whatever
/// serves the table.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
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
            // Before it is compared with anything.
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

/// The same programs as the core has them.
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
    // All before the first is written: what is looked at is not what is written.
    let lent = (memory.cast_const().cast::<u8>(), size);
    are_apart_from(programs, lent)?;
    let first: *mut oncilla::Program<State> = memory.cast();
    // SAFETY: the programs are at the front of the memory and the procedures behind, each where it is aligned: programs
    // take whole words. All find room, since `needed` is not more than `size`. They stay, by the function's condition.
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
    /// The same as the core has it.
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

    /// The table, which is in use and so does not change.
    fn built(&self) -> Result<&'static Built, Failure> {
        // SAFETY: the condition of `new`.
        unsafe { look(self.table) }.map_err(|_| Failure::SystemError)
    }

    fn find(&self, id: ProcedureId) -> Option<&'static Procedure> {
        let wanted = |program: &&Program| program.number == id.program && program.version == id.version;
        let program = self.built().ok()?.programs.iter().find(wanted)?;
        // SAFETY: the condition of `oncilla_table_init`, which has looked at them.
        let procedures = unsafe { slice(program.procedures, program.procedure_count) }.ok()?;
        procedures.iter().find(|procedure| procedure.number == id.procedure)
    }

    /// Runs a C procedure.
    fn run(&mut self, call: &Call<'_>, room: &mut [u8]) -> Result<usize, Failure> {
        let procedure = self.find(call.id()).ok_or(Failure::SystemError)?;
        // Not more than the interface says, though there may be more. A procedure may say that it has written what it has
        // not: no byte of an earlier message is sent then.
        let room = room.get_mut(..procedure.results_max).ok_or(Failure::SystemError)?;
        room.fill(0);
        let request = Request::of(call);
        let mut arguments = Reader::new(call.arguments());
        let mut results = Writer::new(room);
        let run = procedure.run.ok_or(Failure::SystemError)?;
        // SAFETY: it is a procedure of the table, called as its type says; the condition of `oncilla_table_init`.
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

    /// Asks the C program whether a call is carried out.
    fn authorize(&mut self, call: &Call<'_>) -> Result<(), AuthStatus> {
        let Ok(Some(authorize)) = self.built().map(|built| built.authorize) else { return call.check_credential() };
        // SAFETY: it was given with the table, and is called as its type says.
        match unsafe { authorize(self.context, &Request::of(call)) } {
            0 => Ok(()),
            auth_stat => Err(AuthStatus(auth_stat)),
        }
    }
}

/// Bytes of the largest reply that the table can give, and so of the buffer it needs, before framing; 0 when the table
/// was not initialised.
///
/// # Safety
/// The pointer points to a table, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_table_reply_max(table: *const Table) -> usize {
    // SAFETY: this function's condition.
    unsafe { look(table) }.map_or(0, |built| built.table.reply_max())
}
