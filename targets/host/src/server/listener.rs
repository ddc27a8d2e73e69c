//! Sockets that accept connections.

use std::io::{self, ErrorKind};
#[cfg(unix)]
use std::net::Shutdown;
use std::net::SocketAddr;
#[cfg(unix)]
use std::path::Path;
use std::time::Duration;

use mio::event::Source;
use mio::net::TcpListener;
#[cfg(unix)]
use socket2::SockRef;
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
    /// The process that has bound the socket, if it is of this server alone.
    #[cfg(unix)]
    bound_by: Option<u32>,
}

#[derive(Debug)]
enum Listening {
    Tcp(TcpListener, SocketAddr),
    #[cfg(unix)]
    Unix(UnixListener),
}

impl Listener {
    /// Accepts connections on a socket that this server has bound, and that stops listening with it.
    pub(super) fn bound(listener: std::net::TcpListener) -> io::Result<Self> {
        #[cfg_attr(not(unix), expect(unused_mut))]
        let mut listener = Self::from_tcp(listener)?;
        #[cfg(unix)]
        {
            listener.bound_by = Some(std::process::id());
        }
        Ok(listener)
    }

    /// Accepts connections on a socket that listens already, and that others may have, too.
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
        Self {
            socket,
            state: State::Quiet,
            #[cfg(unix)]
            bound_by: None,
        }
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

#[cfg(unix)]
impl Drop for Listener {
    /// Frees the port also while a child process still has the socket: between its fork and its exec, or for good.
    ///
    /// Closing frees it only when the last process has closed. The child itself must not end what its parent listens on.
    fn drop(&mut self) {
        if let Listening::Tcp(listener, _) = &self.socket
            && self.bound_by == Some(std::process::id())
        {
            // Some systems refuse it on a socket that listens.
            let _ = SockRef::from(listener).shutdown(Shutdown::Both);
        }
    }
}
