//! A call on its way to its procedure and back.

use std::ops::Range;
use std::time::Instant;

use oncilla::__private::{Identity, Noted, Recalled};
use oncilla::message::Form;
use oncilla::{Outcome, Remembers};

use super::buffers::Buffers;
use super::calls::key_peer;
use super::hooks::{Hooks, Sender};
use super::programs::Programs;
use crate::datagram::Caller;

/// A received call, with the buffers that hold it and its reply.
///
/// It owns the buffers. So it can be moved to another thread while its connection waits.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) sender: Sender,
    pub(super) destination: Destination,
    pub(super) buffers: Buffers,
    /// The place of the call in the receive buffer.
    pub(super) message: Range<usize>,
    /// The place of the reply in the transmit buffer, after the bytes for its framing.
    pub(super) room: Range<usize>,
    /// Bytes of the reply, if there is one.
    pub(super) reply: Option<usize>,
    /// A procedure ran whose reply the replay cache must store.
    pub(super) ran: bool,
    /// The key of the call in the replay cache.
    pub(super) identity: Option<Identity>,
}

/// Where the reply to a call goes.
#[derive(Debug)]
pub(super) enum Destination {
    /// The connection in this slot.
    Connection(usize),
    Datagram {
        /// The index of the mailbox among the sources.
        mailbox: usize,
        caller: Caller,
        /// When the call arrived.
        began: Instant,
    },
}

impl Job {
    /// Makes a job of the call at `message` of the receive buffer, whose reply goes to the transmit buffer from `room`.
    pub(super) const fn new(
        sender: Sender,
        destination: Destination,
        buffers: Buffers,
        message: Range<usize>,
        room: Range<usize>,
    ) -> Self {
        Self { sender, destination, buffers, message, room, reply: None, ran: false, identity: None }
    }

    /// Returns the bytes of the call.
    #[inline]
    pub(super) fn message(&self) -> &[u8] {
        self.buffers.rx.get(self.message.clone()).unwrap_or_default()
    }

    /// Returns the bytes of the reply, if there is one.
    pub(super) fn reply(&self) -> Option<&[u8]> {
        self.buffers.tx.get(self.room.clone())?.get(..self.reply?)
    }

    /// Refuses the call if no access rule allows it. Returns whether it has been refused.
    #[inline]
    pub(super) fn refuse(&mut self, hooks: &Hooks) -> bool {
        let (message, room) = parts(&mut self.buffers, self.message.clone(), self.room.clone());
        let Some(reply) = hooks.refuse(&self.sender, message, room) else { return false };
        self.reply = reply;
        true
    }

    /// Looks up the reply in a replay cache. Otherwise sets the key of the call. Returns whether the reply is known.
    pub(super) fn recall(&mut self, cache: &impl Remembers, xid: u32, hooks: &Hooks) -> bool {
        let (message, room) = parts(&mut self.buffers, self.message.clone(), self.room.clone());
        let mut identity = Identity::default();
        identity[0] = xid;
        let peer = key_peer(&self.sender);
        match cache.recall(&mut identity, Form::Full, self.sender.of(peer.as_ref()), message, room) {
            Recalled::Known(reply) => {
                hooks.settled(&self.sender, message, reply, Outcome::Repeated);
                self.reply = reply;
                true
            }
            Recalled::New | Recalled::Ambiguous => {
                self.identity = Some(identity);
                false
            }
        }
    }

    /// Executes the call and writes the reply. Blocks as long as the procedure does.
    pub(super) fn run<P: Programs>(&mut self, hooks: &Hooks, programs: &P, state: &mut P::State) {
        let (message, room) = parts(&mut self.buffers, self.message.clone(), self.room.clone());
        let mut noted = Noted(false);
        self.reply = hooks.answer(&mut noted, &self.sender, programs, state, message, room);
        self.ran = noted.0;
    }
}

/// Returns the bytes of a call and the room for its reply.
#[inline]
fn parts(Buffers { rx, tx }: &mut Buffers, message: Range<usize>, room: Range<usize>) -> (&[u8], &mut [u8]) {
    (rx.get(message).unwrap_or_default(), tx.get_mut(room).unwrap_or_default())
}
