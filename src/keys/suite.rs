//! What a suite of algorithms provides: the two messages of a handshake, and how messages are sealed.

use super::Key;

/// Which side opens a session: bound into every message of it, so that none can be reflected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The host of a pair of peers.
    Host = 1,
    /// The device of a pair of peers.
    Device = 2,
}

/// What two peers have agreed on before they speak: 16 bytes of every derivation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label(pub(crate) [u8; 16]);

/// The carriers whose rules for counters differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    Serial = 1,
    Datagrams = 2,
    Connection = 3,
}

impl Label {
    pub(crate) const fn new(suite: u8, carrier: Carrier, opener: Side) -> Self {
        let [o, n, c, i, l, a0, a, b, s, e, r, k] = *b"oncilla link";
        Self([o, n, c, i, l, a0, a, b, s, e, r, k, 1, suite, carrier as u8, opener as u8])
    }
}

/// The direction of a message in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the side that opened the session.
    FromOpener,
    /// From the side that accepted it.
    FromAcceptor,
}

/// What a peer says of itself in a handshake: 8 bytes on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Its boot number: another one after each start.
    pub boot: u32,
    /// Bytes of the largest content that it can receive.
    pub largest: u32,
}

/// Bytes of a tag.
pub const TAG: usize = 16;

/// A suite of algorithms: [`Light`](super::Light) or, with the feature `forward-secret`, `ForwardSecret`.
///
/// All functions are pure: the same input has the same output. None of them keeps anything.
pub trait Suite {
    /// The suite's number in the label.
    const ID: u8;

    /// Bytes that a side needs once at each start: see [the protocol](super::protocol).
    type Start: AsRef<[u8]>;

    /// The keys of both directions of one session. They overwrite themselves when dropped.
    type Keys;

    /// What names a HELLO, to tell whether an OPEN belongs to the present session: `A`, or the opener's public key.
    type Name: Copy + PartialEq;

    /// Bytes of a HELLO.
    const HELLO: usize;

    /// Bytes of a CHALLENGE.
    const CHALLENGE: usize;

    /// Writes the HELLO number `n` of this start at the front of `room`, which has at least [`HELLO`](Self::HELLO) bytes.
    ///
    /// Returns `None` if it has fewer.
    fn hello(label: &Label, key: &Key, start: &Self::Start, n: u32, about: About, room: &mut [u8]) -> Option<()>;

    /// Returns the key id that a HELLO names, and what names the HELLO. Nothing is verified. `None` if it is too short.
    fn named(hello: &[u8]) -> Option<(super::KeyId, Self::Name)>;

    /// Returns what the opener says of itself if a HELLO of exactly [`HELLO`](Self::HELLO) bytes was made with the key.
    fn verify(label: &Label, key: &Key, hello: &[u8]) -> Option<About>;

    /// Writes the CHALLENGE to a HELLO that was verified, and returns the keys of the session that it opens.
    ///
    /// `accepted` counts the sessions accepted under the key since the start. Returns `None` if `room` has less than
    /// [`CHALLENGE`](Self::CHALLENGE) bytes, or if the HELLO is not valid.
    fn challenge(
        label: &Label,
        key: &Key,
        start: &Self::Start,
        accepted: u32,
        hello: &[u8],
        place: u8,
        about: About,
        room: &mut [u8],
    ) -> Option<Self::Keys>;

    /// Returns the place, what the acceptor says of itself, and the keys, if a CHALLENGE of exactly
    /// [`CHALLENGE`](Self::CHALLENGE) bytes answers the HELLO number `n` of this start.
    fn accept(
        label: &Label,
        key: &Key,
        start: &Self::Start,
        n: u32,
        about: About,
        challenge: &[u8],
    ) -> Option<(u8, About, Self::Keys)>;

    /// Makes the secrets of sessions that were opened before this call unrecoverable from `start`. Does nothing in a suite
    /// without forward secrecy.
    ///
    /// Called when a session is accepted or a CHALLENGE was taken. Handshakes that are not finished begin anew.
    fn forget(start: &mut Self::Start) {
        let _ = start;
    }

    /// Encrypts the content at the front of `room` in place and writes the tag behind it.
    ///
    /// Returns the bytes of both, or `None` if `room` is too small.
    fn seal(keys: &Self::Keys, direction: Direction, counter: u32, room: &mut [u8], content: usize) -> Option<usize>;

    /// Verifies the tag at the end of `sealed`, and decrypts the rest in place. Returns the bytes of the content.
    ///
    /// If the tag is wrong, returns `None`; `sealed` then has no plaintext.
    fn open(keys: &Self::Keys, direction: Direction, counter: u32, sealed: &mut [u8]) -> Option<usize>;
}
