//! UDP datagrams.

use core::net::SocketAddr;

use embedded_nal::{UdpClientStack, UdpFullStack};
use oncilla::framing::Datagram;
use oncilla::{Clock, Received, Time, Transport};

use super::ask;

/// Datagrams to and from one port of a host, as a transport for a client.
///
/// Datagrams from other addresses are dropped.
///
/// The receive buffer needs one byte more than the largest reply. A reply that fills the buffer counts as too large
/// and ends the call with [`CallError::ReplyTooLarge`](oncilla::CallError::ReplyTooLarge), because the traits do not
/// define whether a stack reports a truncated datagram.
///
/// `S` is the stack, or `&mut` to it. Dropping the transport closes the socket.
pub struct Udp<S: UdpClientStack, C>(Socket<S, C>);

/// Datagrams from any address to a port of this machine, as a transport for a server.
///
/// [`Link::serve`](oncilla::Link::serve) sends each reply to the address of the last call.
///
/// The receive buffer needs one byte more than the largest call. A call that fills the buffer counts as too large and
/// is refused with GARBAGE_ARGS, because the traits do not define whether a stack reports a truncated datagram.
///
/// `S` is the stack, or `&mut` to it. Dropping the transport closes the socket.
pub struct Datagrams<S: UdpClientStack, C>(Socket<S, C>, Verified);

/// The address of the last peer whose datagram was verified under a key.
type Verified = Option<SocketAddr>;

/// A socket and its peer.
struct Socket<S: UdpClientStack, C> {
    stack: S,
    /// `None` only after it is closed.
    socket: Option<S::UdpSocket>,
    clock: C,
    peer: Option<SocketAddr>,
}

impl<S: UdpClientStack, C: Clock> Socket<S, C> {
    fn new(
        mut stack: S,
        clock: C,
        peer: Option<SocketAddr>,
        begin: impl FnOnce(&mut S, &mut S::UdpSocket) -> Result<(), S::Error>,
    ) -> Result<Self, S::Error> {
        let mut socket = stack.socket()?;
        let begun = begin(&mut stack, &mut socket);
        let socket = Self { stack, socket: Some(socket), clock, peer };
        begun.map(|()| socket)
    }

    /// Receives a datagram from an address that is `wanted`, and stores the address. Skips empty datagrams.
    fn receive(
        &mut self,
        into: &mut [u8],
        deadline: Time,
        wanted: impl Fn(SocketAddr) -> bool,
    ) -> Result<Received, S::Error> {
        let Self { stack, socket: Some(socket), clock, peer } = self else { return Ok(Received::End) };
        loop {
            match ask(clock, deadline, || stack.receive(socket, into))? {
                Some((length, from)) if length > 0 && wanted(from) => {
                    *peer = Some(from);
                    let full = length >= into.len();
                    return Ok(if full {
                        Received::Oversize(length.max(into.len().saturating_add(1)))
                    } else {
                        Received::Bytes(length)
                    });
                }
                // From another address. There may be many such datagrams.
                Some(_) if clock.now() < deadline => {}
                _ => return Ok(Received::TimeUp),
            }
        }
    }
}

impl<S: UdpClientStack, C> Drop for Socket<S, C> {
    fn drop(&mut self) {
        if let Some(socket) = self.socket.take() {
            // No caller is left to receive an error.
            let _ = self.stack.close(socket);
        }
    }
}

impl<S: UdpClientStack, C: Clock> Udp<S, C> {
    /// Creates a transport to `host`. Nothing is sent yet.
    ///
    /// # Errors
    /// The stack's error.
    pub fn connect(stack: S, host: SocketAddr, clock: C) -> Result<Self, S::Error> {
        Ok(Self(Socket::new(stack, clock, Some(host), |stack, socket| stack.connect(socket, host))?))
    }
}

impl<S: UdpClientStack, C: Clock> Transport for Udp<S, C> {
    type Error = S::Error;
    type Framing = Datagram;

    fn now(&mut self) -> Time {
        self.0.clock.now()
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.0.peer
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, S::Error> {
        let host = self.0.peer;
        self.0.receive(into, deadline, |from| Some(from) == host)
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, S::Error> {
        let Socket { stack, socket: Some(socket), clock, .. } = &mut self.0 else { return Ok(0) };
        let sent = ask(clock, deadline, || stack.send(socket, frame))?;
        Ok(if sent.is_some() { frame.len() } else { 0 })
    }
}

impl<S: UdpFullStack, C: Clock> Datagrams<S, C> {
    /// Receives on a port.
    ///
    /// # Errors
    /// The stack's error.
    pub fn bind(stack: S, port: u16, clock: C) -> Result<Self, S::Error> {
        Ok(Self(Socket::new(stack, clock, None, |stack, socket| stack.bind(socket, port))?, None))
    }
}

impl<S: UdpFullStack, C: Clock> Transport for Datagrams<S, C> {
    type Error = S::Error;
    type Framing = Datagram;

    fn now(&mut self) -> Time {
        self.0.clock.now()
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.0.peer
    }

    fn settle(&mut self, verified: bool) {
        let Self(socket, kept) = self;
        if verified {
            *kept = socket.peer;
        } else if kept.is_some() {
            socket.peer = *kept;
        }
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, S::Error> {
        self.0.receive(into, deadline, |_| true)
    }

    /// Passes the reply to the stack once. A reply that the stack does not send is lost.
    ///
    /// So a client whose address does not exist can neither stop nor delay a server.
    fn send(&mut self, frame: &[u8], _: Time) -> Result<usize, S::Error> {
        if let Socket { stack, socket: Some(socket), peer: Some(peer), .. } = &mut self.0 {
            let _ = stack.send_to(socket, *peer, frame);
        }
        Ok(frame.len())
    }
}
