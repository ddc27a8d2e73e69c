//! At most once: a call that comes again is answered again, not executed again.

use core::net::SocketAddr;
use core::ptr::{from_mut, from_ref};

use oncilla::message::Form;
use oncilla::{Replay as _, ReplayMemory};

use crate::checked::{Memory, NOWHERE, apart, check, cleared, place_at, put};
use crate::object::{InUse, Kind, enter_part, init, peek};
use crate::status::status;
use crate::table::State;
use crate::{ONCILLA_TOO_SMALL, Status};

/// Words of an `oncilla_replay`.
#[cfg(target_pointer_width = "64")]
pub const ONCILLA_REPLAY_SIZE: usize = 10;
/// Words of an `oncilla_replay`.
#[cfg(target_pointer_width = "32")]
pub const ONCILLA_REPLAY_SIZE: usize = 6;
/// Words of an `oncilla_replay`.
#[cfg(target_pointer_width = "16")]
pub const ONCILLA_REPLAY_SIZE: usize = 4;

/// Bytes that a remembered reply takes beside itself.
pub const ONCILLA_REPLAY_HEAD: usize = 16;

const _: () = assert!(ONCILLA_REPLAY_HEAD == ReplayMemory::HEAD);

/// A duplicate request cache: the last replies. A call is known again by its peer, its xid and a checksum of all its bytes; a
/// client that sends it again gets the reply that the first one got, and nothing is executed.
#[repr(C)]
pub struct Replay {
    opaque: [u64; ONCILLA_REPLAY_SIZE],
}

impl Kind for Replay {
    type Inner = Kept;
    const MARK: u32 = 0x7265_706c;
}

/// What is in a replay cache.
pub(crate) struct Kept {
    /// The memory it was lent.
    lent: Memory,
    cache: Cache,
}

struct Cache {
    memory: ReplayMemory<'static>,
    /// How it answers. It is called through this, so that a program which makes no replay cache has nothing of one.
    answer: Answer,
}

type Answer = fn(
    &mut ReplayMemory<'static>,
    Option<Form>,
    Option<&SocketAddr>,
    &oncilla::Table<State>,
    &mut State,
    &[u8],
    &mut [u8],
) -> Option<usize>;

/// Remembers as many replies of at most `reply_max` bytes as `memory` holds: ONCILLA_REPLAY_BYTES(replies, reply_max)
/// bytes. `oncilla_table_reply_max` bytes are enough for all replies of a table; a procedure whose reply could be
/// larger is refused with SYSTEM_ERR unless it is ONCILLA_IDEMPOTENT. There must be as many as calls can be under way at
/// once, in all clients together, with their repetitions: the oldest gives way. The memory must stay in its place.
///
/// ONCILLA_TOO_SMALL when there is not room for one, or `reply_max` is less than ONCILLA_REFUSAL_MAX.
///
/// # Safety
/// `memory` points to `size` bytes that nothing else uses; the pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_replay_init(
    replay: *mut Replay,
    reply_max: usize,
    memory: *mut u8,
    size: usize,
) -> Status {
    let lent: Memory = (memory, size);
    let make = || {
        apart(lent, place_at(replay))?;
        // SAFETY: this function's condition.
        let memory = ReplayMemory::new(unsafe { cleared(memory, size) }?, reply_max).ok_or(ONCILLA_TOO_SMALL)?;
        Ok(Kept { lent, cache: Cache { memory, answer: ReplayMemory::answer } })
    };
    // SAFETY: this function's condition.
    status(unsafe { init(replay, make) })
}

/// How many replies are remembered at most.
///
/// # Safety
/// The pointers point to what they are for, or are NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_replay_slots(replay: *mut Replay, slots: *mut usize) -> Status {
    // SAFETY: this function's condition.
    let counted = unsafe {
        enter(replay).and_then(|cache| {
            check(slots)?;
            apart(place_at(replay), place_at(slots))?;
            apart(memory_of(replay), place_at(slots))?;
            put(slots, cache.memory.slots())
        })
    };
    status(counted)
}

/// Forgets every reply: the peers have restarted, and their calls are new whatever they look like.
///
/// # Safety
/// The pointer points to a replay cache, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_replay_forget(replay: *mut Replay) -> Status {
    // SAFETY: this function's condition.
    status(unsafe { enter(replay) }.map(|mut replay| replay.memory.forget()))
}

/// Takes what remembers in use; where it does so stays known.
///
/// # Safety
/// As of [`enter_part`].
unsafe fn enter<'a>(replay: *mut Replay) -> Result<InUse<'a, Cache>, Status> {
    // SAFETY: this function's condition; `cache` is a part.
    unsafe { enter_part(replay, |kept| &raw mut (*kept).cache) }
}

/// The memory that a replay cache was lent; none, if there is no such or it was made anew and that failed.
///
/// # Safety
/// The pointer points to a replay cache, or is NULL.
pub(crate) unsafe fn memory_of(replay: *const Replay) -> Memory {
    // SAFETY: this function's condition; `lent` is a part.
    unsafe { peek(replay, |kept| &raw const (*kept).lent) }.unwrap_or(NOWHERE)
}

/// A replay cache that may be none.
pub(crate) struct Remembering(*mut Replay);

impl Remembering {
    /// # Safety
    /// If `replay` is not NULL, it points to a replay cache that no other thread uses as long as this is used.
    pub unsafe fn new(replay: *mut Replay) -> Result<Self, Status> {
        if !replay.is_null() {
            // SAFETY: this function's condition.
            unsafe { enter(replay) }?;
        }
        Ok(Self(replay))
    }
}

impl oncilla::Replay for Remembering {
    fn answer<S>(
        &mut self,
        form: Option<Form>,
        peer: Option<&SocketAddr>,
        table: &oncilla::Table<S>,
        state: &mut S,
        message: &[u8],
        reply: &mut [u8],
    ) -> Option<usize> {
        if self.0.is_null() {
            return ().answer(form, peer, table, state, message, reply);
        }
        // In use by what calls the callback that serves: silence, so that the caller asks again.
        // SAFETY: the condition of `new`.
        let mut kept = unsafe { enter(self.0) }.ok()?;
        // SAFETY: every table of this crate is one of `State`, so that is what `S` is.
        let (table, state) = unsafe { (&*from_ref(table).cast(), &mut *from_mut(state).cast()) };
        (kept.answer)(&mut kept.memory, form, peer, table, state, message, reply)
    }

    fn forget(&mut self) {
        // SAFETY: the condition of `new`; none, or one in use, has nothing to forget now.
        let _ = unsafe { oncilla_replay_forget(self.0) };
    }
}

/// Asked apart from the procedures, where those call in their turn. It is reached directly and not through
/// [`Cache::answer`]: only a program with such an endpoint has this in it.
impl oncilla::Remembers for Remembering {
    fn limit(&self) -> Option<usize> {
        if self.0.is_null() {
            return None;
        }
        // SAFETY: the condition of `new`.
        Some(unsafe { enter(self.0) }.map_or(0, |cache| cache.memory.limit().unwrap_or(0)))
    }

    fn recall(
        &mut self,
        form: Option<Form>,
        peer: Option<&SocketAddr>,
        message: &[u8],
        reply: &mut [u8],
    ) -> Option<Option<usize>> {
        // In use by what calls the callback that serves: silence, so that the caller asks again.
        // SAFETY: the condition of `new`.
        let Ok(mut cache) = (unsafe { enter(self.0) }) else { return Some(None) };
        cache.memory.recall(form, peer, message, reply)
    }

    fn remember(&mut self, form: Option<Form>, peer: Option<&SocketAddr>, message: &[u8], reply: Option<&[u8]>) {
        // SAFETY: the condition of `new`.
        if let Ok(mut cache) = unsafe { enter(self.0) } {
            cache.memory.remember(form, peer, message, reply);
        }
    }
}
