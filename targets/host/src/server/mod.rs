//! A server for many clients, in one thread and fixed memory.

mod connection;
mod listener;
mod lock_file;
mod mailbox;
mod replies;
mod running;
mod signals;
mod socket_file;
mod source;
mod stop;

use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

use mio::{Poll, Token};
use oncilla::Table;
use oncilla::message::CREDENTIALS_MAX;

use crate::{Datagrams, Error, Registration};
use listener::Listener;
use mailbox::Mailbox;
use replies::Replies;
use running::Running;
use signals::Signals;
use source::Source;
pub use stop::Stopper;

/// Serves one table to many clients on any number of addresses, from the one thread that calls
/// [`serve`](Self::serve).
///
/// Procedures run one at a time, on one state, so they need no locks; while one runs, nobody else is
/// served. A client can delay others by nothing else: one that sends half a message and falls silent,
/// or never reads its replies, only loses its own connection, when the
/// [message time-out](Self::message_timeout) is over. Clients take turns, so one that sends without
/// pause does not shut out the rest.
///
/// All memory is allocated when `serve` begins: for each connection [`call_max`](Self::call_max) + 808
/// bytes to receive, for a call with the largest credentials and its framing, and
/// [`Table::reply_max`] + 8 to send. All UDP addresses together have two buffers like these, of 65 507
/// bytes at most, and [`replay_memory`](Self::replay_memory) times [`Table::remembered_max`] + 48, as far as it fits a
/// datagram.
#[derive(Debug)]
pub struct Server {
    poll: Poll,
    stopper: Stopper,
    signals: Option<Signals>,
    sources: Vec<Source>,
    limits: Limits,
    replies: Replies,
    /// What is served is registered with rpcbind.
    register: bool,
}

#[derive(Clone, Copy, Debug)]
struct Limits {
    connections: usize,
    call_max: usize,
    message_timeout: Duration,
    idle_timeout: Option<Duration>,
    /// Replies that are remembered on UDP.
    replies: usize,
}

/// A [`Stopper`] was used.
const STOP: Token = Token(0);

/// A signal came.
const SIGNAL: Token = Token(1);

/// The first of the sources, behind which are the connections.
const SOURCES: usize = 2;

impl Server {
    /// A server that listens nowhere yet, for 64 connections, calls of 65 536 bytes and a message
    /// time-out of ten seconds.
    ///
    /// # Errors
    /// [`Error::Watch`] when the process has too many files open.
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
        Ok(Self { poll, stopper, signals: None, sources: Vec::new(), limits, replies: Replies::NONE, register: false })
    }

    /// Serves at most `limit` connections at a time, on all addresses together. The process needs one more file than
    /// this.
    ///
    /// When all are taken, a new connection gets the place of the one that has been idle longest, which is closed. It is
    /// idle when all calls received on it are answered, the client has read the replies, and no byte of another call has
    /// come. So no call that was received is lost; a client that calls later finds its connection closed
    /// ([`CallError::Closed`](oncilla::CallError::Closed) or a reset), and the call was not executed. When no connection
    /// is idle, the new one is closed.
    #[must_use]
    pub const fn connections(mut self, limit: usize) -> Self {
        self.limits.connections = limit;
        self
    }

    /// Takes calls of at most `bytes` bytes, with empty credentials and before framing: the largest
    /// `CALL_MAX` of the programs served. A longer call is refused with GARBAGE_ARGS.
    #[must_use]
    pub const fn call_max(mut self, bytes: usize) -> Self {
        self.limits.call_max = bytes;
        self
    }

    /// Closes a connection on which a message takes longer than this, to come from its first byte to
    /// its last or to be read by the client. Between messages a connection may be idle until the
    /// [idle time-out](Self::idle_timeout), as long as the client's machine is there: on TCP it is asked every minute.
    #[must_use]
    pub const fn message_timeout(mut self, timeout: Duration) -> Self {
        self.limits.message_timeout = timeout;
        self
    }

    /// Closes a connection that is idle for longer than this: without a call since its beginning or its last reply. `None`,
    /// the default, is for ever, or until its place is needed for [another](Self::connections).
    #[must_use]
    pub const fn idle_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.limits.idle_timeout = timeout;
        self
    }

    /// Remembers at most so many replies on UDP, 64 unless said otherwise, so that a call that a client repeats is
    /// answered again and not executed again. Procedures that are marked idempotent, and NULL, are not remembered.
    ///
    /// Each IP address has its share ([`SharedReplayCache`](oncilla::SharedReplayCache)): there should be as many
    /// replies as calls can be under way at once, in all clients together.
    #[must_use]
    pub const fn replay_memory(mut self, replies: usize) -> Self {
        self.limits.replies = replies;
        self
    }

    /// Remembers nothing: a call that a client on UDP repeats, because its procedure takes longer than the client
    /// waits or because a datagram was lost, is executed again. For procedures that may all be executed twice.
    #[must_use]
    pub const fn without_replay_memory(self) -> Self {
        self.replay_memory(0)
    }

    /// Listens on TCP, at the first of the address's resolutions that can be had. Port 0 takes any
    /// that is free; [`tcp_addresses`](Self::tcp_addresses) says which. This and its like may be called
    /// several times.
    ///
    /// # Errors
    /// [`Error::Resolve`], [`Error::Listen`] or [`Error::Watch`].
    pub fn tcp(self, address: impl ToSocketAddrs + fmt::Debug) -> Result<Self, Error> {
        let listener = Error::first(address, Listener::tcp, |on, source| Error::Listen { on, source })?;
        self.with(Source::Listener(listener))
    }

    /// Receives datagrams on UDP, at the first of the address's resolutions that can be had. A reply
    /// leaves from the address that was called, also when this is one of many that `0.0.0.0` or `[::]`
    /// stands for.
    ///
    /// Messages of more than 65 507 bytes do not fit a datagram: a procedure whose results might be
    /// larger is not run but refused with SYSTEM_ERR, and a reply that finds no room in the system's
    /// buffers is lost.
    ///
    /// A call that a client repeats, with the same bytes from the same port, runs once: its reply is remembered
    /// ([`replay_memory`](Self::replay_memory)), and what was repeated while its procedure ran is dropped.
    ///
    /// # Errors
    /// [`Error::Resolve`], [`Error::Listen`] or [`Error::Watch`].
    pub fn udp(self, address: impl ToSocketAddrs + fmt::Debug) -> Result<Self, Error> {
        let mailbox = Mailbox::new(Datagrams::bind(address)?).map_err(Error::Watch)?;
        self.with(Source::Mailbox(Box::new(mailbox)))
    }

    /// Listens on a Unix socket whose file only this user may open: mode 0600. The file is removed
    /// when the server is dropped; one that an earlier server left behind is replaced. Of servers that begin at once
    /// exactly one gets the path. For as long as that takes there is a file of the same name with `.lock` added.
    ///
    /// # Errors
    /// [`Error::Listen`] when a server listens there, a file that is no socket is there, the path is
    /// too long for a socket (some 90 bytes), or the file cannot be made; or [`Error::Watch`].
    pub fn unix(self, path: impl AsRef<Path>) -> Result<Self, Error> {
        self.unix_with_mode(path, 0o600)
    }

    /// Listens on a Unix socket whose file has this mode, whatever the process's mask is. Who may
    /// write to the file may call; `0o660` is for the file's group.
    ///
    /// # Errors
    /// As [`unix`](Self::unix).
    pub fn unix_with_mode(self, path: impl AsRef<Path>, mode: u32) -> Result<Self, Error> {
        let path = path.as_ref();
        let failed = |source| Error::Listen { on: path.display().to_string(), source };
        let listener = Listener::unix(path, mode).map_err(failed)?;
        self.with(Source::Listener(listener))
    }

    fn with(mut self, source: Source) -> Result<Self, Error> {
        let token = Token(SOURCES + self.sources.len());
        source.watch(self.poll.registry(), token).map_err(Error::Watch)?;
        self.sources.push(source);
        Ok(self)
    }

    /// Stops [`serve`](Self::serve) in order when the process is sent SIGINT (Ctrl-C) or SIGTERM. A
    /// second one ends the process at once, should a procedure not end. From now on these signals do
    /// not end the process by themselves, not even when the server is gone.
    ///
    /// # Errors
    /// [`Error::Watch`] when the process has too many files open.
    pub fn stop_on_signals(mut self) -> Result<Self, Error> {
        self.signals = Some(Signals::watch(self.poll.registry(), SIGNAL).map_err(Error::Watch)?);
        Ok(self)
    }

    /// Registers all of the table with this machine's rpcbind when [`serve`](Self::serve) begins, at the
    /// addresses on TCP and UDP, and takes it back when that ends: by a [`Stopper`], a
    /// [signal](Self::stop_on_signals), an error or a panic. [`Registration`] tells the rest.
    #[must_use]
    pub const fn register(mut self) -> Self {
        self.register = true;
        self
    }

    /// The TCP addresses it listens on, in the order of the calls of [`tcp`](Self::tcp).
    #[must_use]
    pub fn tcp_addresses(&self) -> Vec<SocketAddr> {
        self.sources.iter().filter_map(Source::tcp_address).collect()
    }

    /// The UDP addresses it receives on, in the order of the calls of [`udp`](Self::udp).
    #[must_use]
    pub fn udp_addresses(&self) -> Vec<SocketAddr> {
        self.sources.iter().filter_map(Source::udp_address).collect()
    }

    /// What stops it from another thread. There may be many.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Serves `table` until a [`Stopper`] or a [signal](Self::stop_on_signals) stops it, however long
    /// that takes.
    ///
    /// A stop takes one second at most, beside the procedure that is running: in that second, calls that have been received
    /// are still answered, and clients can read the replies. Then all connections are closed, and calls that were not begun
    /// are not executed. What no client can know is whether a call it sent in that moment was executed.
    ///
    /// # Errors
    /// [`Error::Nowhere`] when there is no address to listen on. [`Error::Watch`] when the system fails to wait. What goes wrong with one connection ends that
    /// connection and is no error. [`Error::Register`] when it was to [register](Self::register) and
    /// could not; then nobody was served.
    pub fn serve<S>(&mut self, table: &Table<S>, state: &mut S) -> Result<(), Error> {
        if self.sources.is_empty() {
            return Err(Error::Nowhere);
        }
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
