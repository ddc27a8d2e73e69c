//! Clients on TCP, UDP and Unix sockets.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::marker::PhantomData;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs, UdpSocket};
#[cfg(unix)]
use std::path::Path;
use std::time::{Duration, Instant};

use oncilla::framing::{Cobs, Datagram, Framing, RecordAhead};
use oncilla::{Link, Transport};
#[cfg(unix)]
use socket2::{Domain, SockAddr, Type};

use crate::{Error, SharedClient, Socket, Unconnected};

/// The largest size of a client's buffer.
const BUFFER_MAX: usize = 1 << 30;

/// A client on a socket, with its own buffers: two of 65 536 bytes unless [`Connector::buffer`] sets another size.
pub type Client<F = RecordAhead> = oncilla::Client<Socket<F>, Box<[u8]>>;

/// A client on UDP that accepts replies from any port of the server. Made by [`Connector::udp_any_port`].
pub type UnconnectedClient = oncilla::Client<Unconnected, Box<[u8]>>;

/// Connects a client on TCP, with the defaults of [`Connector`].
///
/// Waits at most five seconds for the connection. A call has a time-out of its own, [`oncilla::Client::set_timeout`].
///
/// ```
/// # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
/// # struct Device;
/// # impl clock::Service for Device { fn now(&mut self) -> u64 { 7 } }
/// # static TABLE: oncilla::Table<Device> = oncilla::table![clock::program()];
/// # let mut server = oncilla_host::Server::new()?.tcp("127.0.0.1:0")?;
/// # let (address, stopper) = (server.tcp_addresses()[0], server.stopper());
/// # let serving = std::thread::spawn(move || server.serve(&TABLE, &mut Device));
/// // The address of a server, such as "thermostat.local:20049".
/// let mut client = oncilla_host::tcp(address)?;
/// client.set_timeout(std::time::Duration::from_secs(1));
/// assert_eq!(clock::Client::new(&mut client).now()?, 7);
/// # stopper.stop();
/// # serving.join().unwrap()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`Connector::tcp`].
pub fn tcp(address: impl ToSocketAddrs + fmt::Debug) -> Result<Client, Error> {
    Connector::new().tcp(address)
}

/// Returns a client on UDP, with the defaults of [`Connector`]. Sends nothing yet.
///
/// A call is retransmitted until its time-out. The server executes it once if it has a replay cache, as
/// [`Server`](crate::Server) does.
///
/// ```
/// # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
/// # struct Device;
/// # impl clock::Service for Device { fn now(&mut self) -> u64 { 7 } }
/// # static TABLE: oncilla::Table<Device> = oncilla::table![clock::program()];
/// # let mut server = oncilla_host::Server::new()?.udp("127.0.0.1:0")?;
/// # let (address, stopper) = (server.udp_addresses()[0], server.stopper());
/// # let serving = std::thread::spawn(move || server.serve(&TABLE, &mut Device));
/// // The address of a server, such as "thermostat.local:20049".
/// let mut client = oncilla_host::udp(address)?;
/// client.set_timeout(std::time::Duration::from_secs(1));
/// assert_eq!(clock::Client::new(&mut client).now()?, 7);
/// # stopper.stop();
/// # serving.join().unwrap()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`Connector::udp`].
pub fn udp(address: impl ToSocketAddrs + fmt::Debug) -> Result<Client<Datagram>, Error> {
    Connector::new().udp(address)
}

/// Connects a client to a Unix socket, with the defaults of [`Connector`]: `unix("/run/thermostat")`.
///
/// Connecting does not block. A call has a time-out of its own, [`oncilla::Client::set_timeout`].
///
/// # Errors
/// As [`Connector::unix`].
#[cfg(unix)]
pub fn unix(path: impl AsRef<Path>) -> Result<Client, Error> {
    Connector::new().unix(path)
}

/// Makes clients on sockets, and clients, links and endpoints on serial lines.
///
/// The first xid of each client is random. So a server with a replay cache does not confuse its calls with those of an
/// earlier client.
///
/// ```
/// # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
/// # struct Device;
/// # impl clock::Service for Device { fn now(&mut self) -> u64 { 7 } }
/// # static TABLE: oncilla::Table<Device> = oncilla::table![clock::program()];
/// # let mut server = oncilla_host::Server::new()?.tcp("127.0.0.1:0")?;
/// # let (address, stopper) = (server.tcp_addresses()[0], server.stopper());
/// # let serving = std::thread::spawn(move || server.serve(&TABLE, &mut Device));
/// use std::time::Duration;
/// use oncilla_host::Connector;
///
/// let connector = Connector::new().buffer(1024).connect_timeout(Duration::from_secs(1));
/// let mut client = connector.tcp(address)?;
/// assert_eq!(clock::Client::new(&mut client).now()?, 7);
/// # stopper.stop();
/// # serving.join().unwrap()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Firmware in QEMU that uses plain COBS, and whose UART is a Unix socket:
///
/// ```no_run
/// use oncilla::framing::Cobs;
///
/// let connector = oncilla_host::Connector::new().framing::<Cobs>().buffer(1024);
/// let client = connector.unix("target/uart.sock")?;
/// # Ok::<(), oncilla_host::Error>(())
/// ```
#[derive(Debug)]
pub struct Connector<F = RecordAhead> {
    buffer: usize,
    timeout: Duration,
    framing: PhantomData<F>,
}

impl Connector {
    /// Uses record marking, buffers of 65 536 bytes and a connect time-out of five seconds.
    #[must_use]
    pub const fn new() -> Self {
        Self { buffer: 1 << 16, timeout: Duration::from_secs(5), framing: PhantomData }
    }
}

impl Default for Connector {
    fn default() -> Self {
        Self::new()
    }
}

impl<F: Framing> Connector<F> {
    /// Sets the framing of clients on TCP and Unix sockets to `G`.
    #[must_use]
    pub fn framing<G: Framing>(self) -> Connector<G> {
        Connector { buffer: self.buffer, timeout: self.timeout, framing: PhantomData }
    }

    /// Sets the size of both buffers of each client by the largest message: a call or a reply of `bytes` bytes.
    ///
    /// Pass the largest of the interface: `message_max(images::CALL_MAX.max(images::REPLY_MAX))`. Credentials are
    /// extra. The buffers have room for the bytes of each framing of this library, so slightly larger messages may fit.
    /// [`buffer`](Self::buffer) sets the exact size, and has the same limit.
    #[must_use]
    pub fn message_max(self, bytes: usize) -> Self {
        // More than the largest buffer is refused in any case.
        let bytes = bytes.min(BUFFER_MAX);
        self.buffer(Cobs::buffer(bytes).max(RecordAhead::buffer(bytes)))
    }

    /// Sets the size of both buffers of each client, in bytes, framing included.
    ///
    /// Each client has a transmit buffer and a receive buffer of fixed size. A longer call is not sent, and a longer
    /// reply fails with [`CallError::ReplyTooLarge`](oncilla::CallError::ReplyTooLarge). The `buffer` function of a
    /// framing returns the size for a message: [`RecordAhead::buffer`](oncilla::framing::RecordAhead::buffer) on TCP and
    /// Unix sockets, [`Serial::buffer`](oncilla::framing::Serial::buffer) on serial ports.
    ///
    /// The largest size is 1 GiB. With a larger one, the functions that connect return [`Error::Size`], and
    /// [`link`](Self::link) and [`endpoint`](Self::endpoint) use 1 GiB.
    #[must_use]
    pub fn buffer(self, bytes: usize) -> Self {
        Self { buffer: bytes, ..self }
    }

    /// Waits at most `timeout` for a connection. Calls have their own time-out, [`oncilla::Client::set_timeout`].
    #[must_use]
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Connects a client on TCP.
    ///
    /// All addresses of a name are tried in turn, within one connect time-out. The time to resolve the name is not
    /// limited.
    ///
    /// # Errors
    /// [`Error::Resolve`] when the name has no address. [`Error::Connect`] when no address accepted the connection.
    /// [`Error::Size`] when the buffer is too large.
    pub fn tcp(&self, address: impl ToSocketAddrs + fmt::Debug) -> Result<Client<F>, Error> {
        self.check()?;
        Ok(self.client(self.tcp_stream(address)?.into()))
    }

    /// Connects a socket on TCP.
    pub(crate) fn tcp_stream(&self, address: impl ToSocketAddrs + fmt::Debug) -> Result<TcpStream, Error> {
        // A time-out beyond what the clock counts is none.
        let deadline = Instant::now().checked_add(self.timeout);
        let connect = |address: SocketAddr| {
            let stream = match deadline {
                Some(deadline) => {
                    // The system refuses a time-out of zero.
                    let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_micros(1));
                    TcpStream::connect_timeout(&address, left)?
                }
                None => TcpStream::connect(address)?,
            };
            // Calls are small, and the next waits for the reply to the last. Nagle's algorithm would only delay them.
            stream.set_nodelay(true)?;
            Ok(stream)
        };
        Error::first(address, connect, failed)
    }

    /// Returns a client on UDP, for the first address of a name.
    ///
    /// A message is a datagram, whatever [`framing`](Self::framing) was set. Nothing is sent yet, so an absent server
    /// is no error here. A call to a port where no program receives is retransmitted until its time-out, because the
    /// server may be about to start.
    ///
    /// # Errors
    /// [`Error::Resolve`] when the name has no address. [`Error::Connect`] when this machine has no route to it.
    /// [`Error::Size`] when the buffer is too large.
    pub fn udp(&self, address: impl ToSocketAddrs + fmt::Debug) -> Result<Client<Datagram>, Error> {
        self.check()?;
        let connect = |address: SocketAddr| {
            let socket = unbound(address)?;
            // A connected socket receives only datagrams from that address.
            socket.connect(address)?;
            Ok(socket)
        };
        let socket = Error::first(address, connect, failed)?;
        Ok(self.client(socket.into()))
    }

    /// Returns a client on UDP that accepts replies from any port of the server.
    ///
    /// rpcbind sends the results of indirect calls from another port than its own.
    ///
    /// # Errors
    /// [`Error::Resolve`] when the name has no address. [`Error::Connect`] when the process has too many open
    /// files. [`Error::Size`] when the buffer is too large.
    pub fn udp_any_port(&self, address: impl ToSocketAddrs + fmt::Debug) -> Result<UnconnectedClient, Error> {
        self.check()?;
        let transport = |address| Ok(Unconnected::new(unbound(address)?, address));
        Ok(self.on(Error::first(address, transport, failed)?))
    }

    /// Connects a client to a Unix socket. Does not block.
    ///
    /// # Errors
    /// [`Error::Connect`] when no server listens there, when it has too many connections to accept, or when the path is
    /// too long for a socket (more than about 100 bytes). [`Error::Size`] when the buffer is too large.
    #[cfg(unix)]
    pub fn unix(&self, path: impl AsRef<Path>) -> Result<Client<F>, Error> {
        self.check()?;
        Ok(self.client(unix_stream(path.as_ref())?))
    }

    /// Connects a client on TCP that threads share. Blocks as [`tcp`](Self::tcp) does.
    ///
    /// It uses record marking, whatever [`framing`](Self::framing) was set. [`SharedClient`] describes its buffers.
    ///
    /// # Errors
    /// As [`tcp`](Self::tcp).
    pub fn shared_tcp(&self, address: impl ToSocketAddrs + fmt::Debug) -> Result<SharedClient, Error> {
        self.check()?;
        Ok(SharedClient::new(socket2::Socket::from(self.tcp_stream(address)?).into(), self.buffer))
    }

    /// Connects a client to a Unix socket that threads share. Does not block.
    ///
    /// It uses record marking, whatever [`framing`](Self::framing) was set. [`SharedClient`] describes its buffers.
    ///
    /// # Errors
    /// As [`unix`](Self::unix).
    #[cfg(unix)]
    pub fn shared_unix(&self, path: impl AsRef<Path>) -> Result<SharedClient, Error> {
        self.check()?;
        Ok(SharedClient::new(unix_stream(path.as_ref())?.into(), self.buffer))
    }

    fn client<G: Framing>(&self, socket: socket2::Socket) -> Client<G> {
        self.on(Socket::from(socket).of_client())
    }

    pub(crate) fn on<T: Transport>(&self, transport: T) -> oncilla::Client<T, Box<[u8]>> {
        let (rx, tx) = self.buffers();
        oncilla::Client::new(Link::new(transport, rx, tx), random())
    }

    pub(crate) fn buffers(&self) -> (Box<[u8]>, Box<[u8]>) {
        let size = self.buffer.min(BUFFER_MAX);
        (boxed(size), boxed(size))
    }

    /// Refuses buffers whose memory no machine has.
    pub(crate) const fn check(&self) -> Result<(), Error> {
        if self.buffer > BUFFER_MAX {
            return Err(Error::Size { what: "buffer", size: self.buffer, largest: BUFFER_MAX });
        }
        Ok(())
    }

    /// Returns the size of each buffer.
    pub(crate) const fn buffer_size(&self) -> usize {
        self.buffer
    }

    /// Returns the connect time-out.
    pub(crate) const fn timeout(&self) -> Duration {
        self.timeout
    }
}

/// Returns a buffer.
pub(crate) fn boxed(size: usize) -> Box<[u8]> {
    vec![0; size].into_boxed_slice()
}

/// Connects a stream to a Unix socket. Does not block.
#[cfg(unix)]
pub(crate) fn unix_stream(path: &Path) -> Result<socket2::Socket, Error> {
    let connect = || {
        let socket = socket2::Socket::new(Domain::UNIX, Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        socket.connect(&SockAddr::unix(path)?)?;
        Ok(socket)
    };
    connect().map_err(|source| failed(path.display().to_string(), source))
}

/// Returns a UDP socket that can send to `to`.
fn unbound(to: SocketAddr) -> io::Result<UdpSocket> {
    UdpSocket::bind(match to {
        SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
    })
}

fn failed(to: String, source: io::Error) -> Error {
    Error::Connect { to, source }
}

/// Returns a number that no peer can guess: std seeds each of its hashers from the system's random numbers.
pub(crate) fn random() -> u32 {
    RandomState::new().hash_one(0) as u32
}

#[cfg(test)]
mod tests {
    use oncilla::framing::{Record, Serial};

    use super::*;

    #[test]
    fn message_max_has_room_for_every_framing() {
        for bytes in (0..2_000).chain([1 << 16, 1 << 29]) {
            let size = Connector::new().message_max(bytes).buffer_size();
            let framings = [Cobs::buffer, Datagram::buffer, Record::buffer, RecordAhead::buffer, Serial::buffer];
            assert!(framings.iter().all(|buffer| buffer(bytes) <= size), "{bytes}");
        }
        for bytes in [1 << 30, usize::MAX] {
            assert!(Connector::new().message_max(bytes).check().is_err());
        }
    }
}
