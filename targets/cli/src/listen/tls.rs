//! The options of servers with TLS.

use std::path::PathBuf;

use oncilla_host::TlsServer;

use crate::connect::read_pem;
use crate::failure::{Done, Failure};

/// The options of servers with TLS (RFC 9289).
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Tls {
    /// Serves TCP inside TLS only, with the certificate in this PEM file
    #[arg(long = "tls-cert", value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The private key of that certificate, a PEM file
    #[arg(long = "tls-key", value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Requires a certificate of clients that an authority in this PEM file signed
    #[arg(long = "tls-ca", value_name = "FILE", requires = "tls_cert")]
    tls_ca: Option<PathBuf>,
}

impl Tls {
    /// Returns the files that are given.
    pub fn files(&self) -> impl Iterator<Item = &PathBuf> {
        [&self.tls_cert, &self.tls_key, &self.tls_ca].into_iter().flatten()
    }

    /// Reads the files. `None` without TLS.
    pub fn server(&self) -> Done<Option<TlsServer>> {
        let (Some(cert), Some(key)) = (&self.tls_cert, &self.tls_key) else { return Ok(None) };
        let wrong = |error| Failure::usage(format_args!("{} with the key {}: {error}", cert.display(), key.display()));
        let tls = TlsServer::new(read_pem(cert)?, read_pem(key)?).map_err(wrong)?;
        let Some(ca) = &self.tls_ca else { return Ok(Some(tls)) };
        let wrong = |error| Failure::usage(format_args!("{}: {error}", ca.display()));
        tls.require_client_certificates(read_pem(ca)?).map(Some).map_err(wrong)
    }
}
