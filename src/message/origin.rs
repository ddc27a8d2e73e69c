//! Where a message came from.

use core::net::SocketAddr;

/// The number of a key: which of its keys a peer uses. It is sent in the clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(transparent)]
pub struct KeyId(pub u16);

/// The sender of a message that was verified under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The number of the key.
    pub key: KeyId,
    /// The boot number of the sender.
    pub boot: u32,
    /// The place of its session in the table of the acceptor.
    pub(crate) place: u8,
    /// Whether its address may change from message to message.
    pub(crate) moves: bool,
}

impl Sender {
    /// Creates the sender whose session has `place`.
    #[inline]
    #[must_use]
    pub const fn new(key: KeyId, boot: u32, place: u8) -> Self {
        Self { key, boot, place, moves: false }
    }

    /// Returns the same sender, with an address that may change, as on datagrams.
    ///
    /// A replay cache then recognizes its calls from any address: whoever forwards a message chooses its address.
    #[inline]
    #[must_use]
    pub const fn moving(self) -> Self {
        Self { moves: true, ..self }
    }
}

/// The origin of a message: the address and the key of its sender.
///
/// A replay cache distinguishes the calls of two origins. `Option<&SocketAddr>` converts into it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The address, or `None` if the transport does not know it.
    pub address: Option<&'a SocketAddr>,
    /// The sender, or `None` if the message was not sealed.
    #[cfg(feature = "keys")]
    pub sender: Option<Sender>,
    /// The SHA-256 fingerprint of the certificate that the sender has proved to have, or `None`.
    ///
    /// A server inside TLS sets it. Links have none.
    #[cfg(feature = "certificates")]
    pub certificate: Option<&'a [u8; 32]>,
}

impl<'a> From<Option<&'a SocketAddr>> for Origin<'a> {
    #[inline]
    fn from(address: Option<&'a SocketAddr>) -> Self {
        Self {
            address,
            #[cfg(feature = "keys")]
            sender: None,
            #[cfg(feature = "certificates")]
            certificate: None,
        }
    }
}

impl<'a> Origin<'a> {
    /// Returns the origin with this sender. Without the feature `keys` there is none.
    #[inline]
    pub(crate) fn with_sender(self, sender: Option<Sender>) -> Self {
        #[cfg(feature = "keys")]
        return Self { sender, ..self };
        #[cfg(not(feature = "keys"))]
        {
            let _ = sender;
            self
        }
    }

    /// Returns the sender, or `None` if the message was not sealed.
    #[inline]
    pub(crate) const fn sender(&self) -> Option<Sender> {
        #[cfg(feature = "keys")]
        return self.sender;
        #[cfg(not(feature = "keys"))]
        None
    }
}
