//! The light suite.

use oncilla::keys::{Key, KeyId, Light, Suite};

use crate::handshake::{self, SECRET};
use crate::sides::Pair;

fn pair() -> Pair<Light> {
    Pair::new(Key::new(KeyId(0x0102), SECRET), *b"start of opener.", *b"start of accept.")
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
    handshake::refuses_replays(pair(), *b"after a restart.");
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
    assert_eq!((Light::HELLO, Light::CHALLENGE, Light::OPEN), (43, 42, 43));
}
