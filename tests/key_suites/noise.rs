//! The forward secret suite against `snow`, another implementation of Noise, in both roles.

use blake2::{Blake2s256, Digest};
use oncilla::keys::{About, Direction, ForwardSecret, Key, KeyId, SecretStart, Suite};
use snow::{Builder, HandshakeState, StatelessTransportState};

use crate::handshake::SECRET;
use crate::sides::{ACCEPTOR, OPENER, Pair, data, open, opened};

const PATTERN: &str = "Noise_NNpsk0_25519_ChaChaPoly_BLAKE2s";

/// The label of the pair below, written out.
const LABEL: &[u8; 16] = b"oncilla link\x01\x02\x01\x01";

const ID: [u8; 2] = [1, 2];

fn pair() -> Pair<ForwardSecret> {
    Pair::new(Key::new(KeyId(0x0102), SECRET), SecretStart::new([1; 32]), SecretStart::new([2; 32]))
}

fn hash(parts: &[&[u8]]) -> [u8; 32] {
    parts.iter().fold(Blake2s256::new(), |hash, part| hash.chain_update(part)).finalize().into()
}

/// What the protocol derives from the key for a purpose.
fn derive(purpose: u8, parts: &[&[u8]]) -> [u8; 32] {
    hash(&[&[LABEL, &[purpose][..], &SECRET], parts].concat())
}

/// `snow` with what the protocol gives it for a handshake of this name.
fn other(name: &[u8], build: impl FnOnce(Builder<'_>) -> HandshakeState) -> HandshakeState {
    let pre_shared = derive(4, &[name]);
    let prologue = [LABEL, &ID[..], name].concat();
    build(Builder::new(PATTERN.parse().unwrap()).psk(0, &pre_shared).unwrap().prologue(&prologue).unwrap())
}

fn bytes(about: About) -> Vec<u8> {
    [about.boot.to_be_bytes(), about.largest.to_be_bytes()].concat()
}

/// Messages in both directions, between keys of the suite and `snow`, which `is` the opener or the acceptor.
fn speak(keys: &<ForwardSecret as Suite>::Keys, other: &StatelessTransportState, is: Direction) {
    let (to_other, from_other) = match is {
        Direction::FromOpener => (Direction::FromAcceptor, Direction::FromOpener),
        Direction::FromAcceptor => (Direction::FromOpener, Direction::FromAcceptor),
    };
    for counter in [0, 1, 255, 256, 0x0102_0304, u32::MAX] {
        let sealed = data::<ForwardSecret>(keys, to_other, 5, counter, b"from the suite");
        let mut text = [0; 64];
        let length = other.read_message(counter.into(), &sealed[5..], &mut text).expect("snow opens it");
        assert_eq!(&text[..length], b"from the suite");

        let mut message = [0; 64];
        let length = other.write_message(counter.into(), b"from snow", &mut message).unwrap();
        let sealed = [&[128 + 5], &counter.to_be_bytes()[..], &message[..length]].concat();
        assert_eq!(opened::<ForwardSecret>(keys, from_other, &sealed).as_deref(), Some(&b"from snow"[..]));
    }
}

#[test]
fn an_opener_on_snow_reaches_the_acceptor() {
    let mut pair = pair();
    let name = *b"name of a hello.";
    let hello = [&[1], &ID[..], &name, &derive(1, &[&ID, &name])[..16]].concat();
    let challenge = pair.challenge(&hello).expect("the HELLO verifies");

    let mut snow = other(&name, |builder| builder.build_responder().unwrap());
    let mut payload = [0; 64];
    let length = snow.read_message(&challenge[1..], &mut payload).expect("snow reads the CHALLENGE");
    assert_eq!(payload[..length], [&[5], &bytes(ACCEPTOR)[..]].concat());
    let mut message = [0; 64];
    let length = snow.write_message(&bytes(OPENER), &mut message).unwrap();
    let snow = snow.into_stateless_transport_mode().unwrap();

    let mut sealed = vec![128 + 5, 0, 0, 0, 0];
    let mut text = [0; 64];
    let sealed_length = snow.write_message(0, b"call", &mut text).unwrap();
    sealed.extend(&text[..sealed_length]);
    let said = [&ID[..], &name, &message[..length]].concat();
    let tag = hash(&[&derive(2, &[&name, &challenge[1..33]]), &said, &sealed]);
    let open = [&[3], &said[..], &tag[..16], &sealed].concat();

    let (about, keys) = pair.admit(&open).expect("the OPEN verifies");
    assert_eq!(about, OPENER);
    let first = opened::<ForwardSecret>(&keys, Direction::FromOpener, &open[ForwardSecret::OPEN..]);
    assert_eq!(first.as_deref(), Some(&b"call"[..]));
    speak(&keys, &snow, Direction::FromOpener);
}

#[test]
fn an_acceptor_on_snow_is_reached_by_the_opener() {
    let pair = pair();
    let hello = pair.hello(0);
    let (id, &name) = ForwardSecret::named(&hello).unwrap();
    assert_eq!((id, hello.len()), (KeyId(0x0102), 35));
    assert_eq!(hello[19..], derive(1, &[&ID, &name])[..16]);

    let mut snow = other(&name, |builder| builder.build_initiator().unwrap());
    let mut message = [0; 64];
    let length = snow.write_message(&[&[5], &bytes(ACCEPTOR)[..]].concat(), &mut message).unwrap();
    let challenge = [&[2], &message[..length]].concat();
    let accepted = pair.accept(0, &challenge).expect("the CHALLENGE verifies");
    assert_eq!((accepted.place, accepted.about), (5, ACCEPTOR));

    let message = open(&accepted, 0, b"call");
    assert_eq!(message[1..19], [&ID[..], &name].concat());
    let tag = hash(&[&derive(2, &[&name, &challenge[1..33]]), &message[1..75], &message[91..]]);
    assert_eq!(message[75..91], tag[..16]);
    let mut payload = [0; 64];
    let length = snow.read_message(&message[19..75], &mut payload).expect("snow reads the OPEN");
    assert_eq!(payload[..length], bytes(OPENER));
    let snow = snow.into_stateless_transport_mode().unwrap();
    let mut text = [0; 64];
    let length = snow.read_message(0, &message[96..], &mut text).expect("snow opens the DATA");
    assert_eq!(&text[..length], b"call");
    speak(&accepted.keys, &snow, Direction::FromAcceptor);
}
