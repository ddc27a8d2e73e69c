//! The slots of a replay cache, in memory of either owner.

use super::Recalled;
use crate::message::{Refusal, write_reply};

/// Slots that each hold a head of `WORDS` words and a reply. The first word of a head is the [`State`].
pub(super) trait Slots<const WORDS: usize> {
    /// Returns the number of slots.
    fn count(&self) -> usize;

    /// Returns the bytes of the largest reply that a slot holds.
    fn reply_max(&self) -> usize;

    /// Returns the head of a slot, or zeros if there is no such slot.
    fn head(&self, index: usize) -> [u32; WORDS];

    /// Returns the bytes for the reply of a slot.
    fn reply(&self, index: usize) -> &[u8];

    /// Stores the head of a slot.
    fn set_head(&mut self, index: usize, head: [u32; WORDS]);

    /// Copies a reply into a slot.
    fn set_reply(&mut self, index: usize, reply: &[u8]);
}

/// The content of a slot as one word. 0 means empty, so that zeroed memory is empty slots.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct State(pub u32);

impl State {
    pub const EMPTY: Self = Self(0);

    /// The procedure had no reply.
    const SILENT: Self = Self(1);

    /// Returns the state for a reply of this length, or for none.
    #[inline]
    pub fn of(reply: Option<&[u8]>) -> Self {
        reply.map_or(Self::SILENT, |reply| Self((reply.len() as u32).wrapping_add(2)))
    }

    /// Copies the reply in `slot` to the start of `reply`.
    pub fn recalled(self, xid: u32, slot: &[u8], reply: &mut [u8]) -> Recalled {
        let Some(length) = self.0.checked_sub(2) else { return Recalled::Known(None) };
        let known = slot.get(..length as usize);
        Recalled::Known(match known.and_then(|known| Some((known, reply.get_mut(..known.len())?))) {
            Some((known, room)) => {
                room.copy_from_slice(known);
                Some(known.len())
            }
            // The room is now smaller than the reply. The call was executed and must not be executed again.
            None => write_reply(xid, Err(Refusal::SystemError), reply),
        })
    }
}

/// Slots whose number and size are known at compile time.
pub(super) struct Owned<const WORDS: usize, const SLOTS: usize, const BYTES: usize>([Slot<WORDS, BYTES>; SLOTS]);

struct Slot<const WORDS: usize, const BYTES: usize> {
    head: [u32; WORDS],
    reply: [u8; BYTES],
}

impl<const WORDS: usize, const SLOTS: usize, const BYTES: usize> Owned<WORDS, SLOTS, BYTES> {
    pub const EMPTY: Self = Self([const { Slot { head: [0; WORDS], reply: [0; BYTES] } }; SLOTS]);
}

impl<const WORDS: usize, const SLOTS: usize, const BYTES: usize> Slots<WORDS> for Owned<WORDS, SLOTS, BYTES> {
    #[inline]
    fn count(&self) -> usize {
        SLOTS
    }

    #[inline]
    fn reply_max(&self) -> usize {
        BYTES
    }

    #[inline]
    fn head(&self, index: usize) -> [u32; WORDS] {
        self.0.get(index).map_or([0; WORDS], |slot| slot.head)
    }

    #[inline]
    fn reply(&self, index: usize) -> &[u8] {
        self.0.get(index).map_or(&[], |slot| &slot.reply)
    }

    #[inline]
    fn set_head(&mut self, index: usize, head: [u32; WORDS]) {
        if let Some(slot) = self.0.get_mut(index) {
            slot.head = head;
        }
    }

    #[inline]
    fn set_reply(&mut self, index: usize, reply: &[u8]) {
        if let Some(slot) = self.0.get_mut(index) {
            copy(reply, &mut slot.reply);
        }
    }
}

/// Slots in a block of bytes.
#[derive(Debug)]
pub(super) struct Lent<M, const WORDS: usize> {
    memory: M,
    /// Bytes of a slot.
    stride: usize,
    count: usize,
}

impl<M: AsRef<[u8]> + AsMut<[u8]>, const WORDS: usize> Lent<M, WORDS> {
    /// Creates as many slots as fit into `memory`, at most `most`. Returns `None` if none fits.
    pub fn new(memory: M, reply_max: usize, most: usize) -> Option<Self> {
        let stride = reply_max.checked_add(4 * WORDS)?;
        let count = memory.as_ref().len().checked_div(stride)?.min(most);
        let mut slots = Self { memory, stride, count };
        for index in 0..count {
            slots.set_head(index, [0; WORDS]);
        }
        (count > 0).then_some(slots)
    }

    /// Returns the head and the reply of a slot.
    ///
    /// It avoids `chunks_exact`, which panics for a size of 0: the compiler cannot prove that the size is never 0.
    #[inline]
    fn slot(&self, index: usize) -> Option<(&[[u8; 4]], &[u8])> {
        let slot = self.memory.as_ref().get(index.wrapping_mul(self.stride)..)?.get(..self.stride)?;
        let (head, reply) = slot.split_at_checked(4 * WORDS)?;
        Some((head.as_chunks().0, reply))
    }

    #[inline]
    fn slot_mut(&mut self, index: usize) -> Option<(&mut [[u8; 4]], &mut [u8])> {
        let slot = self.memory.as_mut().get_mut(index.wrapping_mul(self.stride)..)?.get_mut(..self.stride)?;
        let (head, reply) = slot.split_at_mut_checked(4 * WORDS)?;
        Some((head.as_chunks_mut().0, reply))
    }
}

impl<M: AsRef<[u8]> + AsMut<[u8]>, const WORDS: usize> Slots<WORDS> for Lent<M, WORDS> {
    #[inline]
    fn count(&self) -> usize {
        self.count
    }

    #[inline]
    fn reply_max(&self) -> usize {
        self.stride.saturating_sub(4 * WORDS)
    }

    #[inline]
    fn head(&self, index: usize) -> [u32; WORDS] {
        let mut head = [0; WORDS];
        if let Some((words, _)) = self.slot(index) {
            for (place, word) in head.iter_mut().zip(words) {
                *place = u32::from_ne_bytes(*word);
            }
        }
        head
    }

    #[inline]
    fn reply(&self, index: usize) -> &[u8] {
        self.slot(index).map_or(&[], |(_, reply)| reply)
    }

    #[inline]
    fn set_head(&mut self, index: usize, head: [u32; WORDS]) {
        if let Some((words, _)) = self.slot_mut(index) {
            for (place, word) in words.iter_mut().zip(head) {
                *place = word.to_ne_bytes();
            }
        }
    }

    #[inline]
    fn set_reply(&mut self, index: usize, reply: &[u8]) {
        if let Some((_, place)) = self.slot_mut(index) {
            copy(reply, place);
        }
    }
}

/// Copies a reply. It is never longer than the slot, because its procedure had no more room.
#[inline]
fn copy(reply: &[u8], place: &mut [u8]) {
    for (place, byte) in place.iter_mut().zip(reply) {
        *place = *byte;
    }
}
