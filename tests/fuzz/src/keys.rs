//! Messages of strangers to a keyed link: only those that the holder of the key made are accepted.

use std::cell::RefCell;

use oncilla::keys::{Direction, ForwardSecret, Key, KeyId, Light, SecretStart, Suite};

use crate::sides::{Pair, open};
use crate::vectors::Vectors;

/// Two peers, the keys of their session, and all that a stranger may have recorded.
struct Known<S: Suite> {
    pair: Pair<S>,
    keys: S::Keys,
    hellos: Vec<Vec<u8>>,
    challenge: Vec<u8>,
    open: Vec<u8>,
    /// Messages of the session, with their directions.
    data: Vec<(Direction, Vec<u8>)>,
}

/// The contents of the messages of the session.
const CONTENTS: [&[u8]; 2] = [b"\x01first call", b"\x01its reply"];

/// The bytes from `from`: those of the vectors.
fn counting<const N: usize>(from: u8) -> [u8; N] {
    core::array::from_fn(|at| from + at as u8)
}

impl<S: Suite> Known<S> {
    fn new(text: &str, opener: S::Start, acceptor: S::Start) -> Self {
        let mut pair = Pair::<S>::new(Key::new(KeyId(0x0102), counting(0)), opener, acceptor);
        let recorded = all(text);
        let hellos: Vec<_> = recorded.iter().filter(|message| message[0] == 1).cloned().collect();
        let challenge = pair.challenge(&pair.hello(0)).expect("the HELLO verifies");
        let accepted = pair.accept(0, &challenge).expect("the CHALLENGE verifies");
        let open = open(&accepted, 0, CONTENTS[0]);
        let mut data = vec![(Direction::FromOpener, open[S::OPEN..].to_vec())];
        for message in recorded.into_iter().filter(|message| message[0] >= 128) {
            let acceptor = message[0] & 64 != 0;
            data.push((if acceptor { Direction::FromAcceptor } else { Direction::FromOpener }, message));
        }
        Self { pair, keys: accepted.keys, hellos, challenge, open, data }
    }

    /// Tries a message as each kind of message.
    fn check(&mut self, message: &[u8]) {
        assert_eq!(S::named(message).is_some(), message.len() >= S::HELLO - 16, "what has a name");
        // The first byte is read by the link.
        let known = |recorded: &[u8]| message.len() == recorded.len() && message[1..] == recorded[1..];
        let answered = self.pair.challenge(message);
        assert_eq!(answered.is_some(), self.hellos.iter().any(|hello| known(hello)), "HELLO");
        assert_eq!(self.pair.accept(0, message).is_some(), known(&self.challenge), "CHALLENGE");
        if let Some((_, keys)) = self.pair.admit(message)
            && open_data::<S>(&keys, Direction::FromOpener, &message[S::OPEN..])
        {
            // The first byte of DATA is the link's, too.
            let (front, data) = message.split_at(S::OPEN);
            assert!(front[1..] == self.open[1..S::OPEN], "OPEN");
            assert!(self.data.iter().any(|(_, recorded)| recorded[1..] == data[1..]), "DATA of OPEN");
        }
        for direction in [Direction::FromOpener, Direction::FromAcceptor] {
            let recorded = self.data.iter().any(|(from, data)| *from == direction && known(data));
            assert_eq!(open_data::<S>(&self.keys, direction, message), recorded, "DATA");
        }
    }
}

/// Returns whether DATA opens. If it does not, no plaintext may remain.
fn open_data<S: Suite>(keys: &S::Keys, direction: Direction, data: &[u8]) -> bool {
    let Some((&[_, a, b, c, d], sealed)) = data.split_first_chunk() else { return false };
    let mut sealed = sealed.to_vec();
    let content = S::open(keys, direction, u32::from_be_bytes([a, b, c, d]), &mut sealed);
    if let Some(length) = content {
        assert!(CONTENTS.contains(&&sealed[..length]) && sealed.len() == length + 16);
    } else if let Some((text, _)) = sealed.split_last_chunk::<16>() {
        assert!(text.iter().all(|byte| *byte == 0));
    }
    content.is_some()
}

const LIGHT: &str = include_str!("../../vectors/keys_light.txt");

/// The light suite.
pub fn light(data: &[u8]) {
    thread_local!(static KNOWN: RefCell<Known<Light>> = RefCell::new(Known::new(LIGHT, counting(0x10), counting(0x20))));
    KNOWN.with_borrow_mut(|known| known.check(data));
}

const FORWARD_SECRET: &str = include_str!("../../vectors/keys_forward_secret.txt");

/// The forward secret suite.
pub fn forward_secret(data: &[u8]) {
    thread_local!(static KNOWN: RefCell<Known<ForwardSecret>> = RefCell::new(Known::new(
        FORWARD_SECRET,
        SecretStart::new(counting(0x10)),
        SecretStart::new(counting(0x30)),
    )));
    KNOWN.with_borrow_mut(|known| known.check(data));
}

fn all(text: &str) -> Vec<Vec<u8>> {
    Vectors::parse(text).into_all().map(|(_, bytes)| bytes.to_vec()).collect()
}

/// The frozen messages.
pub fn light_seeds() -> Vec<Vec<u8>> {
    all(LIGHT)
}

/// The frozen messages.
pub fn forward_secret_seeds() -> Vec<Vec<u8>> {
    all(FORWARD_SECRET)
}
