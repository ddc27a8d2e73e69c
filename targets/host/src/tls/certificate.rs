//! The certificate of a client.

use std::fmt;

use ring::digest::{SHA256, digest};
use rustls::pki_types::{CertificateDer, ServerName};
use webpki::EndEntityCert;

/// The certificate of a client, which the server has verified (RFC 9289 §5.2).
///
/// One of the server's authorities signed it, and the client has its private key. `Display` shows its DNS names, or its
/// fingerprint if it has none.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: CertificateDer<'static>,
    fingerprint: [u8; 32],
}

impl Certificate {
    pub(crate) fn new(der: CertificateDer<'static>) -> Self {
        let mut fingerprint = [0; 32];
        // SHA-256 has 32 bytes.
        fingerprint.copy_from_slice(digest(&SHA256, &der).as_ref());
        Self { der, fingerprint }
    }

    /// Returns the certificate in the DER format, for a library that reads X.509.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Returns the SHA-256 digest of the certificate: 32 bytes.
    ///
    /// `openssl x509 -noout -fingerprint -sha256 -in FILE` prints it.
    #[must_use]
    pub const fn fingerprint(&self) -> &[u8; 32] {
        &self.fingerprint
    }

    /// Returns the DNS names in the certificate (subjectAltName).
    #[must_use]
    pub fn dns_names(&self) -> Vec<String> {
        EndEntityCert::try_from(&self.der)
            .map(|certificate| certificate.valid_dns_names().map(str::to_owned).collect())
            .unwrap_or_default()
    }

    /// Returns whether the certificate is valid for a DNS name or IP address (subjectAltName).
    #[must_use]
    pub fn has_name(&self, name: &str) -> bool {
        ServerName::try_from(name).is_ok_and(|name| self.is_for(&name))
    }

    pub(crate) fn is_for(&self, name: &ServerName<'_>) -> bool {
        EndEntityCert::try_from(&self.der)
            .is_ok_and(|certificate| certificate.verify_is_valid_for_subject_name(name).is_ok())
    }
}

impl fmt::Display for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.dns_names();
        if names.is_empty() {
            return self.fingerprint.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"));
        }
        formatter.write_str(&names.join(", "))
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Certificate({self})")
    }
}

/// Returns the fingerprint that a text of 64 hexadecimal digits states, with or without colons.
pub(crate) fn parse_fingerprint(text: &str) -> Option<[u8; 32]> {
    let mut digits = text.chars().filter(|&character| character != ':');
    let mut fingerprint = [0; 32];
    for byte in &mut fingerprint {
        let [high, low] = [digits.next()?.to_digit(16)?, digits.next()?.to_digit(16)?];
        *byte = u8::try_from(high << 4 | low).ok()?;
    }
    digits.next().is_none().then_some(fingerprint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_has_64_digits() {
        let bytes = parse_fingerprint(&"0aFf".repeat(16)).unwrap();
        assert_eq!(bytes[..2], [0x0a, 0xff]);
        assert_eq!(parse_fingerprint(&vec!["0A"; 32].join(":")), Some([10; 32]));
        for wrong in ["", "0a", &"0a".repeat(33), &"0g".repeat(32), &"0a".repeat(31)] {
            assert_eq!(parse_fingerprint(wrong), None, "{wrong}");
        }
    }
}
