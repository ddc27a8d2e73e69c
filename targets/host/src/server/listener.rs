//! Sockets that accept connections.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::time::Duration;

use socket2::{Domain, SockAddr, Socket, TcpKeepalive, Type};

use super::connection::Connection;
use super::socket_file::SocketFile;
use super::state::State;
use crate::datagram::canonical;

/// The largest number of connections that wait to be accepted. The system may set a lower limit.
const BACKLOG: i32 = 128;

/// The idle time before TCP keep-alive probes a client. It detects machines that are gone without closing the
/// connection.
const KEEPALIVE: Duration = Duration::from_secs(60);

/// A listening socket.
#[derive(Debug)]
pub(super) struct Listener {
    socket: Socket,
    place: Place,
    pub(super) state: State,
}

#[derive(Debug)]
enum Place {
    Tcp(SocketAddr),
    Unix {
        /// Removes the file when the listener is dropped.
        _file: SocketFile,
    },
}

impl Listener {
    pub(super) fn tcp(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let place = Place::Tcp(listener.local_addr()?);
        Self::new(listener.into(), place)
    }

    pub(super) fn unix(path: &Path, mode: u32) -> io::Result<Self> {
        let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
        let listen = |path: &Path| {
            socket.bind(&SockAddr::unix(path)?)?;
            socket.listen(BACKLOG)
        };
        let file = SocketFile::bind(path, mode, listen)?;
        Self::new(socket, Place::Unix { _file: file })
    }

    fn new(socket: Socket, place: Place) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Self { socket, place, state: State::Quiet })
    }

    pub(super) const fn tcp_address(&self) -> Option<SocketAddr> {
        match self.place {
            Place::Tcp(address) => Some(address),
            Place::Unix { .. } => None,
        }
    }

    /// Returns the next connection, if one waits.
    pub(super) fn accept(&mut self) -> Option<Connection> {
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

    fn prepared(&self) -> io::Result<Connection> {
        let (socket, peer) = self.socket.accept()?;
        socket.set_nonblocking(true)?;
        if self.tcp_address().is_some() {
            // Some systems refuse this when the client has reset the connection. The next read reports that.
            let _ = socket.set_tcp_nodelay(true);
            let _ = socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE / 6));
        }
        Ok(Connection::new(socket, peer.as_socket().map(canonical)))
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
