//! A UDP socket that receives from any peer and replies to it.

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

/// The bytes of a call that are kept when it does not fit. A header cut to this size is always refused with
/// GARBAGE_ARGS.
const BEGINNING: usize = CALL_HEADER - 4;

/// A UDP socket on which a server receives calls from any peer. A reply goes to the last caller.
///
/// For a server on one UDP address, as firmware has. [`Server`](crate::Server) serves several addresses and can be
/// stopped.
///
/// ```
/// # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
/// # struct Device;
/// # impl clock::Service for Device { fn now(&mut self) -> u64 { 7 } }
/// # static TABLE: oncilla::Table<Device> = oncilla::table![clock::program()];
/// use oncilla::{Link, SharedReplayCache, Time};
///
/// let socket = oncilla_host::Datagrams::bind("127.0.0.1:0")?;
/// let address = socket.address();
/// let mut link = Link::new(socket, [0; 512], [0; 512]);
/// let mut cache = SharedReplayCache::<4, 64>::new([7; 16]);
/// let serving = std::thread::spawn(move || {
///     link.serve_next_once(&mut cache, &TABLE, &mut Device, Time::NEVER)
/// });
///
/// assert_eq!(clock::Client::new(&mut oncilla_host::udp(address)?).now()?, 7);
/// serving.join().unwrap()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// **Replies.** A reply is sent from the address that was called, also when the socket is bound to `0.0.0.0` or `[::]`.
/// Clients on UDP accept no other sender. A reply that cannot be sent is lost, and is no error. So a client that forges
/// its address cannot stop a server.
///
/// **Retransmitted calls.** This transport reports its peers ([`Transport::peer`]). Pass a
/// [`SharedReplayCache`](oncilla::SharedReplayCache) to [`Link::serve_next_once`](oncilla::Link::serve_next_once) to
/// execute a retransmitted call once. [`Link::serve`](oncilla::Link::serve) executes it again.
///
/// **Limits.** A call that is larger than the receive buffer is refused with GARBAGE_ARGS. A call takes two system
/// calls.
#[derive(Debug)]
pub struct Datagrams {
    socket: UdpSocket,
    address: SocketAddr,
    /// The buffer for the address that a datagram was sent to. Empty if that can only be the socket's own.
    control: Vec<u8>,
    last: Last,
    waiting: Waiting,
}

/// The last caller, and the address that it called.
#[derive(Debug)]
struct Last {
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

impl Datagrams {
    /// Binds a socket to the first resolved address that can be bound. Port 0 takes any free port.
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
            // An IPv6 socket reports both when a datagram came over IPv4.
            control = nix::cmsg_space!(in_pktinfo, in6_pktinfo);
        }
        let last = Last { client: None, called: Called::Own };
        Ok(Self { socket, address, control, last, waiting: Waiting::new() })
    }

    /// Returns the socket's own address.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the address of the last caller. An IPv4 address has its IPv4 form, also on an IPv6 socket.
    #[must_use]
    pub fn peer(&self) -> Option<SocketAddr> {
        self.last.client.as_ref().and_then(socket_address)
    }

    pub(crate) fn set_nonblocking(&self) -> io::Result<()> {
        self.socket.set_nonblocking(true)
    }

    /// Receives one datagram without blocking. Returns the number of bytes to answer.
    pub(crate) fn look(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let size = self.last.take(&self.socket, &mut self.control, into, MsgFlags::MSG_DONTWAIT)?.size;
        Ok(if size > into.len() { BEGINNING.min(into.len()) } else { size })
    }

    /// Sends one datagram to the last caller. If that fails, the datagram is lost.
    pub(crate) fn reply(&self, frame: &[u8]) {
        let parts = [IoSlice::new(frame)];
        let send = |control: &[ControlMessage<'_>]| {
            let _ =
                sendmsg(self.socket.as_raw_fd(), &parts, control, MsgFlags::MSG_DONTWAIT, self.last.client.as_ref());
        };
        match self.last.called {
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

impl Last {
    /// Receives a datagram and stores its sender.
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
