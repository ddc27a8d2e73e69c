//! Endpoints whose procedures call the peer while they run.
//!
//! A procedure that calls enters the object that runs it a second time. Therefore no function holds a reference into
//! the object while a procedure runs: a [`Handle`] reaches the endpoint anew each time, and has a state of its own.

use core::ffi::c_void;

use oncilla::__private::by_parts::{self, Found, Programs};
use oncilla::__private::{Identity as Identity_, Noted, Recalled};
use oncilla::framing::{Record, Serial};
use oncilla::message::{Form, Origin, ProcedureId};
use oncilla::{CallError, Caller, Levels, LinkError, NestedEndpoint, Remembers, Time, Turn};

use crate::calling::{Callers, Identity};
use crate::carrier::{Carrier, On, Plain};
use crate::checked::{CHECKS, Memory, NOWHERE, place_at, slice};
use crate::lent::{Ends, Served, are_apart};
use crate::link::link;
use crate::object::{Kind, enter_any, init, mark};
use crate::replay::{Kept, named};
use crate::serving::{ServeNext, serve, served};
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

    pub(crate) const fn memories(&self) -> [Memory; 3] {
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

/// Words that an `oncilla_nested` has besides its client.
#[cfg(target_pointer_width = "64")]
pub const ONCILLA_NESTED_SIZE: usize = 81;
/// Words that an `oncilla_nested` has besides its client.
#[cfg(target_pointer_width = "32")]
pub const ONCILLA_NESTED_SIZE: usize = 46;
/// Words that an `oncilla_nested` has besides its client.
#[cfg(target_pointer_width = "16")]
pub const ONCILLA_NESTED_SIZE: usize = 25;

/// An endpoint whose procedures may call the peer while they run.
///
/// A procedure calls with `oncilla_client_call` and `oncilla_client_cast` on the member `client` of the object that runs it.
/// As many procedures can run, one within the other, as there are levels. A call from a procedure of the innermost level
/// returns ONCILLA_TOO_DEEP at once, so that two peers never wait for each other for ever. Two levels are enough for
/// peers that call at the same moment, if the procedures called in turn do not call. The stack must hold as many
/// procedures with their calls as there are levels.
///
/// The results of a call are lent until the next use of the object, which includes a further call. A call that is repeated
/// while its procedure runs is dropped: its reply follows.
#[repr(C)]
pub struct Nested {
    /// Calls the peer. The functions of the nested endpoint initialise it.
    pub client: Client,
    opaque: [u64; ONCILLA_NESTED_SIZE],
}

impl Kind for Nested {
    const MARK: u32 = mark(b'n');
}

type NestedOf<K> = NestedEndpoint<Served, Carrier<K>, LentLevels, Kept, Identity>;

/// The first part of the content of an `oncilla_nested`.
#[repr(C)]
struct Front {
    callers: Callers,
    serve_next: ServeNext,
}

/// The content of an `oncilla_nested`.
#[repr(C)]
struct Inside<K: Plain> {
    front: Front,
    served: Served,
    #[cfg(feature = "checks")]
    levels: [Level; LEVELS],
    endpoint: NestedOf<K>,
}

/// The core's endpoint has a table of its own kind, which is not used: [`Handle`] answers.
static NONE: oncilla::Table<Served> = match oncilla::Table::new(&[]) {
    Ok(table) => table,
    Err(_) => panic!("an empty table is right"),
};

/// An endpoint, and the state of one function's call. A function that a procedure calls has another state.
struct Handle<K: Plain> {
    inside: *mut Inside<K>,
    served: Served,
}

impl<K: Plain> oncilla::Holder for Handle<K> {
    type State = Served;
    type Endpoint = NestedOf<K>;

    fn its_endpoint(&mut self) -> &mut NestedOf<K> {
        // SAFETY: it is a part of an object that stays in its place. The reference is not used while a procedure runs, and
        // only a procedure can make another one.
        unsafe { &mut (*self.inside).endpoint }
    }

    fn its_state(&mut self) -> &mut Served {
        &mut self.served
    }

    fn is_kept(&mut self, _: &'static oncilla::Table<Served>, id: ProcedureId) -> bool {
        matches!(self.served.asked::<K>().find(id), Found::Procedure(it) if it.flags & ONCILLA_IDEMPOTENT == 0)
    }

    fn answer(
        &mut self,
        ran: &mut Noted,
        form: Option<Form>,
        origin: Origin<'_>,
        _: &'static oncilla::Table<Served>,
        message: &[u8],
        reply: &mut [u8],
    ) -> Option<usize> {
        by_parts::answer::<_, _, true>(
            &self.served.asked::<K>(),
            Some(Ran(ran)),
            form.unwrap_or(Form::Full),
            origin,
            message,
            reply,
        )
    }
}

/// Notes whether a procedure ran whose reply is remembered.
struct Ran<'a>(&'a mut Noted);

impl Remembers for Ran<'_> {
    fn reply_max(&self) -> usize {
        usize::MAX
    }

    fn recall(&self, _: &mut Identity_, _: Form, _: Origin<'_>, _: &[u8], _: &mut [u8]) -> Recalled {
        Recalled::New
    }

    fn remember(&mut self, _: &Identity_, _: Option<&[u8]>) {
        self.0.0 = true;
    }

    fn grow_older(&mut self) {}

    fn clear(&mut self) {}
}

impl<K: Plain> Handle<K> {
    unsafe fn of(inside: *mut Inside<K>) -> Self {
        // SAFETY: this part does not change after the initialisation.
        Self { inside, served: unsafe { (*inside).served } }
    }

    unsafe fn serve_next(inside: *mut (), deadline: Time) -> Result<oncilla::Served, LinkError<i32>> {
        // SAFETY: it is the content of such an object.
        Turn::new(&mut unsafe { Self::of(inside.cast()) }).serve_next(deadline)
    }

    unsafe fn exchange(
        callers: *mut Callers,
        &calling::Call { id, arguments, one_way }: &calling::Call<'_>,
    ) -> Result<&'static [u8], CallError<i32>> {
        // SAFETY: it is the first part of such an object.
        let mut handle = unsafe { Self::of(callers.cast()) };
        let mut turn = Turn::new(&mut handle);
        if one_way {
            return turn.cast(id, |writer| writer.append(arguments)).map(|()| &[][..]);
        }
        let results: *const [u8] =
            turn.call(id, |writer| writer.append(arguments), |results| Ok(results as *const [u8]))?;
        // SAFETY: the results are in the buffers, which are lent as long as the object is used.
        Ok(unsafe { &*results })
    }
}

/// # Safety
/// As of [`oncilla_nested_over_record`].
#[allow(clippy::too_many_arguments)]
#[inline]
unsafe fn over<K: Plain>(
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
    let make = |place: *mut Inside<K>| unsafe {
        let replay = named(replay, K::LOSSY)?;
        let many = K::ADDRESSES && crate::checked::reference(io).is_ok_and(|io| io.peer.is_some());
        let served = Served::new(table, context, replay, many)?;
        if served.replay.is_shared() {
            return Err(ONCILLA_INVALID);
        }
        let lent_levels = slice(levels, count)?;
        if count == 0 || count > LEVELS {
            return Err(ONCILLA_INVALID);
        }
        let mut kept = [Level::NONE; LEVELS];
        for (place, level) in kept.iter_mut().zip(lent_levels) {
            if CHECKS && (level.call_size < ONCILLA_CALL_HEADER || level.reply_size < served.table.reply_max()) {
                return Err(ONCILLA_TOO_SMALL);
            }
            *place = *level;
        }
        if CHECKS {
            let Buffers { rx, rx_size, tx, tx_size } = *checked::reference(buffers)?;
            let mut memories = [NOWHERE; 3 + 3 * LEVELS + 3];
            let [owner, rx_at, tx_at] = [place_at(nested), (rx.cast_const(), rx_size), (tx.cast_const(), tx_size)];
            let of_levels = kept.iter().flat_map(Level::memories);
            let read = [place_at(io), place_at(buffers), (levels.cast(), size_of_val(lent_levels))];
            let all = [owner, rx_at, tx_at].into_iter().chain(of_levels).chain(read);
            for (place, memory) in memories.iter_mut().zip(all) {
                *place = memory;
            }
            are_apart(&memories, 3 + 3 * LEVELS, Some(&served))?;
        }
        let send_max = || served.table.reply_max().max(ONCILLA_CALL_HEADER);
        let begin = || Ok(boot);
        let (link, lent) = link::<K, _>(nested, Some(&served), io, true, buffers, Ends::NONE, begin, send_max)?;
        #[cfg(feature = "checks")]
        let lent = lent.with_levels((&raw const (*place).levels).cast(), LEVELS);
        let [a, b, c, d] = &kept;
        let levels = LentLevels { levels: [a.lend()?, b.lend()?, c.lend()?, d.lend()?], count };
        let endpoint = NestedEndpoint::new(link, &NONE, levels, first_xid)
            .with_replay(served.replay)
            .with_credential(Identity::NONE);
        let callers = Callers::new(Handle::<K>::exchange, core::ptr::null_mut(), lent);
        let front = Front { callers, serve_next: Handle::<K>::serve_next };
        place.write(Inside {
            front,
            served,
            #[cfg(feature = "checks")]
            levels: kept,
            endpoint,
        });
        (*place).front.callers.calling = (*place).endpoint.calling();
        Ok(())
    };
    // SAFETY: the function's condition.
    unsafe { init(nested, make) }
}

/// Initialises a nested endpoint on record marking (RFC 5531 §11).
///
/// `levels` points to `count` levels, 1 to ONCILLA_LEVELS_MAX (ONCILLA_INVALID otherwise). The structures are copied;
/// their buffers are lent as long as the object is used. It has one peer: `replay` comes from `oncilla_replay_init`
/// and `io` has no `peer` (ONCILLA_INVALID otherwise). Everything else is as in
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
    unsafe { over::<On<Record, Nested>>(nested, table, context, replay, io, buffers, levels, count, first_xid, 0) }
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
    unsafe { over::<On<Serial, Nested>>(nested, table, context, replay, io, buffers, levels, count, first_xid, boot) }
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
    unsafe {
        match enter_any::<_, Front>(nested, |mark| mark == Nested::MARK, |_| true) {
            Ok((_in_use, front)) => {
                let next = ((*front).serve_next)(front.cast(), Time::from_micros(deadline));
                served(next, &raw mut (*front).callers.failure)
            }
            Err(fault) => fault,
        }
    }
}

/// Serves until the peer closes the link, then returns ONCILLA_OK.
///
/// Blocks until then, or until the link fails.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_nested_serve(nested: *mut Nested) -> Status {
    // SAFETY: this function's condition.
    serve(|| unsafe { oncilla_nested_serve_next(nested, ONCILLA_NEVER) })
}
