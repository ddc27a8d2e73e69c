//! Sockets that accept connections.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
#[cfg(unix)]
use std::path::Path;
use std::time::Duration;

use mio::event::Source;
use mio::net::TcpListener;
use socket2::TcpKeepalive;

use super::hooks::Origin;
use super::state::State;
use super::stream::{Socket, Stream};
#[cfg(unix)]
use super::unix_listener::UnixListener;
use crate::datagram::canonical;

/// The idle time before TCP keep-alive probes a client. It detects machines that are gone without closing the
/// connection.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// A listening socket.
#[derive(Debug)]
pub(super) struct Listener {
    socket: Listening,
    pub(super) state: State,
}

#[derive(Debug)]
enum Listening {
    Tcp(TcpListener, SocketAddr),
    #[cfg(unix)]
    Unix(UnixListener),
}

impl Listener {
    /// Accepts connections on a socket that listens already.
    pub(super) fn from_tcp(listener: std::net::TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok(Self::new(Listening::Tcp(TcpListener::from_std(listener), address)))
    }

    #[cfg(unix)]
    pub(super) fn unix(path: &Path, mode: u32) -> io::Result<Self> {
        Ok(Self::new(Listening::Unix(UnixListener::bind(path, mode)?)))
    }

    /// Accepts connections on a socket that listens already, and whose file belongs to another process.
    #[cfg(all(feature = "systemd", target_os = "linux"))]
    pub(super) fn from_unix(listener: std::os::unix::net::UnixListener) -> io::Result<Self> {
        Ok(Self::new(Listening::Unix(UnixListener::from_std(listener)?)))
    }

    const fn new(socket: Listening) -> Self {
        Self { socket, state: State::Quiet }
    }

    pub(super) const fn tcp_address(&self) -> Option<SocketAddr> {
        match self.socket {
            Listening::Tcp(_, address) => Some(address),
            #[cfg(unix)]
            Listening::Unix(_) => None,
        }
    }

    /// Returns the socket to watch.
    pub(super) const fn source(&mut self) -> &mut dyn Source {
        match &mut self.socket {
            Listening::Tcp(listener, _) => listener,
            #[cfg(unix)]
            Listening::Unix(listener) => listener.source(),
        }
    }

    /// Returns the next connection, if one waits.
    pub(super) fn accept(&mut self) -> Option<(Stream, Origin)> {
        while self.state != State::Quiet {
            match self.prepared() {
                Ok(connection) => {
                    self.state = State::Ready;
                    return Some(connection);
                }
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => self.state = State::Quiet,
                    // The client gave up in the meantime, or a signal interrupted the call.
                    ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted => {}
                    _ => {
                        self.state = State::Paused;
                        return None;
                    }
                },
            }
        }
        None
    }

    fn prepared(&self) -> io::Result<(Stream, Origin)> {
        match &self.socket {
            Listening::Tcp(listener, _) => {
                let (stream, peer) = listener.accept()?;
                let stream = Stream::from(Socket::Tcp(stream));
                // Some systems refuse this when the client has reset the connection. The next read reports that.
                let _ = stream.socket().set_tcp_nodelay(true);
                let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE / 6);
                let _ = stream.socket().set_tcp_keepalive(&keepalive);
                Ok((stream, Origin::Tcp(canonical(peer))))
            }
            #[cfg(unix)]
            Listening::Unix(listener) => {
                let stream = listener.accept()?;
                let origin = Origin::of_unix(&stream);
                Ok((Socket::Unix(stream).into(), origin))
            }
        }
    }
}
