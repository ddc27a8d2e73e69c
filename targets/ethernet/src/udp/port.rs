//! A UDP port of a server's link.

use core::net::SocketAddr;
use core::time::Duration;

use oncilla::framing::Datagram;
use oncilla::{Clock, Received, Time, Transport};
use smoltcp::iface::SocketHandle;
use smoltcp::phy::Device;
use smoltcp::socket::udp::{SendError, Socket, UdpMetadata};

use crate::network::address;
use crate::{Error, Network, UdpMemory};

/// How long a datagram may wait for the Ethernet address of its receiver.
const STUCK: Duration = Duration::from_millis(100);

/// A UDP port as the transport of a server's [`oncilla::Link`], such as one with keys.
///
/// It sends to the sender of the datagram that it received last, or, on a link with keys, of the last one that was
/// verified. Without keys, use [`UdpServer`](crate::UdpServer), which does not wait and so serves beside other servers.
///
/// While it waits, it processes the whole network; see [`TcpClient`](crate::TcpClient) for what that means for
/// servers.
///
/// If no machine responds at the address of a receiver, for example a forged one, later datagrams wait behind that one.
/// After 100 ms all of them are dropped, with those that arrived and were not read; their senders retransmit.
pub struct UdpPort<'n, 'a, D, C> {
    network: &'n Network<'a, D, C>,
    handle: SocketHandle,
    port: u16,
    peer: Option<UdpMetadata>,
    /// The last peer whose datagram was verified under a key.
    verified: Option<UdpMetadata>,
    /// Since when no waiting datagram has been sent.
    stuck: Option<Time>,
}

impl<'n, 'a, D: Device, C: Clock> UdpPort<'n, 'a, D, C> {
    /// Receives on a port. Returns `None` if the port is 0 or the network has no room for a socket.
    ///
    /// Only the queues of the memory are used, for datagrams of at most `IN` and `OUT` bytes.
    pub fn new<const IN: usize, const OUT: usize, const COUNT: usize>(
        network: &'n Network<'a, D, C>,
        port: u16,
        memory: &'a mut UdpMemory<IN, OUT, COUNT>,
    ) -> Option<Self> {
        let (_, _, mut socket) = memory.socket();
        socket.bind(port).ok()?;
        let handle = network.add(socket)?;
        Some(Self { network, handle, port, peer: None, verified: None, stuck: None })
    }

    /// Drops everything that waits, if nothing was sent for too long. Returns when that will be.
    fn unstick(&mut self) -> Time {
        let now = self.network.now();
        if self.with(|socket| socket.send_queue()).unwrap_or(0) == 0 {
            self.stuck = None;
            return Time::NEVER;
        }
        let until = self.stuck.get_or_insert(now).after(STUCK);
        if until <= now {
            let port = self.port;
            self.stuck = None;
            self.with(|socket| {
                socket.close();
                // This succeeds, because the port is not 0 and the socket is closed.
                let _ = socket.bind(port);
            });
        }
        until
    }

    fn with<R>(&self, f: impl FnOnce(&mut Socket<'a>) -> R) -> Option<R> {
        self.network.udp(self.handle, |socket, _| f(socket))
    }

    /// Receives a datagram that is not empty.
    fn take(&mut self, into: &mut [u8]) -> Option<Received> {
        let taken = self.network.udp(self.handle, |socket, interface| {
            loop {
                let (datagram, mut sender) = socket.recv().ok()?;
                if datagram.is_empty() {
                    continue;
                }
                for (place, byte) in into.iter_mut().zip(datagram) {
                    *place = *byte;
                }
                // The reply to a broadcast is sent from this machine's own address.
                sender.local_address = sender.local_address.filter(|address| interface.has_ip_addr(*address));
                let (length, room) = (datagram.len(), into.len());
                let received = if length > room { Received::Oversize(length) } else { Received::Bytes(length) };
                return Some((received, sender));
            }
        });
        let (received, sender) = taken.flatten()?;
        self.peer = Some(sender);
        Some(received)
    }
}

impl<D: Device, C: Clock> Transport for UdpPort<'_, '_, D, C> {
    type Error = Error;
    type Framing = Datagram;

    fn now(&mut self) -> Time {
        self.network.now()
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.peer.map(|peer| address(peer.endpoint))
    }

    fn settle(&mut self, verified: bool) {
        if verified {
            self.verified = self.peer;
        } else if self.verified.is_some() {
            self.peer = self.verified;
        }
    }

    /// Receives a datagram. One that is larger than `into` is [`Received::Oversize`]; one that is larger than the
    /// queue is lost.
    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, Error> {
        self.network.poll();
        loop {
            if let Some(received) = self.take(into) {
                return Ok(received);
            }
            let stuck = self.unstick();
            if self.network.now() >= deadline {
                return Ok(Received::TimeUp);
            }
            self.network.wait(deadline.min(stuck));
        }
    }

    /// Sends a datagram to the sender of the one that was received last.
    ///
    /// Waits for a place in the queue until `deadline` at most.
    ///
    /// A message without a place until the deadline counts as sent, and is lost. A message larger than the queue or a
    /// frame (1472 bytes over IPv4) is not sent; 0 is returned.
    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, Error> {
        let peer = self.peer.ok_or(Error::Unaddressable)?;
        let max = self.network.datagram_max(peer.endpoint);
        loop {
            let sent = self.with(|socket| {
                let fits = frame.len() <= max.min(socket.payload_send_capacity());
                fits.then(|| socket.send_slice(frame, peer))
            });
            match sent {
                Some(None) => return Ok(0),
                Some(Some(Ok(()))) => {
                    self.network.poll();
                    self.unstick();
                    return Ok(frame.len());
                }
                Some(Some(Err(SendError::BufferFull))) => {}
                Some(Some(Err(SendError::Unaddressable))) | None => return Err(Error::Unaddressable),
            }
            let stuck = self.unstick();
            if self.network.now() >= deadline {
                return Ok(frame.len());
            }
            self.network.wait(deadline.min(stuck));
        }
    }
}
