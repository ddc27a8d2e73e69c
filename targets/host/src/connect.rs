//! Clients by address.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::marker::PhantomData;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs, UdpSocket};
use std::path::Path;
use std::time::{Duration, Instant};

use oncilla::framing::{Datagram, Framing, RecordAhead};
use oncilla::{Link, Transport};
use socket2::{Domain, SockAddr, Type};

use crate::{Error, Socket, Unconnected};

/// A client on a socket, with buffers of its own.
pub type Client<F = RecordAhead> = oncilla::Client<Socket<F>, Box<[u8]>>;

/// A client on UDP that takes replies from any port of the server, see [`Connector::udp_any_port`].
pub type UnconnectedClient = oncilla::Client<Unconnected, Box<[u8]>>;

/// A client on TCP with the defaults of [`Connector`]: `tcp("thermostat.local:20049")`.
///
/// # Errors
/// As [`Connector::tcp`].
pub fn tcp(address: impl ToSocketAddrs + fmt::Debug) -> Result<Client, Error> {
    Connector::new().tcp(address)
}

/// A client on UDP with the defaults of [`Connector`]: `udp("thermostat.local:20049")`.
///
/// # Errors
/// As [`Connector::udp`].
pub fn udp(address: impl ToSocketAddrs + fmt::Debug) -> Result<Client<Datagram>, Error> {
    Connector::new().udp(address)
}

/// A client on a Unix socket with the defaults of [`Connector`]: `unix("/run/thermostat")`.
///
/// # Errors
/// As [`Connector::unix`].
pub fn unix(path: impl AsRef<Path>) -> Result<Client, Error> {
    Connector::new().unix(path)
}

/// Makes clients, and links and endpoints on serial lines.
///
/// The first xid of each is random, so that a server that remembers its replies cannot take a new
/// client's calls for those of an old one.
///
/// ```no_run
/// use std::time::Duration;
/// use oncilla::framing::Cobs;
///
/// // Firmware in QEMU that speaks plain COBS, and whose UART is a Unix socket.
/// let connector = oncilla_host::Connector::new().framing::<Cobs>().buffer(1024);
/// let mut client = connector.unix("target/uart.sock")?;
/// client.set_timeout(Duration::from_secs(1));
/// # Ok::<(), oncilla_host::Error>(())
/// ```
#[derive(Debug)]
pub struct Connector<F = RecordAhead> {
    buffer: usize,
    timeout: Duration,
    framing: PhantomData<F>,
}

impl Connector {
    /// With record marking, buffers of 65 536 bytes and a connect time-out of five seconds.
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
    /// Frames messages by `G`.
    #[must_use]
    pub fn framing<G: Framing>(self) -> Connector<G> {
        Connector { buffer: self.buffer, timeout: self.timeout, framing: PhantomData }
    }

    /// Gives each client two buffers of `bytes` bytes, framing included, one to send from and one to
    /// receive into. Neither grows. A framing's own `buffer` function says how many a message needs.
    #[must_use]
    pub fn buffer(self, bytes: usize) -> Self {
        Self { buffer: bytes, ..self }
    }

    /// Waits at most so long for a connection. Calls have a time-out of their own,
    /// [`oncilla::Client::set_timeout`].
    #[must_use]
    pub fn connect_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Connects on TCP. A name with several addresses has them tried in turn, all within the connect
    /// time-out; looking up the name itself takes as long as the system likes.
    ///
    /// # Errors
    /// [`Error::Resolve`] when the name has no address, [`Error::Connect`] when none of its addresses
    /// answered.
    pub fn tcp(&self, address: impl ToSocketAddrs + fmt::Debug) -> Result<Client<F>, Error> {
        let deadline = Instant::now() + self.timeout;
        let connect = |address: SocketAddr| {
            // A time-out of nothing at all would be refused.
            let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_micros(1));
            let stream = TcpStream::connect_timeout(&address, left)?;
            // Calls are small and wait for each other: Nagle's algorithm would only delay them.
            stream.set_nodelay(true)?;
            Ok(stream)
        };
        let stream = Error::first(address, connect, failed)?;
        Ok(self.client(stream.into()))
    }

    /// A client on UDP, for the first of a name's addresses; a message is a datagram, whatever the framing was said to be.
    /// Nothing is sent yet, so nothing is known of the server. A call to a port where nobody receives is sent again
    /// until its time-out, since the server may be about to start.
    ///
    /// # Errors
    /// [`Error::Resolve`] when the name has no address, [`Error::Connect`] when this machine has no
    /// way to it.
    pub fn udp(&self, address: impl ToSocketAddrs + fmt::Debug) -> Result<Client<Datagram>, Error> {
        let connect = |address: SocketAddr| {
            let socket = unbound(address)?;
            // Only what comes from the address that is called is taken for a reply.
            socket.connect(address)?;
            Ok(socket)
        };
        let socket = Error::first(address, connect, failed)?;
        Ok(self.client(socket.into()))
    }

    /// The same, but a reply may come from any port of the address that is called: for indirect calls
    /// by way of rpcbind, which replies to them from another port.
    ///
    /// # Errors
    /// [`Error::Resolve`] when the name has no address, [`Error::Connect`] when the process has too many
    /// files open.
    pub fn udp_any_port(&self, address: impl ToSocketAddrs + fmt::Debug) -> Result<UnconnectedClient, Error> {
        let transport = |address| Ok(Unconnected::new(unbound(address)?, address));
        Ok(self.on(Error::first(address, transport, failed)?))
    }

    /// Connects to a Unix socket. It never waits: a server that has too many connections to accept
    /// is an error.
    ///
    /// # Errors
    /// [`Error::Connect`], also when the path is too long for a socket (some 100 bytes).
    pub fn unix(&self, path: impl AsRef<Path>) -> Result<Client<F>, Error> {
        let path = path.as_ref();
        let connect = || {
            let socket = socket2::Socket::new(Domain::UNIX, Type::STREAM, None)?;
            socket.set_nonblocking(true)?;
            socket.connect(&SockAddr::unix(path)?)?;
            Ok(socket)
        };
        let socket = connect().map_err(|source| failed(path.display().to_string(), source))?;
        Ok(self.client(socket))
    }

    fn client<G: Framing>(&self, socket: socket2::Socket) -> Client<G> {
        self.on(Socket::from(socket))
    }

    fn on<T: Transport>(&self, transport: T) -> oncilla::Client<T, Box<[u8]>> {
        let (rx, tx) = self.buffers();
        oncilla::Client::new(Link::new(transport, rx, tx), random())
    }

    pub(crate) fn buffers(&self) -> (Box<[u8]>, Box<[u8]>) {
        let buffer = || vec![0; self.buffer].into_boxed_slice();
        (buffer(), buffer())
    }
}

/// A UDP socket that can send to an address.
fn unbound(to: SocketAddr) -> io::Result<UdpSocket> {
    UdpSocket::bind(match to {
        SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
    })
}

fn failed(to: String, source: io::Error) -> Error {
    Error::Connect { to, source }
}

/// A number that no one can expect: std seeds each of its hashers from the system's random numbers.
pub(crate) fn random() -> u32 {
    RandomState::new().hash_one(0) as u32
}
