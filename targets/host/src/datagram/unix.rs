//! Datagrams by `recvmsg` and `sendmsg`, which report cut datagrams and the address that was called.

use std::io::{self, IoSlice, IoSliceMut};
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd};

use nix::libc::in6_pktinfo;
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, SockaddrIn, SockaddrIn6, SockaddrLike, SockaddrStorage, recv,
    recvmsg, sendmsg, sendto, setsockopt, sockopt,
};
use rustix::net::{RecvFlags, recvfrom};

use super::{Taken, canonical, ipv4};
use crate::waiting::{Flags, NOW};

/// On Linux, this flag makes the system return a datagram's full size also when it is cut.
const REPORT_SIZE: MsgFlags = if cfg!(target_os = "linux") { MsgFlags::MSG_TRUNC } else { MsgFlags::empty() };

/// Receives datagrams. It needs no memory, because the system reports a cut datagram.
#[derive(Debug)]
pub(crate) struct Inbox;

impl Inbox {
    pub(crate) const fn new() -> Self {
        Self
    }

    /// Receives one datagram from a socket.
    pub(crate) fn take(&mut self, socket: &impl AsFd, into: &mut [u8], flags: Flags) -> io::Result<Taken> {
        let (size, from) = take(socket, into, &mut [], flags, |_| ())?;
        Ok(Taken { size, from: from.map(canonical) })
    }

    /// Receives one datagram from a connected socket, and returns its size. Only the socket's peer can have sent it.
    #[inline]
    pub(crate) fn take_from_peer(&mut self, socket: &impl AsFd, into: &mut [u8], flags: Flags) -> io::Result<Taken> {
        if REPORT_SIZE.is_empty() {
            return self.take(socket, into, flags);
        }
        // `recv` costs less than `recvmsg`, which also writes the address of the sender.
        let size = recv(socket.as_fd().as_raw_fd(), into, flags | REPORT_SIZE)?;
        Ok(Taken { size, from: None })
    }
}

/// Receives datagrams from any peer, and replies to the last.
#[derive(Debug)]
pub(crate) struct LastCaller {
    /// The buffer for the address that a datagram was sent to. Empty if that can only be the socket's own.
    control: Vec<u8>,
    last: Caller,
    /// The last caller whose datagram was verified under a key.
    verified: Option<Caller>,
}

/// The sender of a datagram, and the address that it called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    /// As the system reports it. An address of the system, which may be of any family, would take 128 bytes.
    client: Option<SocketAddr>,
    called: Called,
}

/// The address that was called.
#[derive(Clone, Copy, Debug)]
enum Called {
    /// The socket's own, or an address that cannot be sent from, such as a multicast group.
    Own,
    V4(ipv4::Address),
    V6(in6_pktinfo),
}

impl LastCaller {
    /// Prepares `socket`, which is bound to `address`.
    pub(crate) fn on(socket: &impl AsFd, address: SocketAddr) -> io::Result<Self> {
        let mut control = Vec::new();
        if address.ip().is_unspecified() {
            match address {
                SocketAddr::V4(_) => ipv4::watch(socket)?,
                SocketAddr::V6(_) => setsockopt(socket, sockopt::Ipv6RecvPacketInfo, &true)?,
            }
            // An IPv6 socket reports both when a datagram came over IPv4.
            control = nix::cmsg_space!(ipv4::Address, in6_pktinfo);
        }
        Ok(Self { control, last: Caller { client: None, called: Called::Own }, verified: None })
    }

    /// Keeps the last caller if its datagram was verified, and returns to the one that was kept if not.
    pub(crate) fn settle(&mut self, verified: bool) {
        if verified {
            self.verified = Some(self.last);
        } else if let Some(verified) = self.verified {
            self.last = verified;
        }
    }

    /// Returns the last caller.
    pub(crate) const fn last(&self) -> Caller {
        self.last
    }

    /// Receives one datagram and stores its sender.
    #[inline]
    pub(crate) fn take(&mut self, socket: &impl AsFd, into: &mut [u8], flags: Flags) -> io::Result<Taken> {
        if self.control.is_empty() && !REPORT_SIZE.is_empty() {
            let (size, from) = take_plainly(socket, into, flags)?;
            self.last = Caller { client: from, called: Called::Own };
            return Ok(Taken { size, from: self.last.address() });
        }
        let mut called = Called::Own;
        let (size, from) = take(socket, into, &mut self.control, flags, |control| match control {
            ControlMessageOwned::Ipv6PacketInfo(info) => called = Called::V6(info),
            other => called = ipv4::reported(&other).map_or(called, Called::V4),
        })?;
        self.last = Caller { client: from, called };
        Ok(Taken { size, from: self.last.address() })
    }
}

impl Caller {
    /// Returns the address of the caller.
    #[inline]
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.client.map(canonical)
    }

    /// Sends one datagram to the caller. If that fails, the datagram is lost.
    pub(crate) fn reply(&self, socket: &impl AsFd, frame: &[u8]) {
        match self.client {
            Some(SocketAddr::V4(client)) => self.send(socket, frame, &SockaddrIn::from(client)),
            Some(SocketAddr::V6(client)) => self.send(socket, frame, &SockaddrIn6::from(client)),
            None => {}
        }
    }

    fn send(&self, socket: &impl AsFd, frame: &[u8], client: &impl SockaddrLike) {
        let parts = [IoSlice::new(frame)];
        let descriptor = socket.as_fd().as_raw_fd();
        let send = |control: &[ControlMessage<'_>]| {
            let _ = sendmsg(descriptor, &parts, control, NOW, Some(client));
        };
        match self.called {
            Called::V4(mut address) => send(&[ipv4::sender(&mut address)]),
            Called::V6(info) if info.ipi6_addr.s6_addr[0] != 0xff => send(&[ControlMessage::Ipv6PacketInfo(&info)]),
            // `sendto` costs less than `sendmsg`.
            Called::V6(_) | Called::Own => drop(sendto(descriptor, frame, client, NOW)),
        }
    }
}

/// Receives one datagram, and passes the system's control messages to `note`. `control` is the buffer for them.
/// Returns the size and the sender.
fn take(
    socket: &impl AsFd,
    into: &mut [u8],
    control: &mut [u8],
    flags: Flags,
    note: impl FnMut(ControlMessageOwned),
) -> io::Result<(usize, Option<SocketAddr>)> {
    let room = into.len();
    let mut parts = [IoSliceMut::new(into)];
    let descriptor = socket.as_fd().as_raw_fd();
    let control = Some(control).filter(|control| !control.is_empty());
    let message = recvmsg::<SockaddrStorage>(descriptor, &mut parts, control, flags | REPORT_SIZE)?;
    message.cmsgs().into_iter().flatten().for_each(note);
    let cut = message.flags.contains(MsgFlags::MSG_TRUNC);
    let size = if cut { message.bytes.max(room.saturating_add(1)) } else { message.bytes };
    Ok((size, message.address.as_ref().and_then(socket_address)))
}

/// Receives one datagram where the address that was called need not be known: `recvfrom` costs less than `recvmsg`.
/// Returns the size, also if the datagram was cut, and the sender.
fn take_plainly(socket: &impl AsFd, into: &mut [u8], flags: Flags) -> io::Result<(usize, Option<SocketAddr>)> {
    let flags = RecvFlags::from_bits_retain((flags | REPORT_SIZE).bits() as u32);
    let (_, size, from) = recvfrom(socket, into, flags)?;
    Ok((size, from.and_then(|from| SocketAddr::try_from(from).ok())))
}

/// Converts an address of the system, if it is an IP address.
fn socket_address(address: &SockaddrStorage) -> Option<SocketAddr> {
    let v4 = address.as_sockaddr_in().copied().map(SocketAddr::from);
    v4.or_else(|| address.as_sockaddr_in6().copied().map(SocketAddr::from))
}
