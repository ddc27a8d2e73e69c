//! Receives one datagram whole, or detects that it was cut, and replies to its sender.

#[cfg(unix)]
mod ipv4;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr};

use oncilla::Received;
use oncilla::message::CALL_HEADER;

#[cfg(unix)]
pub(crate) use unix::{Caller, Inbox, LastCaller};
#[cfg(windows)]
pub(crate) use windows::{Caller, Inbox, LastCaller};

/// The bytes of a call that are kept when it does not fit. A header cut to this size is always refused with
/// GARBAGE_ARGS.
const BEGINNING: usize = CALL_HEADER - 4;

/// A datagram that was received.
pub(crate) struct Taken {
    /// The size in bytes. If it exceeds the buffer, the buffer holds the beginning.
    pub(crate) size: usize,
    /// The sender's address, if the system reports it.
    pub(crate) from: Option<SocketAddr>,
}

impl Taken {
    /// Returns what a transport with a buffer of `room` bytes returns. `None` for an empty datagram, which is no
    /// message.
    pub(crate) const fn received(&self, room: usize) -> Option<Received> {
        match self.size {
            0 => None,
            size if size > room => Some(Received::Oversize(size)),
            size => Some(Received::Bytes(size)),
        }
    }

    /// Returns the number of bytes that a server with a buffer of `room` bytes answers.
    #[inline]
    pub(crate) fn answerable(&self, room: usize) -> usize {
        if self.size > room { BEGINNING.min(room) } else { self.size }
    }
}

/// Returns whether an error reports the fate of an earlier datagram, for example that no program receives on that port.
///
/// A later datagram may reach a program.
pub(crate) fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused
            // Windows reports a port without a program so.
            | ErrorKind::ConnectionReset
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NetworkDown
    )
}

/// Converts an IPv4 address in IPv6 form to its IPv4 form.
///
/// An IPv6 socket reports IPv4 addresses in IPv6 form. Code that compares addresses need not know that.
#[inline]
pub(crate) fn canonical(address: SocketAddr) -> SocketAddr {
    match address.ip().to_canonical() {
        ip @ IpAddr::V4(_) => SocketAddr::new(ip, address.port()),
        // The scope stays: on another interface, a link-local address is another host.
        IpAddr::V6(_) => address,
    }
}
