//! The replay cache for the one peer of a line.

use super::slots::{Slots, State};
use super::{Identity, Recalled, Remembers};
use crate::framing::crc32;
use crate::message::{Form, Origin, Sender};

/// Words of a head: the state, the xid, and a checksum of the call.
pub(super) const WORDS: usize = 3;

/// Calls in the short form after which a reply is removed: half the number of its xids.
pub(super) const SHORT_CALLS: u32 = 32_768;

/// The lowest of the bits of a state that hold the tag: the place of a keyed peer, plus 1.
const TAG: u32 = 25;

/// Bytes of the largest reply whose state leaves room for the tag: 32 MiB less 3.
const TAGGED_MAX: usize = if usize::BITS > TAG { ((1u64 << TAG) - 3) as usize } else { usize::MAX };

/// Returns the tag of a sender, or `None` if its place has no tag.
///
/// The place is compared exactly, since a check value without a key could be forged by the holder of another key.
fn tag_of(sender: Sender) -> Option<u32> {
    let number = u32::from(sender.place).wrapping_add(1);
    (number >> (u32::BITS - TAG) == 0).then_some(number << TAG)
}

/// Splits the tag from a state.
#[inline]
const fn split(state: u32) -> (u32, State) {
    if cfg!(feature = "keys") {
        let tag = state >> TAG << TAG;
        (tag, State(state ^ tag))
    } else {
        (0, State(state))
    }
}

/// The last replies on a line, in a ring.
///
/// The checksum has no key, because the one peer of a line is trusted as much as the line.
pub(super) struct Line<S> {
    pub slots: S,
    /// The slot of the oldest reply, which the next reply replaces.
    oldest: usize,
    /// Calls in the short form since `oldest` last changed.
    idle: u32,
}

impl<S> Line<S> {
    pub const fn new(slots: S) -> Self {
        Self { slots, oldest: 0, idle: 0 }
    }
}

impl<S: Slots<WORDS>> Line<S> {
    /// Advances to the next slot.
    #[inline]
    fn move_on(&mut self) {
        self.oldest = self.oldest.wrapping_add(1);
        if self.oldest >= self.slots.count() {
            self.oldest = 0;
        }
        self.idle = 0;
    }
}

impl<S: Slots<WORDS>> Remembers for Line<S> {
    // Where `usize` has 16 bits, no reply is larger.
    #[allow(clippy::unnecessary_min_or_max)]
    #[inline]
    fn reply_max(&self) -> usize {
        if cfg!(feature = "keys") { self.slots.reply_max().min(TAGGED_MAX) } else { self.slots.reply_max() }
    }

    fn recall(
        &self,
        identity: &mut Identity,
        _: Form,
        origin: Origin<'_>,
        message: &[u8],
        reply: &mut [u8],
    ) -> Recalled {
        let [xid, check, tag, ..] = identity;
        *check = crc32(message);
        if let Some(sender) = origin.sender() {
            let Some(its) = tag_of(sender) else { return Recalled::Ambiguous };
            *tag = its;
            // Calls of one message from before and after a restart differ.
            *check ^= sender.boot;
        } else if origin.address.is_some() {
            return Recalled::Ambiguous;
        }
        for index in 0..self.slots.count() {
            let [state, its_xid, its_check] = self.slots.head(index);
            let (its_tag, state) = split(state);
            if state != State::EMPTY && its_tag == *tag && its_xid == *xid && its_check == *check {
                return state.recalled(*xid, self.slots.reply(index), reply);
            }
        }
        Recalled::New
    }

    fn remember(&mut self, &[xid, check, tag, ..]: &Identity, reply: Option<&[u8]>) {
        self.slots.set_head(self.oldest, [State::of(reply).0 | tag, xid, check]);
        self.slots.set_reply(self.oldest, reply.unwrap_or_default());
        self.move_on();
    }

    /// Counts a call, and removes the oldest reply after a fixed number of them.
    fn grow_older(&mut self) {
        self.idle = self.idle.wrapping_add(1);
        let most = (SHORT_CALLS as usize).checked_div(self.slots.count()).unwrap_or(0);
        if self.idle as usize > most {
            self.slots.set_head(self.oldest, [State::EMPTY.0; WORDS]);
            self.move_on();
        }
    }

    fn clear(&mut self) {
        for index in 0..self.slots.count() {
            self.slots.set_head(index, [State::EMPTY.0; WORDS]);
        }
    }
}
