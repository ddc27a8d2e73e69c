//! Two peers that share a key, and a handshake between them.

use oncilla::keys::{About, Accepted, Agreed, Carrier, Direction, Key, Label, Seat, Side, Suite};

pub const OPENER: About = About { boot: 0x1122_3344, largest: 200 };
pub const ACCEPTOR: About = About { boot: 0x5566_7788, largest: 300 };

/// What the two peers know, and what each has of its own.
pub struct Pair<S: Suite> {
    pub label: Label,
    pub key: Key,
    pub opener: S::Start,
    pub acceptor: S::Start,
    pub seat: Seat,
}

impl<S: Suite> Pair<S> {
    pub fn new(key: Key, opener: S::Start, acceptor: S::Start) -> Self {
        let label = Label::new(S::ID, Carrier::Serial, Side::Host);
        Self { label, key, opener, acceptor, seat: Seat { place: 5, accepted: 0, about: ACCEPTOR } }
    }

    pub fn agreed(&self) -> Agreed<'_> {
        Agreed { label: &self.label, key: &self.key }
    }

    pub fn hello(&self, n: u32) -> Vec<u8> {
        let mut hello = vec![0; S::HELLO];
        S::hello(self.agreed(), &self.opener, n, OPENER, &mut hello).expect("it has room");
        hello
    }

    pub fn challenge(&mut self, hello: &[u8]) -> Option<Vec<u8>> {
        let mut challenge = vec![0; S::CHALLENGE];
        let agreed = Agreed { label: &self.label, key: &self.key };
        S::challenge(agreed, &mut self.acceptor, self.seat, hello, &mut challenge).map(|()| challenge)
    }

    pub fn accept(&self, n: u32, challenge: &[u8]) -> Option<Accepted<S>> {
        S::accept(self.agreed(), &self.opener, n, OPENER, challenge)
    }

    pub fn admit(&mut self, open: &[u8]) -> Option<(About, S::Keys)> {
        let agreed = Agreed { label: &self.label, key: &self.key };
        let mut keys = S::Keys::default();
        let about = S::admit(agreed, &mut self.acceptor, self.seat, open, &mut vec![0; S::CHALLENGE], &mut keys)?;
        Some((about, keys))
    }
}

/// Seals `content` as DATA: the place, the counter, the ciphertext and the tag.
pub fn data<S: Suite>(keys: &S::Keys, direction: Direction, place: u8, counter: u32, content: &[u8]) -> Vec<u8> {
    let mut data = vec![128 + place];
    data.extend(counter.to_be_bytes());
    data.extend(content);
    data.extend([0; 16]);
    let sealed = S::seal(keys, direction, counter, &mut data[5..], content.len()).expect("it has room");
    assert_eq!(sealed, content.len() + 16);
    data
}

/// Makes an OPEN with `content`.
pub fn open<S: Suite>(accepted: &Accepted<S>, counter: u32, content: &[u8]) -> Vec<u8> {
    let mut message = vec![0; S::OPEN];
    message.extend(data::<S>(&accepted.keys, Direction::FromOpener, accepted.place, counter, content));
    S::complete(&accepted.opening, &mut message).expect("it has room");
    message
}

/// Opens DATA; returns the content.
pub fn opened<S: Suite>(keys: &S::Keys, direction: Direction, data: &[u8]) -> Option<Vec<u8>> {
    let counter = u32::from_be_bytes(data[1..5].try_into().unwrap());
    let mut sealed = data[5..].to_vec();
    let content = S::open(keys, direction, counter, &mut sealed);
    if content.is_none() && sealed.len() >= 16 {
        let text = sealed.len() - 16;
        assert!(sealed[..text].iter().all(|byte| *byte == 0), "text that did not verify was left");
    }
    content.map(|content| sealed[..content].to_vec())
}
