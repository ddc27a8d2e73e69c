//! Replay caches whose number and size of replies are known only at run time.

use super::line::{self, Line};
use super::shared::{self, SLOTS_MAX, Shared};
use super::slots::{Lent, Slots};
use super::{Remembers, SharedReplay, replay_by_cache};
use crate::message::REFUSAL_MAX;

/// A replay cache for the one peer of a line, in lent bytes: for sizes that are chosen at run time.
///
/// It works as a [`ReplayCache`](crate::ReplayCache) does. Each slot takes [`ReplayMemory::HEAD`] bytes more than its
/// reply.
///
/// # Example
/// ```
/// use oncilla::ReplayMemory;
///
/// let mut memory = [0; 4 * (ReplayMemory::HEAD + 64)];
/// let replay = ReplayMemory::new(&mut memory, 64).unwrap();
/// assert_eq!(replay.slots(), 4);
/// ```
pub struct ReplayMemory<'m>(Line<Lent<&'m mut [u8], { line::WORDS }>>);

/// A replay cache for many peers, in the bytes of an `M`: for sizes that are chosen at run time.
///
/// It works as a [`SharedReplayCache`](crate::SharedReplayCache) does. `M` is lent, such as `&mut [u8]`, or owned, such
/// as `Box<[u8]>` or `Vec<u8>`. Each slot takes [`SharedReplayMemory::HEAD`] bytes more than its reply.
///
/// # Example
/// ```
/// use oncilla::SharedReplayMemory;
///
/// let memory = vec![0; 100 * (SharedReplayMemory::HEAD + 64)];
/// let replay = SharedReplayMemory::new(memory, 64, [7; 16]).unwrap(); // use a random key
/// assert_eq!(replay.slots(), 100);
/// ```
pub struct SharedReplayMemory<M>(Shared<Lent<M, { shared::WORDS }>>);

impl<'m> ReplayMemory<'m> {
    /// Bytes of a slot in addition to its reply.
    pub const HEAD: usize = 4 * line::WORDS;

    /// Creates an empty cache for replies of at most `reply_max` bytes.
    ///
    /// It has as many slots as fit into `memory`.
    ///
    /// Returns `None` if no slot fits, or if `reply_max` is less than the 32 bytes of a refusal.
    #[must_use]
    pub fn new(memory: &'m mut [u8], reply_max: usize) -> Option<Self> {
        if reply_max < REFUSAL_MAX {
            return None;
        }
        Some(Self(Line::new(Lent::new(memory, reply_max, usize::MAX)?)))
    }

    /// Returns the number of slots.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.0.slots.count()
    }
}

impl SharedReplayMemory<()> {
    /// Bytes of a slot in addition to its reply.
    pub const HEAD: usize = 4 * shared::WORDS;
}

impl<M: AsRef<[u8]> + AsMut<[u8]>> SharedReplayMemory<M> {
    /// Creates an empty cache with the slots that fit into `memory`, at most 65 534.
    ///
    /// Each slot holds a reply of at most `reply_max` bytes. `key` is a number that no peer can guess
    /// ([`SharedReplayCache::new`](crate::SharedReplayCache::new)). Returns `None` if no slot fits, or if `reply_max`
    /// is less than the 32 bytes of a refusal.
    #[must_use]
    pub fn new(memory: M, reply_max: usize, key: [u8; 16]) -> Option<Self> {
        if reply_max < REFUSAL_MAX {
            return None;
        }
        Some(Self(Shared::new(Lent::new(memory, reply_max, SLOTS_MAX)?, key)))
    }

    /// Returns the number of slots.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.0.slots.count()
    }

    /// Returns the bytes of the largest reply that a slot holds.
    #[must_use]
    pub fn reply_max(&self) -> usize {
        self.0.slots.reply_max()
    }
}

impl<M: AsRef<[u8]> + AsMut<[u8]>> SharedReplay for SharedReplayMemory<M> {}

replay_by_cache!(['m] ReplayMemory<'m>);
replay_by_cache!([M: AsRef<[u8]> + AsMut<[u8]>] SharedReplayMemory<M>);
