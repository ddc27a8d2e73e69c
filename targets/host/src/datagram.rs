//! Receives one datagram, and detects whether it was cut.

use std::io::{self, ErrorKind, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd};

use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg};
use oncilla::Received;

/// On Linux, this flag makes the system return a datagram's full size also when it is cut.
const REPORT_SIZE: MsgFlags = if cfg!(target_os = "linux") { MsgFlags::MSG_TRUNC } else { MsgFlags::empty() };

/// A datagram that was received.
pub(crate) struct Taken {
    /// The size in bytes. If it exceeds the buffer, the buffer holds the beginning.
    pub(crate) size: usize,
    /// The sender's address, if the system reports it.
    pub(crate) from: Option<SockaddrStorage>,
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
}

/// Receives one datagram from a socket.
pub(crate) fn take(socket: &impl AsFd, into: &mut [u8], flags: MsgFlags) -> io::Result<Taken> {
    take_with(socket, into, &mut [], flags, |_| ())
}

/// Receives one datagram, and passes the system's control messages to `note`. `control` is the buffer for them.
pub(crate) fn take_with(
    socket: &impl AsFd,
    into: &mut [u8],
    control: &mut [u8],
    flags: MsgFlags,
    note: impl FnMut(ControlMessageOwned),
) -> io::Result<Taken> {
    let room = into.len();
    let mut parts = [IoSliceMut::new(into)];
    let descriptor = socket.as_fd().as_raw_fd();
    let control = Some(control).filter(|control| !control.is_empty());
    let message = recvmsg::<SockaddrStorage>(descriptor, &mut parts, control, flags | REPORT_SIZE)?;
    message.cmsgs().into_iter().flatten().for_each(note);
    let cut = message.flags.contains(MsgFlags::MSG_TRUNC);
    Ok(Taken {
        size: if cut { message.bytes.max(room.saturating_add(1)) } else { message.bytes },
        from: message.address,
    })
}

/// Returns whether an error reports the fate of an earlier datagram, for example that no program receives on that port.
///
/// A later datagram may reach a program.
pub(crate) fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NetworkDown
    )
}

/// Converts an IPv4 address in IPv6 form to its IPv4 form.
///
/// An IPv6 socket reports IPv4 addresses in IPv6 form. Code that compares addresses need not know that.
pub(crate) fn canonical(address: SocketAddr) -> SocketAddr {
    match address.ip().to_canonical() {
        ip @ IpAddr::V4(_) => SocketAddr::new(ip, address.port()),
        // The scope stays: on another interface, a link-local address is another host.
        IpAddr::V6(_) => address,
    }
}

/// Converts an address of the system, if it is an IP address.
pub(crate) fn socket_address(address: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = address.as_sockaddr_in().copied().map(SocketAddr::from);
    v4.or_else(|| address.as_sockaddr_in6().copied().map(SocketAddr::from)).map(canonical)
}
