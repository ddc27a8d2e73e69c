//! The end that accepts sessions: for servers.

use super::ends::{Content, Ends, To};
use super::keyring::Keyring;
use super::session::{HEAD, Session};
use super::sizes::SEALED;
use super::{About, Agreed, Carrier, Direction, Label, Light, Seat, Side, Suite};
use crate::message::{KeyId, ProcedureId, Sender};

/// Places at most: the bits of a place below its parity.
const PLACES_MAX: usize = 32;

/// The bit of a place that alternates from session to session, so that DATA of the one before is not tried.
const PARITY: u8 = PLACES_MAX as u8;

/// Accepts sessions from peers that have a key: for the link of a server.
///
/// It has `N` places for sessions, one for each key: see [`Keyring`]. `K` is the keyring, such as `&'static [Key; N]`, and
/// `S` the suite. [`Link::with_keys`](crate::Link::with_keys) has an example.
///
/// A message that does not verify has no effect: it gets no answer, and ends or replaces no session. A session is replaced only
/// when the first call of the new one has verified, so that recorded messages of a handshake replace none. [`Opens`](super::Opens)
/// describes the start.
pub struct Accepts<K, const N: usize = 1, S: Suite = Light> {
    keyring: K,
    start: S::Start,
    places: [Place<S>; N],
    side: Side,
    boot: u32,
    /// The place of the message that verified last.
    last: u8,
    plain: &'static [ProcedureId],
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
    /// `boot` is a number that is another one after each start. `N` is 1 to 32.
    pub const fn new(side: Side, keyring: K, start: S::Start, boot: u32) -> Self {
        const { assert!(N > 0 && N <= PLACES_MAX, "an acceptor has 1 to 32 places") }
        let places = [const { Place { session: None, accepted: 0 } }; N];
        Self { keyring, start, places, side, boot, last: 0, plain: &[] }
    }

    /// Serves these procedures also to callers that have no key, and answers them in the clear.
    ///
    /// For instance NULL, for `rpcinfo`. [`Call::key`](crate::message::Call::key) is `None` for such calls.
    #[must_use]
    pub const fn allow_plain(mut self, procedures: &'static [ProcedureId]) -> Self {
        self.plain = procedures;
        self
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

    /// Returns the session of a sender.
    fn session_of(&self, carrier: Carrier, sender: Sender) -> Option<&Session<S>> {
        let accepted = self.places.get(index_of(carrier, sender.place))?.session.as_ref()?;
        let same = accepted.key == sender.key && accepted.session.peer.boot == sender.boot;
        same.then_some(&accepted.session)
    }
}

/// Returns the index of the place of a key. A connection has one place, whichever key its peer has.
const fn index_of(carrier: Carrier, place: u8) -> usize {
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

    /// Returns whether a key may have this place. On a connection the first one that verifies keeps it.
    fn is_free_for(&self, carrier: Carrier, key: KeyId) -> bool {
        carrier != Carrier::Connection || self.session.as_ref().is_none_or(|accepted| accepted.key == key)
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
        usize::try_from(self.session_of(carrier, sender)?.peer.largest).ok()
    }

    fn place_of(&self, carrier: Carrier, sender: Sender) -> Option<u8> {
        self.session_of(carrier, sender)?;
        Some(index_of(carrier, sender.place) as u8)
    }

    fn can_seal(&self, to: To) -> bool {
        let place = match to {
            To::Caller(place) => place,
            To::Any => self.last,
            To::Called => return false,
        };
        let place = self.places.get(usize::from(place));
        place.and_then(|place| place.session.as_ref()).is_some_and(|accepted| accepted.session.can_seal())
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

    fn hello(&mut self, carrier: Carrier, frame: &[u8], room: &mut [u8], capacity: usize) -> Option<usize> {
        let label = self.label(carrier);
        let (id, _) = S::named(frame)?;
        let (place, key) = self.keyring.find(id)?;
        let index = index_of(carrier, u8::try_from(place).unwrap_or(u8::MAX));
        let place = self.places.get(index).filter(|place| place.is_free_for(carrier, id))?;
        let seat = place.seat(index, self.boot, capacity)?;
        // Where the room is too small, sending reports that: a HELLO of a stranger is not answered.
        if room.len() < S::CHALLENGE {
            return None;
        }
        S::challenge(Agreed { label: &label, key }, &mut self.start, seat, frame, room)?;
        Some(S::CHALLENGE)
    }

    fn open(&mut self, carrier: Carrier, frame: &mut [u8], capacity: usize) -> Option<Content> {
        let label = self.label(carrier);
        let (id, name) = S::named(frame)?;
        let (place, key) = self.keyring.find(id)?;
        let number = u8::try_from(place).unwrap_or(u8::MAX);
        let index = index_of(carrier, number);
        let place = self.places.get_mut(index).filter(|place| place.is_free_for(carrier, id))?;
        let start = S::OPEN.checked_add(HEAD)?;
        let content = |length, boot| Content { start, length, sender: Some(Sender::new(id, boot, number)) };
        if let Some(Accepted { session, .. }) =
            place.session.as_mut().filter(|present| present.key == id && present.name == name)
        {
            let length = session.open(carrier, Direction::FromOpener, frame.get_mut(S::OPEN..)?)?;
            return Some(content(length, session.peer.boot));
        }
        let seat = place.seat(index, self.boot, capacity)?;
        let (about, keys) = S::admit(Agreed { label: &label, key }, &mut self.start, seat, frame)?;
        let mut session = Session::new(keys, seat.place, about);
        let length = session.open(carrier, Direction::FromOpener, frame.get_mut(S::OPEN..)?)?;
        S::forget(&mut self.start);
        place.accepted = place.accepted.saturating_add(1);
        place.session = Some(Accepted { session, key: id, name });
        self.last = index as u8;
        Some(content(length, about.boot))
    }

    fn data(&mut self, carrier: Carrier, frame: &mut [u8]) -> Option<Content> {
        let first = *frame.first()?;
        let index = first & (PARITY - 1);
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

    fn serves_plain(&self, id: ProcedureId) -> bool {
        self.plain.contains(&id)
    }
}
