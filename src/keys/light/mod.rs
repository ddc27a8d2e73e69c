//! The light suite: Ascon-AEAD128 and Ascon-XOF128 of NIST SP 800-232, no curve, no forward secrecy.

mod ascon;

use zeroize::Zeroize;

use self::ascon::{Work, cipher, xof};
use super::bytes::{join, same};
use super::{About, Accepted, Agreed, Direction, KeyId, Seat, Suite, TAG};

/// The light suite: for microcontrollers with kilobytes of flash.
///
/// Whoever obtains the key later can decrypt sessions that were recorded earlier. See [the protocol](super::protocol).
#[derive(Clone, Copy, Debug)]
pub struct Light;

/// The keys of one session of [`Light`]: 32 bytes.
pub struct LightKeys {
    opener: [u8; 16],
    acceptor: [u8; 16],
}

impl Drop for LightKeys {
    fn drop(&mut self) {
        self.opener.zeroize();
        self.acceptor.zeroize();
    }
}

/// What stands between the first byte and the DATA of an OPEN of [`Light`]: 42 bytes.
#[derive(Clone, Copy, Debug)]
pub struct LightOpening {
    said: [u8; SAID],
    tag: [u8; TAG],
}

/// What a derivation is for. The number is an input of it, so that no output can stand for another.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Purpose {
    Hello = 1,
    Session = 2,
    Opener = 3,
    Acceptor = 4,
}

/// The first byte of each message.
const HELLO: u8 = 1;
const CHALLENGE: u8 = 2;
const OPEN: u8 = 3;

/// Bytes of HELLO that its tag covers: all between its first byte and its tag.
const SAID: usize = 26;

/// Bytes of CHALLENGE that its tag covers.
const ANSWERED: usize = 25;

/// Writes the XOF of the label, the purpose, the key and `parts` to `out`. Not inlined: with the XOF it is large.
#[inline(never)]
fn derive(agreed: Agreed<'_>, purpose: Purpose, parts: &[&[u8]], out: &mut [u8]) {
    xof([&[&agreed.label.0, &[purpose as u8], agreed.key.secret()], parts], out);
}

/// Returns `said`, which HELLO and OPEN have between their first byte and the tag, if the tag verifies.
fn verified<'a>(agreed: Agreed<'_>, message: &'a [u8]) -> Option<&'a [u8; SAID]> {
    let (_, rest) = message.split_first()?;
    let (said, rest) = rest.split_first_chunk()?;
    let mut tag = [0; TAG];
    derive(agreed, Purpose::Hello, &[said], &mut tag);
    same(&tag, rest.first_chunk()?).then_some(said)
}

/// Returns `said` of the HELLO number `n`.
fn said(agreed: Agreed<'_>, start: &[u8; 16], n: u32, about: About) -> [u8; SAID] {
    let mut a = [0; 16];
    derive(agreed, Purpose::Opener, &[start, &n.to_be_bytes()], &mut a);
    let mut said = [0; SAID];
    // It has room for exactly these.
    let _ = join(&[&agreed.key.id().0.to_be_bytes(), &about.bytes(), &a], &mut said);
    said
}

/// Returns `answered` of the CHALLENGE to a HELLO.
fn answered(agreed: Agreed<'_>, start: &[u8; 16], seat: Seat, said: &[u8; SAID]) -> [u8; ANSWERED] {
    let mut b = [0; 16];
    derive(agreed, Purpose::Acceptor, &[start, &seat.accepted.to_be_bytes(), said], &mut b);
    let mut answered = [0; ANSWERED];
    // It has room for exactly these.
    let _ = join(&[&[seat.place], &seat.about.bytes(), &b], &mut answered);
    answered
}

/// Returns the tag of a CHALLENGE and the keys of its session.
fn session(agreed: Agreed<'_>, said: &[u8; SAID], answered: &[u8; ANSWERED]) -> ([u8; TAG], LightKeys) {
    let mut out = [[0; 16]; 3];
    derive(agreed, Purpose::Session, &[said, answered], out.as_flattened_mut());
    let [tag, opener, acceptor] = out;
    out.zeroize();
    (tag, LightKeys { opener, acceptor })
}

impl LightKeys {
    fn of(&self, direction: Direction) -> &[u8; 16] {
        match direction {
            Direction::FromOpener => &self.opener,
            Direction::FromAcceptor => &self.acceptor,
        }
    }
}

impl Suite for Light {
    const ID: u8 = 1;

    /// 16 bytes. They need not be secret.
    type Start = [u8; 16];
    type Keys = LightKeys;
    type Opening = LightOpening;
    type Name = [u8; 16];

    const HELLO: usize = 1 + SAID + TAG;
    const CHALLENGE: usize = 1 + ANSWERED + TAG;
    const OPEN: usize = Self::HELLO;

    fn hello(agreed: Agreed<'_>, start: &[u8; 16], n: u32, about: About, room: &mut [u8]) -> Option<()> {
        let said = said(agreed, start, n, about);
        let mut tag = [0; TAG];
        derive(agreed, Purpose::Hello, &[&said], &mut tag);
        join(&[&[HELLO], &said, &tag], room)
    }

    fn named(message: &[u8]) -> Option<(KeyId, [u8; 16])> {
        let (_, rest) = message.split_first()?;
        let (id, rest) = rest.split_first_chunk()?;
        let (_about, rest) = rest.split_first_chunk::<8>()?;
        Some((KeyId(u16::from_be_bytes(*id)), *rest.first_chunk()?))
    }

    fn challenge(agreed: Agreed<'_>, start: &mut [u8; 16], seat: Seat, hello: &[u8], room: &mut [u8]) -> Option<()> {
        if hello.len() != Self::HELLO {
            return None;
        }
        let said = verified(agreed, hello)?;
        let answered = answered(agreed, start, seat, said);
        let (tag, _) = session(agreed, said, &answered);
        join(&[&[CHALLENGE], &answered, &tag], room)
    }

    fn accept(agreed: Agreed<'_>, start: &[u8; 16], n: u32, about: About, challenge: &[u8]) -> Option<Accepted<Self>> {
        let (_, rest) = challenge.split_first()?;
        let (answered, tag) = rest.split_first_chunk()?;
        let said = said(agreed, start, n, about);
        let (expected, keys) = session(agreed, &said, answered);
        if !same(&expected, tag.try_into().ok()?) {
            return None;
        }
        let (place, rest) = answered.split_first()?;
        let mut tag = [0; TAG];
        derive(agreed, Purpose::Hello, &[&said], &mut tag);
        Some(Accepted {
            place: *place,
            about: About::parse(*rest.first_chunk()?),
            keys,
            opening: LightOpening { said, tag },
        })
    }

    fn complete(opening: &LightOpening, message: &mut [u8]) -> Option<()> {
        join(&[&[OPEN], &opening.said, &opening.tag], message)
    }

    fn admit(agreed: Agreed<'_>, start: &mut [u8; 16], seat: Seat, open: &[u8]) -> Option<(About, LightKeys)> {
        let said = verified(agreed, open)?;
        let (_, keys) = session(agreed, said, &answered(agreed, start, seat, said));
        let (_id, rest) = said.split_first_chunk::<2>()?;
        Some((About::parse(*rest.first_chunk()?), keys))
    }

    fn seal(keys: &LightKeys, direction: Direction, counter: u32, room: &mut [u8], content: usize) -> Option<usize> {
        let (text, rest) = room.split_at_mut_checked(content)?;
        *rest.first_chunk_mut()? = cipher(Work::Encrypt, keys.of(direction), counter, text);
        content.checked_add(TAG)
    }

    fn open(keys: &LightKeys, direction: Direction, counter: u32, sealed: &mut [u8]) -> Option<usize> {
        let (text, tag) = sealed.split_last_chunk_mut()?;
        if !same(&cipher(Work::Decrypt, keys.of(direction), counter, text), tag) {
            text.fill(0);
            return None;
        }
        Some(text.len())
    }
}
