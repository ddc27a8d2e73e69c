//! A UDP socket that receives from any peer and replies to it.

use std::fmt;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs, UdpSocket};
#[cfg(unix)]
use std::os::fd::{AsFd, BorrowedFd};
#[cfg(windows)]
use std::os::windows::io::{AsSocket, BorrowedSocket};

use oncilla::framing::Datagram;
use oncilla::{Received, Time, Transport};

use crate::Error;
use crate::datagram::LastCaller;
use crate::waiting::Waiting;

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
/// Clients on UDP accept no other sender. On Windows, the system chooses the sender of a socket on `0.0.0.0` or `[::]`: on
/// a machine with several addresses, bind the socket to one of them. A reply that cannot be sent is lost, and is no
/// error. So a client that forges its address cannot stop a server.
///
/// **Retransmitted calls.** This transport reports its peers ([`Transport::peer`]). Pass a
/// [`SharedReplayCache`](oncilla::SharedReplayCache) to [`Link::serve_next_once`](oncilla::Link::serve_next_once) to
/// execute a retransmitted call once. [`Link::serve`](oncilla::Link::serve) executes it again.
///
/// **Limits.** A call that is larger than the receive buffer is refused with GARBAGE_ARGS. A call takes two system
/// calls. On Windows, the socket takes 65 536 bytes of memory.
#[derive(Debug)]
pub struct Datagrams {
    socket: UdpSocket,
    address: SocketAddr,
    caller: LastCaller,
    waiting: Waiting,
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
        Self::on(UdpSocket::bind(address)?)
    }

    /// Receives on a socket that is bound already.
    pub(crate) fn on(socket: UdpSocket) -> io::Result<Self> {
        let address = socket.local_addr()?;
        let caller = LastCaller::on(&socket, address)?;
        let waiting = Waiting::on(&socket);
        Ok(Self { socket, address, caller, waiting })
    }

    /// Returns the socket's own address.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the address of the last caller. An IPv4 address has its IPv4 form, also on an IPv6 socket.
    #[must_use]
    pub fn peer(&self) -> Option<SocketAddr> {
        self.caller.last().address()
    }

    /// Returns the socket, its address, and what it needs to reply.
    pub(crate) fn into_parts(self) -> (UdpSocket, SocketAddr, LastCaller) {
        (self.socket, self.address, self.caller)
    }
}

impl Transport for Datagrams {
    type Error = io::Error;
    type Framing = Datagram;

    fn peer(&self) -> Option<SocketAddr> {
        Self::peer(self)
    }

    fn settle(&mut self, verified: bool) {
        self.caller.settle(verified);
    }

    fn now(&mut self) -> Time {
        self.waiting.clock.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> io::Result<Received> {
        let Self { socket, caller, waiting, .. } = self;
        let received = waiting.receive(&*socket, deadline, |flags| {
            let taken = caller.take(socket, into, flags)?;
            Ok(taken.received(into.len()))
        })?;
        Ok(received.unwrap_or(Received::TimeUp))
    }

    fn send(&mut self, frame: &[u8], _: Time) -> io::Result<usize> {
        self.caller.last().reply(&self.socket, frame);
        Ok(frame.len())
    }
}

#[cfg(unix)]
impl AsFd for Datagrams {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

#[cfg(windows)]
impl AsSocket for Datagrams {
    fn as_socket(&self) -> BorrowedSocket<'_> {
        self.socket.as_socket()
    }
}
