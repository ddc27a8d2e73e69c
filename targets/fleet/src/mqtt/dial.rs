//! Connecting: TCP, TLS.

use std::io;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use super::{BrokerError, Options};

/// How often the thread that receives looks at its clock.
pub(super) const TICK: Duration = Duration::from_millis(500);

/// How long a message may take to be taken by the system.
const WRITE: Duration = Duration::from_secs(10);

/// A TCP connection, perhaps with TLS on it.
pub(super) struct Socket {
    pub tcp: TcpStream,
    #[cfg(feature = "tls")]
    pub tls: Option<Box<rustls::ClientConnection>>,
}

/// Connects to the broker.
pub(super) fn socket(options: &Options) -> Result<Socket, BrokerError> {
    let unreached = |why: String| BrokerError::Unreached { address: options.address.clone(), why };
    let deadline = Instant::now() + options.connect_timeout;
    let addresses = options.address.to_socket_addrs().map_err(|error| unreached(error.to_string()))?;
    let mut last = "the name has no address".to_owned();
    for address in addresses {
        let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        match TcpStream::connect_timeout(&address, left) {
            Ok(tcp) => return prepared(tcp, options, deadline).map_err(|error| unreached(error.to_string()))?,
            Err(error) => last = error.to_string(),
        }
    }
    Err(unreached(last))
}

fn prepared(tcp: TcpStream, options: &Options, deadline: Instant) -> io::Result<Result<Socket, BrokerError>> {
    tcp.set_nodelay(true)?;
    tcp.set_write_timeout(Some(WRITE))?;
    tcp.set_read_timeout(Some(deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1))))?;
    #[cfg(feature = "tls")]
    let tls = match &options.tls {
        None => None,
        Some(tls) => match handshake(&tcp, tls, options) {
            Ok(connection) => Some(Box::new(connection)),
            Err(why) => return Ok(Err(BrokerError::Tls { address: options.address.clone(), why })),
        },
    };
    #[cfg(not(feature = "tls"))]
    let _ = options;
    tcp.set_read_timeout(Some(TICK))?;
    Ok(Ok(Socket {
        tcp,
        #[cfg(feature = "tls")]
        tls,
    }))
}

#[cfg(feature = "tls")]
fn handshake(
    mut tcp: &TcpStream,
    tls: &oncilla_host::TlsClient,
    options: &Options,
) -> Result<rustls::ClientConnection, String> {
    let host = options.address.rsplit_once(':').map_or(&*options.address, |(host, _)| host);
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let name = rustls::pki_types::ServerName::try_from(host).map_err(|error| error.to_string())?;
    let mut connection =
        rustls::ClientConnection::new(tls.without_protocol(), name).map_err(|error| error.to_string())?;
    while connection.is_handshaking() {
        connection.complete_io(&mut tcp).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "the broker did not answer in time".to_owned(),
            io::ErrorKind::UnexpectedEof => "the broker closed the connection".to_owned(),
            _ => error.to_string(),
        })?;
    }
    Ok(connection)
}
