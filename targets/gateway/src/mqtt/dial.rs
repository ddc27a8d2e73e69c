//! Connecting to the broker's host. It blocks, for a bounded time.

use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use oncilla_device::connect::read_pem;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};

use super::Carrier;
use crate::settings::Broker;

/// The largest file of a password, in bytes.
const PASSWORD_MAX: u64 = 64 << 10;

/// Connects a socket to the broker, and makes the handshake of TLS.
///
/// # Errors
/// A text that states what failed, and what to do where that is known.
pub fn dial(broker: &Broker, limit: Duration) -> Result<Carrier, String> {
    let place = format!("{}:{}", broker.host, broker.port);
    let wrong = |error: &dyn std::fmt::Display| format!("cannot connect to the broker at {place}: {error}");
    let until = Instant::now() + limit;
    let addresses = (&*broker.host, broker.port).to_socket_addrs().map_err(|error| wrong(&error))?;
    let mut last = wrong(&"the name has no address");
    for address in addresses {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(&address, left) {
            Ok(socket) => return over(socket, broker, until).map_err(|error| wrong(&error)),
            Err(error) => last = wrong(&error),
        }
    }
    Err(last)
}

fn over(mut socket: TcpStream, broker: &Broker, until: Instant) -> Result<Carrier, String> {
    let text = |error: io::Error| error.to_string();
    socket.set_nodelay(true).map_err(text)?;
    if !broker.tls {
        socket.set_nonblocking(true).map_err(text)?;
        let sender = Arc::new(socket.try_clone().map_err(text)?);
        return Ok(Carrier::Plain(mio::net::TcpStream::from_std(socket), sender));
    }
    let name = ServerName::try_from(broker.host.clone())
        .map_err(|error| format!("{:?} is not a name for TLS: {error}", broker.host))?;
    let mut tls = ClientConnection::new(Arc::new(config(broker)?), name).map_err(|error| error.to_string())?;
    while tls.is_handshaking() {
        let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        socket.set_read_timeout(Some(left)).map_err(text)?;
        socket.set_write_timeout(Some(left)).map_err(text)?;
        tls.complete_io(&mut socket).map_err(|error| match error.kind() {
            // A port without TLS closes the connection.
            io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof => {
                format!("TLS: {error}; if this port of the broker has no TLS, write mqtt://")
            }
            _ => format!("TLS: {error}"),
        })?;
    }
    socket.set_nonblocking(true).map_err(text)?;
    Ok(Carrier::Tls(Box::new((tls, mio::net::TcpStream::from_std(socket)))))
}

/// Reads the password of the gateway's user. It is read at each connection, so a new one needs no restart.
pub fn password(broker: &Broker) -> Result<Option<Vec<u8>>, String> {
    let Some(path) = &broker.password_file else { return Ok(None) };
    let text =
        oncilla_device::files::text("read the password", path, PASSWORD_MAX).map_err(|error| error.to_string())?;
    Ok(Some(text.trim_end_matches(['\r', '\n']).as_bytes().to_vec()))
}

/// Reads the files that connecting needs, and connects to nothing.
pub fn check(broker: &Broker) -> Result<(), String> {
    password(broker)?;
    if broker.tls {
        config(broker)?;
    }
    Ok(())
}

/// Reads the files for TLS. They are read at each connection, so new certificates need no restart.
fn config(broker: &Broker) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    if let Some(ca) = &broker.ca {
        for certificate in certificates(ca)? {
            roots.add(certificate).map_err(|error| format!("{}: {error}", ca.display()))?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots);
    let Some((cert, key)) = &broker.own else { return Ok(builder.with_no_client_auth()) };
    let wrong = |error: &dyn std::fmt::Display| format!("{} with the key {}: {error}", cert.display(), key.display());
    let text = read_pem(key).map_err(|failure| failure.to_string())?;
    let private = PrivateKeyDer::from_pem_slice(text.as_bytes()).map_err(|error| wrong(&error))?;
    builder.with_client_auth_cert(certificates(cert)?, private).map_err(|error| wrong(&error))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let text = read_pem(path).map_err(|failure| failure.to_string())?;
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    match read {
        Ok(found) if found.is_empty() => Err(format!("{} has no certificate", path.display())),
        Ok(found) => Ok(found),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}
