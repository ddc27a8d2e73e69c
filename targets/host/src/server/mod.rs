//! A server for many clients, in one thread and fixed memory.

mod connection;
mod listener;
mod running;
mod stop;

use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use mio::{Poll, Token};
use oncilla::Table;
use oncilla::framing::RecordAhead;
use oncilla::message::CREDENTIALS_MAX;

use crate::Error;
use listener::Listener;
use running::Running;
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
/// bytes to receive, for a call with the largest credentials and its record mark, and
/// [`Table::reply_max`] + 4 to send.
#[derive(Debug)]
pub struct Server {
    poll: Poll,
    stopper: Stopper,
    listeners: Vec<Listener>,
    limits: Limits,
}

#[derive(Clone, Copy, Debug)]
struct Limits {
    connections: usize,
    call_max: usize,
    message_timeout: Duration,
}

/// Wakes the server up to stop. Listeners have the tokens behind it, then connections.
const STOP: Token = Token(0);

impl Server {
    /// A server that listens nowhere yet, for 64 connections, calls of 65 536 bytes and a message
    /// time-out of ten seconds.
    ///
    /// # Errors
    /// [`Error::Watch`] when the process has too many files open.
    pub fn new() -> Result<Self, Error> {
        let poll = Poll::new().map_err(Error::Watch)?;
        let stopper = Stopper::new(poll.registry(), STOP).map_err(Error::Watch)?;
        let limits = Limits { connections: 64, call_max: 1 << 16, message_timeout: Duration::from_secs(10) };
        Ok(Self { poll, stopper, listeners: Vec::new(), limits })
    }

    /// Serves at most `limit` connections at a time, on all addresses together. One more is closed as
    /// soon as it is accepted; it costs the others nothing. The process needs one more file than this.
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
    /// its last or to be read by the client. Between messages a connection may be idle for ever.
    #[must_use]
    pub const fn message_timeout(mut self, timeout: Duration) -> Self {
        self.limits.message_timeout = timeout;
        self
    }

    /// Listens on TCP, at the first of the address's resolutions that can be had. Port 0 takes any
    /// that is free; [`tcp_addresses`](Self::tcp_addresses) says which. It may be called several times.
    ///
    /// # Errors
    /// [`Error::Resolve`] or [`Error::Listen`].
    pub fn tcp(mut self, address: impl ToSocketAddrs + fmt::Debug) -> Result<Self, Error> {
        self.add(Listener::tcp(address)?)?;
        Ok(self)
    }

    fn add(&mut self, listener: Listener) -> Result<(), Error> {
        let token = Token(STOP.0 + 1 + self.listeners.len());
        listener.watch(self.poll.registry(), token).map_err(Error::Watch)?;
        self.listeners.push(listener);
        Ok(())
    }

    /// The TCP addresses it listens on, in the order of the calls of [`tcp`](Self::tcp).
    #[must_use]
    pub fn tcp_addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().filter_map(Listener::tcp_address).collect()
    }

    /// What stops it from another thread. There may be many.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// Serves `table` until a [`Stopper`] stops it, however long that takes. Calls that have been
    /// received by then are still answered, and clients have a second to read the replies; then all
    /// connections are closed. What no client can know is whether a call it sent in that moment was
    /// received.
    ///
    /// # Errors
    /// [`Error::Watch`] when the system fails to wait. What goes wrong with one connection ends that
    /// connection and is no error.
    pub fn serve<S>(&mut self, table: &Table<S>, state: &mut S) -> Result<(), Error> {
        let receive = RecordAhead::buffer(self.limits.call_max.saturating_add(CREDENTIALS_MAX));
        let send = RecordAhead::buffer(table.reply_max());
        Running::new(self, receive, send).serve(table, state).map_err(Error::Watch)
    }
}
