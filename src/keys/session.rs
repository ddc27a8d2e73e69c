//! The state of one session: its keys, and the counters of both directions.

use super::{About, Carrier, Direction, Suite};

/// Bytes before the content of DATA: the first byte and the counter.
pub(super) const HEAD: usize = 5;

/// The first byte of DATA, without direction and place.
pub(super) const DATA: u8 = 0x80;

/// The bit of the first byte of DATA from the acceptor.
pub(super) const FROM_ACCEPTOR: u8 = 0x40;

/// The bits of the first byte of DATA that hold the place, as the acceptor gave it.
pub(super) const PLACE: u8 = 0x3f;

/// The counters that one direction of a session has taken: 8 bytes.
pub(super) struct Window {
    /// The greatest counter that was taken, plus 1.
    next: u32,
    /// Whether the 32 counters before `next` were taken, the last one in the lowest bit.
    taken: u32,
}

impl Window {
    const NEW: Self = Self { next: 0, taken: 0 };

    /// Returns whether a message with this counter may be taken. The last number is never a counter.
    #[inline]
    fn admits(&self, carrier: Carrier, counter: u32) -> bool {
        let fresh = match carrier {
            Carrier::Connection => counter == self.next,
            Carrier::Serial => counter >= self.next,
            Carrier::Datagrams => match self.next.wrapping_sub(counter) {
                age @ 1..=32 if counter < self.next => self.taken >> age.wrapping_sub(1) & 1 == 0,
                _ => counter >= self.next,
            },
        };
        fresh && counter != u32::MAX
    }

    #[inline]
    fn take(&mut self, counter: u32) {
        if counter >= self.next {
            let steps = counter.wrapping_sub(self.next).wrapping_add(1);
            self.taken = self.taken.checked_shl(steps).unwrap_or(0) | 1;
            self.next = counter.wrapping_add(1);
        } else {
            let age = self.next.wrapping_sub(counter);
            self.taken |= 1u32.checked_shl(age.wrapping_sub(1)).unwrap_or(0);
        }
    }
}

/// One session, at either of its ends.
pub(super) struct Session<S: Suite> {
    pub keys: S::Keys,
    /// The counter of the next message to seal.
    sent: u32,
    received: Window,
    /// Its place, as the acceptor gave it.
    place: u8,
    /// The peer, as it described itself.
    pub peer: About,
}

impl<S: Suite> Session<S> {
    pub const fn new(keys: S::Keys, place: u8, peer: About) -> Self {
        Self { keys, sent: 0, received: Window::NEW, place, peer }
    }

    /// Returns whether DATA has the place of this session.
    #[inline]
    pub fn is_of(&self, data: &[u8]) -> bool {
        data.first().is_some_and(|first| (first ^ self.place) & PLACE == 0)
    }

    /// Returns the number of messages that were sent or received, whichever is greater.
    #[inline]
    pub fn count(&self) -> u32 {
        self.sent.max(self.received.next)
    }

    /// Returns whether another message can be sealed.
    #[inline]
    pub const fn can_seal(&self) -> bool {
        self.sent != u32::MAX
    }

    /// Makes DATA of the content at [`HEAD`] of `room`, at its front. Returns its size.
    ///
    /// Each call takes a counter, so no two messages have the same one. Returns `None` if `room` is too small, or if no
    /// counter is left.
    pub fn seal(&mut self, direction: Direction, room: &mut [u8], content: usize) -> Option<usize> {
        if !self.can_seal() {
            return None;
        }
        let (head, rest) = room.split_first_chunk_mut::<HEAD>()?;
        let [a, b, c, d] = self.sent.to_be_bytes();
        let from = match direction {
            Direction::FromOpener => DATA,
            Direction::FromAcceptor => DATA | FROM_ACCEPTOR,
        };
        *head = [from | self.place & PLACE, a, b, c, d];
        let counter = self.sent;
        self.sent = counter.wrapping_add(1);
        S::seal(&self.keys, direction, counter, rest, content)?.checked_add(HEAD)
    }

    /// Verifies DATA and decrypts its content in place, at [`HEAD`] of `data`. Returns the size of the content.
    ///
    /// Each counter is taken once. A frame that does not verify is overwritten, so it can be tried in one session only.
    pub fn open(&mut self, carrier: Carrier, direction: Direction, data: &mut [u8]) -> Option<usize> {
        let (&mut [first, a, b, c, d], sealed) = data.split_first_chunk_mut::<HEAD>()?;
        let counter = u32::from_be_bytes([a, b, c, d]);
        let from_acceptor = first & FROM_ACCEPTOR != 0;
        if from_acceptor != (direction == Direction::FromAcceptor) || !self.received.admits(carrier, counter) {
            return None;
        }
        let length = S::open(&self.keys, direction, counter, sealed)?;
        self.received.take(counter);
        Some(length)
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::keys::{Agreed, Key, KeyId, Label, Light, LightKeys, Seat, Side};

    /// The two ends of one session of the light suite.
    fn session() -> [Session<Light>; 2] {
        let key = Key::new(KeyId(1), [7; 16]);
        let label = Label::new(Light::ID, Carrier::Serial, Side::Host);
        let agreed = Agreed { label: &label, key: &key };
        let (mut hello, mut challenge) = ([0; Light::HELLO], [0; Light::CHALLENGE]);
        Light::hello(agreed, &[1; 16], 0, About::default(), &mut hello).unwrap();
        let seat = Seat { place: 0, accepted: 0, about: About::default() };
        Light::challenge(agreed, &mut [2; 16], seat, &hello, &mut challenge).unwrap();
        let accepted = Light::accept(agreed, &[1; 16], 0, About::default(), &challenge).unwrap();
        let mut open = [0; Light::OPEN];
        Light::complete(&accepted.opening, &mut open).unwrap();
        let mut admitted = Session::new(LightKeys::default(), 0, About::default());
        admitted.peer = Light::admit(agreed, &mut [2; 16], seat, &open, &mut challenge, &mut admitted.keys).unwrap();
        [Session::new(accepted.keys, 0, accepted.about), admitted]
    }

    fn seal(session: &mut Session<Light>) -> Option<Vec<u8>> {
        let mut room = [0; 40];
        let size = session.seal(Direction::FromOpener, &mut room, 10)?;
        Some(room[..size].to_vec())
    }

    fn takes(session: &mut Session<Light>, carrier: Carrier, message: &[u8]) -> bool {
        session.open(carrier, Direction::FromOpener, &mut message.to_vec()).is_some()
    }

    #[test]
    fn nothing_is_sealed_after_the_last_counter() {
        let [mut opener, mut acceptor] = session();
        opener.sent = u32::MAX - 2;
        assert!(takes(&mut acceptor, Carrier::Serial, &seal(&mut opener).unwrap()));
        assert!(opener.can_seal());
        let last = seal(&mut opener).unwrap();
        assert!(takes(&mut acceptor, Carrier::Serial, &last));
        assert!(!takes(&mut acceptor, Carrier::Serial, &last));
        assert!(!opener.can_seal());
        assert!(seal(&mut opener).is_none());
        assert_eq!(acceptor.count(), u32::MAX);
    }

    #[test]
    fn a_connection_takes_exactly_the_next_and_a_line_any_later_one() {
        let [mut opener, mut acceptor] = session();
        let messages: Vec<_> = (0..4).map(|_| seal(&mut opener).unwrap()).collect();
        assert!(!takes(&mut acceptor, Carrier::Connection, &messages[1]));
        assert!(takes(&mut acceptor, Carrier::Connection, &messages[0]));
        assert!(!takes(&mut acceptor, Carrier::Connection, &messages[0]));
        assert!(takes(&mut acceptor, Carrier::Connection, &messages[1]));
        assert!(takes(&mut acceptor, Carrier::Serial, &messages[3]));
        assert!(!takes(&mut acceptor, Carrier::Serial, &messages[2]));
    }

    #[test]
    fn datagrams_are_taken_once_and_up_to_31_before_the_greatest() {
        let [mut opener, mut acceptor] = session();
        let messages: Vec<_> = (0..80).map(|_| seal(&mut opener).unwrap()).collect();
        let mut take = |index: usize| takes(&mut acceptor, Carrier::Datagrams, &messages[index]);
        assert!(take(5) && !take(5) && take(0) && !take(0) && take(4));
        assert!(take(40));
        // 9 is 31 before the greatest, and 8 is too old.
        assert!(take(9) && !take(8) && !take(9) && take(39) && !take(39) && !take(40));
        assert!(take(79));
        assert!(take(48) && !take(47) && !take(40) && take(78));
    }

    #[test]
    fn a_message_is_not_taken_in_the_other_direction_or_if_a_bit_is_flipped() {
        let [mut opener, mut acceptor] = session();
        let message = seal(&mut opener).unwrap();
        let other = acceptor.open(Carrier::Serial, Direction::FromAcceptor, &mut message.clone());
        assert!(other.is_none());
        for bit in 8 * HEAD - 32..8 * message.len() {
            let mut changed = message.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(!takes(&mut acceptor, Carrier::Serial, &changed), "bit {bit}");
        }
        assert!(takes(&mut acceptor, Carrier::Serial, &message));
    }

    #[test]
    fn a_session_takes_at_most_200_bytes() {
        use crate::keys::{Accepts, Opens};
        let place = size_of::<Accepts<&Key, 2>>() - size_of::<Accepts<&Key, 1>>();
        assert!(place <= 120, "{place} bytes a place");
        assert!(size_of::<Opens<&Key>>() <= 300, "{} bytes", size_of::<Opens<&Key>>());
    }
}
