//! The properties of the handshake in every suite.

use oncilla::keys::{About, Agreed, Carrier, Direction, Key, KeyId, Label, Side, Suite};

use crate::sides::{ACCEPTOR, OPENER, Pair, data, open, opened};

/// A whole handshake, and messages in both directions.
pub fn opens<S: Suite>(mut pair: Pair<S>) {
    let hello = pair.hello(0);
    assert_eq!(S::named(&hello).map(|(id, _)| id), Some(pair.key.id()));
    let challenge = pair.challenge(&hello).expect("the HELLO verifies");
    assert_eq!(pair.challenge(&hello), Some(challenge.clone()), "the same HELLO has the same CHALLENGE");
    let accepted = pair.accept(0, &challenge).expect("the CHALLENGE verifies");
    assert_eq!((accepted.place, accepted.about), (5, ACCEPTOR));

    let message = open(&accepted, 0, b"first call");
    assert!(S::named(&message) == S::named(&hello), "an OPEN has the name of its HELLO");
    let (about, keys) = pair.admit(&message).expect("the OPEN verifies");
    assert_eq!(about, OPENER);
    let first = opened::<S>(&keys, Direction::FromOpener, &message[S::OPEN..]);
    assert_eq!(first.as_deref(), Some(&b"first call"[..]));

    for (direction, from, to) in
        [(Direction::FromOpener, &accepted.keys, &keys), (Direction::FromAcceptor, &keys, &accepted.keys)]
    {
        for counter in [1, 2, u32::MAX] {
            for length in [0, 1, 15, 16, 17, 63, 64, 65, 300] {
                let content: Vec<u8> = (0..length).map(|at| at as u8).collect();
                let sealed = data::<S>(from, direction, 5, counter, &content);
                assert_eq!(opened::<S>(to, direction, &sealed), Some(content));
            }
        }
    }
}

/// Every message with one bit changed is refused; so are shorter and longer ones.
pub fn refuses_damage<S: Suite>(mut pair: Pair<S>) {
    let hello = pair.hello(0);
    let challenge = pair.challenge(&hello).unwrap();
    let accepted = pair.accept(0, &challenge).unwrap();
    let message = open(&accepted, 0, b"call");
    // The first byte says which message it is: the link reads it.
    for bit in 8..hello.len() * 8 {
        assert!(pair.challenge(&flipped(&hello, bit)).is_none(), "HELLO with bit {bit} changed");
    }
    for bit in 8..challenge.len() * 8 {
        assert!(pair.accept(0, &flipped(&challenge, bit)).is_none(), "CHALLENGE with bit {bit} changed");
    }
    for bit in 8..message.len() * 8 {
        let message = flipped(&message, bit);
        let content = pair.admit(&message).and_then(|(_, keys)| {
            // The link compares the place.
            (message[S::OPEN] == 128 + 5).then(|| opened::<S>(&keys, Direction::FromOpener, &message[S::OPEN..]))?
        });
        assert_eq!(content, None, "OPEN with bit {bit} changed");
    }
    for length in 0..hello.len() {
        assert!(pair.challenge(&hello[..length]).is_none());
    }
    for length in 0..challenge.len() {
        assert!(pair.accept(0, &challenge[..length]).is_none());
    }
    for length in 0..S::OPEN {
        assert!(pair.admit(&message[..length]).is_none());
    }
    assert!(pair.challenge(&[&hello[..], &[0]].concat()).is_none());
    assert!(pair.accept(0, &[&challenge[..], &[0]].concat()).is_none());
}

fn flipped(message: &[u8], bit: usize) -> Vec<u8> {
    let mut message = message.to_vec();
    message[bit / 8] ^= 1 << (bit % 8);
    message
}

/// A sealed message opens only with its own counter, direction and session.
pub fn binds_messages<S: Suite>(mut pair: Pair<S>) {
    let hello = pair.hello(0);
    let challenge = pair.challenge(&hello).unwrap();
    let accepted = pair.accept(0, &challenge).unwrap();
    let sealed = data::<S>(&accepted.keys, Direction::FromOpener, 5, 7, b"call");
    assert!(opened::<S>(&accepted.keys, Direction::FromOpener, &sealed).is_some());
    assert!(opened::<S>(&accepted.keys, Direction::FromAcceptor, &sealed).is_none(), "reflected");
    let mut other = sealed.clone();
    other[4] ^= 1;
    assert!(opened::<S>(&accepted.keys, Direction::FromOpener, &other).is_none(), "another counter");
    let next = pair.hello(1);
    let challenge = pair.challenge(&next).unwrap();
    let next = pair.accept(1, &challenge).unwrap();
    assert!(opened::<S>(&next.keys, Direction::FromOpener, &sealed).is_none(), "another session");
    assert!(pair.accept(1, &challenge).is_some());
    assert!(pair.accept(0, &challenge).is_none(), "the CHALLENGE of another HELLO");
}

/// What was recorded opens nothing once another session was accepted, or the acceptor has restarted.
pub fn refuses_replays<S: Suite>(mut pair: Pair<S>, restarted: S::Start) {
    let hello = pair.hello(0);
    let challenge = pair.challenge(&hello).unwrap();
    let accepted = pair.accept(0, &challenge).unwrap();
    let message = open(&accepted, 0, b"call");
    let content = |admitted: Option<(About, S::Keys)>| {
        admitted.and_then(|(_, keys)| opened::<S>(&keys, Direction::FromOpener, &message[S::OPEN..]))
    };
    assert!(content(pair.admit(&message)).is_some());
    pair.seat.accepted += 1;
    S::forget(&mut pair.acceptor);
    assert_eq!(content(pair.admit(&message)), None, "an OPEN that was accepted before");
    assert!(pair.challenge(&hello).is_some_and(|other| other != challenge), "a recorded HELLO has another CHALLENGE");
    assert_eq!(content(pair.admit(&message)), None);

    (pair.seat.accepted, pair.acceptor) = (0, restarted);
    assert_eq!(content(pair.admit(&message)), None, "an OPEN from before the restart");
    assert!(pair.challenge(&hello).is_some_and(|other| other != challenge));
    assert_eq!(content(pair.admit(&message)), None);
}

/// A peer with another key, key id or label is refused at each step.
pub fn refuses_strangers<S: Suite>(mut pair: Pair<S>) {
    let hello = pair.hello(0);
    let challenge = pair.challenge(&hello).unwrap();
    let accepted = pair.accept(0, &challenge).unwrap();
    let message = open(&accepted, 0, b"call");
    let other_secret = Key::new(pair.key.id(), *b"another secret!!");
    let other_id = Key::new(KeyId(pair.key.id().0 ^ 1), SECRET);
    let own = Key::new(pair.key.id(), SECRET);
    let label = pair.label;
    let labels = [
        Label::new(S::ID ^ 3, Carrier::Serial, Side::Host),
        Label::new(S::ID, Carrier::Datagrams, Side::Host),
        Label::new(S::ID, Carrier::Serial, Side::Device),
    ];
    let strangers = labels.iter().map(|label| (label, &own)).chain([(&label, &other_secret)]);
    for (label, key) in strangers {
        let stranger = Agreed { label, key };
        let mut room = vec![0; S::CHALLENGE];
        assert!(S::challenge(stranger, &mut pair.acceptor, pair.seat, &hello, &mut room).is_none());
        assert!(S::accept(stranger, &pair.opener, 0, OPENER, &challenge).is_none());
        let mut keys = S::Keys::default();
        assert!(S::admit(stranger, &mut pair.acceptor, pair.seat, &message, &mut room, &mut keys).is_none());
    }
    let renumbered = Agreed { label: &label, key: &other_id };
    assert!(S::accept(renumbered, &pair.opener, 0, OPENER, &challenge).is_none(), "another key id");
    let other = About { boot: 0, ..OPENER };
    assert!(S::accept(pair.agreed(), &pair.opener, 0, other, &challenge).is_none() || S::ID == 2);
}

/// Nothing is written to a room that is too small.
pub fn needs_room<S: Suite>(mut pair: Pair<S>) {
    let hello = pair.hello(0);
    let challenge = pair.challenge(&hello).unwrap();
    let accepted = pair.accept(0, &challenge).unwrap();
    assert!(S::hello(pair.agreed(), &pair.opener, 0, OPENER, &mut vec![0; S::HELLO - 1]).is_none());
    let agreed = Agreed { label: &pair.label, key: &pair.key };
    let mut room = vec![0; S::CHALLENGE - 1];
    assert!(S::challenge(agreed, &mut pair.acceptor, pair.seat, &hello, &mut room).is_none());
    assert!(S::complete(&accepted.opening, &mut vec![0; S::OPEN - 1]).is_none());
    assert!(S::seal(&accepted.keys, Direction::FromOpener, 0, &mut [0; 19], 4).is_none());
    assert!(S::seal(&accepted.keys, Direction::FromOpener, 0, &mut [0; 20], 4).is_some());
    assert!(S::seal(&accepted.keys, Direction::FromOpener, 0, &mut [0; 20], usize::MAX).is_none());
    for length in 0..16 {
        assert!(S::open(&accepted.keys, Direction::FromOpener, 0, &mut vec![0; length]).is_none());
    }
}

/// The secret bytes of the key in these tests.
pub const SECRET: [u8; 16] = *b"sixteen bytes !!";
