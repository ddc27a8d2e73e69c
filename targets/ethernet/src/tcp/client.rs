//! A TCP client.

use core::net::SocketAddr;

use oncilla::framing::Record;
use oncilla::{Clock, Received, Time, Transport};
use smoltcp::iface::SocketHandle;
use smoltcp::phy::Device;
use smoltcp::socket::tcp::State;
use smoltcp::wire::IpEndpoint;

use crate::network::address;
use crate::{ConnectError, Error, Network, TcpMemory};

/// A connection to a host, as a transport for an [`oncilla::Client`].
///
/// While it waits, it processes the whole network, but the servers of this machine do not answer: their calls wait in
/// the sockets. Firmware that must serve meanwhile uses [`oncilla::CallsInFlight`] and calls its servers between two
/// calls of `poll`.
///
/// ```
/// # use core::{net::SocketAddrV4, time::Duration};
/// # use oncilla_ethernet::{Network, TcpClient};
/// # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
/// # fn example<D: smoltcp::phy::Device, C: oncilla::Clock>(
/// #     network: &Network<'_, D, C>, mut socket: TcpClient<'_, '_, D, C>, host: SocketAddrV4, rx: &mut [u8], tx: &mut [u8],
/// # ) -> Option<u64> {
/// socket.connect(host, network.now().after(Duration::from_secs(5))).ok()?;
/// let mut client = oncilla::Client::new(oncilla::Link::new(&mut socket, rx, tx), 0x5eed_0000);
/// client.set_timeout(Duration::from_secs(2));
/// let now = clock::Client::new(&mut client).now().ok()?;
/// # Some(now)
/// # }
/// ```
pub struct TcpClient<'n, 'a, D, C> {
    network: &'n Network<'a, D, C>,
    handle: SocketHandle,
}

impl<'n, 'a, D: Device, C: Clock> TcpClient<'n, 'a, D, C> {
    /// Creates a socket without a connection.
    ///
    /// Returns `None` if the network has no room for a socket. Only the windows of the memory are used: `TcpMemory<0,
    /// 0, WINDOW>`.
    pub fn new<const IN: usize, const OUT: usize, const WINDOW: usize>(
        network: &'n Network<'a, D, C>,
        memory: &'a mut TcpMemory<IN, OUT, WINDOW>,
    ) -> Option<Self> {
        let (_, _, mut socket) = memory.socket();
        super::probe_silent_peers(&mut socket);
        let handle = network.add(socket)?;
        Some(Self { network, handle })
    }

    /// Connects to `host`, and ends an existing connection. Waits until `deadline` at most.
    ///
    /// Do not use a link of the old connection with the new one: make another link. `host` is a
    /// [`SocketAddrV4`](core::net::SocketAddrV4), or any type that smoltcp converts to an endpoint.
    ///
    /// # Errors
    /// [`ConnectError`]. Connecting can be tried again.
    pub fn connect(&mut self, host: impl Into<IpEndpoint>, deadline: Time) -> Result<(), ConnectError> {
        self.begin_to_connect(host)?;
        while !self.is_connected()? {
            if self.network.now() >= deadline {
                self.end();
                return Err(ConnectError::TimedOut);
            }
            self.network.wait(deadline);
        }
        Ok(())
    }

    /// Begins to connect to `host`, and ends an existing connection. Does not wait.
    ///
    /// For firmware that serves meanwhile: then ask [`is_connected`](Self::is_connected) in each turn.
    ///
    /// # Errors
    /// [`ConnectError::Unaddressable`].
    pub fn begin_to_connect(&mut self, host: impl Into<IpEndpoint>) -> Result<(), ConnectError> {
        let host = host.into();
        self.end();
        let port = self.network.ephemeral_port();
        let begun = self
            .network
            .tcp_with(self.handle, |socket, interface| socket.connect(interface.context(), host, port).is_ok());
        if begun == Some(true) { Ok(()) } else { Err(ConnectError::Unaddressable) }
    }

    /// Returns whether there is a connection; `false` while the peer has not responded.
    ///
    /// # Errors
    /// [`ConnectError::Refused`], also after a connection has ended.
    pub fn is_connected(&self) -> Result<bool, ConnectError> {
        match self.state() {
            State::SynSent | State::SynReceived => Ok(false),
            State::Closed => Err(ConnectError::Refused),
            _ => Ok(true),
        }
    }

    /// Ends the connection at once with a reset. Bytes that were not sent yet are lost.
    pub fn end(&mut self) {
        self.network.tcp(self.handle, |socket| socket.abort());
        self.network.poll();
    }

    /// Ends the connection in order, after the peer has received all that was sent. Does not wait.
    ///
    /// The socket is busy until then; connecting resets it.
    pub fn close(&mut self) {
        self.network.tcp(self.handle, |socket| socket.close());
        self.network.poll();
    }

    fn state(&self) -> State {
        self.network.tcp(self.handle, |socket| socket.state()).unwrap_or(State::Closed)
    }
}

impl<D: Device, C: Clock> Transport for TcpClient<'_, '_, D, C> {
    type Error = Error;
    type Framing = Record;

    fn now(&mut self) -> Time {
        self.network.now()
    }

    fn peer(&self) -> Option<SocketAddr> {
        self.network.tcp(self.handle, |socket| socket.remote_endpoint().map(address))?
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, Error> {
        self.network.poll();
        loop {
            let came = self.network.tcp(self.handle, |socket| {
                let received = if socket.can_recv() { socket.recv_slice(into).ok() } else { None };
                (received, socket.state())
            });
            match came {
                Some((Some(length), _)) => return Ok(Received::Bytes(length)),
                Some((None, State::CloseWait | State::LastAck | State::Closing | State::TimeWait)) => {
                    return Ok(Received::End);
                }
                Some((None, State::Established | State::FinWait1 | State::FinWait2)) => {}
                _ => return Err(Error::NotConnected),
            }
            if self.network.now() >= deadline {
                return Ok(Received::TimeUp);
            }
            self.network.wait(deadline);
        }
    }

    fn send(&mut self, frame: &[u8], deadline: Time) -> Result<usize, Error> {
        let mut rest = frame;
        loop {
            let sent = self.network.tcp(self.handle, |socket| socket.send_slice(rest).ok());
            let sent = sent.flatten().ok_or(Error::NotConnected)?;
            rest = rest.get(sent..).unwrap_or_default();
            self.network.poll();
            if rest.is_empty() {
                return Ok(frame.len());
            }
            if self.network.now() >= deadline {
                return Ok(frame.len().saturating_sub(rest.len()));
            }
            self.network.wait(deadline);
        }
    }
}
