//! A server for many clients, in limited memory.

mod addresses;
mod buffers;
mod calls;
mod connection;
mod connections;
mod executor;
mod hooks;
mod job;
#[cfg(feature = "keys")]
mod keyed;
mod limits;
mod listener;
#[cfg(feature = "keys")]
mod lock;
#[cfg(unix)]
mod lock_file;
mod mailbox;
mod programs;
mod registered;
mod replies;
mod running;
#[cfg(feature = "tls")]
mod secure;
mod serve;
mod signals;
#[cfg(unix)]
mod socket_file;
mod source;
mod state;
mod stop;
mod stream;
#[cfg(all(feature = "systemd", target_os = "linux"))]
mod systemd;
#[cfg(unix)]
mod unix_listener;
mod workers;

use std::net::SocketAddr;
#[cfg(unix)]
use std::path::Path;

use mio::{Poll, Token};

use crate::Error;
use hooks::Hooks;
#[cfg(feature = "metrics")]
pub use hooks::Metrics;
pub use hooks::{Access, CallRecord, Closed, ConnectionId, Dropped, Event, Origin};
use limits::Limits;
#[cfg(unix)]
use listener::Listener;
use registered::Registered;
use replies::Replies;
use signals::Signals;
#[cfg(unix)]
pub use socket_file::SocketFile;
use source::Source;
pub use stop::Stopper;

/// Serves a table to many clients on any number of addresses.
///
/// ```
/// # oncilla::program! { pub mod clock = 0x2000_0001, version 1 { fn now() -> u64 = 1; } }
/// # struct Device;
/// # impl clock::Service for Device { fn now(&mut self) -> u64 { 7 } }
/// use std::time::Duration;
/// use oncilla_host::Server;
///
/// static TABLE: oncilla::Table<Device> = oncilla::table![clock::program()];
///
/// let mut server = Server::new()?
///     .tcp("127.0.0.1:0")?
///     .udp("127.0.0.1:0")?
///     .connections(8)
///     .call_max(clock::CALL_MAX)
///     .idle_timeout(Some(Duration::from_secs(600)))
///     .stop_on_signals()?;
/// let (tcp, udp, stopper) = (server.tcp_addresses()[0], server.udp_addresses()[0], server.stopper());
/// let serving = std::thread::spawn(move || server.serve(&TABLE, &mut Device));
///
/// assert_eq!(clock::Client::new(&mut oncilla_host::tcp(tcp)?).now()?, 7);
/// assert_eq!(clock::Client::new(&mut oncilla_host::udp(udp)?).now()?, 7);
///
/// stopper.stop();
/// serving.join().unwrap()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// **Threads.** With [`serve`](Self::serve), procedures run one at a time, in the thread that calls it, on one state.
/// They need no locks. While a procedure runs, all other clients wait. With
/// [`serve_with_workers`](Self::serve_with_workers), procedures run in a fixed number of threads, which share a state.
///
/// **Clients cannot block each other otherwise.** Clients take turns, so a client that sends without pause does not
/// shut out the rest. A client that stops in the middle of a message, or does not read its replies, loses its own
/// connection after the [message time-out](Self::message_timeout).
///
/// **Memory.** An idle connection takes at most 2 KiB of buffers. They grow while bytes of a larger call arrive, to at
/// most twice the bytes that came and at most [`call_max`](Self::call_max) + 808 bytes (800 for the largest
/// credentials, 8 for framing). Before a procedure runs, the room for its largest reply is made. A second after the
/// last message, the buffers shrink again. [`buffer_memory`](Self::buffer_memory) limits the memory of all connections
/// together. UDP addresses share two buffers for each thread of procedures, of [`call_max`](Self::call_max) + 800
/// and [`Table::reply_max`](oncilla::Table::reply_max) bytes, limited to 65 507 each. The
/// [replay cache for UDP](Self::replay_memory) is allocated when `serve` begins.
#[derive(Debug)]
pub struct Server {
    poll: Poll,
    stopper: Stopper,
    signals: Option<Signals>,
    sources: Vec<Source>,
    limits: Limits,
    /// The replay cache for UDP.
    datagrams: Replies,
    /// The replay cache for connections.
    connections: Replies,
    hooks: Hooks,
    #[cfg(feature = "tls")]
    tls: Option<crate::TlsServer>,
    #[cfg(feature = "keys")]
    keys: Option<crate::keys::KeyServer>,
    #[cfg(all(feature = "systemd", target_os = "linux"))]
    manager: Option<systemd::Manager>,
    registered: Registered,
}

/// The token of the [`Stopper`].
const STOP: Token = Token(0);

/// The token of the signals.
const SIGNAL: Token = Token(1);

/// The token of the first source. The tokens of the connections follow those of the sources.
const SOURCES: usize = 2;

impl Server {
    /// Creates a server without addresses.
    ///
    /// Its limits are 64 connections, calls of 65 536 bytes, a message time-out of ten seconds, no idle time-out and 64
    /// remembered replies on UDP.
    ///
    /// # Errors
    /// [`Error::Watch`] when the process has too many open files.
    pub fn new() -> Result<Self, Error> {
        let poll = Poll::new().map_err(Error::Watch)?;
        let stopper = Stopper::new(poll.registry(), STOP).map_err(Error::Watch)?;
        let (signals, sources, limits) = (None, Vec::new(), Limits::default());
        let (datagrams, connections) = (Replies::NONE, Replies::NONE);
        let (hooks, registered) = (Hooks::default(), Registered::default());
        Ok(Self {
            poll,
            stopper,
            signals,
            sources,
            limits,
            datagrams,
            connections,
            hooks,
            #[cfg(feature = "tls")]
            tls: None,
            #[cfg(feature = "keys")]
            keys: None,
            #[cfg(all(feature = "systemd", target_os = "linux"))]
            manager: None,
            registered,
        })
    }

    /// Listens on a Unix socket that only this user may open (mode 0600). May be called several times.
    ///
    /// A file that an earlier server left behind is replaced. When several servers start at the same time, exactly one
    /// gets the path. While the server starts or stops, a file of the same name with `.lock` added exists. The socket's
    /// file is removed when the server is dropped.
    ///
    /// # Errors
    /// [`Error::Listen`] when a server already listens there, a file that is not a socket has this path, the path is
    /// too long for a socket (more than about 90 bytes), or the file cannot be created. [`Error::Watch`] when the
    /// system cannot watch the socket.
    #[cfg(unix)]
    pub fn unix(self, path: impl AsRef<Path>) -> Result<Self, Error> {
        self.unix_with_mode(path, 0o600)
    }

    /// Listens on a Unix socket whose file has the given mode, whatever the process's mask is.
    ///
    /// Users who may write to the file may call: `0o660` admits the file's group. Otherwise like [`unix`](Self::unix).
    ///
    /// # Errors
    /// As [`unix`](Self::unix).
    #[cfg(unix)]
    pub fn unix_with_mode(self, path: impl AsRef<Path>, mode: u32) -> Result<Self, Error> {
        let path = path.as_ref();
        let failed = |source| Error::Listen { on: path.display().to_string(), source };
        let listener = Listener::unix(path, mode).map_err(failed)?;
        self.with(Source::Listener(listener))
    }

    /// Offers TLS on all TCP connections (RFC 9289). Requires it, unless it is [opportunistic](crate::TlsServer::opportunistic).
    ///
    /// ```no_run
    /// use oncilla_host::{Access, Server, TlsServer};
    ///
    /// let tls = TlsServer::new(std::fs::read("plant.pem")?, std::fs::read("plant.key")?)?
    ///     .require_client_certificates(std::fs::read("ca.pem")?)?;
    /// let server = Server::new()?
    ///     .tcp("[::]:20049")?
    ///     .tls(tls)
    ///     // Only the client with this name in its certificate may call.
    ///     .allow(Access::certificate_name("meter-7.plant.example")?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// | a client | gets |
    /// |---|---|
    /// | that probes with AUTH_TLS by NULL of any program | the verifier STARTTLS, then TLS 1.3 on the same connection |
    /// | that sends bytes after its probe before the reply | a closed connection |
    /// | that sends AUTH_TLS with another procedure, or inside TLS | AUTH_ERROR with AUTH_BADCRED |
    /// | on TCP or UDP without TLS, if TLS is required | AUTH_ERROR with AUTH_TOOWEAK for every call |
    /// | whose ALPN names other protocols than `sunrpc` | a TLS alert and a closed connection. Without ALPN it is served |
    /// | on a Unix socket | its reply: the system protects the socket, and TLS is not offered |
    ///
    /// A server with keys (`Server::keys`) and TLS demands both of a client on TCP. No client of this library has both.
    ///
    /// [`Access`] rules and [observers](Self::observe) see the certificate of a client; procedures do not. The handshake
    /// has the [message time-out](Self::message_timeout), and its connection counts as one of
    /// [those that are limited](Self::connections). Each handshake computes a signature in the thread of the server.
    ///
    /// **Memory.** Beside its buffers, a connection inside TLS takes some 10 KiB, and up to 100 KiB while large messages
    /// are on their way.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, tls: crate::TlsServer) -> Self {
        self.hooks.require_tls(tls.required);
        self.tls = Some(tls);
        self
    }

    fn with(mut self, mut source: Source) -> Result<Self, Error> {
        let token = Token(SOURCES + self.sources.len());
        source.watch(self.poll.registry(), token).map_err(Error::Watch)?;
        self.sources.push(source);
        Ok(self)
    }

    /// Stops [`serve`](Self::serve) in order on SIGINT (Ctrl-C) or SIGTERM; on Windows on Ctrl-C or Ctrl-Break.
    ///
    /// A second signal ends the process at once, for the case that a procedure does not return. From this call on,
    /// these signals do not end the process by themselves, also after the server is dropped. On Windows, the crate `ctrlc`
    /// starts a thread that waits for them; a program that uses that crate itself calls a [`Stopper`] instead.
    ///
    /// # Errors
    /// [`Error::Watch`] when the process has too many open files, or on Windows another handler of the crate `ctrlc`.
    pub fn stop_on_signals(mut self) -> Result<Self, Error> {
        self.signals = Some(Signals::watch(self.poll.registry(), SIGNAL, &self.stopper).map_err(Error::Watch)?);
        Ok(self)
    }

    /// Returns the TCP addresses of the server, in the order of the calls of [`tcp`](Self::tcp) and of the addresses of
    /// each.
    #[must_use]
    pub fn tcp_addresses(&self) -> Vec<SocketAddr> {
        self.sources.iter().filter_map(Source::tcp_address).collect()
    }

    /// Returns the UDP addresses of the server, in the order of the calls of [`udp`](Self::udp) and of the addresses of
    /// each.
    #[must_use]
    pub fn udp_addresses(&self) -> Vec<SocketAddr> {
        self.sources.iter().filter_map(Source::udp_address).collect()
    }

    /// Returns whether the server has any address, also one that was passed to it.
    #[must_use]
    pub const fn has_addresses(&self) -> bool {
        !self.sources.is_empty()
    }

    /// Returns a handle that stops the server from any thread. It can be cloned.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }
}
