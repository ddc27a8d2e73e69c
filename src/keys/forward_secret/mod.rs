//! The forward secret suite: Noise NNpsk0 over X25519, ChaCha20-Poly1305 and BLAKE2s.

mod blake2s;
mod cipher;
mod hash;
mod noise;
#[cfg(test)]
mod tests;

use zeroize::Zeroize;

use self::blake2s::hash;
use self::hash::{Purpose, derive, from_start};
use self::noise::{Handshake, public};
use super::bytes::{join, same};
use super::kinds::{CHALLENGE, HELLO, OPEN};
use super::{About, Accepted, Agreed, Direction, KeyId, Seat, Suite, TAG};

/// The forward secret suite: whoever obtains a key later cannot decrypt sessions that ended before.
///
/// Every session costs each side two operations on a curve; a message that the holder of the key did not make for this
/// handshake costs none. See [the protocol](super::protocol).
#[derive(Clone, Copy, Debug)]
pub struct ForwardSecret;

/// The start of an end of a link with [`ForwardSecret`]: 32 random, secret bytes. They overwrite themselves when
/// dropped.
pub struct SecretStart {
    secret: [u8; 32],
    /// The acceptor's public key. One curve operation computes it, and no other one until the next session.
    public: Option<[u8; 32]>,
}

impl SecretStart {
    /// Creates a start from 32 random bytes of a source that is fit for keys.
    #[must_use]
    pub const fn new(random: [u8; 32]) -> Self {
        Self { secret: random, public: None }
    }

    /// The acceptor's secret key, until a session is accepted.
    fn ephemeral(&self) -> [u8; 32] {
        from_start(Purpose::AcceptorEphemeral, &self.secret)
    }
}

impl Drop for SecretStart {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

/// The keys of one session of [`ForwardSecret`]: 64 bytes.
#[derive(Default)]
pub struct ForwardSecretKeys {
    opener: [u8; 32],
    acceptor: [u8; 32],
}

impl ForwardSecretKeys {
    fn new(handshake: Handshake) -> Self {
        // The acceptor wrote first.
        let [acceptor, opener] = handshake.split();
        Self { opener, acceptor }
    }

    fn of(&self, direction: Direction) -> &[u8; 32] {
        match direction {
            Direction::FromOpener => &self.opener,
            Direction::FromAcceptor => &self.acceptor,
        }
    }
}

impl Drop for ForwardSecretKeys {
    fn drop(&mut self) {
        self.opener.zeroize();
        self.acceptor.zeroize();
    }
}

/// What makes the OPENs of one session of [`ForwardSecret`]: 106 bytes.
pub struct ForwardSecretOpening {
    /// What stands between the first byte and the tag.
    said: [u8; SAID],
    tag_key: [u8; 32],
}

impl Drop for ForwardSecretOpening {
    fn drop(&mut self) {
        self.tag_key.zeroize();
    }
}

/// Bytes of a name, `A`.
const NAME: usize = 16;

/// Bytes of the key id and the name.
const NAMED: usize = 2 + NAME;

/// Bytes of a public key.
const PUBLIC: usize = 32;

/// Bytes of the encrypted payload of CHALLENGE: the place and what the acceptor reports about itself.
const ANSWERED: usize = 9 + TAG;

/// Bytes of the encrypted payload of OPEN: what the opener reports about itself.
const TOLD: usize = 8 + TAG;

/// Bytes of OPEN between its first byte and its tag.
const SAID: usize = NAMED + PUBLIC + TOLD;

/// The name of the HELLO number `n`.
fn name(agreed: Agreed<'_>, start: &SecretStart, n: u32) -> [u8; NAME] {
    first_half(derive(agreed, Purpose::Name, &start.secret, &n.to_be_bytes()))
}

fn first_half(bytes: [u8; 32]) -> [u8; 16] {
    // There are 32.
    bytes.first_chunk().copied().unwrap_or_default()
}

fn hello_tag(agreed: Agreed<'_>, id: &[u8; 2], name: &[u8; NAME]) -> [u8; TAG] {
    first_half(derive(agreed, Purpose::Hello, id, name))
}

/// The key of the tag of OPEN. It differs for each public key of the acceptor, so recorded OPENs fail.
fn tag_key(agreed: Agreed<'_>, name: &[u8; NAME], acceptor: &[u8; PUBLIC]) -> [u8; 32] {
    derive(agreed, Purpose::Open, name, acceptor)
}

/// Begins the handshake that a name belongs to, with the public key of the acceptor.
fn begin(agreed: Agreed<'_>, name: &[u8; NAME], acceptor: &[u8; PUBLIC]) -> Handshake {
    // In Noise the key of the first payload does not depend on the prologue. The acceptor's public key serves several handshakes, so
    // with one `psk` for all they would share that key.
    let mut pre_shared = derive(agreed, Purpose::PreShared, name, &[]);
    let (same, own) = agreed.label.parts();
    let mut handshake = Handshake::new(&[same, own, &agreed.key.id().0.to_be_bytes(), name], &pre_shared);
    pre_shared.zeroize();
    handshake.ephemeral(acceptor);
    handshake
}

/// Writes the acceptor's payload.
fn answer(handshake: &mut Handshake, seat: Seat) -> Option<[u8; ANSWERED]> {
    let mut payload = [0; ANSWERED];
    join(&[&[seat.place], &seat.about.bytes()], &mut payload)?;
    handshake.write(&mut payload, ANSWERED.checked_sub(TAG)?)?;
    Some(payload)
}

impl Suite for ForwardSecret {
    const ID: u8 = 2;

    type Start = SecretStart;
    type Keys = ForwardSecretKeys;
    type Opening = ForwardSecretOpening;
    type Name = [u8; NAME];

    const HELLO: usize = 1 + NAMED + TAG;
    const CHALLENGE: usize = 1 + PUBLIC + ANSWERED;
    const OPEN: usize = 1 + SAID + TAG;

    fn hello(agreed: Agreed<'_>, start: &SecretStart, n: u32, _about: About, room: &mut [u8]) -> Option<()> {
        let name = name(agreed, start, n);
        let id = agreed.key.id().0.to_be_bytes();
        join(&[&[HELLO], &id, &name, &hello_tag(agreed, &id, &name)], room)
    }

    fn named(message: &[u8]) -> Option<(KeyId, &[u8; NAME])> {
        let (_, rest) = message.split_first()?;
        let (id, rest) = rest.split_first_chunk()?;
        Some((KeyId(u16::from_be_bytes(*id)), rest.first_chunk()?))
    }

    fn challenge(agreed: Agreed<'_>, start: &mut SecretStart, seat: Seat, hello: &[u8], room: &mut [u8]) -> Option<()> {
        let (_, rest) = hello.split_first()?;
        let (id, rest) = rest.split_first_chunk()?;
        let (name, tag) = rest.split_first_chunk()?;
        if !same(&hello_tag(agreed, id, name), tag.try_into().ok()?) {
            return None;
        }
        let public = match start.public {
            Some(public) => public,
            None => *start.public.insert(public(&start.ephemeral())),
        };
        let mut handshake = begin(agreed, name, &public);
        join(&[&[CHALLENGE], &public, &answer(&mut handshake, seat)?], room)
    }

    fn accept(
        agreed: Agreed<'_>,
        start: &SecretStart,
        n: u32,
        about: About,
        challenge: &[u8],
    ) -> Option<Accepted<Self>> {
        let (_, rest) = challenge.split_first()?;
        let (acceptor, sealed) = rest.split_first_chunk()?;
        let mut payload: [u8; ANSWERED] = sealed.try_into().ok()?;
        let name = name(agreed, start, n);
        let mut handshake = begin(agreed, &name, acceptor);
        // The curve comes after this.
        handshake.read(&mut payload)?;
        let (place, rest) = payload.split_first()?;

        let mut secret = derive(agreed, Purpose::OpenerEphemeral, &start.secret, &n.to_be_bytes());
        let own = public(&secret);
        handshake.ephemeral(&own);
        handshake.agree(&secret, acceptor);
        secret.zeroize();
        let mut told = [0; TOLD];
        join(&[&about.bytes()], &mut told)?;
        handshake.write(&mut told, TOLD.checked_sub(TAG)?)?;

        let mut said = [0; SAID];
        join(&[&agreed.key.id().0.to_be_bytes(), &name, &own, &told], &mut said)?;
        Some(Accepted {
            place: *place,
            about: About::parse(*rest.first_chunk()?),
            keys: ForwardSecretKeys::new(handshake),
            opening: ForwardSecretOpening { said, tag_key: tag_key(agreed, &name, acceptor) },
        })
    }

    fn complete(opening: &ForwardSecretOpening, message: &mut [u8]) -> Option<()> {
        let (front, data) = message.split_at_mut_checked(Self::OPEN)?;
        let tag = hash(&[&opening.tag_key, &opening.said, data]);
        join(&[&[OPEN], &opening.said, &first_half(tag)], front)
    }

    fn admit(
        agreed: Agreed<'_>,
        start: &mut SecretStart,
        seat: Seat,
        open: &[u8],
        _room: &mut [u8],
        keys: &mut ForwardSecretKeys,
    ) -> Option<About> {
        let (_, rest) = open.split_first()?;
        let (said, rest) = rest.split_first_chunk::<SAID>()?;
        let (tag, data) = rest.split_first_chunk()?;
        let (_id, rest) = said.split_first_chunk::<2>()?;
        let (name, rest) = rest.split_first_chunk()?;
        let (opener, told) = rest.split_first_chunk()?;
        // Without a CHALLENGE since the last session there is nothing to answer.
        let public = start.public?;
        if !same(&first_half(hash(&[&tag_key(agreed, name, &public), said, data])), tag) {
            return None;
        }

        let mut handshake = begin(agreed, name, &public);
        answer(&mut handshake, seat)?;
        handshake.ephemeral(opener);
        let mut secret = start.ephemeral();
        handshake.agree(&secret, opener);
        secret.zeroize();
        let mut told: [u8; TOLD] = told.try_into().ok()?;
        handshake.read(&mut told)?;
        *keys = ForwardSecretKeys::new(handshake);
        Some(About::parse(*told.first_chunk()?))
    }

    fn forget(start: &mut SecretStart) {
        *start = SecretStart::new(from_start(Purpose::Forget, &start.secret));
    }

    fn seal(
        keys: &ForwardSecretKeys,
        direction: Direction,
        counter: u32,
        room: &mut [u8],
        content: usize,
    ) -> Option<usize> {
        cipher::seal(keys.of(direction), counter, &[], room, content)
    }

    fn open(keys: &ForwardSecretKeys, direction: Direction, counter: u32, sealed: &mut [u8]) -> Option<usize> {
        cipher::open(keys.of(direction), counter, &[], sealed)
    }
}
