//! Instruments on a host.

mod interrupts;
mod mapper;
mod serving;
mod shared;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use oncilla_host::{Error, Server};

use crate::interface::device_core_version as core_channel;
use crate::{Instrument, Settings, call_max};
use mapper::Mapped;
pub use serving::Serving;
use shared::{Abort, Core, Shared};

/// The most connections at a time. Each has a thread for its calls, because a call may wait.
const CONNECTIONS: usize = 32;

/// The most calls of one machine that wait at a time. The rest of the connections is for calls that do not wait.
const WAITING: usize = 24;

/// The most links of a connection, unless the program sets another number.
const LINKS_PER_CLIENT: usize = 16;

/// The most links at a time.
const LINKS: usize = 128;

/// The most bytes in a reply to `device_read`.
const READ_MAX: usize = 1 << 16;

/// How often an instrument is asked again.
const POLL: Duration = Duration::from_millis(5);

/// How clients find the core channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PortMapping {
    /// By this machine's rpcbind if one runs, and otherwise by a port mapper of the server's own.
    #[default]
    Either,
    /// By this machine's rpcbind. Without one, starting fails.
    System,
    /// By a port mapper of its own, on port 111 of UDP and TCP. It also responds to broadcasts.
    Own,
    /// They know the port.
    None,
}

/// Serves an instrument on this machine, in threads of its own.
///
/// ```
/// # use oncilla_vxi11::{ErrorCode, Instrument, Link, Part, Unfinished};
/// # struct Meter { response: &'static [u8] }
/// # impl Instrument for Meter {
/// #     fn write(&mut self, _: Link, data: &[u8], _: bool) -> Result<usize, Unfinished> {
/// #         self.response = b"EXAMPLE,METER,0,1\n";
/// #         Ok(data.len())
/// #     }
/// #     fn read(&mut self, _: Link, room: &mut [u8]) -> Result<Part, Unfinished> {
/// #         room[..18].copy_from_slice(self.response);
/// #         Ok(Part { count: 18, end: true })
/// #     }
/// #     fn status_byte(&mut self, _: Link) -> u8 { 0 }
/// #     fn trigger(&mut self, _: Link) -> Result<(), Unfinished> { Ok(()) }
/// #     fn clear(&mut self, _: Link) -> Result<(), Unfinished> { Ok(()) }
/// # }
/// use oncilla_vxi11::{Client, InstrumentServer, PortMapping};
///
/// let meter = Meter { response: b"" };
/// let serving = InstrumentServer::new(meter).address([127, 0, 0, 1]).port_mapping(PortMapping::None).start()?;
///
/// let port = serving.core_address().port();
/// let mut client = Client::options().core_port(port).open("127.0.0.1", "inst0")?;
/// assert_eq!(client.query("*IDN?")?, "EXAMPLE,METER,0,1");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Up to 32 clients are connected at a time, with 128 links. What a client leaves behind is freed.
///
/// No client takes everything:
///
/// - A 33rd client takes the place of the connection that has been idle longest, also if that holds the lock.
///   Connections with a call in progress keep theirs.
/// - A connection has at most 16 links ([`links_per_client`](Self::links_per_client)); another is error 9.
/// - At most 24 calls of one machine wait at a time, for data or for a lock. Of more calls, each ends as if its time-out
///   were over.
/// - Eight machines with 16 links on each connection, or two with 24 and 8 calls that wait, still keep everybody else out.
///   VXI-11 authenticates nobody: keep the instrument in a network of its own.
#[derive(Debug)]
pub struct InstrumentServer<I> {
    instrument: I,
    address: IpAddr,
    core_port: u16,
    abort_port: u16,
    receive_max: u32,
    links_per_client: usize,
    port_mapping: PortMapping,
}

impl<I> InstrumentServer<I> {
    /// The most links at a time: what an instrument keeps by link has as many places.
    pub const LINKS: usize = LINKS;
}

impl<I: Instrument + Send + 'static> InstrumentServer<I> {
    /// Creates a server on all IPv4 addresses of this machine, on ports that the system chooses.
    pub const fn new(instrument: I) -> Self {
        Self {
            instrument,
            address: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            core_port: 0,
            abort_port: 0,
            receive_max: 1 << 16,
            links_per_client: LINKS_PER_CLIENT,
            port_mapping: PortMapping::Either,
        }
    }

    /// Serves on this address only.
    #[must_use]
    pub fn address(mut self, address: impl Into<IpAddr>) -> Self {
        self.address = address.into();
        self
    }

    /// Sets the TCP ports of the core channel and of the abort channel.
    #[must_use]
    pub const fn ports(mut self, core: u16, abort: u16) -> Self {
        self.core_port = core;
        self.abort_port = abort;
        self
    }

    /// Sets the largest number of bytes in one `device_write`. The default is 65 536.
    #[must_use]
    pub const fn receive_max(mut self, bytes: u32) -> Self {
        self.receive_max = bytes;
        self
    }

    /// Sets the most links of one connection. The default is 16; more than 128 has no effect.
    #[must_use]
    pub const fn links_per_client(mut self, links: usize) -> Self {
        self.links_per_client = links;
        self
    }

    /// Sets how clients find the core channel.
    #[must_use]
    pub const fn port_mapping(mut self, port_mapping: PortMapping) -> Self {
        self.port_mapping = port_mapping;
        self
    }

    /// Starts to serve. Dropping the result ends it.
    ///
    /// # Errors
    /// A port is in use or needs other rights, or there is no port mapping.
    pub fn start(self) -> Result<Serving<I>, Error> {
        let abort = Server::new()?.connections(CONNECTIONS).tcp((self.address, self.abort_port))?;
        let abort_address = first(&abort)?;
        let settings = Settings::new(abort_address.port(), self.receive_max).poll(POLL);
        let settings = settings.links_per_connection(self.links_per_client);
        let shared = Arc::new(Shared::new(self.instrument, settings));

        let observer = Arc::clone(&shared);
        let core = Server::new()?
            .connections(CONNECTIONS)
            .call_max(call_max(self.receive_max as usize))
            .tcp((self.address, self.core_port))?
            .observe(move |event| observer.observe(event));
        let core_address = first(&core)?;
        let mapped = Mapped::new(self.port_mapping, core_address)?;

        let mut serving = Serving::new(Arc::clone(&shared), core_address, abort_address);
        serving.spawn("core", CONNECTIONS, core, Core(Arc::clone(&shared)));
        serving.spawn("abort", 1, abort, Abort(shared));
        serving.keep(mapped);
        Ok(serving)
    }
}

/// Returns the address of a server with one.
fn first(server: &Server) -> Result<SocketAddr, Error> {
    server.tcp_addresses().first().copied().ok_or(Error::Nowhere)
}

/// Starts a thread with a name that debuggers show.
fn thread(name: &str, run: impl FnOnce() + Send + 'static) -> io::Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new().name(std::format!("vxi11-{name}")).spawn(run)
}

/// The version of the core channel, for a port mapper.
const PROGRAM: (u32, u32) = (core_channel::PROGRAM, core_channel::VERSION);
