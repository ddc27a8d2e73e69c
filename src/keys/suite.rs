//! The interface of a suite of algorithms: the messages of a handshake, and sealing.

use super::{Key, KeyId};

/// The side of a peer: host or device.
///
/// One peer of each pair is the host, and the other one is the device. Every message depends on the side that opened
/// its session, so nobody can send a message back to its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The host of a pair of peers.
    Host = 1,
    /// The device of a pair of peers.
    Device = 2,
}

/// What two peers have agreed on before they speak: 16 bytes of every derivation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label([u8; 4]);

/// The carriers whose rules for counters differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// A line that loses frames, but keeps their order.
    Serial = 1,
    /// Datagrams, which are lost, repeated and reordered.
    Datagrams = 2,
    /// A stream of bytes that loses nothing.
    Connection = 3,
}

impl Label {
    /// Returns the label of the sessions that `opener` opens on a carrier.
    ///
    /// `suite` is [`Suite::ID`].
    #[must_use]
    pub const fn new(suite: u8, carrier: Carrier, opener: Side) -> Self {
        Self([1, suite, carrier as u8, opener as u8])
    }

    /// Returns the 16 bytes, in two parts: the first is in flash, where labels on the stack would repeat it.
    pub(super) const fn parts(&self) -> (&'static [u8; 12], &[u8; 4]) {
        (b"oncilla link", &self.0)
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

/// What a peer reports about itself in a handshake: 8 bytes on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Its boot number, which differs after each start.
    pub boot: u32,
    /// Bytes of the largest content that it can receive.
    pub largest: u32,
}

/// What two peers know before they speak.
#[derive(Clone, Copy, Debug)]
pub struct Agreed<'a> {
    /// The label of the direction of opening.
    pub label: &'a Label,
    /// The key that they share.
    pub key: &'a Key,
}

/// The place of a key in the table of an acceptor.
#[derive(Clone, Copy, Debug)]
pub struct Seat {
    /// The number of the place, less than 64.
    pub place: u8,
    /// Sessions that were accepted under the key since the start.
    pub accepted: u32,
    /// What the acceptor reports about itself.
    pub about: About,
}

/// What an opener has when a CHALLENGE verified.
pub struct Accepted<S: Suite> {
    /// The place of the session in the table of the acceptor.
    pub place: u8,
    /// What the acceptor reports about itself.
    pub about: About,
    /// The keys of the session.
    pub keys: S::Keys,
    /// What makes OPENs, until a message of the acceptor verified in the session.
    pub opening: S::Opening,
}

/// Bytes of a tag.
pub const TAG: usize = 16;

/// A suite of algorithms: [`Light`](super::Light) or, with the feature `forward-secret`, `ForwardSecret`.
///
/// The functions keep nothing: the same input has the same output.
pub trait Suite: Sized {
    /// The suite's number in the label.
    const ID: u8;

    /// The start of one end of one link, which is never used again.
    ///
    /// [The protocol](super::protocol) describes it.
    type Start;

    /// The keys of both directions of one session. They overwrite themselves when dropped.
    ///
    /// The default has no secret: it is a place for keys.
    type Keys: Default;

    /// What makes the OPENs of one session.
    type Opening;

    /// `A`, which names a HELLO and the OPENs that follow from it.
    type Name: Copy + Default + PartialEq;

    /// Bytes of a HELLO.
    const HELLO: usize;

    /// Bytes of a CHALLENGE.
    const CHALLENGE: usize;

    /// Bytes of an OPEN before its DATA.
    const OPEN: usize;

    /// Writes the HELLO number `n` of this start at the front of `room`.
    ///
    /// Returns `None` if `room` has less than [`HELLO`](Self::HELLO) bytes.
    fn hello(agreed: Agreed<'_>, start: &Self::Start, n: u32, about: About, room: &mut [u8]) -> Option<()>;

    /// Returns the key id and the name in a HELLO or an OPEN. Nothing is verified. `None` if it is too short.
    fn named(message: &[u8]) -> Option<(KeyId, &Self::Name)>;

    /// Verifies a HELLO of exactly [`HELLO`](Self::HELLO) bytes, and writes its CHALLENGE at the front of `room`.
    ///
    /// Until the next session is accepted, the same HELLO has the same CHALLENGE. The acceptor learns nothing from a
    /// HELLO: it may be a recorded one. Returns `None` if `room` has less than [`CHALLENGE`](Self::CHALLENGE) bytes, or
    /// if the HELLO was not made with the key.
    fn challenge(agreed: Agreed<'_>, start: &mut Self::Start, seat: Seat, hello: &[u8], room: &mut [u8]) -> Option<()>;

    /// Verifies a CHALLENGE of exactly [`CHALLENGE`](Self::CHALLENGE) bytes to the HELLO number `n` of this start.
    ///
    /// Returns `None` if it does not answer this HELLO, or was not made with the key.
    fn accept(
        agreed: Agreed<'_>,
        start: &Self::Start,
        n: u32,
        about: About,
        challenge: &[u8],
    ) -> Option<Accepted<Self>>;

    /// Completes an OPEN: writes the [`OPEN`](Self::OPEN) bytes at the front of `message`. DATA, already sealed, stands
    /// behind them and reaches to the end.
    ///
    /// Returns `None` if `message` is too short.
    fn complete(opening: &Self::Opening, message: &mut [u8]) -> Option<()>;

    /// Verifies the front of an OPEN, a whole message. Writes the keys of the session to `keys`, and returns what the
    /// opener reports about itself.
    ///
    /// A suite may write the CHALLENGE that the OPEN answers to `room` again, so that it is not on the stack.
    ///
    /// The session is accepted only if the DATA behind the front verifies under these keys. Returns `None` if the front
    /// was not made with the key or does not answer the present CHALLENGE, or if `room` is too small for a CHALLENGE.
    fn admit(
        agreed: Agreed<'_>,
        start: &mut Self::Start,
        seat: Seat,
        open: &[u8],
        room: &mut [u8],
        keys: &mut Self::Keys,
    ) -> Option<About>;

    /// Makes the secrets of the sessions that were opened before this call unrecoverable from `start`. Does nothing in
    /// a suite without forward secrecy.
    ///
    /// An acceptor calls it when it has accepted a session, an opener when it has taken a CHALLENGE. Handshakes that
    /// were not finished fail, and begin anew.
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
