//! Datagrams from anybody, and replies to them.

use std::fmt;
use std::io::{self, IoSlice};
use std::net::{SocketAddr, ToSocketAddrs, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

use nix::libc::{in_pktinfo, in6_pktinfo};
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, SockaddrStorage, sendmsg, setsockopt, sockopt};
use oncilla::framing::Datagram;
use oncilla::message::CALL_HEADER;
use oncilla::{Received, Time, Transport};

use crate::Error;
use crate::datagram::{Taken, socket_address, take_with};
use crate::waiting::Waiting;

/// Bytes of a call that are kept when it does not fit: a header that is cut short, whatever it is, and
/// so is refused with GARBAGE_ARGS.
const BEGINNING: usize = CALL_HEADER - 4;

/// A UDP socket on which a server receives calls from anybody. A reply goes to whoever called last,
/// and leaves from the address that was called, also when this is one of many that `0.0.0.0` or
/// `[::]` stands for: a client on UDP takes it from no other.
///
/// As a transport it names its callers: with a replay cache, lend a
/// [`SharedReplayCache`](oncilla::SharedReplayCache) to [`Link::serve_next_once`](oncilla::Link::serve_next_once);
/// [`Link::serve`](oncilla::Link::serve) remembers nothing.
///
/// It lets [`Link::serve`](oncilla::Link::serve) answer one UDP address with two
/// system calls a call, the least there can be. [`Server`](crate::Server) serves several addresses
/// from one thread, and stops.
///
/// A call that is larger than the receive buffer is refused with GARBAGE_ARGS. A reply that cannot be sent, perhaps because whoever called gave an address that does not
/// exist, is lost like any other on its way, and no error: no client can end a server so.
#[derive(Debug)]
pub struct Datagrams {
    socket: UdpSocket,
    address: SocketAddr,
    /// For the address that a datagram was sent to. Empty when it can only be the socket's own.
    control: Vec<u8>,
    last: Last,
    waiting: Waiting,
}

/// Who called last, and whom.
#[derive(Debug)]
struct Last {
    client: Option<SockaddrStorage>,
    called: Called,
}

/// The address that was called.
#[derive(Clone, Copy, Debug)]
enum Called {
    /// The only one there is, or one that cannot be sent from, such as a multicast group.
    Own,
    V4(in_pktinfo),
    V6(in6_pktinfo),
}

impl Datagrams {
    /// Receives on the first of the address's resolutions that can be had. Port 0 takes any that is
    /// free.
    ///
    /// # Errors
    /// [`Error::Resolve`] or [`Error::Listen`].
    pub fn bind(address: impl ToSocketAddrs + fmt::Debug) -> Result<Self, Error> {
        Error::first(address, Self::at, |on, source| Error::Listen { on, source })
    }

    fn at(address: SocketAddr) -> io::Result<Self> {
        let socket = UdpSocket::bind(address)?;
        let address = socket.local_addr()?;
        let mut control = Vec::new();
        if address.ip().is_unspecified() {
            match address {
                SocketAddr::V4(_) => setsockopt(&socket, sockopt::Ipv4PacketInfo, &true)?,
                SocketAddr::V6(_) => setsockopt(&socket, sockopt::Ipv6RecvPacketInfo, &true)?,
            }
            // An IPv6 socket tells both of a datagram that came over IPv4.
            control = nix::cmsg_space!(in_pktinfo, in6_pktinfo);
        }
        let last = Last { client: None, called: Called::Own };
        Ok(Self { socket, address, control, last, waiting: Waiting::new() })
    }

    /// The address it receives on.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Who called last. An IPv4 address is one also where it came to an IPv6 socket.
    #[must_use]
    pub fn peer(&self) -> Option<SocketAddr> {
        self.last.client.as_ref().and_then(socket_address)
    }

    pub(crate) fn set_nonblocking(&self) -> io::Result<()> {
        self.socket.set_nonblocking(true)
    }

    /// Takes one datagram that has come, without waiting. Returns the bytes of it that count.
    pub(crate) fn look(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let size = self.last.take(&self.socket, &mut self.control, into, MsgFlags::MSG_DONTWAIT)?.size;
        Ok(if size > into.len() { BEGINNING.min(into.len()) } else { size })
    }

    /// Sends one datagram to whoever called last, or loses it.
    pub(crate) fn reply(&self, frame: &[u8]) {
        let parts = [IoSlice::new(frame)];
        let send = |control: &[ControlMessage<'_>]| {
            let _ =
                sendmsg(self.socket.as_raw_fd(), &parts, control, MsgFlags::MSG_DONTWAIT, self.last.client.as_ref());
        };
        match self.last.called {
            Called::V4(mut info) => {
                // The system finds the interface, as it does for every other datagram.
                info.ipi_ifindex = 0;
                send(&[ControlMessage::Ipv4PacketInfo(&info)]);
            }
            Called::V6(info) if info.ipi6_addr.s6_addr[0] != 0xff => send(&[ControlMessage::Ipv6PacketInfo(&info)]),
            Called::V6(_) | Called::Own => send(&[]),
        }
    }
}

impl Last {
    /// Takes a datagram and remembers where it came from.
    fn take(&mut self, socket: &UdpSocket, control: &mut [u8], into: &mut [u8], flags: MsgFlags) -> io::Result<Taken> {
        let mut called = Called::Own;
        let taken = take_with(socket, into, control, flags, |control| match control {
            ControlMessageOwned::Ipv4PacketInfo(info) => called = Called::V4(info),
            ControlMessageOwned::Ipv6PacketInfo(info) => called = Called::V6(info),
            _ => {}
        })?;
        *self = Self { client: taken.from, called };
        Ok(taken)
    }
}

impl Transport for Datagrams {
    type Error = io::Error;
    type Framing = Datagram;

    fn peer(&self) -> Option<SocketAddr> {
        Self::peer(self)
    }

    fn now(&mut self) -> Time {
        self.waiting.clock.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> io::Result<Received> {
        let Self { socket, control, last, waiting, .. } = self;
        let received = waiting.receive(&*socket, deadline, |flags| {
            let taken = last.take(socket, control, into, flags)?;
            Ok(taken.received(into.len()))
        })?;
        Ok(received.unwrap_or(Received::TimeUp))
    }

    fn send(&mut self, frame: &[u8], _: Time) -> io::Result<usize> {
        self.reply(frame);
        Ok(frame.len())
    }
}

impl AsFd for Datagrams {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
