//! Targets inside TLS: tcp+tls:// and the programs of rpc+tls://.

use std::path::Path;

use oncilla_host::{Socket, TlsClient};

use super::connector;
use super::rpcbind::host_of;
use crate::failure::{Done, Failure};
use crate::files;
use crate::settings::{Setting, Settings};

/// The largest file of certificates that is read, in bytes.
const FILE_MAX: u64 = 4 << 20;

/// Returns a function that connects a socket and begins TLS on it.
///
/// The certificate of the server must have the host of the address as a name.
pub fn dial(
    address: &str,
    settings: &Settings,
) -> Done<impl FnMut() -> Result<Socket, oncilla_host::Error> + Send + 'static> {
    let tls = client(settings)?;
    let name = host_of(address).trim_start_matches('[').trim_end_matches(']').to_owned();
    // Only the socket is used, not the client with its buffers.
    let (address, connector) = (address.to_owned(), connector(settings).buffer(0));
    Ok(move || Ok(connector.tls(&*address, &name, &tls)?.into_link().into_transport()))
}

/// Reads the files for TLS.
pub fn client(settings: &Settings) -> Done<TlsClient> {
    let ca = settings.ca.as_ref().ok_or_else(|| {
        Failure::usage("TLS needs the certificate of the authority that signed the server's certificate")
            .help("set it by `--ca FILE`, ONCILLA_CA, or `ca = …` in the configuration file")
    })?;
    let tls = TlsClient::new(read(&ca.value)?).map_err(|error| wrong(&ca.value, &error))?;
    match (&settings.cert, &settings.key) {
        (None, None) => Ok(tls),
        (Some(cert), Some(key)) => own(tls, cert, key),
        (Some(_), None) => Err(Failure::usage("the certificate has no private key").help("set it by `--key FILE`")),
        (None, Some(_)) => Err(Failure::usage("the private key has no certificate").help("set it by `--cert FILE`")),
    }
}

fn own(tls: TlsClient, cert: &Setting<impl AsRef<Path>>, key: &Setting<impl AsRef<Path>>) -> Done<TlsClient> {
    let (cert, key) = (cert.value.as_ref(), key.value.as_ref());
    tls.certificate(read(cert)?, read(key)?)
        .map_err(|error| Failure::usage(format_args!("{} with the key {}: {error}", cert.display(), key.display())))
}

/// Reads a PEM file.
pub fn read(path: &Path) -> Done<String> {
    files::text("read the PEM file", path, FILE_MAX)
}

fn wrong(path: &Path, error: &oncilla_host::Error) -> Failure {
    Failure::usage(format_args!("{}: {error}", path.display()))
}
