//! One datagram: taken from a socket, whole or known to be cut.

use std::io::{self, ErrorKind, IoSliceMut};
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd};

use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg};
use oncilla::Received;

/// Linux returns a datagram's size also when it is cut, where it is asked to.
const REPORT_SIZE: MsgFlags = if cfg!(target_os = "linux") { MsgFlags::MSG_TRUNC } else { MsgFlags::empty() };

/// A datagram that was taken.
pub(crate) struct Taken {
    /// Its bytes. When there are more than the buffer holds, the buffer has the first of them.
    pub(crate) size: usize,
    /// Where it came from, if the system reports it.
    pub(crate) from: Option<SockaddrStorage>,
}

impl Taken {
    /// What a transport returns of it, with a buffer of `room` bytes: nothing of an empty one, which is no message.
    pub(crate) const fn received(&self, room: usize) -> Option<Received> {
        match self.size {
            0 => None,
            size if size > room => Some(Received::Oversize(size)),
            size => Some(Received::Bytes(size)),
        }
    }
}

/// Takes one datagram from a socket.
pub(crate) fn take(socket: &impl AsFd, into: &mut [u8], flags: MsgFlags) -> io::Result<Taken> {
    take_with(socket, into, &mut [], flags, |_| ())
}

/// The same; `note` is shown what else the system reports of it, for which `control` has room.
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

/// Whether the system reports what became of an earlier datagram, such as that nobody receives on that port. A later one
/// may find somebody.
pub(crate) fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NetworkDown
    )
}

/// An IPv6 socket shows IPv4 addresses in an IPv6 form, which whoever compares addresses would have to
/// know.
pub(crate) fn canonical(address: SocketAddr) -> SocketAddr {
    match address.ip().to_canonical() {
        ip @ IpAddr::V4(_) => SocketAddr::new(ip, address.port()),
        // With the scope: a link-local address is another host on another interface.
        IpAddr::V6(_) => address,
    }
}

/// The address that the system tells, if it is one of IP.
pub(crate) fn socket_address(address: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = address.as_sockaddr_in().copied().map(SocketAddr::from);
    v4.or_else(|| address.as_sockaddr_in6().copied().map(SocketAddr::from)).map(canonical)
}
