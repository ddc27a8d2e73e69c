//! A server for many clients, in one thread and fixed memory.

mod connection;
mod connections;
mod hooks;
mod listener;
#[cfg(unix)]
mod lock_file;
mod mailbox;
mod replies;
mod running;
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

use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
#[cfg(unix)]
use std::path::Path;
use std::time::Duration;

use mio::{Poll, Token};
use oncilla::Table;
use oncilla::message::CREDENTIALS_MAX;

use crate::{Error, Registration};
use hooks::Hooks;
#[cfg(feature = "metrics")]
pub use hooks::Metrics;
pub use hooks::{Access, CallRecord, Closed, Dropped, Event, Origin};
use listener::Listener;
use mailbox::Mailbox;
use replies::Replies;
use running::Running;
use signals::Signals;
use source::Source;
pub use stop::Stopper;

/// Serves a table to many clients on any number of addresses, in one thread.
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
/// **One thread.** Procedures run one at a time, in the thread that calls [`serve`](Self::serve), on one state. They
/// need no locks. While a procedure runs, all other clients wait.
///
/// **Clients cannot block each other otherwise.** Clients take turns, so a client that sends without pause does not
/// shut out the rest. A client that stops in the middle of a message, or does not read its replies, loses its own
/// connection after the [message time-out](Self::message_timeout).
///
/// **Memory.** `serve` allocates all memory when it begins. Each connection takes [`call_max`](Self::call_max) + 808
/// bytes to receive (800 for the largest credentials, 8 for framing) and [`Table::reply_max`] + 8 bytes to send. All
/// UDP addresses share two buffers of these sizes, limited to 65 507 bytes each. The replay cache for UDP takes
/// [`Table::remembered_max`] + 48 bytes, limited to a datagram, times the number of [replies](Self::replay_memory).
#[derive(Debug)]
pub struct Server {
    poll: Poll,
    stopper: Stopper,
    signals: Option<Signals>,
    sources: Vec<Source>,
    limits: Limits,
    replies: Replies,
    hooks: Hooks,
    #[cfg(all(feature = "systemd", target_os = "linux"))]
    manager: Option<systemd::Manager>,
    /// Register the programs with rpcbind while serving.
    register: bool,
}

/// The limits that a server is made with.
#[derive(Clone, Copy, Debug)]
struct Limits {
    connections: usize,
    call_max: usize,
    message_timeout: Duration,
    idle_timeout: Option<Duration>,
    /// The number of replies that the replay cache for UDP holds.
    replies: usize,
}

impl Limits {
    /// Refuses sizes whose memory no machine has.
    fn check(&self) -> Result<(), Error> {
        let sizes = [
            ("connections", self.connections, 1 << 20),
            ("call_max", self.call_max, 1 << 30),
            ("replay_memory", self.replies, 1 << 20),
        ];
        match sizes.into_iter().find(|&(_, size, largest)| size > largest) {
            Some((what, size, largest)) => Err(Error::Size { what, size, largest }),
            None => Ok(()),
        }
    }
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
        let limits = Limits {
            connections: 64,
            call_max: 1 << 16,
            message_timeout: Duration::from_secs(10),
            idle_timeout: None,
            replies: 64,
        };
        Ok(Self {
            poll,
            stopper,
            signals: None,
            sources: Vec::new(),
            limits,
            replies: Replies::NONE,
            register: false,
            hooks: Hooks::default(),
            #[cfg(all(feature = "systemd", target_os = "linux"))]
            manager: None,
        })
    }

    /// Serves at most `limit` connections at a time, on all addresses together. The default is 64.
    ///
    /// The process needs one file more than that. When all slots are taken, a new connection replaces the connection
    /// that has been idle longest; that one is closed. A connection is idle when all calls received on it are answered,
    /// the client has read the replies, and no byte of another call has arrived. So no received call is lost. When the
    /// client of the closed connection calls again, its call fails with
    /// [`CallError::Closed`](oncilla::CallError::Closed) or a reset, and was not executed. When no connection is idle,
    /// the new one is closed.
    #[must_use]
    pub const fn connections(mut self, limit: usize) -> Self {
        self.limits.connections = limit;
        self
    }

    /// Accepts calls of at most `bytes` bytes, without credentials and framing. The default is 65 536.
    ///
    /// Use the largest `CALL_MAX` of the programs served. A longer call is refused with GARBAGE_ARGS.
    #[must_use]
    pub const fn call_max(mut self, bytes: usize) -> Self {
        self.limits.call_max = bytes;
        self
    }

    /// Closes a connection on which one message takes longer than `timeout`. The default is ten seconds.
    ///
    /// The time of a call is from its first byte to its last. The time of a reply is until the client has read it.
    /// Between messages, connections stay open until the [idle time-out](Self::idle_timeout). TCP keep-alive probes an
    /// idle connection every minute; if the client's machine is gone, the connection is closed.
    #[must_use]
    pub const fn message_timeout(mut self, timeout: Duration) -> Self {
        self.limits.message_timeout = timeout;
        self
    }

    /// Closes a connection that has no call for longer than `timeout`. The default `None` sets no limit.
    ///
    /// The time is measured from the beginning of the connection or from its last reply. Without a limit, an idle
    /// connection is closed only when [another client needs its slot](Self::connections).
    #[must_use]
    pub const fn idle_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.limits.idle_timeout = timeout;
        self
    }

    /// Remembers at most `replies` replies on UDP in a replay cache. The default is 64.
    ///
    /// A call that a client retransmits is answered from the cache and not executed again. NULL and procedures marked
    /// idempotent are not remembered. Each IP address has a share of the slots
    /// ([`SharedReplayCache`](oncilla::SharedReplayCache)). Use at least as many slots as calls can be in flight at
    /// once, from all clients together.
    #[must_use]
    pub const fn replay_memory(mut self, replies: usize) -> Self {
        self.limits.replies = replies;
        self
    }

    /// Remembers no replies on UDP. For programs whose procedures may all be executed twice.
    ///
    /// Without a replay cache, a call that a client retransmits is executed again. A client retransmits when a datagram
    /// was lost, or when the procedure takes longer than the client waits.
    #[must_use]
    pub const fn without_replay_memory(self) -> Self {
        self.replay_memory(0)
    }

    /// Listens on TCP, on the first resolved address that can be bound. May be called several times.
    ///
    /// Port 0 takes any free port; [`tcp_addresses`](Self::tcp_addresses) returns it.
    ///
    /// # Errors
    /// [`Error::Resolve`], [`Error::Listen`] or [`Error::Watch`].
    pub fn tcp(self, address: impl ToSocketAddrs + fmt::Debug) -> Result<Self, Error> {
        let listener = Error::first(address, Listener::tcp, |on, source| Error::Listen { on, source })?;
        self.with(Source::Listener(listener))
    }

    /// Receives calls on UDP, on the first resolved address that can be bound. May be called several times.
    ///
    /// A reply is sent from the address that was called, also when the server is bound to `0.0.0.0` or `[::]`. Port 0
    /// takes any free port; [`udp_addresses`](Self::udp_addresses) returns it.
    ///
    /// A datagram carries messages of at most 65 507 bytes. A procedure whose results might be larger is not executed
    /// but refused with SYSTEM_ERR. A reply for which the system's buffers have no room is lost.
    ///
    /// A call that a client retransmits, with the same bytes from the same port, is executed once. Its reply is
    /// [remembered](Self::replay_memory). Copies that arrive while the procedure runs are dropped.
    ///
    /// # Errors
    /// [`Error::Resolve`], [`Error::Listen`] or [`Error::Watch`].
    pub fn udp(self, address: impl ToSocketAddrs + fmt::Debug) -> Result<Self, Error> {
        let mailbox = Mailbox::bind(address)?;
        self.with(Source::Mailbox(Box::new(mailbox)))
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

    fn with(mut self, mut source: Source) -> Result<Self, Error> {
        let token = Token(SOURCES + self.sources.len());
        source.watch(self.poll.registry(), token).map_err(Error::Watch)?;
        self.sources.push(source);
        Ok(self)
    }

    /// Stops [`serve`](Self::serve) in order on SIGINT (Ctrl-C) or SIGTERM.
    ///
    /// A second signal ends the process at once, for the case that a procedure does not return. From this call on,
    /// these signals do not end the process by themselves, also after the server is dropped.
    ///
    /// # Errors
    /// [`Error::Watch`] when the process has too many open files.
    pub fn stop_on_signals(mut self) -> Result<Self, Error> {
        self.signals = Some(Signals::watch(self.poll.registry(), SIGNAL, &self.stopper).map_err(Error::Watch)?);
        Ok(self)
    }

    /// Registers all programs of the table with this machine's rpcbind while [`serve`](Self::serve) runs.
    ///
    /// The TCP and UDP addresses are registered when `serve` begins. They are unregistered when it ends by a
    /// [`Stopper`], a [signal](Self::stop_on_signals), an error or a panic. [`Registration`] describes the details.
    #[must_use]
    pub const fn register(mut self) -> Self {
        self.register = true;
        self
    }

    /// Returns the TCP addresses of the server, in the order of the calls of [`tcp`](Self::tcp).
    #[must_use]
    pub fn tcp_addresses(&self) -> Vec<SocketAddr> {
        self.sources.iter().filter_map(Source::tcp_address).collect()
    }

    /// Returns the UDP addresses of the server, in the order of the calls of [`udp`](Self::udp).
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

    /// Serves `table` until a [`Stopper`] or a [signal](Self::stop_on_signals) stops the server. Blocks without limit.
    ///
    /// Stopping takes at most one second beside the procedure that is running. In that second, calls that were received
    /// are answered and the replies are sent. Then all connections are closed, and further calls are not executed. A
    /// client whose call is in progress at that moment cannot know whether it was executed.
    ///
    /// A failure of one connection closes that connection and is not an error.
    ///
    /// # Errors
    /// [`Error::Nowhere`] when the server has no address. [`Error::Size`] when a limit is too large. [`Error::Watch`] when the system fails to wait.
    /// [`Error::Register`] when the programs could not be [registered](Self::register); then no client was served.
    pub fn serve<S>(&mut self, table: &Table<S>, state: &mut S) -> Result<(), Error> {
        if !self.has_addresses() {
            return Err(Error::Nowhere);
        }
        self.limits.check()?;
        let _registration = self.registration(table)?;
        let call_max = self.limits.call_max.saturating_add(CREDENTIALS_MAX);
        Running::new(self, call_max, table).serve(table, state).map_err(Error::Watch)
    }

    fn registration<S>(&self, table: &Table<S>) -> Result<Option<Registration>, Error> {
        if !self.register {
            return Ok(None);
        }
        let registration = Registration::new(table.programs(), &self.tcp_addresses(), &self.udp_addresses());
        registration.map(Some).map_err(Error::Register)
    }
}
