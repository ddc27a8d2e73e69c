//! The messages are those of the frozen vectors, which an independent program computed.

use std::process::Command;

use oncilla::keys::{Direction, Key, KeyId, Light, Suite};

use crate::sides::{ACCEPTOR, OPENER, Pair, data, open, opened};
use crate::vectors::Vectors;

/// The content of the calls and of the reply.
const CALL: &[u8] = b"\x01first call";
const REPLY: &[u8] = b"\x01its reply";

/// The bytes from `from`: what the vectors have for secrets.
fn counting<const N: usize>(from: u8) -> [u8; N] {
    core::array::from_fn(|at| from + at as u8)
}

fn pair<S: Suite>(opener: S::Start, acceptor: S::Start) -> Pair<S> {
    Pair::new(Key::new(KeyId(0x0102), counting(0)), opener, acceptor)
}

fn check<S: Suite>(text: &str, mut pair: Pair<S>) {
    let mut vectors = Vectors::parse(text);
    let hello = vectors.take("hello");
    assert_eq!(pair.hello(0), hello);
    let challenge = vectors.take("challenge");
    assert_eq!(pair.challenge(hello).as_deref(), Some(challenge));
    let accepted = pair.accept(0, challenge).expect("the CHALLENGE verifies");
    assert_eq!((accepted.place, accepted.about), (5, ACCEPTOR));
    let message = vectors.take("open");
    assert_eq!(open(&accepted, 0, CALL), message);
    let (about, keys) = pair.admit(message).expect("the OPEN verifies");
    assert_eq!(about, OPENER);
    assert_eq!(opened::<S>(&keys, Direction::FromOpener, &message[S::OPEN..]).as_deref(), Some(CALL));

    let reply = vectors.take("reply");
    assert_eq!(data::<S>(&keys, Direction::FromAcceptor, 64 + 5, 0, REPLY), reply);
    assert_eq!(opened::<S>(&accepted.keys, Direction::FromAcceptor, reply).as_deref(), Some(REPLY));
    let call = vectors.take("call with a large counter");
    assert_eq!(data::<S>(&accepted.keys, Direction::FromOpener, 5, 0x0102_0304, CALL), call);
    assert_eq!(opened::<S>(&keys, Direction::FromOpener, call).as_deref(), Some(CALL));

    assert_eq!(pair.hello(1), vectors.take("hello again"));
    pair.seat.accepted += 1;
    pair.seat.place += 32;
    S::forget(&mut pair.opener);
    S::forget(&mut pair.acceptor);
    let hello = vectors.take("next hello");
    assert_eq!(pair.hello(2), hello);
    let challenge = vectors.take("next challenge");
    assert_eq!(pair.challenge(hello).as_deref(), Some(challenge));
    let accepted = pair.accept(2, challenge).expect("the CHALLENGE verifies");
    let message = vectors.take("next open");
    assert_eq!(open(&accepted, 0, CALL), message);
    assert!(pair.admit(message).is_some());
    vectors.finish();
}

/// Checks that the independent program computes the vectors of a file.
fn check_reference(suite: &str, text: &str) {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/key_suites/reference.py");
    let output = Command::new("python3").args([program, suite]).output().expect("python3 is installed");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "reference.py failed: {errors}");
    let computed = String::from_utf8(output.stdout).expect("it prints text");
    let all = |text: &str| Vectors::parse(text).into_all().collect::<Vec<_>>();
    assert_eq!(all(&computed), all(text));
}

const LIGHT: &str = include_str!("../vectors/keys_light.txt");

#[test]
fn light_messages_are_frozen() {
    check::<Light>(LIGHT, pair(counting(0x10), counting(0x20)));
}

#[test]
fn the_standards_give_the_light_messages() {
    check_reference("light", LIGHT);
}

#[cfg(feature = "forward-secret")]
mod forward_secret {
    use oncilla::keys::{ForwardSecret, SecretStart};

    use super::{check, check_reference, counting, pair};

    const FORWARD_SECRET: &str = include_str!("../vectors/keys_forward_secret.txt");

    #[test]
    fn forward_secret_messages_are_frozen() {
        let starts = [0x10, 0x30].map(|from| SecretStart::new(counting(from)));
        let [opener, acceptor] = starts;
        check::<ForwardSecret>(FORWARD_SECRET, pair(opener, acceptor));
    }

    #[test]
    fn the_standards_give_the_forward_secret_messages() {
        check_reference("forward_secret", FORWARD_SECRET);
    }
}
