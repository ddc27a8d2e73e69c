//! Memories of replies whose number and size the compiler knows.

use super::enough::{Bytes, Number, Slots};
use super::line::{self, Line};
use super::shared::{self, SLOTS_MAX, Shared};
use super::slots::Owned;
use super::{Remembers, SharedReplay, replay_by_memory};
use crate::message::REFUSAL_MAX;

/// The last `SLOTS` replies to the one peer of a line, of at most `BYTES` bytes each.
///
/// A call is known again by its xid and a checksum of all its bytes: a client that sends it again gets the reply that
/// the first one got, and nothing is executed. Procedures that are marked idempotent, and NULL, are not remembered; nor
/// is a call that was refused before its procedure ran. A procedure whose reply could be larger than `BYTES` is refused
/// with SYSTEM_ERR, unless it is idempotent: [`Table::reply_max`](crate::Table::reply_max) bytes are enough for all.
///
/// The oldest reply gives way to a new one. So there must be at least as many slots as calls that can
/// be under way at once, with their repetitions; a repetition that comes after
/// its reply gave way is executed again. A client that restarts begins with another xid than before
/// ([`Client::new`](crate::Client::new)), or [`forget`](super::Replay::forget) is called.
///
/// Calls in the short form have xids that come again after 65 536 calls. So that no reply is left then, every
/// 32 768 / `SLOTS` of them that leave no reply take the place of one: a reply is forgotten after 32 768 of them at the
/// latest, a few more or less. Calls that never arrive cannot be counted: if some 65 000 in a row are lost, and the
/// next has the xid and the arguments of one that is still remembered, it gets that one's reply.
///
/// Where the carrier names its peers ([`Transport::peer`](crate::Transport::peer)), this memory cannot tell them apart: such a
/// call is refused with SYSTEM_ERR unless its procedure is idempotent. [`SharedReplayCache`] is for many peers.
///
/// `SLOTS` × (`BYTES` + 12) + 8 bytes on a 32-bit machine.
pub struct ReplayCache<const SLOTS: usize, const BYTES: usize>(Line<Owned<{ line::WORDS }, SLOTS, BYTES>>);

/// The last `SLOTS` replies to many peers, of at most `BYTES` bytes each, for datagrams and for several connections.
///
/// As a [`ReplayCache`], but a call is known again by the whole address of its peer (IP address, scope and port), its
/// xid, and a check of all its bytes that nobody can compute without the key (SipHash-2-4). So no
/// peer gets a reply that was another's, and none can make a call that passes for an earlier one.
///
/// Each host, that is each IP address, has its share of the slots. A new reply takes an empty slot. When there is none, the
/// new reply is counted, and the oldest reply to the host with most gives way. If one port has more than half of its host's
/// replies, its own oldest gives way. Between hosts with as many, such a port decides, then the age. So a
/// host that has no more replies than `SLOTS` / the number of hosts keeps them, whatever the others send. With more hosts
/// than slots, replies of all hosts give way. A peer without an address, at the other end of a line, is a host of its own.
///
/// A call in the short form gets no reply that is older than 32 768 calls.
///
/// `SLOTS` × (`BYTES` + 48) + 20 bytes, with `BYTES` rounded up to a multiple of four.
pub struct SharedReplayCache<const SLOTS: usize, const BYTES: usize>(Shared<Owned<{ shared::WORDS }, SLOTS, BYTES>>);

/// What the slots of a cache need, for callers whose numbers are generic parameters: [`enough`](super::enough) says the
/// same to `cargo check` where they are not.
const fn check(slots: usize, bytes: usize) {
    assert!(slots > 0, "a replay cache needs a slot");
    assert!(slots <= SLOTS_MAX, "a replay cache has 65 534 slots at most");
    assert!(bytes >= REFUSAL_MAX, "a slot needs 32 bytes at least");
}

impl<const SLOTS: usize, const BYTES: usize> ReplayCache<SLOTS, BYTES> {
    /// Nothing is remembered yet. Without a slot, or with fewer than 32 bytes in each, it does not compile:
    ///
    /// ```compile_fail,E0283
    /// let none = oncilla::ReplayCache::<0, 64>::new();
    /// ```
    ///
    /// ```compile_fail,E0283
    /// let small = oncilla::ReplayCache::<4, 31>::new();
    /// ```
    #[must_use]
    pub const fn new<OneSlotAtLeast, EachOf32BytesAtLeast>() -> Self
    where
        Number<SLOTS>: Slots<OneSlotAtLeast>,
        Number<BYTES>: Bytes<EachOf32BytesAtLeast>,
    {
        const { check(SLOTS, BYTES) }
        Self(Line::new(Owned::EMPTY))
    }
}

impl<const SLOTS: usize, const BYTES: usize> Default for ReplayCache<SLOTS, BYTES> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const SLOTS: usize, const BYTES: usize> SharedReplayCache<SLOTS, BYTES> {
    /// Nothing is remembered yet. `key` is a number that no peer can guess, another at each start: 16 bytes of a random
    /// number generator. A peer that knew it could make two calls of its own pass for one; it would still not get
    /// replies of others.
    ///
    /// Without a slot, or with fewer than 32 bytes in each, it does not compile:
    ///
    /// ```compile_fail,E0283
    /// let none = oncilla::SharedReplayCache::<0, 64>::new([7; 16]);
    /// ```
    ///
    /// ```compile_fail,E0283
    /// let small = oncilla::SharedReplayCache::<4, 31>::new([7; 16]);
    /// ```
    #[must_use]
    pub const fn new<OneSlotAtLeast, EachOf32BytesAtLeast>(key: [u8; 16]) -> Self
    where
        Number<SLOTS>: Slots<OneSlotAtLeast>,
        Number<BYTES>: Bytes<EachOf32BytesAtLeast>,
    {
        const { check(SLOTS, BYTES) }
        Self(Shared::new(Owned::EMPTY, key))
    }
}

impl<const SLOTS: usize, const BYTES: usize> SharedReplay for SharedReplayCache<SLOTS, BYTES> {}

replay_by_memory!([const SLOTS: usize, const BYTES: usize] ReplayCache<SLOTS, BYTES>);
replay_by_memory!([const SLOTS: usize, const BYTES: usize] SharedReplayCache<SLOTS, BYTES>);
