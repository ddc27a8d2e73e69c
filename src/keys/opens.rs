//! The end that opens sessions: for clients.

use core::borrow::Borrow;

use super::ends::{Content, Ends, Plain, To};
use super::session::{HEAD, Session};
use super::sizes::SEALED;
use super::{About, Agreed, Carrier, Direction, Key, Label, Light, Side, Suite};
use crate::framing::Change;
use crate::message::ProcedureId;

/// Counters from which sessions are renewed, unless set otherwise.
const RENEWED: u32 = 1 << 31;

/// Opens a session with the peer: for the link of a [`Client`](crate::Client).
///
/// It sends the first message of a handshake before the first call, when a call was not answered in time, and when the
/// session is to be renewed. [`Link::with_keys`](crate::Link::with_keys) has an example.
///
/// `K` is a [`Key`] or a reference to one, `S` the suite.
///
/// **The start** has bytes that no link of this side had before, neither before a restart nor on another connection.
/// With the suite [`Light`] a counter in flash and the number of the line are enough. On a host, use random bytes. If a
/// start repeats, an attacker who has recorded the earlier session can break the later one.
pub struct Opens<K, S: Suite = Light> {
    key: K,
    start: S::Start,
    session: Option<Opened<S>>,
    /// The keys before a renewal, in which replies may still come, until a message has verified under the present ones.
    former: Option<Session<S>>,
    side: Side,
    /// What this side reports about itself.
    about: About,
    /// The number of the next HELLO. While `pending`, the number of the HELLO that was sent last.
    n: u32,
    /// The boot number of the peer in its last CHALLENGE.
    boot: Option<u32>,
    renewed: u32,
    change: Change,
    /// Whether a HELLO has no CHALLENGE yet.
    pending: bool,
    /// Whether a HELLO must be sent.
    due: bool,
    /// Whether an OPEN without a call must be sent, so that the acceptor takes the new keys.
    nothing_due: bool,
    /// Whether a call waits for a session.
    awaited: bool,
    /// Whether a call had no reply in time.
    doubted: bool,
    /// Whether the session is the answer to a doubt, and no call was sent in it yet.
    fresh: bool,
}

/// A session that this side opened.
struct Opened<S: Suite> {
    session: Session<S>,
    /// What makes OPENs; `None` when the acceptor has the session.
    opening: Option<S::Opening>,
}

impl<K: Borrow<Key>, S: Suite> Opens<K, S> {
    /// Creates the end of `side` with a key that the peer has too.
    ///
    /// `boot` is the boot number, which differs after each start.
    pub const fn new(side: Side, key: K, start: S::Start, boot: u32) -> Self {
        Self {
            key,
            start,
            session: None,
            former: None,
            side,
            about: About { boot, largest: 0 },
            n: 0,
            boot: None,
            renewed: RENEWED,
            change: Change::None,
            pending: false,
            due: false,
            nothing_due: false,
            awaited: false,
            doubted: false,
            fresh: false,
        }
    }

    /// Renews the keys after this number of messages in one direction.
    ///
    /// The default is 2³¹, which is also the largest number.
    #[must_use]
    pub const fn renew_after(mut self, messages: u32) -> Self {
        self.renewed = if messages < RENEWED { messages } else { RENEWED };
        self
    }

    /// Calls these procedures in the clear, whether there is a session or not.
    ///
    /// It is for servers without keys, such as rpcbind. Anybody can read and forge such calls and their replies.
    #[must_use]
    pub const fn allow_plain(self, procedures: &'static [ProcedureId]) -> Plain<Self> {
        Plain::new(self, procedures)
    }

    #[inline]
    const fn label(&self, carrier: Carrier) -> Label {
        Label::new(S::ID, carrier, self.side)
    }

    /// Makes a HELLO due. On a connection, which loses nothing, only one until its CHALLENGE.
    fn ask(&mut self, carrier: Carrier) {
        self.due = self.n != u32::MAX && !(carrier == Carrier::Connection && self.pending);
    }

    /// Returns whether the session must be renewed.
    fn is_worn(&self) -> bool {
        self.session.as_ref().is_some_and(|opened| opened.session.count() >= self.renewed)
    }

    /// Makes a HELLO due if the session must be renewed, and again after some messages: it may have been lost.
    fn renew(&mut self, carrier: Carrier) {
        let count = self.session.as_ref().map_or(0, |opened| opened.session.count());
        if self.is_worn() && (!self.pending || count & 15 == 0) {
            self.ask(carrier);
        }
    }

    /// Notes that a message of the acceptor has verified under the present keys.
    fn confirm(&mut self, carrier: Carrier) {
        self.former = None;
        (self.doubted, self.fresh) = (false, false);
        if let Some(opened) = &mut self.session {
            opened.opening = None;
        }
        if self.is_worn() {
            // Also without a call, when only the acceptor sends.
            self.renew(carrier);
        } else if self.pending && carrier != Carrier::Connection {
            // The session lives: the answer to a doubt is not needed, and would be stale.
            (self.pending, self.due) = (false, false);
            self.n = self.n.saturating_add(1);
        }
    }
}

impl<K: Borrow<Key>, S: Suite> Ends for Opens<K, S> {
    const OPEN: usize = S::OPEN;

    fn reset(&mut self) {
        (self.session, self.former) = (None, None);
        // An attacker who recorded the CHALLENGE to a HELLO of the former connection can send it again.
        self.n = self.n.saturating_add(1);
        (self.pending, self.due, self.nothing_due, self.awaited) = (false, false, false, false);
    }

    fn greet(&mut self, carrier: Carrier, _: ProcedureId) -> bool {
        if self.can_call() {
            if self.doubted {
                self.ask(carrier);
            }
            self.renew(carrier);
            return true;
        }
        self.session = None;
        self.awaited = true;
        self.ask(carrier);
        false
    }

    fn doubt(&mut self, carrier: Carrier) {
        self.doubted = carrier != Carrier::Connection && !core::mem::take(&mut self.fresh);
    }

    fn needs_attention(&self) -> bool {
        self.due || self.nothing_due || self.change != Change::None
    }

    fn write_hello(&mut self, carrier: Carrier, room: &mut [u8], capacity: usize) -> Option<usize> {
        if core::mem::take(&mut self.nothing_due) {
            *room.get_mut(HEAD)? = super::kinds::NOTHING;
            return self.seal(To::Called, room, 1);
        }
        if !core::mem::take(&mut self.due) {
            return None;
        }
        self.pending = true;
        self.about.largest = u32::try_from(capacity.saturating_sub(SEALED)).unwrap_or(u32::MAX);
        let label = self.label(carrier);
        let agreed = Agreed { label: &label, key: self.key.borrow() };
        // If the buffer is too small, sending reports it.
        let _ = S::hello(agreed, &self.start, self.n, self.about, room);
        Some(S::HELLO)
    }

    fn take_change(&mut self) -> Change {
        core::mem::replace(&mut self.change, Change::None)
    }

    fn is_awaited(&self) -> bool {
        self.awaited
    }

    fn largest_call(&self) -> Option<usize> {
        usize::try_from(self.session.as_ref()?.session.peer.largest).ok()
    }

    fn can_call(&self) -> bool {
        self.session.as_ref().is_some_and(|opened| opened.session.can_seal())
    }

    fn seal(&mut self, to: To, room: &mut [u8], content: usize) -> Option<usize> {
        if let To::Caller(_) = to {
            return None;
        }
        let Opened { session, opening } = self.session.as_mut()?;
        let data = session.seal(Direction::FromOpener, room, content)?;
        let Some(opening) = opening else { return Some(data) };
        let length = data.checked_add(S::OPEN)?;
        let message = room.get_mut(..length)?;
        move_up(message, data, S::OPEN);
        S::complete(opening, message)?;
        Some(length)
    }

    fn challenge(&mut self, carrier: Carrier, frame: &[u8]) -> bool {
        if !self.pending || frame.len() != S::CHALLENGE {
            return false;
        }
        let label = self.label(carrier);
        let agreed = Agreed { label: &label, key: self.key.borrow() };
        let Some(accepted) = S::accept(agreed, &self.start, self.n, self.about, frame) else { return false };
        S::forget(&mut self.start);
        self.n = self.n.saturating_add(1);
        (self.pending, self.due) = (false, false);
        let restarted = self.boot.is_some_and(|boot| boot != accepted.about.boot);
        let former = self.session.take().filter(|opened| !restarted && opened.opening.is_none());
        self.former = former.map(|opened| opened.session);
        self.boot = Some(accepted.about.boot);
        let session = Session::new(accepted.keys, accepted.place, accepted.about);
        self.session = Some(Opened { session, opening: Some(accepted.opening) });
        let waits = self.awaited || self.doubted;
        self.change = match self.change {
            _ if restarted => Change::Restart,
            Change::None if waits => Change::Introduced,
            change => change,
        };
        // A renewal while no call waits.
        self.nothing_due = !waits;
        self.fresh = self.doubted;
        (self.awaited, self.doubted) = (false, false);
        true
    }

    fn data(&mut self, carrier: Carrier, frame: &mut [u8]) -> Option<Content> {
        let content = |length| Content { start: HEAD, length, sender: None };
        if let Some(former) = &mut self.former
            && former.is_of(frame)
        {
            let length = former.open(carrier, Direction::FromAcceptor, frame)?;
            // The acceptor has not got the new keys.
            self.nothing_due = true;
            return Some(content(length));
        }
        let length = self.session.as_mut()?.session.open(carrier, Direction::FromAcceptor, frame)?;
        self.confirm(carrier);
        Some(content(length))
    }
}

/// Moves the `length` bytes at the front up by `by`.
fn move_up(message: &mut [u8], length: usize, by: usize) {
    let cells = core::cell::Cell::from_mut(message).as_slice_of_cells();
    let targets = cells.get(by..).unwrap_or_default().iter().take(length).rev();
    for (target, source) in targets.zip(cells.iter().take(length).rev()) {
        target.set(source.get());
    }
}
