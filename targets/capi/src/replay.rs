//! Replay caches: a repeated call is answered again and not executed again.

use core::marker::PhantomData;
use core::ptr::null_mut;

use oncilla::__private::{Identity, Recalled};
use oncilla::message::{Form, Origin};
use oncilla::{Remembers, ReplayMemory, SharedReplayMemory};

use crate::checked::{CHECKS, Memory, NOWHERE, Overlap, apart, check, cleared, place_at, put, reference};
use crate::object::{Kind, content, init, mark};
use crate::status::status;
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
    const MARK: u32 = mark(b'r');
}

/// The larger of the two kinds of cache.
type Shared = SharedReplayMemory<&'static mut [u8]>;

/// The content of an `oncilla_replay`: one of two kinds. A program contains only the kinds that it initialises.
#[repr(C)]
struct Cache<M> {
    does: &'static Does,
    /// The memory lent to the cache.
    #[cfg(feature = "checks")]
    lent: Memory,
    memory: M,
}

/// Looks a call up, and writes its reply if the cache has it.
type Recall = unsafe fn(*const (), &mut Identity, Form, &Origin<'_>, &[u8], &mut [u8]) -> Recalled;

/// What a replay cache of any kind does.
struct Does {
    is_shared: bool,
    slots: unsafe fn(*const ()) -> usize,
    reply_max: unsafe fn(*const ()) -> usize,
    recall: Recall,
    remember: unsafe fn(*mut (), &Identity, Option<&[u8]>),
    grow_older: unsafe fn(*mut ()),
    clear: unsafe fn(*mut ()),
}

/// Implements [`Does`] for a kind of cache, whose content each function gets.
struct Doing<M>(PhantomData<M>);

impl<M: Remembers> Doing<M> {
    unsafe fn reply_max(cache: *const ()) -> usize {
        // SAFETY: the content is that of this kind.
        unsafe { (*cache.cast::<Cache<M>>()).memory.reply_max() }
    }

    unsafe fn recall(
        cache: *const (),
        identity: &mut Identity,
        form: Form,
        origin: &Origin<'_>,
        message: &[u8],
        reply: &mut [u8],
    ) -> Recalled {
        // SAFETY: as above.
        unsafe { (*cache.cast::<Cache<M>>()).memory.recall(identity, form, *origin, message, reply) }
    }

    unsafe fn remember(cache: *mut (), identity: &Identity, reply: Option<&[u8]>) {
        // SAFETY: as above.
        unsafe { (*cache.cast::<Cache<M>>()).memory.remember(identity, reply) }
    }

    unsafe fn grow_older(cache: *mut ()) {
        // SAFETY: as above.
        unsafe { (*cache.cast::<Cache<M>>()).memory.grow_older() }
    }

    unsafe fn clear(cache: *mut ()) {
        // SAFETY: as above.
        unsafe { (*cache.cast::<Cache<M>>()).memory.clear() }
    }
}

impl Doing<ReplayMemory<'static>> {
    const DOES: Does = Does {
        is_shared: false,
        slots: Self::slots,
        reply_max: Self::reply_max,
        recall: Self::recall,
        remember: Self::remember,
        grow_older: Self::grow_older,
        clear: Self::clear,
    };

    unsafe fn slots(cache: *const ()) -> usize {
        // SAFETY: the content is that of this kind.
        unsafe { (*cache.cast::<Cache<ReplayMemory<'static>>>()).memory.slots() }
    }
}

impl Doing<Shared> {
    const DOES: Does = Does {
        is_shared: true,
        slots: Self::slots,
        reply_max: Self::reply_max,
        recall: Self::recall,
        remember: Self::remember,
        grow_older: Self::grow_older,
        clear: Self::clear,
    };

    unsafe fn slots(cache: *const ()) -> usize {
        // SAFETY: the content is that of this kind.
        unsafe { (*cache.cast::<Cache<Shared>>()).memory.slots() }
    }
}

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
    let make = |place: *mut Cache<ReplayMemory<'static>>| {
        apart(lent, place_at(replay))?;
        // SAFETY: this function's condition.
        let memory = ReplayMemory::new(unsafe { cleared(memory, size) }?, reply_max).ok_or(ONCILLA_TOO_SMALL)?;
        let does = const { &Doing::<ReplayMemory<'static>>::DOES };
        // SAFETY: the place of the content.
        unsafe {
            place.write(Cache {
                does,
                #[cfg(feature = "checks")]
                lent,
                memory,
            });
        }
        Ok(())
    };
    // SAFETY: this function's condition.
    unsafe { init(replay, make) }
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
    let make = |place: *mut Cache<Shared>| {
        // SAFETY: this function's condition.
        let key = *unsafe { reference(key.cast::<[u8; ONCILLA_REPLAY_KEY]>()) }?;
        apart(lent, place_at(replay))?;
        // SAFETY: this function's condition.
        let memory = unsafe { cleared(memory, size) }?;
        let memory = SharedReplayMemory::new(memory, reply_max, key).ok_or(ONCILLA_TOO_SMALL)?;
        let does = const { &Doing::<Shared>::DOES };
        // SAFETY: the place of the content.
        unsafe {
            place.write(Cache {
                does,
                #[cfg(feature = "checks")]
                lent,
                memory,
            });
        }
        Ok(())
    };
    // SAFETY: this function's condition.
    unsafe { init(replay, make) }
}

/// Writes the number of replies that the cache can remember to `slots`.
///
/// # Safety
/// Each pointer is NULL or valid for its purpose.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oncilla_replay_slots(replay: *mut Replay, slots: *mut usize) -> Status {
    // SAFETY: this function's condition; `slots` is checked to be apart from what is read.
    let counted = unsafe {
        content::<_, Cache<()>>(replay).and_then(|cache| {
            check(slots)?;
            apart(place_at(replay), place_at(slots))?;
            apart(memory_of(replay), place_at(slots))?;
            put(slots, ((*cache).does.slots)(cache.cast()))
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
    status(unsafe { content::<_, Cache<()>>(replay).map(|cache| ((*cache).does.clear)(cache.cast())) })
}

/// Returns the memory lent to a replay cache; none if there is no cache or its last initialisation failed.
///
/// # Safety
/// The pointer points to a replay cache, or is NULL.
#[cfg_attr(not(feature = "checks"), expect(clippy::missing_const_for_fn))]
pub(crate) unsafe fn memory_of(replay: *const Replay) -> Memory {
    #[cfg(feature = "checks")]
    {
        // SAFETY: this function's condition.
        unsafe { content::<_, Cache<()>>(replay.cast_mut()).map_or(NOWHERE, |cache| (*cache).lent) }
    }
    #[cfg(not(feature = "checks"))]
    {
        let _ = replay;
        NOWHERE
    }
}

/// Returns the replay cache that a C program passes for a carrier, or NULL for none.
///
/// Where messages can be lost, NULL is ONCILLA_NULL: the program must state with ONCILLA_WITHOUT_REPLAY that repeated
/// calls are executed again.
#[inline]
pub(crate) fn named(replay: *mut Replay, lossy: bool) -> Result<*mut Replay, Status> {
    match replay.addr() {
        0 if lossy && CHECKS => Err(ONCILLA_NULL),
        WITHOUT => Ok(null_mut()),
        _ => Ok(replay),
    }
}

/// A replay cache, or none.
///
/// Each function reaches the cache anew, and nothing refers to it while a procedure runs.
#[derive(Clone, Copy)]
pub(crate) struct Kept(*mut Replay);

impl Kept {
    /// Returns ONCILLA_INVALID for a replay cache for one peer where there are `many`.
    ///
    /// # Safety
    /// If `replay` is not NULL, it points to a replay cache that no other thread uses as long as this is used.
    #[inline]
    pub unsafe fn new(replay: *mut Replay, many: bool) -> Result<Self, Status> {
        if CHECKS && !replay.is_null() {
            // SAFETY: this function's condition.
            let cache = unsafe { content::<_, Cache<()>>(replay) }?;
            // SAFETY: as above.
            if many && !unsafe { (*cache).does.is_shared } {
                return Err(ONCILLA_INVALID);
            }
        }
        Ok(Self(replay))
    }

    /// Returns whether it is a cache for many peers.
    pub fn is_shared(self) -> bool {
        // SAFETY: the condition of `new`.
        self.cache().is_some_and(|cache| unsafe { (*cache).does.is_shared })
    }

    /// Forgets every reply.
    pub fn forget(self) {
        if let Some(cache) = self.cache() {
            // SAFETY: the condition of `new`.
            unsafe { ((*cache).does.clear)(cache.cast()) };
        }
    }

    /// Checks that it shares no byte with `memory`.
    ///
    /// # Safety
    /// The replay cache is in its place.
    pub unsafe fn is_apart_from(self, memory: Memory) -> Result<(), Overlap> {
        apart(place_at(self.0), memory)?;
        // SAFETY: this function's condition.
        apart(unsafe { memory_of(self.0) }, memory)
    }

    /// Returns the cache, if there is one.
    #[inline]
    pub fn there(self) -> Option<There> {
        self.cache().map(There)
    }

    #[inline]
    fn cache(self) -> Option<*mut Cache<()>> {
        if self.0.is_null() {
            return None;
        }
        // SAFETY: the condition of `new`. A cache whose re-initialisation failed remembers nothing.
        unsafe { content(self.0) }.ok()
    }
}

/// A replay cache that is there.
pub(crate) struct There(*mut Cache<()>);

impl Remembers for There {
    #[inline]
    fn reply_max(&self) -> usize {
        // SAFETY: the condition of `Kept::new`, as in all of these functions.
        unsafe { ((*self.0).does.reply_max)(self.0.cast()) }
    }

    #[inline]
    fn recall(
        &self,
        identity: &mut Identity,
        form: Form,
        origin: Origin<'_>,
        message: &[u8],
        reply: &mut [u8],
    ) -> Recalled {
        // SAFETY: as above.
        unsafe { ((*self.0).does.recall)(self.0.cast(), identity, form, &origin, message, reply) }
    }

    #[inline]
    fn remember(&mut self, identity: &Identity, reply: Option<&[u8]>) {
        // SAFETY: as above.
        unsafe { ((*self.0).does.remember)(self.0.cast(), identity, reply) }
    }

    #[inline]
    fn grow_older(&mut self) {
        // SAFETY: as above.
        unsafe { ((*self.0).does.grow_older)(self.0.cast()) }
    }

    fn clear(&mut self) {
        // SAFETY: as above.
        unsafe { ((*self.0).does.clear)(self.0.cast()) }
    }
}

/// For nested endpoints, which ask the cache before and after a procedure themselves.
impl Remembers for Kept {
    fn reply_max(&self) -> usize {
        self.there().map_or(usize::MAX, |cache| cache.reply_max())
    }

    fn recall(
        &self,
        identity: &mut Identity,
        form: Form,
        origin: Origin<'_>,
        message: &[u8],
        reply: &mut [u8],
    ) -> Recalled {
        self.there().map_or(Recalled::New, |cache| cache.recall(identity, form, origin, message, reply))
    }

    fn remember(&mut self, identity: &Identity, reply: Option<&[u8]>) {
        if let Some(mut cache) = self.there() {
            cache.remember(identity, reply);
        }
    }

    fn grow_older(&mut self) {
        if let Some(mut cache) = self.there() {
            cache.grow_older();
        }
    }

    fn clear(&mut self) {
        self.forget();
    }
}
