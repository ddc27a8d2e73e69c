//! A UDP client that is not particular about the port of who replies.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use oncilla::framing::Datagram;
use oncilla::{Received, Time, Transport};

use crate::datagram::{canonical, socket_address, take};
use crate::waiting::Waiting;

/// A UDP socket that calls one address and takes replies from any port of that machine, where
/// [`Socket`](crate::Socket) takes them from the port it called alone. rpcbind needs it: it gives the
/// results of indirect calls from another port than its own.
///
/// A call to a machine that is not there ends in its time-out, and so does one that only strangers' datagrams follow. A
/// reply that the buffer cannot hold is [`Received::Oversize`].
#[derive(Debug)]
pub struct Unconnected {
    socket: UdpSocket,
    to: SocketAddr,
    waiting: Waiting,
}

impl Unconnected {
    pub(crate) fn new(socket: UdpSocket, to: SocketAddr) -> Self {
        Self { socket, to, waiting: Waiting::new() }
    }

    /// The socket itself, for its address and options. Its time-outs and mode are this transport's.
    #[must_use]
    pub const fn socket(&self) -> &UdpSocket {
        &self.socket
    }
}

impl Transport for Unconnected {
    type Error = io::Error;
    type Framing = Datagram;

    fn now(&mut self) -> Time {
        self.waiting.clock.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> io::Result<Received> {
        let Self { socket, to, waiting } = self;
        let ip = canonical(*to).ip();
        let received = waiting.receive(&*socket, deadline, |flags| {
            let taken = take(socket, into, flags)?;
            let from = taken.from.as_ref().and_then(socket_address);
            Ok(taken.received(into.len()).filter(|_| from.is_some_and(|from| from.ip() == ip)))
        })?;
        Ok(received.unwrap_or(Received::TimeUp))
    }

    fn send(&mut self, frame: &[u8], _: Time) -> io::Result<usize> {
        self.socket.send_to(frame, self.to)
    }
}
