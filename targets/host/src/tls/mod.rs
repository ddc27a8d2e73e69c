//! RPC-with-TLS (RFC 9289): TLS 1.3 on a TCP connection, begun by a probe.

mod certificate;
mod client;
mod connector;
mod error;
mod handshake;
mod pem;
mod probe;
mod server;
mod session;

pub use certificate::Certificate;
pub(crate) use certificate::parse_fingerprint;
pub use client::TlsClient;
pub use error::TlsError;
pub(crate) use error::{Side, explain, failed};
pub(crate) use handshake::Secured;
pub(crate) use probe::{Answer, answer};
pub use server::TlsServer;
pub(crate) use session::{Opener, Session};

/// The protocol that both peers name in the handshake (RFC 9289 §8.2).
const ALPN: &[u8] = b"sunrpc";
