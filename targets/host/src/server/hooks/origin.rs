//! Where calls come from.

use std::fmt;
use std::net::SocketAddr;

/// Where a call or a connection comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// A TCP connection from this address. An IPv4 address has its IPv4 form, also on an IPv6 socket.
    Tcp(SocketAddr),
    /// A TCP connection from this address, inside TLS. See `Server::tls`.
    Tls(SocketAddr),
    /// A datagram from this address. The sender's address can be forged.
    Udp(SocketAddr),
    /// A connection on a Unix socket.
    Unix {
        /// The user of the process that connected, as the system reports it. `None` when it does not.
        uid: Option<u32>,
    },
}

impl Origin {
    /// Returns the address of the client, or `None` on a Unix socket.
    #[must_use]
    pub const fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(address) | Self::Tls(address) | Self::Udp(address) => Some(*address),
            Self::Unix { .. } => None,
        }
    }

    /// Returns the origin of a connection on a Unix socket.
    #[cfg(unix)]
    pub(in crate::server) fn of_unix(stream: &impl std::os::fd::AsFd) -> Self {
        Self::Unix { uid: user(stream) }
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn user(stream: &impl std::os::fd::AsFd) -> Option<u32> {
    use nix::sys::socket::{getsockopt, sockopt};

    getsockopt(stream, sockopt::PeerCredentials).ok().map(|peer| peer.uid())
}

#[cfg(any(target_vendor = "apple", target_os = "freebsd"))]
fn user(stream: &impl std::os::fd::AsFd) -> Option<u32> {
    nix::unistd::getpeereid(stream).ok().map(|(user, _)| user.as_raw())
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "android", target_vendor = "apple", target_os = "freebsd"))))]
const fn user(_: &impl std::os::fd::AsFd) -> Option<u32> {
    None
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(formatter, "tcp {address}"),
            Self::Tls(address) => write!(formatter, "tls {address}"),
            Self::Udp(address) => write!(formatter, "udp {address}"),
            Self::Unix { uid: Some(uid) } => write!(formatter, "unix user {uid}"),
            Self::Unix { uid: None } => formatter.write_str("unix"),
        }
    }
}
