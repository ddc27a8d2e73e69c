//! Opens the messages of keyed links with the light suite, for a holder of the key.
//!
//! The handshake must be in the capture. The forward secret suite keeps its messages secret from holders of the key, too.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use oncilla::keys::{Agreed, Carrier as KeyCarrier, Direction, Key, KeyId, Label, Light, LightKeys, Side, Suite};
use oncilla::message::lengthen;

use super::{Beside, Carrier, Message, Place};
use crate::sealed::{Kind, Sealed};

/// The largest number of pairs of peers that are remembered.
const PAIRS_MAX: usize = 1024;
/// How many HELLOs without a CHALLENGE are remembered for each pair of peers.
const HELLOS_MAX: usize = 8;
/// How many sessions are remembered for each pair of peers. Two overlap when keys are renewed.
const SESSIONS_MAX: usize = 64;
/// How many bytes the full form of a message adds to the short form.
const LONGER: usize = 36;

/// Finds the key of an id.
type Keys = Box<dyn Fn(KeyId) -> Option<Arc<Key>>>;

/// The two peers of a session, and what carries it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Pair {
    opener: Place,
    acceptor: Place,
    carrier: Carrier,
}

/// The sessions between two peers.
#[derive(Default)]
struct Sessions {
    hellos: VecDeque<Vec<u8>>,
    sessions: VecDeque<Session>,
}

/// The keys of a session.
struct Session {
    /// The place in the first byte of its messages.
    place: u8,
    key: KeyId,
    keys: LightKeys,
}

/// What became of a message.
pub enum Opened {
    /// It is as it was: in the clear, or sealed by a key that is not known.
    Same(Message),
    /// A call or a reply, with its key.
    Message(Message),
    /// A log or text, and the message in which it was.
    Beside(Message, Beside),
    /// Nothing for people: it confirms a session.
    Nothing,
}

/// Opens sealed messages.
pub struct Opener {
    keys: Keys,
    pairs: HashMap<Pair, Sessions>,
}

impl Opener {
    /// `keys` returns the key of an id.
    pub fn new(keys: impl Fn(KeyId) -> Option<Arc<Key>> + 'static) -> Self {
        Self { keys: Box::new(keys), pairs: HashMap::new() }
    }

    /// Opens a message, and learns the keys of sessions from handshakes.
    pub fn open(&mut self, message: Message) -> Opened {
        let Some(sealed) = Sealed::parse(&message.bytes).filter(|_| message.missing == 0) else {
            return Opened::Same(message);
        };
        let Message { from, to, carrier, .. } = &message;
        let pair = |opener: &Place, acceptor: &Place| Pair {
            opener: opener.clone(),
            acceptor: acceptor.clone(),
            carrier: *carrier,
        };
        let content = match sealed.kind {
            Kind::Hello { .. } => {
                self.hello(pair(from, to), &message.bytes);
                None
            }
            Kind::Challenge => {
                self.challenge(&pair(to, from), &message.bytes);
                None
            }
            Kind::Open { .. } => {
                let data = message.bytes.get(Light::OPEN..).unwrap_or_default();
                self.data(&pair(from, to), Direction::FromOpener, data)
            }
            Kind::FromOpener(_) => self.data(&pair(from, to), Direction::FromOpener, &message.bytes),
            Kind::FromAcceptor(_) => self.data(&pair(to, from), Direction::FromAcceptor, &message.bytes),
        };
        match content {
            None => Opened::Same(message),
            Some((key, content)) => {
                let message = Message { bytes: Vec::new(), key: Some(key.0), ..message };
                match content.split_first() {
                    Some((2, log)) => Opened::Beside(message, Beside::Log(log.to_vec())),
                    Some((3, text)) => Opened::Beside(message, Beside::Text(text.to_vec())),
                    _ => match whole(content) {
                        Some(bytes) => Opened::Message(Message { bytes, ..message }),
                        None => Opened::Nothing,
                    },
                }
            }
        }
    }

    fn hello(&mut self, pair: Pair, hello: &[u8]) {
        if self.pairs.len() >= PAIRS_MAX && !self.pairs.contains_key(&pair) {
            self.pairs.clear();
        }
        let hellos = &mut self.pairs.entry(pair).or_default().hellos;
        if hello.len() == Light::HELLO && !hellos.iter().any(|known| known == hello) {
            hellos.truncate(HELLOS_MAX - 1);
            hellos.push_front(hello.to_vec());
        }
    }

    /// Finds the HELLO of a CHALLENGE, and the keys that follow from both.
    fn challenge(&mut self, pair: &Pair, challenge: &[u8]) {
        let Some(&place) = challenge.get(1) else { return };
        let Some(Sessions { hellos, sessions }) = self.pairs.get_mut(pair) else { return };
        let carrier = match pair.carrier {
            Carrier::Tcp => KeyCarrier::Connection,
            Carrier::Udp => KeyCarrier::Datagrams,
            Carrier::Serial => KeyCarrier::Serial,
        };
        let found = hellos.iter().find_map(|hello| {
            let (id, _name) = Light::named(hello)?;
            let key = (self.keys)(id)?;
            [Side::Host, Side::Device].into_iter().find_map(|side| {
                let label = Label::new(Light::ID, carrier, side);
                let keys = Light::overheard(Agreed { label: &label, key: &key }, hello, challenge)?;
                Some(Session { place, key: id, keys })
            })
        });
        if let Some(session) = found {
            sessions.truncate(SESSIONS_MAX - 1);
            sessions.push_front(session);
        }
    }

    /// Opens DATA. Returns its key and its content.
    fn data(&self, pair: &Pair, direction: Direction, data: &[u8]) -> Option<(KeyId, Vec<u8>)> {
        let (&[first, a, b, c, d], text) = data.split_first_chunk::<5>()?;
        let sessions = self.pairs.get(pair)?.sessions.iter().filter(|session| session.place == first & 0x3f);
        let counter = u32::from_be_bytes([a, b, c, d]);
        sessions.into_iter().find_map(|session| {
            let mut text = text.to_vec();
            let length = Light::open(&session.keys, direction, counter, &mut text)?;
            text.truncate(length);
            Some((session.key, text))
        })
    }
}

/// Returns the call or reply in the content of DATA, in the full form.
fn whole(mut content: Vec<u8>) -> Option<Vec<u8>> {
    match content.first()? {
        0 => Some(content.split_off(1)),
        1 => {
            let mut full = vec![0; content.len() + LONGER];
            let length = lengthen(content.get(1..)?, &mut full)?;
            full.truncate(length);
            Some(full)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Time;

    /// The handshake that `reference.py` computed from the standards.
    const VECTORS: &str = include_str!("../../../../tests/vectors/keys_light.txt");

    /// Returns the bytes of a vector.
    fn vector(name: &str) -> Vec<u8> {
        let lines = VECTORS.lines().skip_while(|line| line.strip_prefix("== ") != Some(name)).skip(1);
        let lines = lines.take_while(|line| !line.starts_with("=="));
        let digits = lines.flat_map(|line| line.split('#').next().unwrap_or_default().split_whitespace());
        digits.map(|digits| u8::from_str_radix(digits, 16).unwrap()).collect()
    }

    fn message(from: &str, to: &str, bytes: Vec<u8>) -> Message {
        let place = |name: &str| Place::Port(name.into());
        Message {
            time: Time::default(),
            from: place(from),
            to: place(to),
            carrier: Carrier::Serial,
            bytes,
            missing: 0,
            key: None,
        }
    }

    fn opener(key: [u8; 16]) -> Opener {
        Opener::new(move |id| (id == KeyId(0x0102)).then(|| Arc::new(Key::new(id, key))))
    }

    /// Returns what an opener finds in the vectors: whether each of them was opened.
    fn found(opener: &mut Opener, names: &[(&str, bool)]) -> Vec<bool> {
        let opened = names.iter().map(|(name, back)| {
            let (from, to) = if *back { ("b", "a") } else { ("a", "b") };
            !matches!(opener.open(message(from, to, vector(name))), Opened::Same(_))
        });
        opened.collect()
    }

    const ALL: [(&str, bool); 5] =
        [("hello", false), ("challenge", true), ("open", false), ("reply", true), ("call with a large counter", false)];

    #[test]
    fn sealed_messages_are_opened_by_the_key_and_the_handshake() {
        let key = std::array::from_fn(|index| index as u8);
        assert_eq!(found(&mut opener(key), &ALL), [false, false, true, true, true]);
        // Another key; no CHALLENGE; no HELLO.
        let mut wrong = key;
        wrong[15] ^= 1;
        assert_eq!(found(&mut opener(wrong), &ALL), [false; 5]);
        assert_eq!(found(&mut opener(key), &[ALL[0], ALL[2], ALL[3]]), [false; 3]);
        assert_eq!(found(&mut opener(key), &ALL[1..]), [false; 4]);
        // Messages that were changed, or sent back.
        let mut same = opener(key);
        found(&mut same, &ALL);
        let mut changed = vector("reply");
        changed[6] ^= 1;
        assert!(matches!(same.open(message("b", "a", changed)), Opened::Same(_)));
        assert!(matches!(same.open(message("a", "b", vector("reply"))), Opened::Same(_)));
        // The session after a renewal, and the one before it.
        let next = [("next hello", false), ("next challenge", true), ("next open", false), ("reply", true)];
        assert_eq!(found(&mut same, &next), [false, false, true, true]);
    }
}
