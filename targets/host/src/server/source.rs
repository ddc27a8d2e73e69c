//! The sockets that a server listens on.

use std::io;
use std::net::SocketAddr;

use mio::{Interest, Registry, Token};

use super::listener::Listener;
use super::mailbox::Mailbox;
use super::state::State;

/// A socket that a server listens on.
#[derive(Debug)]
pub(super) enum Source {
    Listener(Listener),
    Mailbox(Box<Mailbox>),
}

impl Source {
    pub(super) fn watch(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        let source = match self {
            Self::Listener(listener) => listener.source(),
            Self::Mailbox(mailbox) => mailbox.source(),
        };
        registry.register(source, token, Interest::READABLE)
    }

    /// Returns whether clients call it by an IP address.
    pub(super) fn is_ip(&self) -> bool {
        self.tcp_address().or(self.udp_address()).is_some()
    }

    pub(super) fn tcp_address(&self) -> Option<SocketAddr> {
        match self {
            Self::Listener(listener) => listener.tcp_address(),
            Self::Mailbox(_) => None,
        }
    }

    pub(super) fn udp_address(&self) -> Option<SocketAddr> {
        match self {
            Self::Listener(_) => None,
            Self::Mailbox(mailbox) => Some(mailbox.address()),
        }
    }

    pub(super) fn state(&self) -> State {
        match self {
            Self::Listener(listener) => listener.state,
            Self::Mailbox(mailbox) => mailbox.state,
        }
    }

    /// Notes that connections or datagrams may wait.
    pub(super) fn set_ready(&mut self) {
        match self {
            Self::Listener(listener) => listener.state = State::Ready,
            Self::Mailbox(mailbox) => mailbox.state = State::Ready,
        }
    }
}
