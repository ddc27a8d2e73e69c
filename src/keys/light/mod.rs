//! The light suite: Ascon-AEAD128 and Ascon-XOF128 of NIST SP 800-232, no curve, no forward secrecy.

mod ascon;

use zeroize::Zeroize;

use self::ascon::{Work, Xof, cipher};
use super::bytes::{join, same};
use super::kinds::{CHALLENGE, HELLO, OPEN};
use super::{About, Accepted, Agreed, Direction, KeyId, Seat, Suite, TAG};

/// The light suite: for microcontrollers with kilobytes of flash.
///
/// Whoever obtains the key later can decrypt sessions that were recorded earlier. See [the protocol](super::protocol).
#[derive(Clone, Copy, Debug)]
pub struct Light;

/// The keys of one session of [`Light`]: 32 bytes.
#[derive(Default)]
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

/// Bytes of HELLO that its tag covers: all between its first byte and its tag.
const SAID: usize = 26;

/// Bytes of CHALLENGE that its tag covers.
const ANSWERED: usize = 25;

/// Writes the XOF of the label, the purpose, the key and `parts` to `out`, and what follows to the keys of a session.
///
/// Not inlined: with the XOF it is large.
#[inline(never)]
fn derive(agreed: Agreed<'_>, purpose: Purpose, parts: &[&[u8]], out: &mut [u8; 16], keys: Option<&mut LightKeys>) {
    let mut xof = Xof::new();
    let (same, own) = agreed.label.parts();
    xof.absorb(same);
    xof.absorb(own);
    xof.absorb(&[purpose as u8]);
    xof.absorb(agreed.key.secret());
    for part in parts {
        xof.absorb(part);
    }
    xof.end();
    xof.read(out);
    if let Some(LightKeys { opener, acceptor }) = keys {
        xof.read(opener);
        xof.read(acceptor);
    }
}

/// Writes `said` of the HELLO number `n`.
fn say(agreed: Agreed<'_>, start: &[u8; 16], n: u32, about: About, said: &mut [u8; SAID]) {
    // In place, which takes less stack.
    if let Some((id, rest)) = said.split_first_chunk_mut()
        && let Some((told, rest)) = rest.split_first_chunk_mut()
        && let Some(a) = rest.first_chunk_mut()
    {
        *id = agreed.key.id().0.to_be_bytes();
        *told = about.bytes();
        derive(agreed, Purpose::Opener, &[start, &n.to_be_bytes()], a, None);
    }
}

/// Verifies `said` and its tag, which HELLO and OPEN have behind their first byte, and writes the CHALLENGE to `room`.
///
/// Also writes the keys of the session, if there is a place for them. Returns what the opener reports about itself. Not
/// inlined: its two callers need nothing else on the stack, and the CHALLENGE is in the room for that reason.
#[inline(never)]
fn answer(
    agreed: Agreed<'_>,
    start: &[u8; 16],
    seat: Seat,
    message: &[u8],
    room: &mut [u8],
    keys: Option<&mut LightKeys>,
) -> Option<About> {
    let (_, rest) = message.split_first()?;
    let (said, rest) = rest.split_first_chunk::<SAID>()?;
    let mut expected = [0; TAG];
    derive(agreed, Purpose::Hello, &[said], &mut expected, None);
    if !same(&expected, rest.first_chunk()?) {
        return None;
    }

    let (first, rest) = room.split_first_mut()?;
    let (answered, rest) = rest.split_first_chunk_mut::<ANSWERED>()?;
    let tag = rest.first_chunk_mut()?;
    let (place, rest) = answered.split_first_mut()?;
    let (told, rest) = rest.split_first_chunk_mut()?;
    *first = CHALLENGE;
    *place = seat.place;
    *told = seat.about.bytes();
    let parts: [&[u8]; 3] = [start, &seat.accepted.to_be_bytes(), said];
    derive(agreed, Purpose::Acceptor, &parts, rest.first_chunk_mut()?, None);
    derive(agreed, Purpose::Session, &[said, answered], tag, keys);
    let (_id, rest) = said.split_first_chunk::<2>()?;
    Some(About::parse(*rest.first_chunk()?))
}

impl Light {
    /// Returns the keys of the session that a recorded HELLO and CHALLENGE opened, for a holder of the key who listens.
    ///
    /// Returns `None` unless the tags of both verify and belong together.
    #[doc(hidden)]
    #[must_use]
    pub fn overheard(agreed: Agreed<'_>, hello: &[u8], challenge: &[u8]) -> Option<LightKeys> {
        if hello.len() != Self::HELLO || challenge.len() != Self::CHALLENGE {
            return None;
        }
        let (said, tag) = hello.split_first()?.1.split_first_chunk::<SAID>()?;
        let (answered, proof) = challenge.split_first()?.1.split_first_chunk::<ANSWERED>()?;
        let (mut expected, mut keys) = ([0; TAG], LightKeys::default());
        derive(agreed, Purpose::Hello, &[said], &mut expected, None);
        let is_genuine = same(&expected, tag.first_chunk()?);
        derive(agreed, Purpose::Session, &[said, answered], &mut expected, Some(&mut keys));
        (is_genuine && same(&expected, proof.first_chunk()?)).then_some(keys)
    }
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
        let (first, rest) = room.split_first_mut()?;
        let (said, rest) = rest.split_first_chunk_mut()?;
        let tag = rest.first_chunk_mut()?;
        *first = HELLO;
        say(agreed, start, n, about, said);
        derive(agreed, Purpose::Hello, &[said], tag, None);
        Some(())
    }

    fn named(message: &[u8]) -> Option<(KeyId, &[u8; 16])> {
        let (_, rest) = message.split_first()?;
        let (id, rest) = rest.split_first_chunk()?;
        let (_about, rest) = rest.split_first_chunk::<8>()?;
        Some((KeyId(u16::from_be_bytes(*id)), rest.first_chunk()?))
    }

    fn challenge(agreed: Agreed<'_>, start: &mut [u8; 16], seat: Seat, hello: &[u8], room: &mut [u8]) -> Option<()> {
        if hello.len() != Self::HELLO {
            return None;
        }
        answer(agreed, start, seat, hello, room, None).map(drop)
    }

    fn accept(agreed: Agreed<'_>, start: &[u8; 16], n: u32, about: About, challenge: &[u8]) -> Option<Accepted<Self>> {
        let (_, rest) = challenge.split_first()?;
        let (answered, tag) = rest.split_first_chunk::<ANSWERED>()?;
        let mut opening = LightOpening { said: [0; SAID], tag: [0; TAG] };
        say(agreed, start, n, about, &mut opening.said);
        let mut keys = LightKeys::default();
        derive(agreed, Purpose::Session, &[&opening.said, answered], &mut opening.tag, Some(&mut keys));
        if !same(&opening.tag, tag.try_into().ok()?) {
            return None;
        }
        let (place, rest) = answered.split_first()?;
        derive(agreed, Purpose::Hello, &[&opening.said], &mut opening.tag, None);
        Some(Accepted { place: *place, about: About::parse(*rest.first_chunk()?), keys, opening })
    }

    fn complete(opening: &LightOpening, message: &mut [u8]) -> Option<()> {
        join(&[&[OPEN], &opening.said, &opening.tag], message)
    }

    fn admit(
        agreed: Agreed<'_>,
        start: &mut [u8; 16],
        seat: Seat,
        open: &[u8],
        room: &mut [u8],
        keys: &mut LightKeys,
    ) -> Option<About> {
        answer(agreed, start, seat, open, room, Some(keys))
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
