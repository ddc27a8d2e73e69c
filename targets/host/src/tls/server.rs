//! What a server needs for TLS.

use std::fmt;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::version::TLS13;
use rustls::{RootCertStore, ServerConfig};

use super::{ALPN, TlsError, pem};
use crate::Error;

/// The TLS settings of a server (RFC 9289): its certificate, and what clients need.
///
/// Cloning is cheap.
///
/// Use it with [`Server::tls`](crate::Server::tls), which describes what clients get.
///
/// ```no_run
/// use oncilla_host::{Server, TlsServer};
///
/// let tls = TlsServer::new(std::fs::read("plant.pem")?, std::fs::read("plant.key")?)?
///     .require_client_certificates(std::fs::read("ca.pem")?)?;
/// let server = Server::new()?.tcp("[::]:20049")?.tls(tls);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// TLS 1.3 only. Sessions are not resumed, so each connection checks the certificates, and there is no early data.
#[derive(Clone)]
pub struct TlsServer {
    pub(crate) config: Arc<ServerConfig>,
    own: Arc<Own>,
    pub(crate) required: bool,
}

/// The certificate of the server, and its key.
struct Own {
    certificates: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// Whether clients need a certificate, and which authorities must have signed it.
type Demand = Option<(bool, Arc<RootCertStore>)>;

impl TlsServer {
    /// Presents a certificate to clients.
    ///
    /// The arguments are PEM texts of the certificate, with intermediate ones, and of its private key. Clients need no
    /// certificate. TLS is required of all clients on TCP, until [`opportunistic`](Self::opportunistic).
    ///
    /// # Errors
    /// [`Error::Tls`] when a text has no certificate or no key, or they do not belong together.
    pub fn new(certificates: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<Self, Error> {
        let certificates = pem::certificates(certificates.as_ref(), "the server's certificate")?;
        let own = Arc::new(Own { certificates, key: pem::key(key.as_ref())? });
        Ok(Self { config: Arc::new(config(&own, None)?), own, required: true })
    }

    /// Refuses clients without a certificate that one of the authorities in a PEM text signed.
    ///
    /// # Errors
    /// [`Error::Tls`] when the text has no certificates.
    pub fn require_client_certificates(self, authorities: impl AsRef<[u8]>) -> Result<Self, Error> {
        self.demand(true, authorities.as_ref())
    }

    /// Asks clients for a certificate, and also serves those without.
    ///
    /// One of the authorities in a PEM text must have signed the certificate. A client with a certificate of another
    /// authority is refused. [Access rules](crate::Access) tell the others apart.
    ///
    /// # Errors
    /// [`Error::Tls`] when the text has no certificates.
    pub fn accept_client_certificates(self, authorities: impl AsRef<[u8]>) -> Result<Self, Error> {
        self.demand(false, authorities.as_ref())
    }

    /// Also serves clients without TLS.
    ///
    /// An attacker in the network can then pretend that one of the peers does not support TLS, unless the client
    /// insists.
    #[must_use]
    pub fn opportunistic(self) -> Self {
        Self { required: false, ..self }
    }

    fn demand(self, required: bool, authorities: &[u8]) -> Result<Self, Error> {
        let demand = Some((required, pem::authorities(authorities)?));
        Ok(Self { config: Arc::new(config(&self.own, demand)?), ..self })
    }
}

fn config(own: &Own, demand: Demand) -> Result<ServerConfig, TlsError> {
    let provider = pem::provider();
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&TLS13])
        .map_err(|error| pem::settings(&error))?;
    let builder = match demand {
        None => builder.with_no_client_auth(),
        Some((required, authorities)) => {
            let verifier = WebPkiClientVerifier::builder_with_provider(authorities, provider);
            let verifier = if required { verifier } else { verifier.allow_unauthenticated() };
            let verifier = verifier.build().map_err(|error| TlsError::Settings(error.to_string()))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder
        .with_single_cert(own.certificates.clone(), own.key.clone_key())
        .map_err(|error| pem::settings(&error))?;
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

impl fmt::Debug for TlsServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TlsServer").field("required", &self.required).finish_non_exhaustive()
    }
}
