//! Sockets on which connections come in.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::os::fd::AsRawFd;

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use socket2::Socket;

use crate::Error;

/// A listening socket.
#[derive(Debug)]
pub(super) struct Listener {
    socket: Socket,
    tcp: Option<SocketAddr>,
    pub(super) state: State,
}

/// What is known of connections that wait to be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// There are none.
    Quiet,
    /// There may be some.
    Ready,
    /// There are, but the system lacks something, such as free file descriptors; try again later.
    Paused,
}

impl Listener {
    pub(super) fn tcp(address: impl ToSocketAddrs + fmt::Debug) -> Result<Self, Error> {
        let unresolved = |source| Error::Resolve { address: format!("{address:?}"), source };
        let mut failed = unresolved(ErrorKind::NotFound.into());
        for address in address.to_socket_addrs().map_err(unresolved)? {
            match Self::at(address) {
                Ok(listener) => return Ok(listener),
                Err(source) => failed = Error::Listen { on: address.to_string(), source },
            }
        }
        Err(failed)
    }

    fn at(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let tcp = Some(listener.local_addr()?);
        Ok(Self { socket: listener.into(), tcp, state: State::Quiet })
    }

    pub(super) fn watch(&self, registry: &Registry, token: Token) -> io::Result<()> {
        self.socket.set_nonblocking(true)?;
        registry.register(&mut SourceFd(&self.socket.as_raw_fd()), token, Interest::READABLE)
    }

    pub(super) const fn tcp_address(&self) -> Option<SocketAddr> {
        self.tcp
    }

    /// The next connection, if one waits.
    pub(super) fn accept(&mut self) -> Option<Socket> {
        while self.state != State::Quiet {
            match self.prepared() {
                Ok(socket) => {
                    self.state = State::Ready;
                    return Some(socket);
                }
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => self.state = State::Quiet,
                    // The client gave up meanwhile, or a signal came.
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

    fn prepared(&self) -> io::Result<Socket> {
        let (socket, _) = self.socket.accept()?;
        socket.set_nonblocking(true)?;
        if self.tcp.is_some() {
            // Some systems refuse this when the client has reset the connection; reading tells.
            let _ = socket.set_tcp_nodelay(true);
        }
        Ok(socket)
    }
}
