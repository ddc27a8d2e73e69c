//! Endpoints whose procedures call the peer while they run.
//!
//! A procedure that calls enters the object that runs it a second time. Therefore no function holds a reference into
//! the object while a procedure runs: a [`Handle`] reaches the endpoint anew each time, and has a state of its own.

use core::ffi::c_void;
use core::mem::MaybeUninit;

use oncilla::framing::{Record, Serial};
use oncilla::message::ProcedureId;
use oncilla::{CallError, Caller, Levels, LinkError, NestedEndpoint, Retry, Time, Turn};

use crate::calling::{Identity, Outgoing, check_results, give};
use crate::carrier::{Carrier, Plain};
use crate::checked::{Memory, NOWHERE, check, place_at, put, slice};
use crate::lent::{Ends, Lent, Served, Serves, are_apart};
use crate::link::link;
use crate::object::{Kind, init, look, visit};
use crate::replay::{Remembering, named};
use crate::status::status;
use crate::table::State;
use crate::*;

/// The largest number of levels.
pub const ONCILLA_LEVELS_MAX: usize = 4;

const LEVELS: usize = ONCILLA_LEVELS_MAX;

/// The buffers of one level, that is of one running procedure, perhaps within another. Sizes are without framing.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Level {
    /// The call that is served. A larger one is refused with GARBAGE_ARGS.
    pub call: *mut u8,
    /// Bytes of `call`, at least ONCILLA_CALL_HEADER.
    pub call_size: usize,
    /// The reply of the call that is served.
    pub reply: *mut u8,
    /// Bytes of `reply`, at least `oncilla_table_reply_max`.
    pub reply_size: usize,
    /// A reply to an outer level's call that arrives while a procedure of this level waits. NULL for the innermost
    /// level.
    pub early: *mut u8,
    /// Bytes of `early`. A larger reply ends its call with ONCILLA_REPLY_TOO_LARGE.
    pub early_size: usize,
}

impl Level {
    const NONE: Self = Self {
        call: core::ptr::null_mut(),
        call_size: 0,
        reply: core::ptr::null_mut(),
        reply_size: 0,
        early: core::ptr::null_mut(),
        early_size: 0,
    };

    const fn memories(&self) -> [Memory; 3] {
        [
            (self.call.cast_const(), self.call_size),
            (self.reply.cast_const(), self.reply_size),
            (self.early.cast_const(), self.early_size),
        ]
    }

    /// # Safety
    /// The buffers are lent, and nothing else uses them.
    unsafe fn lend(&self) -> Result<oncilla::Level<&'static mut [u8]>, Status> {
        // SAFETY: this function's condition.
        let lent = |memory: *mut u8, size| unsafe { checked::cleared(memory, size) };
        Ok(oncilla::Level::new(
            lent(self.call, self.call_size)?,
            lent(self.reply, self.reply_size)?,
            lent(self.early, self.early_size)?,
        ))
    }
}

/// The levels that were lent.
struct LentLevels {
    levels: [oncilla::Level<&'static mut [u8]>; LEVELS],
    count: usize,
}

impl Levels for LentLevels {
    type Buffer = &'static mut [u8];

    fn levels(&mut self) -> &mut [oncilla::Level<&'static mut [u8]>] {
        self.levels.get_mut(..self.count).unwrap_or_default()
    }
}

type NestedOf<F> = NestedEndpoint<State, Carrier<F>, LentLevels, Remembering, Identity>;

/// Words of the largest body, which is the one on a serial line.
const BODY: usize = size_of::<NestedOf<Serial>>().div_ceil(8);

/// Words of an `oncilla_nested`.
#[cfg(target_pointer_width = "64")]
pub const ONCILLA_NESTED_SIZE: usize = 129;
/// Words of an `oncilla_nested`.
#[cfg(target_pointer_width = "32")]
pub const ONCILLA_NESTED_SIZE: usize = 83;
/// Words of an `oncilla_nested`.
#[cfg(target_pointer_width = "16")]
pub const ONCILLA_NESTED_SIZE: usize = 71;

/// An endpoint whose procedures may call the peer while they run.
///
/// A procedure calls with `oncilla_nested_call` and `oncilla_nested_cast` on the object that runs it. As many
/// procedures can run, one within the other, as there are levels. A call from a procedure of the innermost level
/// returns ONCILLA_TOO_DEEP at once, so that two peers never wait for each other for ever. Two levels are enough for
/// peers that call at the same moment, if the procedures called in turn do not call. The stack must hold as many
/// procedures with their calls as there are levels.
///
/// A call that is repeated while its procedure runs is dropped: its reply follows.
#[repr(C)]
pub struct Nested {
    opaque: [u64; ONCILLA_NESTED_SIZE],
}

/// The content of an `oncilla_nested`.
pub(crate) struct Inside {
    does: &'static Does,
    lent: Lent<Served>,
    levels: [Level; LEVELS],
    context: *mut c_void,
    error: Details,
    body: MaybeUninit<[u64; BODY]>,
}

impl Kind for Nested {
    type Inner = Inside;
    const MARK: u32 = 0x6e65_7374;
}

/// The outcome of a call.
type Called<R> = Result<R, CallError<i32>>;

/// A function that makes a call.
type Call = unsafe fn(*mut (), State, ProcedureId, &[u8]) -> Called<&'static [u8]>;

/// The operations of an endpoint of any framing.
struct Does {
    serve_next: unsafe fn(*mut (), State, Time) -> Result<oncilla::Served, LinkError<i32>>,
    call: Call,
    cast: unsafe fn(*mut (), State, ProcedureId, &[u8]) -> Called<()>,
    set: unsafe fn(*mut (), Setting),
}

enum Setting {
    Timeout(Option<core::time::Duration>),
    Retry(Retry),
}

/// An endpoint, and the state of one function's call. A function that a procedure calls has another state.
struct Handle<F: Plain> {
    body: *mut NestedOf<F>,
    state: State,
}

impl<F: Plain> oncilla::Holder for Handle<F> {
    type State = State;
    type Endpoint = NestedOf<F>;

    fn its_endpoint(&mut self) -> &mut NestedOf<F> {
        // SAFETY: it is the body of an object that stays in its place. The reference is not used while a procedure
        // runs, and only a procedure can make another one.
        unsafe { &mut *self.body }
    }

    fn its_state(&mut self) -> &mut State {
        &mut self.state
    }
}

impl<F: Plain> Handle<F> {
    const DOES: Does = Does { serve_next: Self::serve_next, call: Self::call, cast: Self::cast, set: Self::set };

    fn of(body: *mut (), state: State) -> Self {
        Self { body: body.cast(), state }
    }

    unsafe fn serve_next(body: *mut (), state: State, deadline: Time) -> Result<oncilla::Served, LinkError<i32>> {
        Turn::new(&mut Self::of(body, state)).serve_next(deadline)
    }

    unsafe fn call(body: *mut (), state: State, id: ProcedureId, arguments: &[u8]) -> Called<&'static [u8]> {
        let mut handle = Self::of(body, state);
        let results: *const [u8] =
            Turn::new(&mut handle).call(id, |writer| writer.append(arguments), |results| Ok(results as *const [u8]))?;
        // SAFETY: the results are in the buffers, which are lent as long as the object is used.
        Ok(unsafe { &*results })
    }

    unsafe fn cast(body: *mut (), state: State, id: ProcedureId, arguments: &[u8]) -> Called<()> {
        Turn::new(&mut Self::of(body, state)).cast(id, |writer| writer.append(arguments))
    }

    unsafe fn set(body: *mut (), setting: Setting) {
        // SAFETY: as of `its_endpoint`.
        let endpoint = unsafe { &mut *body.cast::<NestedOf<F>>() };
        match setting {
            Setting::Timeout(Some(timeout)) => endpoint.set_timeout(timeout),
            Setting::Timeout(None) => endpoint.wait_for_ever(),
            Setting::Retry(retry) => endpoint.set_retry(retry),
        }
    }
}

impl Inside {
    /// Checks that no memory lent to the object shares a byte with `memory`.
    unsafe fn is_apart_from(inside: *const Self, own: Memory, memory: Memory) -> Result<(), Status> {
        // SAFETY: these parts do not change after the initialisation.
        unsafe {
            (*inside).lent.is_apart_from(own, memory)?;
            for level in (*inside).levels {
                for buffer in level.memories() {
                    checked::apart(buffer, memory)?;
                }
            }
        }
        Ok(())
    }

    unsafe fn state(inside: *const Self) -> State {
        // SAFETY: the table was checked at the initialisation, and stays in its place.
        unsafe { State::new((*inside).context, (*inside).lent.served.table) }
    }

    unsafe fn fail(inside: *mut Self, details: Details) -> Status {
        // SAFETY: nothing else refers to the details.
        unsafe { (*inside).error = details };
        details.status
    }
}

/// # Safety
/// As of [`oncilla_nested_over_record`].
#[allow(clippy::too_many_arguments)]
unsafe fn over<F: Plain>(
    nested: *mut Nested,
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    io: *const Io,
    buffers: *const Buffers,
    levels: *const Level,
    count: usize,
    first_xid: u32,
    boot: u32,
) -> Status {
    // SAFETY: the function's condition.
    let make = || unsafe {
        let replay = named(replay, F::LOSSY)?;
        let served = Served::new(table, replay)?;
        let built = look(table)?;
        let reply_max = built.table.reply_max();
        let lent_levels = slice(levels, count)?;
        if count == 0 || count > LEVELS {
            return Err(ONCILLA_INVALID);
        }
        let mut kept = [Level::NONE; LEVELS];
        for (place, level) in kept.iter_mut().zip(lent_levels) {
            if level.call_size < ONCILLA_CALL_HEADER || level.reply_size < reply_max {
                return Err(ONCILLA_TOO_SMALL);
            }
            *place = *level;
        }
        let Buffers { rx, rx_size, tx, tx_size } = *checked::reference(buffers)?;
        let mut memories = [NOWHERE; 3 + 3 * LEVELS + 3];
        let [owner, rx_at, tx_at] = [place_at(nested), (rx.cast_const(), rx_size), (tx.cast_const(), tx_size)];
        let of_levels = kept.iter().flat_map(Level::memories);
        let read = [place_at(io), place_at(buffers), (levels.cast(), size_of_val(lent_levels))];
        let all = [owner, rx_at, tx_at].into_iter().chain(of_levels).chain(read);
        for (place, memory) in memories.iter_mut().zip(all) {
            *place = memory;
        }
        are_apart(&memories, 3 + 3 * LEVELS, &served)?;
        let send_max = reply_max.max(ONCILLA_CALL_HEADER);
        let (link, lent) = link::<F, _, _>(nested, served, io, true, buffers, Ends::NONE, || Ok(boot), send_max)?;
        let [a, b, c, d] = &kept;
        let levels = LentLevels { levels: [a.lend()?, b.lend()?, c.lend()?, d.lend()?], count };
        let body = NestedEndpoint::new(link, &built.table, levels, first_xid)
            .with_replay(Remembering::of_one(replay, (*io).peer.is_some())?)
            .with_credential(Identity::NONE);
        const {
            assert!(size_of::<NestedOf<F>>() <= 8 * BODY && align_of::<NestedOf<F>>() <= align_of::<u64>());
        }
        let mut place = MaybeUninit::<[u64; BODY]>::uninit();
        place.as_mut_ptr().cast::<NestedOf<F>>().write(body);
        let does = const { &Handle::<F>::DOES };
        Ok(Inside { does, lent, levels: kept, context, error: Details::default(), body: place })
    };
    // SAFETY: the function's condition.
    status(unsafe { init(nested, make) })
}

/// Initialises a nested endpoint on record marking (RFC 5531 §11).
///
/// `levels` points to `count` levels, 1 to ONCILLA_LEVELS_MAX (ONCILLA_INVALID otherwise). The structures are copied;
/// their buffers are lent as long as the object is used. It has one peer: `replay` comes from `oncilla_replay_init`
/// and `io` has no `peer` (ONCILLA_INVALID otherwise). Its calls have empty credentials. Everything else is as in
/// `oncilla_endpoint_over_record`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[allow(clippy::too_many_arguments)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_nested_over_record(
    nested: *mut Nested,
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    io: *const Io,
    buffers: *const Buffers,
    levels: *const Level,
    count: usize,
    first_xid: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<Record>(nested, table, context, replay, io, buffers, levels, count, first_xid, 0) }
}

/// Initialises a nested endpoint on a serial line (COBS with CRC-32).
///
/// `levels` and `count` are as in `oncilla_nested_over_record`, the other parameters as in
/// `oncilla_endpoint_over_serial`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[allow(clippy::too_many_arguments)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_nested_over_serial(
    nested: *mut Nested,
    table: *const Table,
    context: *mut c_void,
    replay: *mut Replay,
    io: *const Io,
    buffers: *const Buffers,
    levels: *const Level,
    count: usize,
    first_xid: u32,
    boot: u32,
) -> Status {
    // SAFETY: this function's condition.
    unsafe { over::<Serial>(nested, table, context, replay, io, buffers, levels, count, first_xid, boot) }
}

/// Waits until `deadline` for one message and answers it, as `oncilla_endpoint_serve_next` does.
///
/// Call it from the main loop. In a procedure of the innermost level, it returns ONCILLA_TIME_UP at once.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_nested_serve_next(nested: *mut Nested, deadline: u64) -> Status {
    // SAFETY: this function's condition; the content is reached by its address only.
    let served = unsafe {
        visit(nested).and_then(|visit| {
            let inside = visit.inner;
            let _in_use = visit.is_first.then(|| (*inside).lent.served.take_in_use()).transpose()?;
            let body = (&raw mut (*inside).body).cast();
            match ((*inside).does.serve_next)(body, Inside::state(inside), Time::from_micros(deadline)) {
                Ok(oncilla::Served::Message) => Ok(()),
                Ok(oncilla::Served::TimeUp) => Err(ONCILLA_TIME_UP),
                Ok(oncilla::Served::Restart) => Err(ONCILLA_RESTARTED),
                Ok(oncilla::Served::End) => Err(ONCILLA_CLOSED),
                Err(fault) => Err(Inside::fail(inside, fault.into())),
            }
        })
    };
    status(served)
}

/// Serves until the peer closes the link, then returns ONCILLA_OK.
///
/// Blocks until then, or until the link fails.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_nested_serve(nested: *mut Nested) -> Status {
    loop {
        // SAFETY: this function's condition.
        match unsafe { oncilla_nested_serve_next(nested, ONCILLA_NEVER) } {
            ONCILLA_OK | ONCILLA_TIME_UP | ONCILLA_RESTARTED => {}
            ONCILLA_CLOSED => return ONCILLA_OK,
            fault => return fault,
        }
    }
}

/// Calls a procedure of the peer and waits for its results.
///
/// It may be called within a procedure that the object runs. The parameters, blocking and statuses are those of
/// `oncilla_endpoint_call`. The results are lent until the next use of the object, which includes a further call.
/// Returns ONCILLA_TOO_DEEP in a procedure of the innermost level.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_nested_call(
    nested: *mut Nested,
    program: u32,
    version: u32,
    procedure: u32,
    arguments: *const Writer,
    results: *mut Reader,
) -> Status {
    let id = ProcedureId { program, version, procedure };
    // SAFETY: this function's condition; the content is reached by its address only.
    let called = unsafe {
        visit(nested).and_then(|visit| {
            let (inside, own) = (visit.inner, place_at(nested));
            check_results(results, own, &(*inside).lent)?;
            Inside::is_apart_from(inside, own, place_at(results))?;
            let call = Outgoing::new(id, arguments, place_at(results), own, &(*inside).lent)?;
            Inside::is_apart_from(inside, own, (call.arguments.as_ptr(), call.arguments.len()))?;
            let _in_use = visit.is_first.then(|| (*inside).lent.served.take_in_use()).transpose()?;
            let body = (&raw mut (*inside).body).cast();
            let called = ((*inside).does.call)(body, Inside::state(inside), call.id, call.arguments);
            Ok(give(called, results, &mut (*inside).error))
        })
    };
    called.unwrap_or_else(|fault| fault)
}

/// Sends a one-way call and does not wait for a reply (RFC 5531 §8).
///
/// Also works in a procedure of the innermost level. Blocks until the carrier has taken the call or the time-out has
/// passed.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_nested_cast(
    nested: *mut Nested,
    program: u32,
    version: u32,
    procedure: u32,
    arguments: *const Writer,
) -> Status {
    let id = ProcedureId { program, version, procedure };
    // SAFETY: this function's condition; the content is reached by its address only.
    let sent = unsafe {
        visit(nested).and_then(|visit| {
            let (inside, own) = (visit.inner, place_at(nested));
            let call = Outgoing::new(id, arguments, NOWHERE, own, &(*inside).lent)?;
            Inside::is_apart_from(inside, own, (call.arguments.as_ptr(), call.arguments.len()))?;
            let body = (&raw mut (*inside).body).cast();
            ((*inside).does.cast)(body, Inside::state(inside), call.id, call.arguments)
                .map_err(|fault| Inside::fail(inside, fault.into()))
        })
    };
    status(sent)
}

/// # Safety
/// The pointer is NULL or valid for its purpose.
unsafe fn set(nested: *mut Nested, setting: Setting) -> Status {
    // SAFETY: this function's condition; the content is reached by its address only.
    let done =
        unsafe { visit(nested).map(|visit| ((*visit.inner).does.set)((&raw mut (*visit.inner).body).cast(), setting)) };
    status(done)
}

/// Sets the total time-out of later calls, in microseconds: see `oncilla_endpoint_set_timeout`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_nested_set_timeout(nested: *mut Nested, microseconds: u64) -> Status {
    // SAFETY: this function's condition.
    unsafe { set(nested, Setting::Timeout(calling::timeout(microseconds))) }
}

/// Sets when later calls are retransmitted: see `oncilla_endpoint_set_retry`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_nested_set_retry(nested: *mut Nested, pause: u64, doubling: u32) -> Status {
    // SAFETY: this function's condition.
    unsafe { set(nested, Setting::Retry(calling::retry(pause, doubling))) }
}

/// Copies the details of the last failure to `details`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_nested_details(nested: *mut Nested, details: *mut Details) -> Status {
    // SAFETY: this function's condition; the content is reached by its address only.
    let told = unsafe {
        visit(nested).and_then(|visit| {
            check(details)?;
            Inside::is_apart_from(visit.inner, place_at(nested), place_at(details))?;
            put(details, (*visit.inner).error)
        })
    };
    status(told)
}
