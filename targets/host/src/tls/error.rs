//! Errors of TLS, and what to do.

use std::fmt;
use std::io::{self, ErrorKind};

use rustls::{AlertDescription, CertificateError};

/// Why TLS could not be set up. It is in [`Error::Tls`](crate::Error::Tls). Each message ends with what to do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TlsError {
    /// A text in the PEM format does not have what it should.
    Pem {
        /// What it should have: certificates or a private key.
        what: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// Certificates and key cannot be used.
    Settings(String),
    /// The name of a server is neither a DNS name nor an IP address.
    Name(String),
    /// A text is not the SHA-256 fingerprint of a certificate: 64 hexadecimal digits.
    Fingerprint(String),
    /// The server does not offer TLS.
    NotOffered {
        /// The address of the server.
        to: String,
        /// What it answered to the probe.
        answer: String,
    },
    /// The handshake with a server failed.
    Handshake {
        /// The address of the server.
        to: String,
        /// What failed, and what to do.
        problem: String,
    },
}

impl fmt::Display for TlsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pem { what, problem } => {
                write!(formatter, "cannot read {what}: {problem}; pass the text of a PEM file")
            }
            Self::Settings(problem) => write!(formatter, "cannot use these certificates: {problem}"),
            Self::Name(name) => {
                write!(
                    formatter,
                    "{name:?} is not the name of a server; pass a DNS name or an IP address, without a port"
                )
            }
            Self::Fingerprint(text) => {
                write!(
                    formatter,
                    "{text:?} is not a SHA-256 fingerprint; pass 64 hexadecimal digits, colons are allowed"
                )
            }
            Self::NotOffered { to, answer } => write!(
                formatter,
                "the server at {to} does not offer TLS: {answer}; configure it for TLS, or call it without TLS"
            ),
            Self::Handshake { to, problem } => write!(formatter, "TLS with {to} failed: {problem}"),
        }
    }
}

impl std::error::Error for TlsError {}

/// The side that reports the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Client,
    Server,
}

/// Returns the text of an error, with what to do.
pub(crate) fn explain(error: &rustls::Error, side: Side) -> String {
    format!("{error}{}", advice(error, side))
}

/// Returns an error of a connection, for an error of TLS.
pub(crate) fn failed(error: &rustls::Error, side: Side) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, format!("TLS failed: {}", explain(error, side)))
}

fn advice(error: &rustls::Error, side: Side) -> &'static str {
    use rustls::Error::{AlertReceived, InvalidCertificate, InvalidMessage, NoApplicationProtocol};
    match (side, error) {
        (_, InvalidCertificate(certificate)) => certificate_advice(certificate, side),
        (_, AlertReceived(alert)) => alert_advice(*alert, side),
        (Side::Server, rustls::Error::NoCertificatesPresented) => "; give this client a certificate",
        (_, NoApplicationProtocol) => "; the client asks for another protocol than sunrpc",
        (_, rustls::Error::PeerIncompatible(_)) => "; the peer must support TLS 1.3",
        (_, InvalidMessage(_)) => "; the peer does not speak TLS here",
        _ => "",
    }
}

fn certificate_advice(error: &CertificateError, side: Side) -> &'static str {
    use CertificateError as Fault;
    match (error, side) {
        (Fault::UnknownIssuer, Side::Client) => {
            "; no trusted authority signed the server's certificate: pass the certificate of the authority that did"
        }
        (Fault::UnknownIssuer, Side::Server) => {
            "; no trusted authority signed the client's certificate: trust the authority that did, \
             or give the client another certificate"
        }
        (Fault::NotValidForName | Fault::NotValidForNameContext { .. }, _) => {
            "; use a name that is in the certificate, or a certificate with this name"
        }
        (Fault::Expired | Fault::ExpiredContext { .. }, Side::Client) => {
            "; renew the server's certificate, or set the clock of this machine"
        }
        (Fault::Expired | Fault::ExpiredContext { .. }, Side::Server) => {
            "; renew the client's certificate, or set the clock of this machine"
        }
        (Fault::NotValidYet | Fault::NotValidYetContext { .. }, _) => "; set the clock of this machine",
        (Fault::Other(_), _) => "; an authority's certificate cannot be the certificate of a server or client",
        _ => "",
    }
}

fn alert_advice(alert: AlertDescription, side: Side) -> &'static str {
    use AlertDescription as Alert;
    match (alert, side) {
        (Alert::CertificateRequired, _) => "; the server requires a client certificate: pass one with its key",
        // The alert for a certificate that is not valid yet, too.
        (Alert::CertificateExpired, Side::Client) => {
            "; the server refuses the client's certificate because it has expired or is not valid yet: renew it, \
             or set the clock of the server"
        }
        (Alert::CertificateExpired, Side::Server) => {
            "; the client refuses the server's certificate because it has expired or is not valid yet: renew it, \
             or set the clock of the client"
        }
        (Alert::CertificateRevoked, Side::Client) => {
            "; the server refuses the client's certificate because it is revoked: pass another one with its key"
        }
        (Alert::CertificateRevoked, Side::Server) => {
            "; the client refuses the server's certificate because it is revoked: give the server another one"
        }
        (Alert::UnknownCA, Side::Client) => {
            "; the server trusts no authority that signed the client's certificate: pass one that its authorities signed"
        }
        (Alert::UnknownCA, Side::Server) => {
            "; the client trusts no authority that signed the server's certificate: pass the client the authority that did"
        }
        (
            Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateUnknown
            | Alert::AccessDenied
            | Alert::DecryptError,
            side,
        ) => match side {
            Side::Client => {
                "; the server refuses the client's certificate: the log of the server has the reason. Pass one that its \
                 authorities signed for clients"
            }
            Side::Server => {
                "; the client refuses the server's certificate: use one for the name that the client calls, of an authority \
                 that the client trusts"
            }
        },
        (Alert::ProtocolVersion, _) => "; the peer must support TLS 1.3",
        (Alert::NoApplicationProtocol, _) => "; the peer does not speak RPC with TLS (ALPN sunrpc)",
        _ => "",
    }
}
