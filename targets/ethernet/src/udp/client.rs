//! Calls to a host in datagrams.

use core::net::SocketAddr;

use oncilla::framing::Datagram;
use oncilla::{Clock, Received, Time, Transport};
use smoltcp::iface::SocketHandle;
use smoltcp::phy::Device;
use smoltcp::socket::udp::SendError;
use smoltcp::wire::IpEndpoint;

use crate::network::address;
use crate::{Error, Network, UdpMemory};

/// Datagrams to and from one port of a host, as a transport for an [`oncilla::Client`], which sends calls again that were
/// lost ([`oncilla::Client::set_retry`]). What comes from elsewhere is dropped.
///
/// While it waits it moves the whole network along; see [`TcpClient`](crate::TcpClient) for what that means for servers.
pub struct UdpClient<'n, 'a, D, C> {
    network: &'n Network<'a, D, C>,
    handle: SocketHandle,
    host: IpEndpoint,
}

impl<'n, 'a, D: Device, C: Clock> UdpClient<'n, 'a, D, C> {
    /// A client of `host`. `None` when the network has no room for a socket. Of the memory only the queues are used, of
    /// datagrams of at most `IN` and `OUT` bytes.
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

    /// Calls another host from now on. What waits to be sent to the one before is dropped: it would hold up the new one's
    /// for ever if nobody has its address.
    pub fn set_host(&mut self, host: impl Into<IpEndpoint>) {
        self.host = host.into();
        self.network.udp(self.handle, |socket, _| {
            let port = socket.endpoint().port;
            socket.close();
            // The port is not 0 and the socket is closed, so this goes well.
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

    /// A datagram that `into` cannot hold is [`Received::Oversize`]; one that the queue cannot hold never comes.
    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, Error> {
        let host = self.host;
        self.network.poll();
        loop {
            let came = self.network.udp(self.handle, |socket, _| {
                while let Ok((datagram, sender)) = socket.recv() {
                    // A stranger's, or no message.
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

    /// Waits for a place in the queue, which is full while the host's address on the wire is asked for; a message that has
    /// none until the deadline is lost like one on its way. A message that is larger than the queue or a frame (1472 bytes over IPv4) can hold is
    /// not sent, and no byte of it is counted.
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
