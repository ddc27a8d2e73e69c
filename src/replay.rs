//! At most once: a call that comes again is answered again, not executed again.

use core::net::{IpAddr, SocketAddr};

use crate::answer::{answer_from, answer_in, find};
use crate::framing::crc32;
use crate::message::{Call, Form, ProcedureId, REFUSAL_MAX, Refusal, peek, restore, write_reply};
use crate::table::{NO_REPLY, Table};

/// How a server treats a call that comes again: [`ReplayCache`] remembers its reply, `()` does not and
/// carries it out again.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not remember replies",
    label = "this is not a replay memory",
    note = "use `oncilla::ReplayCache::<4, REPLY_MAX>::new()` or a `ReplayMemory`, or `()` to remember nothing"
)]
pub trait Replay {
    /// Answers one message, in `form` where there are two, as [`answer_from`](crate::answer_from) does for standard ones; a
    /// reply with results is in the same form, a refusal in the full one.
    fn answer<S>(
        &mut self,
        form: Option<Form>,
        peer: Option<&SocketAddr>,
        table: &Table<S>,
        state: &mut S,
        message: &[u8],
        reply: &mut [u8],
    ) -> Option<usize>;

    /// Forgets every reply: the peers have restarted, and their calls are new whatever they look like.
    fn forget(&mut self);
}

/// Nothing is remembered.
impl Replay for () {
    #[inline]
    fn answer<S>(
        &mut self,
        form: Option<Form>,
        peer: Option<&SocketAddr>,
        table: &Table<S>,
        state: &mut S,
        message: &[u8],
        reply: &mut [u8],
    ) -> Option<usize> {
        match form {
            None => answer_from(peer, table, state, message, reply),
            Some(form) => answer_in(form, peer, table, state, message, reply),
        }
    }

    fn forget(&mut self) {}
}

/// Replies are remembered in what is lent, such as a static.
#[diagnostic::do_not_recommend]
impl<R: Replay> Replay for &mut R {
    #[inline]
    fn answer<S>(
        &mut self,
        form: Option<Form>,
        peer: Option<&SocketAddr>,
        table: &Table<S>,
        state: &mut S,
        message: &[u8],
        reply: &mut [u8],
    ) -> Option<usize> {
        R::answer(self, form, peer, table, state, message, reply)
    }

    fn forget(&mut self) {
        R::forget(self);
    }
}

/// The last `SLOTS` replies, of at most `BYTES` bytes each.
///
/// A call is known again by its peer, its xid and a checksum of all its bytes: a client that sends it
/// again gets the reply that the first one got, and nothing is executed. Procedures that are marked
/// idempotent, and NULL, are not remembered. A procedure whose reply could be larger than `BYTES`
/// is refused with SYSTEM_ERR, unless it is idempotent: [`Table::reply_max`] bytes are enough for all.
///
/// The oldest reply gives way to a new one. So there must be at least as many slots as calls that can
/// be under way at once, in all clients together, with their repetitions; a repetition that comes after
/// its reply gave way is executed again. A client that restarts begins with another xid than before
/// ([`Client::new`](crate::Client::new)), or [`forget`](Replay::forget) is called.
///
/// Calls in the short form have xids that come again after 65 536 calls. So that no reply is left then, every
/// 32 768 / `SLOTS` of them that leave no reply take the place of one: a reply is forgotten after 32 768 of them at the
/// latest, a few more or less. Calls that never arrive cannot be counted: if some 65 000 in a row are lost, and the
/// next has the xid and the arguments of one that is still remembered, it gets that one's reply.
///
/// `SLOTS` × (`BYTES` + 20) + 8 bytes on a 32-bit machine.
pub struct ReplayCache<const SLOTS: usize, const BYTES: usize> {
    slots: [Slot<BYTES>; SLOTS],
    oldest: Oldest,
}

/// Calls in the short form for which a reply is remembered: half as many as there are xids.
const SHORT_CALLS: usize = 32_768;

/// The slot of the oldest reply, where the next one goes.
#[derive(Debug)]
pub(crate) struct Oldest {
    pub slot: usize,
    /// Calls in the short form since it was another.
    idle: u32,
}

impl Oldest {
    pub(crate) const FIRST: Self = Self { slot: 0, idle: 0 };

    /// Goes on to the next of so many slots.
    #[inline]
    pub(crate) fn move_on(&mut self, slots: usize) {
        self.slot = self.slot.wrapping_add(1);
        if self.slot >= slots {
            self.slot = 0;
        }
        self.idle = 0;
    }

    /// Counts a call in the short form; tells whether it is the one for which a reply is forgotten.
    pub(crate) fn is_outlived(&mut self, slots: usize) -> bool {
        self.idle = self.idle.wrapping_add(1);
        self.idle as usize > SHORT_CALLS.checked_div(slots).unwrap_or(0)
    }
}

struct Slot<const BYTES: usize> {
    call: Option<Fingerprint>,
    /// Bytes of the reply, or [`NO_REPLY`] for a procedure that gives none.
    length: usize,
    reply: [u8; BYTES],
}

/// What makes a call the same call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    pub xid: u32,
    pub check: u32,
    pub peer: u32,
}

impl Fingerprint {
    /// `None` for what is no call.
    pub(crate) fn of(form: Option<Form>, peer: Option<&SocketAddr>, message: &[u8]) -> Option<Self> {
        match peek(form.unwrap_or(Form::Full), message) {
            Some((xid, false)) => Some(Self { xid, check: crc32(message), peer: peer.map_or(0, number) }),
            _ => None,
        }
    }
}

/// Where replies are kept.
pub(crate) trait Slots {
    /// Bytes of the largest reply that can be kept.
    fn reply_max(&self) -> usize;

    /// The reply that was given to this call, if it is known, copied to the start of `reply`.
    fn recall(&self, call: Fingerprint, reply: &mut [u8]) -> Option<Option<usize>>;

    /// Keeps a reply, or that there was none, in place of the oldest.
    fn remember(&mut self, call: Fingerprint, reply: Option<&[u8]>);

    /// Counts a call in the short form that is not known. Every so many of them, the oldest reply is forgotten, so that
    /// none is left when its xid comes again.
    fn grow_older(&mut self);
}

/// Answers one message as [`Replay::answer`] does, and keeps the reply in `slots`.
#[inline]
pub(crate) fn answer_once<S>(
    slots: &mut impl Slots,
    form: Option<Form>,
    peer: Option<&SocketAddr>,
    table: &Table<S>,
    state: &mut S,
    message: &[u8],
    reply: &mut [u8],
) -> Option<usize> {
    let call = Fingerprint::of(form, peer, message)?;
    if reply.len() < REFUSAL_MAX {
        // Nothing would be executed, and the silence must not be remembered as that of a one-way call.
        return None;
    }
    if let Some(known) = slots.recall(call, reply) {
        return known;
    }
    if form == Some(Form::Short) {
        slots.grow_older();
    }
    let procedure = called(form, message).and_then(|id| find(table, id).ok()?);
    let remember = procedure.filter(|procedure| !procedure.is_idempotent());
    // What could not be remembered has no room, and so is not executed.
    let limit = if remember.is_some() { slots.reply_max().min(reply.len()) } else { reply.len() };
    let room = reply.get_mut(..limit).unwrap_or_default();
    let length = ().answer(form, peer, table, state, message, room);
    if remember.is_some() {
        slots.remember(call, length.and_then(|length| reply.get(..length)));
    }
    length
}

/// Copies a reply that was kept to the start of `reply`.
#[inline]
pub(crate) fn repeat(call: Fingerprint, known: Option<&[u8]>, reply: &mut [u8]) -> Option<usize> {
    match known.and_then(|known| Some((known, reply.get_mut(..known.len())?))) {
        Some((known, room)) => {
            room.copy_from_slice(known);
            Some(known.len())
        }
        // The room has become smaller since. The call was executed and must not be again.
        None => write_reply(call.xid, Err(Refusal::SystemError), reply),
    }
}

/// What a message calls.
pub(crate) fn called(form: Option<Form>, message: &[u8]) -> Option<ProcedureId> {
    match form {
        None | Some(Form::Full) => Call::parse(message).ok().map(|call| call.id()),
        Some(Form::Short) => Some(Call::restored(&restore(message)?).id()),
    }
}

/// A number that tells peers apart.
fn number(peer: &SocketAddr) -> u32 {
    let ip = match peer.ip() {
        IpAddr::V4(ip) => crc32(&ip.octets()),
        IpAddr::V6(ip) => crc32(&ip.octets()),
    };
    ip ^ u32::from(peer.port()) ^ 1 << 16
}

impl<const SLOTS: usize, const BYTES: usize> ReplayCache<SLOTS, BYTES> {
    /// Nothing is remembered yet. Without a slot, or with fewer than 32 bytes in each, it does not compile:
    ///
    /// ```compile_fail,E0080
    /// let none = oncilla::ReplayCache::<0, 64>::new();
    /// ```
    ///
    /// ```compile_fail,E0080
    /// let small = oncilla::ReplayCache::<4, 31>::new();
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        const {
            assert!(SLOTS > 0, "a replay cache needs a slot");
            assert!(BYTES >= REFUSAL_MAX, "a slot needs 32 bytes at least");
        }
        Self {
            slots: [const { Slot { call: None, length: NO_REPLY, reply: [0; BYTES] } }; SLOTS],
            oldest: Oldest::FIRST,
        }
    }
}

impl<const SLOTS: usize, const BYTES: usize> Slots for ReplayCache<SLOTS, BYTES> {
    #[inline]
    fn reply_max(&self) -> usize {
        BYTES
    }

    fn recall(&self, call: Fingerprint, reply: &mut [u8]) -> Option<Option<usize>> {
        let slot = self.slots.iter().find(|slot| slot.call == Some(call))?;
        let length = slot.length;
        if length == NO_REPLY {
            return Some(None);
        }
        Some(repeat(call, slot.reply.get(..length), reply))
    }

    fn remember(&mut self, call: Fingerprint, reply: Option<&[u8]>) {
        let Some(slot) = self.slots.get_mut(self.oldest.slot) else { return };
        slot.call = Some(call);
        slot.length = reply.map_or(NO_REPLY, <[u8]>::len);
        for (place, byte) in slot.reply.iter_mut().zip(reply.unwrap_or_default()) {
            *place = *byte;
        }
        self.oldest.move_on(SLOTS);
    }

    fn grow_older(&mut self) {
        if self.oldest.is_outlived(SLOTS) {
            if let Some(slot) = self.slots.get_mut(self.oldest.slot) {
                slot.call = None;
            }
            self.oldest.move_on(SLOTS);
        }
    }
}

impl<const SLOTS: usize, const BYTES: usize> Default for ReplayCache<SLOTS, BYTES> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const SLOTS: usize, const BYTES: usize> Replay for ReplayCache<SLOTS, BYTES> {
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
        for slot in &mut self.slots {
            slot.call = None;
        }
    }
}
