//! The forward secret suite.

use oncilla::keys::{ForwardSecret, Key, KeyId, SecretStart, Suite};

use crate::handshake::{self, SECRET};
use crate::sides::{Pair, open};

fn pair() -> Pair<ForwardSecret> {
    Pair::new(Key::new(KeyId(0x0102), SECRET), SecretStart::new([1; 32]), SecretStart::new([2; 32]))
}

#[test]
fn a_session_is_opened() {
    handshake::opens(pair());
}

#[test]
fn damage_is_refused() {
    handshake::refuses_damage(pair());
}

#[test]
fn a_message_is_bound_to_its_place() {
    handshake::binds_messages(pair());
}

#[test]
fn replays_are_refused() {
    handshake::refuses_replays(pair(), SecretStart::new([3; 32]));
}

#[test]
fn strangers_are_refused() {
    handshake::refuses_strangers(pair());
}

#[test]
fn small_rooms_get_nothing() {
    handshake::needs_room(pair());
}

#[test]
fn messages_have_the_sizes_of_the_protocol() {
    assert_eq!((ForwardSecret::HELLO, ForwardSecret::CHALLENGE, ForwardSecret::OPEN), (35, 58, 91));
}

#[test]
fn an_open_without_a_challenge_since_the_last_session_is_refused() {
    let mut pair = pair();
    let hello = pair.hello(0);
    let challenge = pair.challenge(&hello).unwrap();
    let accepted = pair.accept(0, &challenge).unwrap();
    let message = open(&accepted, 0, b"call");
    pair.acceptor = SecretStart::new([2; 32]);
    assert!(pair.admit(&message).is_none(), "nothing was challenged");
    assert!(pair.challenge(&pair.hello(9)).is_some());
    assert!(pair.admit(&message).is_some(), "the CHALLENGE to any HELLO makes the acceptor's key");
}

#[test]
fn what_was_sealed_behind_an_open_is_covered_by_its_front() {
    let mut pair = pair();
    let hello = pair.hello(0);
    let challenge = pair.challenge(&hello).unwrap();
    let accepted = pair.accept(0, &challenge).unwrap();
    let message = open(&accepted, 0, b"call");
    let mut damaged = message.clone();
    *damaged.last_mut().unwrap() ^= 1;
    // A recorded front with other DATA would cost a curve operation each time it is sent.
    assert!(pair.admit(&damaged).is_none());
    assert!(pair.admit(&message).is_some());
}

#[test]
fn challenges_by_one_public_key_share_no_key() {
    let mut pair = pair();
    let [first, second] = [0, 1].map(|n| pair.hello(n)).map(|hello| pair.challenge(&hello).unwrap());
    assert_eq!(first[1..33], second[1..33], "the public key");
    // The payload is the same. Under one key its ciphertext would be the same, too, and two tags would reveal the key of the tag.
    assert!(first[33..42] != second[33..42]);
}

#[test]
fn an_opener_that_forgot_does_not_take_the_challenge_again() {
    let mut pair = pair();
    let hello = pair.hello(0);
    let challenge = pair.challenge(&hello).unwrap();
    assert!(pair.accept(0, &challenge).is_some());
    ForwardSecret::forget(&mut pair.opener);
    assert!(pair.accept(0, &challenge).is_none());
    assert!(pair.hello(0) != hello);
}
