//! Replay caches whose number and size of replies are known at compile time.

use super::enough::{Bytes, Number, Slots};
use super::line::{self, Line};
use super::shared::{self, SLOTS_MAX, Shared};
use super::slots::Owned;
use super::{Remembers, SharedReplay, replay_by_cache};
use crate::message::REFUSAL_MAX;

/// The last `SLOTS` replies to the one peer of a line, each of at most `BYTES`.
///
/// A client that gets no reply retransmits its call with the same xid. The server then answers with the stored reply
/// and does not execute the call again. The cache recognizes a call by its xid and a checksum of all its bytes.
///
/// **What is stored.** Replies to procedures that ran, failures included. Not those of NULL and of procedures marked
/// idempotent, and not refusals before a procedure ran. A procedure whose largest reply exceeds `BYTES` is refused with
/// SYSTEM_ERR unless it is idempotent. [`Table::remembered_max`](crate::Table::remembered_max) returns the needed size.
///
/// **Number of slots.** A new reply replaces the oldest. A call that arrives again after that is executed again. Count
/// the calls that can be executed between the first and the last arrival of one call, and add one:
///
/// - A peer that makes one call at a time, on a line that keeps the order of frames, needs one slot.
/// - A peer with [calls in flight](crate::CallsInFlight) may start many others while one is retransmitted. If it
///   finishes its calls in the order of their start, it needs as many slots as it has.
/// - A peer whose procedures are called back ([`NestedEndpoint`](crate::NestedEndpoint)) may make many calls while its
///   outer call is retransmitted. It needs a slot for each, and one more.
/// - On datagrams under a key (feature `keys`), at most 31 later messages of a peer can overtake a call, however long it is
///   delayed. With 32 slots nobody can delay a call so that it is executed twice; with fewer, an attacker in the
///   middle can.
/// - Peers with different keys on one line share the slots. Add the slots that each of them needs.
///
/// A client must start with another xid after each start ([`Client::new`](crate::Client::new)); otherwise call
/// [`forget`](super::Replay::forget).
///
/// **Short form.** Its xids repeat after 65 536 calls. Therefore replies also age: after every 32 768 / `SLOTS` calls
/// that store no reply, the oldest reply is removed. A reply is removed after about 32 768 calls at the latest. Calls
/// that are lost on the line cannot be counted. If about 65 000 consecutive calls are lost, and the next call has the
/// xid and arguments of a stored one, it is answered with that reply.
///
/// **Many peers.** Where the carrier reports its peers ([`Transport::peer`](crate::Transport::peer)), this cache cannot
/// distinguish them. It refuses their calls with SYSTEM_ERR, unless the procedure is idempotent. Use a
/// [`SharedReplayCache`] there.
///
/// **Memory.** `SLOTS` × (`BYTES` + 12) + 8 bytes on a 32-bit machine.
///
/// # Example
/// The same call twice, executed once:
///
/// ```
/// use oncilla::message::{CallHeader, OpaqueAuth, Origin};
/// use oncilla::{ProcedureId, Replay, ReplayCache, Table, table};
///
/// oncilla::program! {
///     pub mod counter = 0x2000_0003, version 1 {
///         fn increment() -> u32 = 1;
///     }
/// }
///
/// struct Counter(u32);
///
/// impl counter::Service for Counter {
///     fn increment(&mut self) -> u32 {
///         self.0 += 1;
///         self.0
///     }
/// }
///
/// static TABLE: Table<Counter> = table![counter::program()];
///
/// let id = ProcedureId { program: 0x2000_0003, version: 1, procedure: 1 };
/// let header = CallHeader { xid: 42, id, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
/// let mut call = [0; 40];
/// header.write(&mut call).unwrap();
///
/// let mut replay = ReplayCache::<4, { TABLE.remembered_max() }>::new();
/// let (mut first, mut second) = ([0; TABLE.reply_max()], [0; TABLE.reply_max()]);
/// let mut state = Counter(0);
/// let origin = Origin::default(); // a line has one peer
/// replay.answer(None, origin, &TABLE, &mut state, &call, &mut first);
/// replay.answer(None, origin, &TABLE, &mut state, &call, &mut second);
/// assert_eq!(state.0, 1);
/// assert_eq!(first, second);
/// ```
///
/// On a link, pass the cache to [`Link::serve_next_once`](crate::Link::serve_next_once).
pub struct ReplayCache<const SLOTS: usize, const BYTES: usize>(Line<Owned<{ line::WORDS }, SLOTS, BYTES>>);

/// The last `SLOTS` replies to many peers, of at most `BYTES` bytes each: for datagrams and for several connections.
///
/// It works as a [`ReplayCache`] does, with these differences:
///
/// **Identity.** The cache recognizes a call by the whole address of its peer (IP address, scope and port), its xid,
/// and a check of all its bytes that nobody can compute without the key (SipHash-2-4). So no peer receives a reply to
/// another, and no peer can forge a call that passes for an earlier one.
///
/// On datagrams under a key, the key takes the place of the address: a call is recognized from any address. With 32 slots
/// for each key, an attacker who delays a call cannot have it executed twice.
///
/// **Fairness.** Each host, that is each IP address, has a share of the slots. A new reply takes an empty slot. If
/// there is none, the host with the most replies, the new one counted, loses its oldest. If one port has more than half
/// of the replies of that host, the oldest reply of this port is replaced. Among hosts with equally many replies, a
/// host with such a port loses first, then the host with the oldest reply. So a host with no more replies than `SLOTS`
/// / the number of hosts keeps them, whatever the others send. With more hosts than slots, replies of all hosts are
/// replaced. The peer of a line, which has no address, counts as one host.
///
/// **Short form.** A reply that is older than 32 768 calls is not used.
///
/// **Memory.** `SLOTS` × (`BYTES` + 48) + 20 bytes, with `BYTES` rounded up to a multiple of four.
///
/// # Example
/// A server on UDP with `oncilla-host`, with a key from the random number generator of the system:
///
/// ```
/// use oncilla::SharedReplayCache;
/// use std::io::Read;
///
/// # fn main() -> std::io::Result<()> {
/// let mut key = [0; 16];
/// std::fs::File::open("/dev/urandom")?.read_exact(&mut key)?;
/// let replay = SharedReplayCache::<16, 64>::new(key); // slots, bytes of a reply
/// # let _ = replay;
/// # Ok(())
/// # }
/// ```
pub struct SharedReplayCache<const SLOTS: usize, const BYTES: usize>(Shared<Owned<{ shared::WORDS }, SLOTS, BYTES>>);

/// Checks the sizes for callers whose sizes are generic parameters.
///
/// [`enough`](super::enough) reports the same errors in `cargo check` for other callers.
const fn check(slots: usize, bytes: usize) {
    assert!(slots > 0, "a replay cache needs a slot");
    assert!(slots <= SLOTS_MAX, "a replay cache has 65 534 slots at most");
    assert!(bytes >= REFUSAL_MAX, "a slot needs 32 bytes at least");
}

impl<const SLOTS: usize, const BYTES: usize> ReplayCache<SLOTS, BYTES> {
    /// Creates an empty cache.
    ///
    /// Without a slot, or with slots of less than 32 bytes, it does not compile:
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
    /// Creates an empty cache.
    ///
    /// `key` is a number that no peer can guess, another one after each start: 16 bytes of a random number generator. A
    /// peer that knows the key could make two of its own calls pass for one. It would still not receive replies to
    /// others.
    ///
    /// Without a slot, or with slots of less than 32 bytes, it does not compile:
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

replay_by_cache!([const SLOTS: usize, const BYTES: usize] ReplayCache<SLOTS, BYTES>);
replay_by_cache!([const SLOTS: usize, const BYTES: usize] SharedReplayCache<SLOTS, BYTES>);
