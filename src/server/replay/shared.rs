//! The replay cache for many peers that share the slots.

use core::net::{IpAddr, SocketAddr};

use super::line::SHORT_CALLS;
use super::siphash::siphash;
use super::slots::{Slots, State};
use super::{Identity, Recalled, Remembers};
use crate::message::{Form, Origin};

/// Words of a head: those of an [`Entry`].
pub(super) const WORDS: usize = 12;

/// Most slots: a number that fits into half a word, with one to spare.
pub(super) const SLOTS_MAX: usize = 65_534;

/// The last replies to many peers, each with a share of the slots.
pub(super) struct Shared<S> {
    pub slots: S,
    key: [u8; 16],
    /// Counts stored replies and calls in the short form.
    clock: u32,
}

/// What identifies a call: its xid, the whole address of its peer, and a check of all its bytes.
///
/// Nobody can compute the check without the key of the cache.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Key {
    xid: u32,
    check: [u32; 2],
    peer: Peer,
}

/// The whole address of a peer.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Peer {
    /// The IPv6 address, or the mapped IPv4 address, and the scope; or 1 and the number of a key.
    host: [u32; 5],
    /// The port with bit 16 set; 0 without an address, as on a line.
    port: u32,
}

impl Peer {
    fn new(peer: Option<&SocketAddr>) -> Self {
        let Some(peer) = peer else { return Self { host: [0; 5], port: 0 } };
        let ip = match peer.ip() {
            IpAddr::V4(ip) => ip.to_ipv6_mapped(),
            IpAddr::V6(ip) => ip,
        };
        let scope = match peer {
            SocketAddr::V4(_) => 0,
            SocketAddr::V6(peer) => peer.scope_id(),
        };
        let ip = ip.to_bits();
        let host = [(ip >> 96) as u32, (ip >> 64) as u32, (ip >> 32) as u32, ip as u32, scope];
        Self { host, port: 1 << 16 | u32::from(peer.port()) }
    }

    /// Returns the peer of a call: the key of a sender whose address may change, and the address of any other.
    fn of(origin: Origin<'_>) -> Self {
        match origin.sender().filter(|sender| sender.moves) {
            // No address is like this: that of a host does not begin with 0.0.0.1.
            Some(sender) => Self { host: [1, sender.key.0.into(), 0, 0, 0], port: 0 },
            None => Self::new(origin.address),
        }
    }

    /// Returns how much a reply to one peer adds to the crowd of the other.
    fn crowd(&self, other: &Self) -> u32 {
        if self.host != other.host {
            0
        } else if self.port != other.port {
            1 << 16
        } else {
            1 << 16 | 1
        }
    }
}

/// The head of a slot.
#[derive(Clone, Copy)]
struct Entry {
    state: State,
    /// The clock when the reply was stored.
    born: u32,
    /// Upper half: replies to the same host, this one included. Lower half: replies to the same port of it.
    crowd: u32,
    key: Key,
}

impl Key {
    #[inline]
    const fn new([xid, check0, check1, host @ .., port]: Identity) -> Self {
        Self { xid, check: [check0, check1], peer: Peer { host, port } }
    }

    #[inline]
    const fn words(self) -> Identity {
        let Self { xid, check: [check0, check1], peer: Peer { host: [host0, host1, host2, host3, scope], port } } =
            self;
        [xid, check0, check1, host0, host1, host2, host3, scope, port]
    }
}

impl Entry {
    #[inline]
    const fn new([state, born, crowd, key @ ..]: [u32; WORDS]) -> Self {
        Self { state: State(state), born, crowd, key: Key::new(key) }
    }

    #[inline]
    const fn words(self) -> [u32; WORDS] {
        let [xid, check0, check1, host0, host1, host2, host3, scope, port] = self.key.words();
        [self.state.0, self.born, self.crowd, xid, check0, check1, host0, host1, host2, host3, scope, port]
    }
}

/// Returns the key of the cache for the calls of one sender. It differs for each key id and boot number.
#[inline]
fn tweaked(mut key: [u8; 16], origin: Origin<'_>) -> [u8; 16] {
    let Some(sender) = origin.sender() else { return key };
    let [a, b, c, d] = sender.boot.to_be_bytes();
    let [e, f] = sender.key.0.to_be_bytes();
    for (place, byte) in key.iter_mut().zip([1, a, b, c, d, e, f]) {
        *place ^= byte;
    }
    key
}

impl<S> Shared<S> {
    pub const fn new(slots: S, key: [u8; 16]) -> Self {
        Self { slots, key, clock: 0 }
    }
}

impl<S: Slots<WORDS>> Shared<S> {
    fn entries(&self) -> impl Iterator<Item = (usize, Entry)> {
        (0..self.slots.count()).map(|index| (index, Entry::new(self.slots.head(index))))
    }

    /// Returns the slot for a new reply to `peer`, and the crowd of that reply.
    ///
    /// The slot is an empty one, or else, with the new reply counted, the oldest reply to the host with the most
    /// replies. If a port has more than half of the replies of its host, it loses its own oldest. Ports do not have
    /// equal shares: the replies to clients that are gone would leave a new client only one slot.
    fn place(&self, peer: &Peer) -> (usize, u32) {
        let (mut place, mut least, mut total) = (0, None, 1 << 16 | 1);
        for (index, entry) in self.entries() {
            let rank = match entry.state {
                State::EMPTY => (u32::MAX, 0),
                _ => {
                    let crowd = peer.crowd(&entry.key.peer);
                    total = crowd.wrapping_add(total);
                    let crowd = entry.crowd.wrapping_add(crowd);
                    let (host, port) = (crowd >> 16, crowd & 0xffff);
                    // Sorted by the number of replies, then by whether a port has more than half of them.
                    let crowd = host << 1 | u32::from(port > host >> 1);
                    (crowd, self.clock.wrapping_sub(entry.born))
                }
            };
            if least < Some(rank) {
                (place, least) = (index, Some(rank));
            }
        }
        (place, total)
    }
}

impl<S: Slots<WORDS>> Remembers for Shared<S> {
    #[inline]
    fn reply_max(&self) -> usize {
        self.slots.reply_max()
    }

    fn recall(
        &self,
        identity: &mut Identity,
        form: Form,
        origin: Origin<'_>,
        message: &[u8],
        reply: &mut [u8],
    ) -> Recalled {
        let ([xid, ..], check) = (*identity, siphash(&tweaked(self.key, origin), message));
        let wanted = Key { xid, check: [check as u32, (check >> 32) as u32], peer: Peer::of(origin) };
        // Xids of the short form repeat. The clock counts all its calls, so an older reply has an earlier use of the
        // xid.
        let oldest = if form == Form::Short { SHORT_CALLS } else { u32::MAX };
        let same = |entry: &Entry| {
            entry.state != State::EMPTY && entry.key == wanted && self.clock.wrapping_sub(entry.born) <= oldest
        };
        if let Some((index, entry)) = self.entries().find(|(_, entry)| same(entry)) {
            return entry.state.recalled(xid, self.slots.reply(index), reply);
        }
        *identity = wanted.words();
        Recalled::New
    }

    fn remember(&mut self, identity: &Identity, reply: Option<&[u8]>) {
        let key = Key::new(*identity);
        let (place, crowd) = self.place(&key.peer);
        let gone = Entry::new(self.slots.head(place));
        let leaves = |peer: &Peer| if gone.state == State::EMPTY { 0 } else { gone.key.peer.crowd(peer) };
        for index in 0..self.slots.count() {
            let mut entry = Entry::new(self.slots.head(index));
            let change = key.peer.crowd(&entry.key.peer).wrapping_sub(leaves(&entry.key.peer));
            if entry.state != State::EMPTY && change != 0 {
                entry.crowd = entry.crowd.wrapping_add(change);
                self.slots.set_head(index, entry.words());
            }
        }
        self.clock = self.clock.wrapping_add(1);
        let crowd = crowd.wrapping_sub(leaves(&key.peer));
        let entry = Entry { state: State::of(reply), born: self.clock, crowd, key };
        self.slots.set_head(place, entry.words());
        self.slots.set_reply(place, reply.unwrap_or_default());
    }

    fn grow_older(&mut self) {
        self.clock = self.clock.wrapping_add(1);
    }

    fn clear(&mut self) {
        for index in 0..self.slots.count() {
            self.slots.set_head(index, [0; WORDS]);
        }
    }
}
