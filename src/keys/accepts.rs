//! The end that accepts sessions: for servers.

use super::ends::{Content, Ends, Greeted, Plain, To};
use super::keyring::Keyring;
use super::kinds::OPEN;
use super::session::{HEAD, Session};
use super::sizes::SEALED;
use super::{About, Agreed, Carrier, Direction, Label, Light, Seat, Side, Suite};
use crate::message::{KeyId, ProcedureId, Sender};

/// Places at most: the bits of a place below its parity.
const PLACES_MAX: usize = 32;

/// The bit of a place that alternates from session to session.
///
/// DATA of the session before has the other bit, so it is not tried.
const PARITY: u8 = PLACES_MAX as u8;

/// Accepts sessions from peers that have a key: for the link of a server.
///
/// It has `N` places for sessions, one for each key: see [`Keyring`]. `K` is the keyring, such as `&'static [Key; N]`,
/// and `S` the suite. [`Link::with_keys`](crate::Link::with_keys) has an example.
///
/// A message that does not verify has no effect: it gets no answer, and ends or replaces no session. A session is
/// replaced only when the first call of the new one has verified, so that recorded messages of a handshake replace
/// none. [`Opens`](super::Opens) describes the start.
pub struct Accepts<K, const N: usize = 1, S: Suite = Light> {
    keyring: K,
    start: S::Start,
    places: [Place<S>; N],
    side: Side,
    boot: u32,
    /// The place of the message that verified last.
    last: u8,
}

/// The place of one key.
struct Place<S: Suite> {
    session: Option<Accepted<S>>,
    /// The number of sessions that were accepted in this place.
    accepted: u32,
}

/// A session that was accepted.
struct Accepted<S: Suite> {
    session: Session<S>,
    key: KeyId,
    /// Names the HELLO from which it follows.
    name: S::Name,
}

impl<K: Keyring, const N: usize, S: Suite> Accepts<K, N, S> {
    /// Creates the end of `side` with the keys that its peers have too.
    ///
    /// `boot` is the boot number, which differs after each start. `N` is 1 to 32.
    pub fn new(side: Side, keyring: K, start: S::Start, boot: u32) -> Self {
        const { assert!(N > 0 && N <= PLACES_MAX, "an acceptor has 1 to 32 places") }
        // Not a constant: that would be a whole place of stack, which is copied.
        Self {
            keyring,
            start,
            places: core::array::from_fn(|_| Place { session: None, accepted: 0 }),
            side,
            boot,
            last: 0,
        }
    }

    /// Serves these procedures also to callers without a key.
    ///
    /// They are answered in the clear. An example is NULL, which `rpcinfo` calls.
    /// [`Call::key`](crate::message::Call::key) is `None` for such calls.
    #[must_use]
    pub const fn allow_plain(self, procedures: &'static [ProcedureId]) -> Plain<Self> {
        Plain::new(self, procedures)
    }

    /// Returns the label of the sessions that the other side opens.
    #[inline]
    const fn label(&self, carrier: Carrier) -> Label {
        let opener = match self.side {
            Side::Host => Side::Device,
            Side::Device => Side::Host,
        };
        Label::new(S::ID, carrier, opener)
    }
}

/// Returns the index of the place of a key. A connection has one place, whichever key its peer has.
pub(super) const fn index_of(carrier: Carrier, place: u8) -> usize {
    match carrier {
        Carrier::Connection => 0,
        Carrier::Serial | Carrier::Datagrams => place as usize,
    }
}

impl<S: Suite> Place<S> {
    /// Returns the seat of the next session.
    fn seat(&self, index: usize, boot: u32, capacity: usize) -> Option<Seat> {
        let largest = u32::try_from(capacity.saturating_sub(SEALED + S::OPEN)).unwrap_or(u32::MAX);
        let parity = if self.accepted & 1 == 1 { PARITY } else { 0 };
        let place = u8::try_from(index).ok()? | parity;
        // After the last number no session is accepted, since its keys would repeat.
        (self.accepted != u32::MAX).then_some(Seat { place, accepted: self.accepted, about: About { boot, largest } })
    }
}

impl<K: Keyring, const N: usize, S: Suite> Ends for Accepts<K, N, S> {
    const OPEN: usize = 0;

    fn reset(&mut self) {
        for place in &mut self.places {
            place.session = None;
        }
    }

    fn largest_reply(&self, carrier: Carrier, sender: Sender) -> Option<usize> {
        let accepted = self.places.get(index_of(carrier, sender.place))?.session.as_ref()?;
        usize::try_from(accepted.session.peer.largest).ok()
    }

    fn is_present(&self, carrier: Carrier, sender: Sender) -> bool {
        let place = self.places.get(index_of(carrier, sender.place));
        let accepted = place.and_then(|place| place.session.as_ref());
        accepted.is_some_and(|accepted| accepted.key == sender.key && accepted.session.peer.boot == sender.boot)
    }

    fn seal(&mut self, to: To, room: &mut [u8], content: usize) -> Option<usize> {
        let place = match to {
            To::Caller(place) => place,
            To::Any => self.last,
            To::Called => return None,
        };
        let accepted = self.places.get_mut(usize::from(place))?.session.as_mut()?;
        accepted.session.seal(Direction::FromAcceptor, room, content)
    }

    fn greeted(&mut self, carrier: Carrier, frame: &mut [u8], room: &mut [u8], capacity: usize) -> Option<Greeted> {
        let label = self.label(carrier);
        let (id, name) = S::named(frame)?;
        let (number, key) = self.keyring.find(id)?;
        let number = u8::try_from(number).unwrap_or(u8::MAX);
        let index = index_of(carrier, number);
        let place = self.places.get_mut(index)?;
        if let Some(Accepted { session, key: its, name: known }) = &mut place.session {
            // On a connection the first key that verifies keeps the place.
            if carrier == Carrier::Connection && *its != id {
                return None;
            }
            if frame.first() == Some(&OPEN) && *its == id && known == name {
                let length = session.open(carrier, Direction::FromOpener, frame.get_mut(S::OPEN..)?)?;
                return Some(content::<S>(length, Sender::new(id, session.peer.boot, number)));
            }
        }
        let (agreed, seat) = (Agreed { label: &label, key }, place.seat(index, self.boot, capacity)?);
        if frame.first() != Some(&OPEN) {
            // Where the room is too small, a HELLO gets no answer.
            S::challenge(agreed, &mut self.start, seat, frame, room)?;
            return Some(Greeted::Answer(S::CHALLENGE));
        }
        // One place on the stack for the new session, which takes the place of the former one when it has verified.
        let session = Session::new(S::Keys::default(), seat.place, About::default());
        let mut accepted = Some(Accepted { session, key: id, name: S::Name::default() });
        let Some(Accepted { session, name: its, .. }) = &mut accepted else { return None };
        *its = *name;
        session.peer = S::admit(agreed, &mut self.start, seat, frame, room, &mut session.keys)?;
        let length = session.open(carrier, Direction::FromOpener, frame.get_mut(S::OPEN..)?)?;
        let boot = session.peer.boot;
        S::forget(&mut self.start);
        place.accepted = place.accepted.saturating_add(1);
        core::mem::swap(&mut place.session, &mut accepted);
        self.last = index as u8;
        Some(content::<S>(length, Sender::new(id, boot, number)))
    }

    fn data(&mut self, carrier: Carrier, frame: &mut [u8]) -> Option<Content> {
        let index = *frame.first()? & (PARITY - 1);
        let place = self.places.get_mut(usize::from(index))?;
        let Accepted { session, key, .. } = place.session.as_mut().filter(|accepted| accepted.session.is_of(frame))?;
        let length = session.open(carrier, Direction::FromOpener, frame)?;
        self.last = index;
        let number = match carrier {
            // The number of the key in the keyring, by which a replay cache distinguishes the keys of all connections.
            Carrier::Connection => self.keyring.find(*key).and_then(|(place, _)| u8::try_from(place).ok()),
            Carrier::Serial | Carrier::Datagrams => Some(index),
        };
        let sender = Sender::new(*key, session.peer.boot, number.unwrap_or(u8::MAX));
        Some(Content { start: HEAD, length, sender: Some(sender) })
    }
}

/// Returns the content of an OPEN.
fn content<S: Suite>(length: usize, sender: Sender) -> Greeted {
    Greeted::Content(Content { start: S::OPEN.wrapping_add(HEAD), length, sender: Some(sender) })
}
