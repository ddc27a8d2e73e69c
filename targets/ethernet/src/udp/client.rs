//! A UDP client.

use core::net::SocketAddr;

use oncilla::framing::Datagram;
use oncilla::{Clock, Received, Time, Transport};
use smoltcp::iface::SocketHandle;
use smoltcp::phy::Device;
use smoltcp::socket::udp::SendError;
use smoltcp::wire::IpEndpoint;

use crate::network::address;
use crate::{Error, Network, UdpMemory};

/// Datagrams to and from one port of a host, as a transport for an [`oncilla::Client`].
///
/// The client retransmits lost calls ([`oncilla::Client::set_retry`]). Datagrams from other addresses are dropped.
///
/// While it waits, it processes the whole network; see [`TcpClient`](crate::TcpClient) for what that means for
/// servers.
pub struct UdpClient<'n, 'a, D, C> {
    network: &'n Network<'a, D, C>,
    handle: SocketHandle,
    host: IpEndpoint,
}

impl<'n, 'a, D: Device, C: Clock> UdpClient<'n, 'a, D, C> {
    /// Creates a transport to `host`.
    ///
    /// Returns `None` if the network has no room for a socket. Only the queues of the memory are used, for datagrams
    /// of at most `IN` and `OUT` bytes.
    pub fn new<const IN: usize, const OUT: usize, const COUNT: usize>(
        network: &'n Network<'a, D, C>,
        host: impl Into<IpEndpoint>,
        memory: &'a mut UdpMemory<IN, OUT, COUNT>,
    ) -> Option<Self> {
        let (_, _, mut socket) = memory.socket();
        socket.bind(network.ephemeral_port()).ok()?;
        let handle = network.add(socket)?;
        Some(Self { network, handle, host: host.into() })
    }

    /// Changes the host of later calls.
    ///
    /// Datagrams that wait to be sent to the old host are dropped: if no machine has its address, they would block
    /// the queue for ever.
    pub fn set_host(&mut self, host: impl Into<IpEndpoint>) {
        self.host = host.into();
        self.network.udp(self.handle, |socket, _| {
            let port = socket.endpoint().port;
            socket.close();
            // This succeeds, because the port is not 0 and the socket is closed.
            let _ = socket.bind(port);
        });
    }
}

impl<D: Device, C: Clock> Transport for UdpClient<'_, '_, D, C> {
    type Error = Error;
    type Framing = Datagram;

    fn now(&mut self) -> Time {
        self.network.now()
    }

    fn peer(&self) -> Option<SocketAddr> {
        Some(address(self.host))
    }

    /// Receives a datagram. One that is larger than `into` is [`Received::Oversize`]; one that is larger than the
    /// queue is lost.
    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, Error> {
        let host = self.host;
        self.network.poll();
        loop {
            let came = self.network.udp(self.handle, |socket, _| {
                while let Ok((datagram, sender)) = socket.recv() {
                    // From another address, or empty.
                    if sender.endpoint != host || datagram.is_empty() {
                        continue;
                    }
                    for (place, byte) in into.iter_mut().zip(datagram) {
                        *place = *byte;
                    }
                    let (length, room) = (datagram.len(), into.len());
                    return Some(if length > room { Received::Oversize(length) } else { Received::Bytes(length) });
                }
                None
            });
            if let Some(received) = came.flatten() {
                return Ok(received);
            }
            if self.network.now() >= deadline {
                return Ok(Received::TimeUp);
            }
            self.network.wait(deadline);
        }
    }

    /// Sends a datagram, and waits for a place in the queue until `deadline` at most.
    ///
    /// The queue is full while the host's Ethernet address is being resolved. A message without a place until the
    /// deadline counts as sent, and is lost. A message larger than the queue or a frame (1472 bytes over IPv4) is not
    /// sent; 0 is returned.
    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, Error> {
        let host = self.host;
        let max = self.network.datagram_max(host);
        loop {
            let sent = self.network.udp(self.handle, |socket, _| {
                let fits = frame.len() <= max.min(socket.payload_send_capacity());
                if fits { Some(socket.send_slice(frame, host)) } else { None }
            });
            match sent {
                Some(None) => return Ok(0),
                Some(Some(Ok(()))) => {
                    self.network.poll();
                    return Ok(frame.len());
                }
                Some(Some(Err(SendError::BufferFull))) => {}
                Some(Some(Err(SendError::Unaddressable))) | None => return Err(Error::Unaddressable),
            }
            if self.network.now() >= deadline {
                return Ok(frame.len());
            }
            self.network.wait(deadline);
        }
    }
}
