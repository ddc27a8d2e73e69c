//! Certificates and keys in the PEM format.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::TlsError;

/// Returns the certificates in a PEM text: at least one.
pub(super) fn certificates(text: &[u8], what: &'static str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    match certificates {
        Ok(certificates) if certificates.is_empty() => {
            Err(TlsError::Pem { what, problem: "there is no section BEGIN CERTIFICATE".into() })
        }
        Ok(certificates) => Ok(certificates),
        Err(error) => Err(TlsError::Pem { what, problem: problem(&error) }),
    }
}

/// Returns what is wrong with a PEM text. The texts of the library show bytes as numbers.
fn problem(error: &pem::Error) -> String {
    match error {
        pem::Error::MissingSectionEnd { end_marker } => {
            format!("the line \"-----END {}-----\" is missing", String::from_utf8_lossy(end_marker))
        }
        pem::Error::IllegalSectionStart { line } => {
            format!("the line {:?} does not begin a section", String::from_utf8_lossy(line))
        }
        error => error.to_string(),
    }
}

/// Returns the first private key in a PEM text.
pub(super) fn key(text: &[u8]) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(text).map_err(|error| TlsError::Pem {
        what: "the private key",
        problem: match error {
            pem::Error::NoItemsFound => {
                "there is no section BEGIN PRIVATE KEY; an encrypted key must be decrypted before".into()
            }
            error => problem(&error),
        },
    })
}

/// Returns the authorities in a PEM text.
pub(super) fn authorities(text: &[u8]) -> Result<Arc<RootCertStore>, TlsError> {
    const WHAT: &str = "the certificates of authorities";
    let mut roots = RootCertStore::empty();
    for certificate in certificates(text, WHAT)? {
        roots.add(certificate).map_err(|error| TlsError::Pem { what: WHAT, problem: error.to_string() })?;
    }
    Ok(Arc::new(roots))
}

/// Returns the cryptography, without a global default.
pub(super) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

pub(super) fn settings(error: &rustls::Error) -> TlsError {
    TlsError::Settings(match error {
        rustls::Error::InconsistentKeys(_) => format!("{error}; pass the private key of the first certificate"),
        error => error.to_string(),
    })
}
