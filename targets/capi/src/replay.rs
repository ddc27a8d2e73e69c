//! Replay caches: a repeated call is answered again and not executed again.

use core::ffi::c_void;
use core::mem::MaybeUninit;
use core::ptr::{from_mut, from_ref, null_mut};

use oncilla::__private::{Identity, Recalled};
use oncilla::message::{Form, Origin};
use oncilla::{ReplayMemory, SharedReplayMemory};

use crate::checked::{Memory, NOWHERE, apart, check, cleared, place_at, put, reference};
use crate::object::{InUse, Kind, enter_part, init, peek};
use crate::status::status;
use crate::table::State;
use crate::{ONCILLA_INVALID, ONCILLA_NULL, ONCILLA_TOO_SMALL, Status};

/// Words of an `oncilla_replay`.
#[cfg(target_pointer_width = "64")]
pub const ONCILLA_REPLAY_SIZE: usize = 11;
/// Words of an `oncilla_replay`.
#[cfg(target_pointer_width = "32")]
pub const ONCILLA_REPLAY_SIZE: usize = 7;
/// Words of an `oncilla_replay`.
#[cfg(target_pointer_width = "16")]
pub const ONCILLA_REPLAY_SIZE: usize = 6;

/// Bytes that a remembered reply takes in addition to the reply, with one peer.
pub const ONCILLA_REPLAY_HEAD: usize = 12;

/// Bytes that a remembered reply takes in addition to the reply, with many peers.
pub const ONCILLA_SHARED_REPLAY_HEAD: usize = 48;

/// Bytes of the key of a replay cache for many peers.
pub const ONCILLA_REPLAY_KEY: usize = 16;

const _: () = assert!(ONCILLA_REPLAY_HEAD == ReplayMemory::HEAD);
const _: () = assert!(ONCILLA_SHARED_REPLAY_HEAD == SharedReplayMemory::HEAD);

/// The address of ONCILLA_WITHOUT_REPLAY. It is odd, so no object can have it.
const WITHOUT: usize = 1;

/// A replay cache: the last replies, by which repeated calls are answered.
///
/// A call is recognised by its peer, its xid and a checksum of all its bytes. A client that retransmits a call gets
/// the first reply again, and the procedure does not run again. A call that was refused before its procedure ran is
/// not remembered.
#[repr(C)]
pub struct Replay {
    opaque: [u64; ONCILLA_REPLAY_SIZE],
}

impl Kind for Replay {
    type Inner = Kept;
    const MARK: u32 = 0x7265_706c;
}

/// The larger of the two kinds of cache.
type Shared = SharedReplayMemory<&'static mut [u8]>;

/// Words of the larger cache.
const BODY: usize = size_of::<Shared>().div_ceil(size_of::<usize>());

/// The content of an `oncilla_replay`: one of two kinds. A program contains only the kinds that it initialises.
pub(crate) struct Kept {
    /// The memory lent to the cache.
    lent: Memory,
    cache: Cache,
}

struct Cache {
    view: unsafe fn(*mut c_void) -> *mut dyn Remembers,
    body: MaybeUninit<[usize; BODY]>,
}

impl Cache {
    fn new<M: Remembers + 'static>(memory: M) -> Self {
        const {
            assert!(size_of::<M>() <= size_of::<[usize; BODY]>() && align_of::<M>() <= align_of::<usize>());
        }
        let mut body = MaybeUninit::<[usize; BODY]>::uninit();
        // SAFETY: there is room for it, as asserted above.
        unsafe { body.as_mut_ptr().cast::<M>().write(memory) };
        Self { view: |body| body.cast::<M>() as *mut dyn Remembers, body }
    }

    fn memory(&mut self) -> &mut dyn Remembers {
        // SAFETY: `view` belongs to the type that was written there; nothing else uses it meanwhile.
        unsafe { &mut *(self.view)(self.body.as_mut_ptr().cast()) }
    }
}

impl Cache {
    /// Returns the cache if it is for one peer.
    fn of_one(&mut self) -> Option<&mut ReplayMemory<'static>> {
        if self.memory().is_shared() {
            return None;
        }
        // SAFETY: there are two kinds, and it is not the shared one.
        Some(unsafe { &mut *self.body.as_mut_ptr().cast() })
    }
}

/// A kind of replay cache.
pub(crate) trait Remembers {
    /// Whether it distinguishes peers.
    fn is_shared(&self) -> bool;

    fn slots(&self) -> usize;

    fn forget(&mut self);

    fn answer(
        &mut self,
        form: Form,
        origin: Origin<'_>,
        table: &oncilla::Table<State>,
        state: &mut State,
        message: &[u8],
        reply: &mut [u8],
    ) -> Option<usize>;
}

macro_rules! remembers {
    ($type:ty, $shared:literal) => {
        impl Remembers for $type {
            fn is_shared(&self) -> bool {
                $shared
            }

            fn slots(&self) -> usize {
                <$type>::slots(self)
            }

            fn forget(&mut self) {
                oncilla::Replay::forget(self);
            }

            fn answer(
                &mut self,
                form: Form,
                origin: Origin<'_>,
                table: &oncilla::Table<State>,
                state: &mut State,
                message: &[u8],
                reply: &mut [u8],
            ) -> Option<usize> {
                oncilla::Replay::answer(self, Some(form), origin, table, state, message, reply)
            }
        }
    };
}

remembers!(ReplayMemory<'static>, false);
remembers!(Shared, true);

/// Initialises a replay cache for a carrier with one peer.
///
/// It remembers as many replies of at most `reply_max` bytes as `memory` holds; ONCILLA_REPLAY_BYTES computes `size`.
/// The memory is lent as long as the cache is used. `oncilla_table_reply_max` bytes hold every reply of a table. A
/// procedure whose reply could be larger than `reply_max` is refused with SYSTEM_ERR, unless it is ONCILLA_IDEMPOTENT.
///
/// A new reply replaces the oldest. A call that arrives again after that is executed again. Count the calls that can be
/// executed between the first and the last arrival of one call, and add one: 1 for a peer that makes one call at a time,
/// the number of its slots for a peer that finishes its calls in flight in order, and the number of calls in turn, and
/// one, for an `oncilla_nested`.
///
/// Returns ONCILLA_TOO_SMALL if `memory` has no room for one reply, or `reply_max` is less than ONCILLA_REFUSAL_MAX.
///
/// # Safety
/// `memory` points to `size` bytes that nothing else uses. Each pointer is NULL or valid for its purpose.
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
        Ok(Kept { lent, cache: Cache::new(memory) })
    };
    // SAFETY: this function's condition.
    status(unsafe { init(replay, make) })
}

/// Initialises a replay cache for many peers: for UDP, and for several connections.
///
/// It distinguishes peers by address and port. It remembers as many replies of at most `reply_max` bytes as `memory`
/// holds; ONCILLA_SHARED_REPLAY_BYTES computes `size`. The memory is lent as long as the cache is used. A procedure
/// whose reply could be larger than `reply_max` is refused with SYSTEM_ERR, unless it is ONCILLA_IDEMPOTENT.
///
/// `key` has ONCILLA_REPLAY_KEY bytes, which are copied. Take them from a random number generator at each start, so
/// that no peer can guess them.
///
/// Each host, that is each IP address, has a share of the slots. When all are occupied, a new reply replaces the
/// oldest reply of the host with the most replies. A port with more than half of its host's replies loses its own
/// oldest reply.
///
/// Returns ONCILLA_TOO_SMALL if `memory` has no room for one reply, or `reply_max` is less than ONCILLA_REFUSAL_MAX.
///
/// # Safety
/// `memory` points to `size` bytes that nothing else uses. Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_replay_init_shared(
    replay: *mut Replay,
    key: *const u8,
    reply_max: usize,
    memory: *mut u8,
    size: usize,
) -> Status {
    let lent: Memory = (memory, size);
    let make = || {
        // SAFETY: this function's condition.
        let key = *unsafe { reference(key.cast::<[u8; ONCILLA_REPLAY_KEY]>()) }?;
        apart(lent, place_at(replay))?;
        // SAFETY: this function's condition.
        let memory = unsafe { cleared(memory, size) }?;
        let memory = SharedReplayMemory::new(memory, reply_max, key).ok_or(ONCILLA_TOO_SMALL)?;
        Ok(Kept { lent, cache: Cache::new(memory) })
    };
    // SAFETY: this function's condition.
    status(unsafe { init(replay, make) })
}

/// Writes the number of replies that the cache can remember to `slots`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_replay_slots(replay: *mut Replay, slots: *mut usize) -> Status {
    // SAFETY: this function's condition.
    let counted = unsafe {
        enter(replay).and_then(|mut cache| {
            check(slots)?;
            apart(place_at(replay), place_at(slots))?;
            apart(memory_of(replay), place_at(slots))?;
            put(slots, cache.memory().slots())
        })
    };
    status(counted)
}

/// Forgets every reply.
///
/// Use it when the peers have restarted: their calls are new, even if they look like remembered ones.
///
/// # Safety
/// The pointer points to a replay cache, or is NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_replay_forget(replay: *mut Replay) -> Status {
    // SAFETY: this function's condition.
    status(unsafe { enter(replay) }.map(|mut replay| replay.memory().forget()))
}

/// Marks the cache as in use; [`memory_of`] still works.
///
/// # Safety
/// As of [`enter_part`].
unsafe fn enter<'a>(replay: *mut Replay) -> Result<InUse<'a, Cache>, Status> {
    // SAFETY: this function's condition; `cache` is a part.
    unsafe { enter_part(replay, |kept| &raw mut (*kept).cache) }
}

/// Returns the memory lent to a replay cache; none if there is no cache or its last initialisation failed.
///
/// # Safety
/// The pointer points to a replay cache, or is NULL.
pub(crate) unsafe fn memory_of(replay: *const Replay) -> Memory {
    // SAFETY: this function's condition; `lent` is a part.
    unsafe { peek(replay, |kept| &raw const (*kept).lent) }.unwrap_or(NOWHERE)
}

/// Returns the replay cache that a C program passes for a carrier, or NULL for none.
///
/// Where messages can be lost, NULL is ONCILLA_NULL: the program must state with ONCILLA_WITHOUT_REPLAY that repeated
/// calls are executed again.
pub(crate) fn named(replay: *mut Replay, lossy: bool) -> Result<*mut Replay, Status> {
    match replay.addr() {
        0 if lossy => Err(ONCILLA_NULL),
        WITHOUT => Ok(null_mut()),
        _ => Ok(replay),
    }
}

/// A replay cache, or none.
pub(crate) struct Remembering(*mut Replay);

impl Remembering {
    /// Returns ONCILLA_INVALID for a replay cache for one peer where there are `many`.
    ///
    /// # Safety
    /// If `replay` is not NULL, it points to a replay cache that no other thread uses as long as this is used.
    pub unsafe fn new(replay: *mut Replay, many: bool) -> Result<Self, Status> {
        if !replay.is_null() {
            // SAFETY: this function's condition.
            let mut kept = unsafe { enter(replay) }?;
            if many && !kept.memory().is_shared() {
                return Err(ONCILLA_INVALID);
            }
        }
        Ok(Self(replay))
    }
}

impl Remembering {
    /// Returns the cache of an endpoint whose procedures call. A cache for many peers is ONCILLA_INVALID.
    ///
    /// # Safety
    /// As of [`Self::new`].
    pub unsafe fn of_one(replay: *mut Replay, many: bool) -> Result<Self, Status> {
        // SAFETY: this function's condition.
        let kept = unsafe { Self::new(replay, many) }?;
        // SAFETY: this function's condition.
        let shared = !replay.is_null() && unsafe { enter(replay) }?.memory().is_shared();
        if shared { Err(ONCILLA_INVALID) } else { Ok(kept) }
    }
}

impl oncilla::Replay for Remembering {
    fn answer<S>(
        &mut self,
        form: Option<Form>,
        origin: Origin<'_>,
        table: &oncilla::Table<S>,
        state: &mut S,
        message: &[u8],
        reply: &mut [u8],
    ) -> Option<usize> {
        if self.0.is_null() {
            return ().answer(form, origin, table, state, message, reply);
        }
        // In use by the caller of the callback that serves: no reply, so that the client retransmits.
        // SAFETY: the condition of `new`.
        let mut kept = unsafe { enter(self.0) }.ok()?;
        // SAFETY: every table of this crate has the state `State`, so `S` is `State`.
        let (table, state) = unsafe { (&*from_ref(table).cast(), &mut *from_mut(state).cast()) };
        // A carrier with one form of messages uses the full form.
        kept.memory().answer(form.unwrap_or(Form::Full), origin, table, state, message, reply)
    }

    fn forget(&mut self) {
        // SAFETY: the condition of `new`. Without a cache there is nothing to forget; one in use cannot forget now.
        let _ = unsafe { oncilla_replay_forget(self.0) };
    }
}

/// For nested endpoints, which look up a reply apart from running the procedure. It does not go through
/// [`Remembers`], so that only programs with such an endpoint contain this code.
impl oncilla::Remembers for Remembering {
    fn reply_max(&self) -> usize {
        if self.0.is_null() {
            return usize::MAX;
        }
        // In use by the caller of the callback that serves: no room, so that nothing is executed.
        // SAFETY: the condition of `new`.
        unsafe { enter(self.0) }.map_or(0, |mut cache| cache.of_one().map_or(0, |memory| memory.reply_max()))
    }

    fn recall(
        &self,
        identity: &mut Identity,
        form: Form,
        origin: Origin<'_>,
        message: &[u8],
        reply: &mut [u8],
    ) -> Recalled {
        if self.0.is_null() {
            return Recalled::New;
        }
        // In use by the caller of the callback that serves: no reply, so that the client retransmits.
        // SAFETY: the condition of `new`.
        let Ok(mut cache) = (unsafe { enter(self.0) }) else { return Recalled::Known(None) };
        cache.of_one().map_or(Recalled::Ambiguous, |memory| memory.recall(identity, form, origin, message, reply))
    }

    fn remember(&mut self, identity: &Identity, reply: Option<&[u8]>) {
        // SAFETY: the condition of `new`.
        if let Ok(mut cache) = unsafe { enter(self.0) }
            && let Some(memory) = cache.of_one()
        {
            memory.remember(identity, reply);
        }
    }

    fn grow_older(&mut self) {
        // SAFETY: the condition of `new`.
        if let Ok(mut cache) = unsafe { enter(self.0) }
            && let Some(memory) = cache.of_one()
        {
            memory.grow_older();
        }
    }

    fn clear(&mut self) {
        oncilla::Replay::forget(self);
    }
}
