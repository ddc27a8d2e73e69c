//! What a server listens on.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};

use super::datagrams::Datagrams;
use super::listener::Listener;

/// A socket that a server listens on.
#[derive(Debug)]
pub(super) enum Source {
    Listener(Listener),
    Datagrams(Datagrams),
}

/// What is known of connections that wait to be accepted, or datagrams to be received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// There are none.
    Quiet,
    /// There may be some.
    Ready,
    /// There are, but the system lacks something, such as free file descriptors; try again later.
    Paused,
}

impl Source {
    pub(super) fn watch(&self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(&mut SourceFd(&self.descriptor().as_raw_fd()), token, Interest::READABLE)
    }

    fn descriptor(&self) -> BorrowedFd<'_> {
        match self {
            Self::Listener(listener) => listener.as_fd(),
            Self::Datagrams(datagrams) => datagrams.as_fd(),
        }
    }

    pub(super) const fn tcp_address(&self) -> Option<SocketAddr> {
        match self {
            Self::Listener(listener) => listener.tcp_address(),
            Self::Datagrams(_) => None,
        }
    }

    pub(super) const fn udp_address(&self) -> Option<SocketAddr> {
        match self {
            Self::Listener(_) => None,
            Self::Datagrams(datagrams) => Some(datagrams.address()),
        }
    }

    pub(super) const fn state(&self) -> State {
        match self {
            Self::Listener(listener) => listener.state,
            Self::Datagrams(datagrams) => datagrams.state,
        }
    }

    /// There may be something new.
    pub(super) const fn set_ready(&mut self) {
        match self {
            Self::Listener(listener) => listener.state = State::Ready,
            Self::Datagrams(datagrams) => datagrams.state = State::Ready,
        }
    }
}
