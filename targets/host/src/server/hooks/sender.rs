//! The sender of a call.

use std::net::SocketAddr;
#[cfg(feature = "tls")]
use std::sync::Arc;

use super::{ConnectionId, Origin};
#[cfg(feature = "tls")]
use crate::Certificate;

/// The sender of a call: where it calls from, and the certificate that it has proved to have.
#[derive(Clone, Debug)]
pub(in crate::server) struct Sender {
    pub(in crate::server) origin: Origin,
    /// The connection of the call. `None` for a datagram.
    pub(in crate::server) connection: Option<ConnectionId>,
    #[cfg(feature = "tls")]
    pub(in crate::server) certificate: Option<Arc<Certificate>>,
    /// The key under which the call came. `None` in the clear.
    #[cfg(feature = "keys")]
    pub(in crate::server) key: Option<oncilla::message::Sender>,
}

impl From<Origin> for Sender {
    fn from(origin: Origin) -> Self {
        Self {
            origin,
            connection: None,
            #[cfg(feature = "tls")]
            certificate: None,
            #[cfg(feature = "keys")]
            key: None,
        }
    }
}

impl Sender {
    /// Returns what `authorize` functions and replay caches see of the sender: its key, its certificate, and this
    /// address.
    pub(in crate::server) fn of<'a>(&'a self, address: Option<&'a SocketAddr>) -> oncilla::message::Origin<'a> {
        #[cfg_attr(not(any(feature = "keys", feature = "tls")), allow(unused_mut))]
        let mut origin = oncilla::message::Origin::from(address);
        #[cfg(feature = "keys")]
        {
            origin.sender = self.key;
        }
        #[cfg(feature = "tls")]
        {
            origin.certificate = self.certificate.as_deref().map(Certificate::fingerprint);
        }
        origin
    }

    /// Returns the sender of calls inside the TLS connection that has begun.
    #[cfg(feature = "tls")]
    pub(in crate::server) fn secured(&self, certificate: Option<Certificate>) -> Self {
        let origin = match self.origin {
            Origin::Tcp(address) => Origin::Tls(address),
            origin => origin,
        };
        Self {
            origin,
            connection: self.connection,
            certificate: certificate.map(Arc::new),
            #[cfg(feature = "keys")]
            key: self.key,
        }
    }
}
