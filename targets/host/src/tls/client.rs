//! What a client needs for TLS.

use std::fmt;
use std::sync::Arc;

use oncilla::ProcedureId;
use rustls::client::Resumption;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore};

use super::{ALPN, TlsError, pem};
use crate::Error;

/// The TLS settings of a client (RFC 9289): trusted authorities, and its own certificate.
///
/// Cloning is cheap.
///
/// Use it with [`Connector::tls`](crate::Connector::tls) and [`Reconnector::tls`](crate::Reconnector::tls). A server
/// without TLS is never called in the clear: connecting fails with [`TlsError::NotOffered`].
///
/// ```no_run
/// use oncilla_host::{Connector, TlsClient};
///
/// let tls = TlsClient::new(std::fs::read("ca.pem")?)?
///     .certificate(std::fs::read("meter.pem")?, std::fs::read("meter.key")?)?;
/// let client = Connector::new().tls("plant.example:20049", "plant.example", &tls)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// TLS 1.3 only. Sessions are not resumed, so each connection checks the certificates, and there is no early data.
#[derive(Clone)]
pub struct TlsClient {
    authorities: Arc<RootCertStore>,
    pub(super) config: Arc<ClientConfig>,
    /// The program and version that the probe calls.
    pub(super) probed: (u32, u32),
}

impl TlsClient {
    /// Trusts servers whose certificate one of the authorities in a PEM text signed.
    ///
    /// # Errors
    /// [`Error::Tls`] when the text has no certificates.
    pub fn new(authorities: impl AsRef<[u8]>) -> Result<Self, Error> {
        let authorities = pem::authorities(authorities.as_ref())?;
        let config = Arc::new(config(Arc::clone(&authorities), None)?);
        Ok(Self { authorities, config, probed: (oncilla::rpcbind::PROGRAM, 2) })
    }

    /// Presents a certificate to servers that ask for one.
    ///
    /// The arguments are PEM texts of the certificate, with intermediate ones, and of its private key.
    ///
    /// # Errors
    /// [`Error::Tls`] when a text has no certificate or no key, or they do not belong together.
    pub fn certificate(self, certificates: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<Self, Error> {
        let certificates = pem::certificates(certificates.as_ref(), "the client's certificate")?;
        let own = Some((certificates, pem::key(key.as_ref())?));
        let config = Arc::new(config(Arc::clone(&self.authorities), own)?);
        Ok(Self { config, ..self })
    }

    /// Probes for TLS by NULL of this program and version. The default is rpcbind's, version 2.
    ///
    /// The servers of this library answer the probe for any program. Other servers may answer only for programs they
    /// serve: set the program that is called.
    #[must_use]
    pub fn probe_by(self, program: u32, version: u32) -> Self {
        Self { probed: (program, version), ..self }
    }

    /// Returns the settings for a protocol that names none in the handshake, such as MQTT. For `oncilla-fleet`.
    #[doc(hidden)]
    #[must_use]
    pub fn without_protocol(&self) -> Arc<ClientConfig> {
        let mut config = ClientConfig::clone(&self.config);
        config.alpn_protocols.clear();
        Arc::new(config)
    }

    /// Returns the procedure that the probe calls.
    pub(super) fn null(&self) -> ProcedureId {
        let (program, version) = self.probed;
        ProcedureId { program, version, procedure: 0 }
    }
}

fn config(
    authorities: Arc<RootCertStore>,
    own: Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>,
) -> Result<ClientConfig, TlsError> {
    let builder = ClientConfig::builder_with_provider(pem::provider())
        .with_protocol_versions(&[&TLS13])
        .map_err(|error| pem::settings(&error))?
        .with_root_certificates(authorities);
    let mut config = match own {
        Some((certificates, key)) => {
            builder.with_client_auth_cert(certificates, key).map_err(|error| pem::settings(&error))?
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.resumption = Resumption::disabled();
    Ok(config)
}

impl fmt::Debug for TlsClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authorities = self.authorities.len();
        formatter.debug_struct("TlsClient").field("authorities", &authorities).field("probed", &self.probed).finish()
    }
}
