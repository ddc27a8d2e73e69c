//! What servers of this command need: the options of TLS, Ctrl-C, notes.

use std::path::PathBuf;
use std::time::Duration;

use oncilla_device::listen::Until;
pub use oncilla_device::listen::{Limits, Listening, Place};
use oncilla_host::TlsServer;

use crate::connect::read_pem;
use crate::failure::{Done, Failure};
use crate::interrupt::Interrupt;
use crate::output::Output;

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

impl Until for Interrupt {
    fn has_come(&self) -> bool {
        self.is_set()
    }

    fn wait(&self, time: Duration) -> bool {
        Self::wait(self, time)
    }

    fn end(&self) {
        self.set();
    }
}

/// Shows events that handlers do not see, with `--verbose`.
pub fn detailed(listening: Listening, output: Output) -> Listening {
    if output.verbose == 0 { listening } else { listening.observe(move |event| output.detail(event)) }
}
