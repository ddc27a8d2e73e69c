//! Replies remembered in memory whose size is known only when the program runs.

use core::net::SocketAddr;

use crate::message::{Form, REFUSAL_MAX};
use crate::replay::{Fingerprint, Oldest, Replay, Slots, answer_once, repeat};
use crate::table::Table;

/// Words before each reply: its length, and the call's xid, checksum and peer.
const WORDS: usize = 4;

/// A slot that is empty.
const EMPTY: u32 = u32::MAX;

/// A call to which no reply was given: its procedure gives none.
const NO_REPLY: u32 = u32::MAX - 1;

/// The last replies, as [`ReplayCache`](crate::ReplayCache) remembers them, in lent bytes: for those who choose the number and
/// size of replies at run time, such as callers from C. Each slot takes [`ReplayMemory::HEAD`] bytes more than its reply.
#[derive(Debug)]
pub struct ReplayMemory<'m> {
    memory: &'m mut [u8],
    /// Bytes of a slot.
    stride: usize,
    slots: usize,
    oldest: Oldest,
}

impl<'m> ReplayMemory<'m> {
    /// Bytes that a slot takes beside its reply.
    pub const HEAD: usize = 4 * WORDS;

    /// Remembers as many replies of at most `reply_max` bytes as `memory` holds; nothing yet. `None` when it holds not
    /// one, or `reply_max` is less than the 32 bytes of a refusal.
    #[must_use]
    pub fn new(memory: &'m mut [u8], reply_max: usize) -> Option<Self> {
        let stride = reply_max.checked_add(Self::HEAD)?;
        let slots = memory.len().checked_div(stride)?;
        if slots == 0 || reply_max < REFUSAL_MAX {
            return None;
        }
        let mut replies = Self { memory, stride, slots, oldest: Oldest::FIRST };
        replies.forget();
        Some(replies)
    }

    /// How many replies are remembered.
    #[must_use]
    pub const fn slots(&self) -> usize {
        self.slots
    }

    /// The bytes of each slot. No `chunks_exact`: it panics if its size is 0, which the compiler does not know it never is.
    fn each(&self) -> impl Iterator<Item = &[u8]> {
        let slot = |index: usize| self.memory.get(index.wrapping_mul(self.stride)..)?.get(..self.stride);
        (0..self.slots).filter_map(slot)
    }

    fn slot_mut(&mut self, index: usize) -> Option<(&mut [[u8; 4]; WORDS], &mut [u8])> {
        let (_, slots) = self.memory.split_at_mut_checked(index.wrapping_mul(self.stride))?;
        let (head, reply) = slots.get_mut(..self.stride)?.split_at_mut_checked(Self::HEAD)?;
        Some((head.as_chunks_mut().0.first_chunk_mut()?, reply))
    }
}

/// The words before a reply.
fn head(length: u32, call: Fingerprint) -> [[u8; 4]; WORDS] {
    [length, call.xid, call.check, call.peer].map(u32::to_ne_bytes)
}

impl Slots for ReplayMemory<'_> {
    fn reply_max(&self) -> usize {
        self.stride.saturating_sub(Self::HEAD)
    }

    fn recall(&self, call: Fingerprint, reply: &mut [u8]) -> Option<Option<usize>> {
        let wanted = head(0, call);
        let (length, kept) =
            self.each().filter_map(|slot| slot.split_first_chunk::<4>()).find_map(|(length, rest)| {
                let (identity, kept) = rest.split_first_chunk::<{ 4 * (WORDS - 1) }>()?;
                let length = u32::from_ne_bytes(*length);
                let same = length != EMPTY && wanted.as_flattened().get(4..) == Some(identity.as_slice());
                same.then_some((length, kept))
            })?;
        if length == NO_REPLY {
            return Some(None);
        }
        Some(repeat(call, kept.get(..length as usize), reply))
    }

    fn remember(&mut self, call: Fingerprint, reply: Option<&[u8]>) {
        let Some((place, kept)) = self.slot_mut(self.oldest.slot) else { return };
        let length = reply.map_or(NO_REPLY, |reply| u32::try_from(reply.len()).unwrap_or(NO_REPLY));
        *place = head(length, call);
        for (place, byte) in kept.iter_mut().zip(reply.unwrap_or_default()) {
            *place = *byte;
        }
        self.oldest.move_on(self.slots);
    }

    fn grow_older(&mut self) {
        if self.oldest.is_outlived(self.slots) {
            if let Some((place, _)) = self.slot_mut(self.oldest.slot) {
                place[0] = EMPTY.to_ne_bytes();
            }
            self.oldest.move_on(self.slots);
        }
    }
}

impl Replay for ReplayMemory<'_> {
    fn answer<S>(
        &mut self,
        form: Option<Form>,
        peer: Option<&SocketAddr>,
        table: &Table<S>,
        state: &mut S,
        message: &[u8],
        reply: &mut [u8],
    ) -> Option<usize> {
        answer_once(self, form, peer, table, state, message, reply)
    }

    fn forget(&mut self) {
        for index in 0..self.slots {
            if let Some((place, _)) = self.slot_mut(index) {
                place[0] = EMPTY.to_ne_bytes();
            }
        }
    }
}
