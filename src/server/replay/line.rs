//! The replay cache for the one peer of a line.

use core::net::SocketAddr;

use super::slots::{Slots, State};
use super::{Identity, Recalled, Remembers};
use crate::framing::crc32;
use crate::message::Form;

/// Words of a head: the state, the xid, and a checksum of the call.
pub(super) const WORDS: usize = 3;

/// Calls in the short form after which a reply is removed: half the number of its xids.
pub(super) const SHORT_CALLS: u32 = 32_768;

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
    #[inline]
    fn reply_max(&self) -> usize {
        self.slots.reply_max()
    }

    fn recall(
        &self,
        identity: &mut Identity,
        _: Form,
        peer: Option<&SocketAddr>,
        message: &[u8],
        reply: &mut [u8],
    ) -> Recalled {
        if peer.is_some() {
            return Recalled::Ambiguous;
        }
        let [xid, check, ..] = identity;
        *check = crc32(message);
        for index in 0..self.slots.count() {
            let [state, its_xid, its_check] = self.slots.head(index);
            if State(state) != State::EMPTY && its_xid == *xid && its_check == *check {
                return State(state).recalled(*xid, self.slots.reply(index), reply);
            }
        }
        Recalled::New
    }

    fn remember(&mut self, &[xid, check, ..]: &Identity, reply: Option<&[u8]>) {
        self.slots.set_head(self.oldest, [State::of(reply).0, xid, check]);
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
