//! Tables of C procedures, which servers serve. They are constants of the C program.

use core::ffi::c_void;
use core::marker::PhantomData;

use oncilla::__private::by_parts::{Found, Programs};
use oncilla::message::{AuthStatus, Call, ProcedureId, REFUSAL_MAX, REPLY_HEADER};
use oncilla::{Handled, Needs, Refusal};

use crate::checked::{CHECKS, Memory, Overlap, apart, check, place_at, slice, there};
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
    assert!(ONCILLA_CALL_HEADER == message::CALL_HEADER && ONCILLA_REPLY_HEADER == REPLY_HEADER);
    assert!(ONCILLA_CREDENTIALS_MAX == message::CREDENTIALS_MAX && ONCILLA_REFUSAL_MAX == REFUSAL_MAX);
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

/// The programs that a server serves: a constant, which can be in flash, as in
///
/// `static const oncilla_table table = {programs, 1, NULL};`
///
/// Any number of servers in any number of threads can share it. It and its parts must not change while one uses it.
/// `oncilla_table_check` finds mistakes in it; call that in a test of your program.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Table {
    /// The programs.
    pub programs: *const Program,
    /// The number of programs.
    pub program_count: usize,
    /// Decides about every call. With NULL, AUTH_NONE and well-formed AUTH_SYS are served.
    pub authorize: Authorize,
}

impl Table {
    /// # Safety
    /// The members are right, or wrong in a way that [`slice`] notices; this is so in every function that has a table.
    unsafe fn programs(&self) -> Result<&'static [Program], Status> {
        // SAFETY: this function's condition.
        unsafe { slice(self.programs, self.program_count) }
    }

    /// Checks that neither the table nor a part of it shares a byte with `memory`.
    ///
    /// # Safety
    /// As of [`programs`](Self::programs).
    #[inline(never)]
    pub(crate) unsafe fn is_apart_from(&self, memory: Memory) -> Result<(), Overlap> {
        if !CHECKS {
            return Ok(());
        }
        apart(place_at(self), memory)?;
        // SAFETY: this function's condition.
        let programs = unsafe { self.programs() }.unwrap_or_default();
        apart((programs.as_ptr().cast(), size_of_val(programs)), memory)?;
        programs.iter().try_for_each(|program| {
            let length = program.procedure_count.saturating_mul(size_of::<Procedure>());
            apart((program.procedures.cast(), length), memory)
        })
    }

    /// Finds the mistakes that [`oncilla_table_check`] reports.
    ///
    /// # Safety
    /// As of [`programs`](Self::programs).
    unsafe fn check(&self) -> Result<(), Status> {
        // SAFETY: this function's condition.
        let mut programs = unsafe { self.programs() }?;
        while let Some((program, others)) = programs.split_first() {
            if others.iter().any(|other| other.number == program.number && other.version == program.version) {
                return Err(ONCILLA_PROGRAM_TWICE);
            }
            // SAFETY: this function's condition.
            let mut procedures = unsafe { slice(program.procedures, program.procedure_count) }?;
            while let Some((procedure, others)) = procedures.split_first() {
                if procedure.number == 0 {
                    return Err(ONCILLA_PROCEDURE_ZERO);
                }
                if others.iter().any(|other| other.number == procedure.number) {
                    return Err(ONCILLA_PROCEDURE_TWICE);
                }
                if procedure.run.is_none() {
                    return Err(ONCILLA_NULL);
                }
                if procedure.flags & !ONCILLA_IDEMPOTENT != 0 || procedure.results_max > i32::MAX as usize {
                    return Err(ONCILLA_INVALID);
                }
                procedures = others;
            }
            programs = others;
        }
        Ok(())
    }

    /// Returns the bytes of the largest reply.
    ///
    /// # Safety
    /// The pointers of the table and of its programs are null, or point to as many elements as their counts state.
    pub unsafe fn reply_max(&self) -> usize {
        let mut largest = REFUSAL_MAX;
        // SAFETY: this function's condition.
        for program in unsafe { self.programs() }.unwrap_or_default() {
            // SAFETY: this function's condition.
            for procedure in unsafe { slice(program.procedures, program.procedure_count) }.unwrap_or_default() {
                largest = largest.max(procedure.results_max.saturating_add(REPLY_HEADER));
            }
        }
        largest
    }

    /// Looks up a procedure.
    ///
    /// # Safety
    /// As of [`programs`](Self::programs).
    #[inline]
    unsafe fn find(&self, id: ProcedureId) -> Found<&'static Procedure> {
        let (mut low, mut high) = (u32::MAX, 0);
        for index in 0..self.program_count {
            // SAFETY: this function's condition.
            let program = unsafe { &*self.programs.wrapping_add(index) };
            if program.number != id.program {
                continue;
            }
            if program.version == id.version {
                for index in 0..program.procedure_count {
                    // SAFETY: this function's condition.
                    let procedure = unsafe { &*program.procedures.wrapping_add(index) };
                    if procedure.number == id.procedure {
                        return Found::Procedure(procedure);
                    }
                }
                return Found::Program;
            }
            low = low.min(program.version);
            high = high.max(program.version);
        }
        Found::Versions(low, high)
    }
}

/// Checks a table: its pointers, and that no number occurs twice.
///
/// Returns ONCILLA_PROGRAM_TWICE, ONCILLA_PROCEDURE_TWICE or ONCILLA_PROCEDURE_ZERO if numbers are wrong,
/// ONCILLA_NULL if a procedure has no function or a pointer is NULL, ONCILLA_INVALID if a procedure has unknown flags
/// or results of more than INT32_MAX bytes. In a library with checks, every function that takes a table does the same.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_table_check(table: *const Table) -> Status {
    if table.is_null() {
        return ONCILLA_NULL;
    }
    // SAFETY: this function's condition.
    status(check(table).and_then(|()| unsafe { (*table).check() }))
}

/// Returns the bytes of the table's largest reply, before framing.
///
/// Use it to check the size of reply buffers. Returns 0 for NULL.
///
/// # Safety
/// The pointer points to a table, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_table_reply_max(table: *const Table) -> usize {
    // SAFETY: this function's condition.
    if check(table).is_err() { 0 } else { unsafe { (*table).reply_max() } }
}

/// Returns a table after checking it, where arguments are checked.
///
/// # Safety
/// The pointer points to a table that does not change as long as it is used, or is NULL.
pub(crate) unsafe fn checked_table(table: *const Table) -> Result<&'static Table, Status> {
    // SAFETY: this function's condition.
    unsafe {
        if CHECKS {
            check(table)?;
            (*table).check()?;
        }
        Ok(&*table)
    }
}

/// A table and the context of its procedures. `K` is the kind of carrier: see [`On`](crate::carrier::On).
pub(crate) struct Asked<K> {
    table: &'static Table,
    context: *mut c_void,
    kind: PhantomData<K>,
}

impl<K> Asked<K> {
    pub const fn new(table: &'static Table, context: *mut c_void) -> Self {
        Self { table, context, kind: PhantomData }
    }
}

impl<K> Programs for Asked<K> {
    type Procedure = &'static Procedure;

    #[inline]
    fn find(&self, id: ProcedureId) -> Found<&'static Procedure> {
        // SAFETY: the table was checked when it was lent.
        unsafe { self.table.find(id) }
    }

    #[inline]
    fn needs(&self, procedure: &'static Procedure) -> Needs {
        Needs { results_max: procedure.results_max, idempotent: procedure.flags & ONCILLA_IDEMPOTENT != 0 }
    }

    /// Asks the C program whether a call is executed.
    #[inline]
    fn authorize(&self, call: &Call<'_>) -> Result<(), AuthStatus> {
        let Some(authorize) = self.table.authorize else { return call.check_credential() };
        // SAFETY: it is a member of the table, and is called with the arguments of its type.
        match unsafe { authorize(self.context, &Request::of(call)) } {
            0 => Ok(()),
            auth_stat => Err(AuthStatus(auth_stat)),
        }
    }

    #[inline]
    fn run(&self, procedure: &'static Procedure, call: &Call<'_>, room: &mut [u8]) -> Handled {
        let failed = Handled::Refused(Refusal::SystemError);
        // No more room than the interface states, even if the buffer is larger. The room is cleared, so that a
        // procedure that reports a length without writing does not send bytes of an earlier message.
        let Some(room) = room.get_mut(..procedure.results_max) else { return failed };
        room.fill(0);
        let request = Request::of(call);
        let mut arguments = Reader::new(call.arguments());
        let mut results = Writer::new(room);
        // SAFETY: the table was checked, or by a library without checks must be right.
        let Some(run) = (unsafe { there(procedure.run) }) else { return failed };
        // SAFETY: it is a procedure of the table, called with the arguments of its type.
        let returned = unsafe { run(self.context, &request, &mut arguments, &mut results) };
        let decoded = arguments.status == ONCILLA_OK;
        match returned {
            ONCILLA_NO_REPLY if decoded => Handled::Silent,
            ONCILLA_NO_REPLY => Handled::Dropped,
            ONCILLA_OK if decoded && results.status == ONCILLA_OK && results.length <= room.len() => {
                Handled::Results(results.length)
            }
            _ if !decoded || returned == ONCILLA_GARBAGE_ARGS => Handled::Refused(Refusal::GarbageArguments),
            _ => failed,
        }
    }
}
