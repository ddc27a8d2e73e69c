//! Who sent a call.

#[cfg(feature = "tls")]
use std::sync::Arc;

use super::Origin;
#[cfg(feature = "tls")]
use crate::Certificate;

/// The sender of a call: where it calls from, and the certificate that it has proved to have.
#[derive(Clone, Debug)]
pub(in crate::server) struct Sender {
    pub(in crate::server) origin: Origin,
    #[cfg(feature = "tls")]
    pub(in crate::server) certificate: Option<Arc<Certificate>>,
}

impl From<Origin> for Sender {
    fn from(origin: Origin) -> Self {
        Self {
            origin,
            #[cfg(feature = "tls")]
            certificate: None,
        }
    }
}

impl Sender {
    /// Returns the sender of calls inside the TLS connection that has begun.
    #[cfg(feature = "tls")]
    pub(in crate::server) fn secured(&self, certificate: Option<Certificate>) -> Self {
        let origin = match self.origin {
            Origin::Tcp(address) => Origin::Tls(address),
            origin => origin,
        };
        Self { origin, certificate: certificate.map(Arc::new) }
    }
}
