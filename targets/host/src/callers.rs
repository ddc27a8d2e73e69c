//! The last caller on a UDP socket, and the address that it called.

use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd};

use nix::libc::{in_pktinfo, in6_pktinfo};
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, SockaddrStorage, sendmsg, setsockopt, sockopt};
use oncilla::message::CALL_HEADER;

use crate::datagram::{Taken, socket_address, take_with};

/// The bytes of a call that are kept when it does not fit. A header cut to this size is always refused with
/// GARBAGE_ARGS.
const BEGINNING: usize = CALL_HEADER - 4;

/// Receives datagrams from any peer, and replies to the last.
#[derive(Debug)]
pub(crate) struct LastCaller {
    /// The buffer for the address that a datagram was sent to. Empty if that can only be the socket's own.
    control: Vec<u8>,
    client: Option<SockaddrStorage>,
    called: Called,
}

/// The address that was called.
#[derive(Clone, Copy, Debug)]
enum Called {
    /// The socket's own, or an address that cannot be sent from, such as a multicast group.
    Own,
    V4(in_pktinfo),
    V6(in6_pktinfo),
}

impl LastCaller {
    /// Prepares `socket`, which is bound to `address`.
    pub(crate) fn on(socket: &impl AsFd, address: SocketAddr) -> io::Result<Self> {
        let mut control = Vec::new();
        if address.ip().is_unspecified() {
            match address {
                SocketAddr::V4(_) => setsockopt(socket, sockopt::Ipv4PacketInfo, &true)?,
                SocketAddr::V6(_) => setsockopt(socket, sockopt::Ipv6RecvPacketInfo, &true)?,
            }
            // An IPv6 socket reports both when a datagram came over IPv4.
            control = nix::cmsg_space!(in_pktinfo, in6_pktinfo);
        }
        Ok(Self { control, client: None, called: Called::Own })
    }

    /// Returns the address of the last caller.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.client.as_ref().and_then(socket_address)
    }

    /// Receives one datagram without blocking. Returns the number of bytes to answer.
    pub(crate) fn look(&mut self, socket: &impl AsFd, into: &mut [u8]) -> io::Result<usize> {
        let size = self.take(socket, into, MsgFlags::MSG_DONTWAIT)?.size;
        Ok(if size > into.len() { BEGINNING.min(into.len()) } else { size })
    }

    /// Receives one datagram and stores its sender.
    pub(crate) fn take(&mut self, socket: &impl AsFd, into: &mut [u8], flags: MsgFlags) -> io::Result<Taken> {
        let mut called = Called::Own;
        let taken = take_with(socket, into, &mut self.control, flags, |control| match control {
            ControlMessageOwned::Ipv4PacketInfo(info) => called = Called::V4(info),
            ControlMessageOwned::Ipv6PacketInfo(info) => called = Called::V6(info),
            _ => {}
        })?;
        (self.client, self.called) = (taken.from, called);
        Ok(taken)
    }

    /// Sends one datagram to the last caller. If that fails, the datagram is lost.
    pub(crate) fn reply(&self, socket: &impl AsFd, frame: &[u8]) {
        let parts = [IoSlice::new(frame)];
        let descriptor = socket.as_fd().as_raw_fd();
        let send = |control: &[ControlMessage<'_>]| {
            let _ = sendmsg(descriptor, &parts, control, MsgFlags::MSG_DONTWAIT, self.client.as_ref());
        };
        match self.called {
            Called::V4(mut info) => {
                // The system chooses the interface, as for other datagrams.
                info.ipi_ifindex = 0;
                send(&[ControlMessage::Ipv4PacketInfo(&info)]);
            }
            Called::V6(info) if info.ipi6_addr.s6_addr[0] != 0xff => send(&[ControlMessage::Ipv6PacketInfo(&info)]),
            Called::V6(_) | Called::Own => send(&[]),
        }
    }
}
