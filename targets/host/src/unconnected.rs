//! A UDP client that accepts replies from any port of the server.

use std::io;
use std::net::{SocketAddr, UdpSocket};

use oncilla::framing::Datagram;
use oncilla::{Received, Time, Transport};

use crate::datagram::{Inbox, canonical};
use crate::waiting::{Waiting, is_pause};

/// A UDP socket that calls one address and accepts replies from any port of that machine.
///
/// For indirect calls through rpcbind, which sends their results from another port than its own.
/// [`Socket`](crate::Socket) accepts replies only from the port that it called. Made by
/// [`Connector::udp_any_port`](crate::Connector::udp_any_port).
///
/// Datagrams from other machines are dropped. A call to a machine that does not exist ends with its time-out. A reply
/// that is larger than the buffer is [`Received::Oversize`].
#[derive(Debug)]
pub struct Unconnected {
    socket: UdpSocket,
    to: SocketAddr,
    inbox: Inbox,
    waiting: Waiting,
}

impl Unconnected {
    pub(crate) fn new(socket: UdpSocket, to: SocketAddr) -> Self {
        let waiting = Waiting::on(&socket);
        Self { socket, to, inbox: Inbox::new(), waiting }
    }

    /// Returns the socket, for its address and options. Do not change its time-outs and blocking mode.
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
        let Self { socket, to, inbox, waiting } = self;
        let ip = canonical(*to).ip();
        let received = waiting.receive(&*socket, deadline, |flags| {
            let taken = inbox.take(socket, into, flags)?;
            Ok(taken.received(into.len()).filter(|_| taken.from.is_some_and(|from| from.ip() == ip)))
        })?;
        Ok(received.unwrap_or(Received::TimeUp))
    }

    fn send(&mut self, frame: &[u8], _: Time) -> io::Result<usize> {
        match self.socket.send_to(frame, self.to) {
            // Without room in the system, the datagram is lost. The call is retransmitted.
            Err(error) if is_pause(&error) => Ok(frame.len()),
            result => result,
        }
    }
}
