//! Memories of replies whose number and size are known only when the program runs.

use super::line::{self, Line};
use super::shared::{self, SLOTS_MAX, Shared};
use super::slots::{Lent, Slots};
use super::{Remembers, SharedReplay, replay_by_memory};
use crate::message::REFUSAL_MAX;

/// The last replies to the one peer of a line, as a [`ReplayCache`](crate::ReplayCache) remembers them, in lent bytes.
///
/// For callers that choose the number and size of replies at run time, such as those from C. Each slot takes
/// [`ReplayMemory::HEAD`] bytes more than its reply.
pub struct ReplayMemory<'m>(Line<Lent<&'m mut [u8], { line::WORDS }>>);

/// The last replies to many peers, as a [`SharedReplayCache`](crate::SharedReplayCache) remembers them, in the bytes of an
/// `M`: lent, as `&mut [u8]`, or owned, as a `Box<[u8]>` or a `Vec<u8>`.
///
/// Each slot takes [`SharedReplayMemory::HEAD`] bytes more than its reply.
pub struct SharedReplayMemory<M>(Shared<Lent<M, { shared::WORDS }>>);

impl<'m> ReplayMemory<'m> {
    /// Bytes that a slot takes beside its reply.
    pub const HEAD: usize = 4 * line::WORDS;

    /// Remembers as many replies of at most `reply_max` bytes as `memory` holds; nothing yet. `None` when it holds not
    /// one, or `reply_max` is less than the 32 bytes of a refusal.
    #[must_use]
    pub fn new(memory: &'m mut [u8], reply_max: usize) -> Option<Self> {
        if reply_max < REFUSAL_MAX {
            return None;
        }
        Some(Self(Line::new(Lent::new(memory, reply_max, usize::MAX)?)))
    }

    /// How many replies are remembered.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.0.slots.count()
    }
}

impl SharedReplayMemory<()> {
    /// Bytes that a slot takes beside its reply.
    pub const HEAD: usize = 4 * shared::WORDS;
}

impl<M: AsRef<[u8]> + AsMut<[u8]>> SharedReplayMemory<M> {
    /// Remembers as many replies of at most `reply_max` bytes as `memory` holds, 65 534 at most; nothing yet. `key` is a
    /// number that no peer can guess ([`SharedReplayCache::new`](crate::SharedReplayCache::new)). `None` when `memory` holds
    /// not one, or `reply_max` is less than the 32 bytes of a refusal.
    #[must_use]
    pub fn new(memory: M, reply_max: usize, key: [u8; 16]) -> Option<Self> {
        if reply_max < REFUSAL_MAX {
            return None;
        }
        Some(Self(Shared::new(Lent::new(memory, reply_max, SLOTS_MAX)?, key)))
    }

    /// How many replies are remembered.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.0.slots.count()
    }

    /// Bytes of the largest reply that is remembered.
    #[must_use]
    pub fn reply_max(&self) -> usize {
        self.0.slots.reply_max()
    }
}

impl<M: AsRef<[u8]> + AsMut<[u8]>> SharedReplay for SharedReplayMemory<M> {}

replay_by_memory!(['m] ReplayMemory<'m>);
replay_by_memory!([M: AsRef<[u8]> + AsMut<[u8]>] SharedReplayMemory<M>);
