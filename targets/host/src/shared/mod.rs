//! One client for many threads.

mod caller;
mod connection;
mod frame;
mod incoming;
mod outgoing;
mod source;
mod sync;
mod waiters;
mod wire;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use oncilla::framing::RecordAhead;
use oncilla::{Anonymous, Authenticate};

use crate::reconnect::{ConnectionState, Redial, Watch};
use connection::Connection;
use frame::Frame;
use source::Source;
use sync::Condvar;
pub(crate) use wire::Wire;

/// A client on a TCP or Unix connection that many threads use at once. Each thread has a clone.
///
/// Made by [`Connector::shared_tcp`](crate::Connector::shared_tcp) and `shared_unix`, and by the functions of the same
/// names after [`Connector::reconnect`](crate::Connector::reconnect).
///
/// ```
/// oncilla::program! {
///     pub mod oven = 0x2000_0001, version 1 { fn read(zone: u32) -> i32 = 1; }
/// }
/// # struct Device;
/// # impl oven::Service for Device { fn read(&mut self, zone: u32) -> i32 { 100 * zone as i32 } }
/// # static TABLE: oncilla::Table<Device> = oncilla::table![oven::program()];
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mut server = oncilla_host::Server::new()?.tcp("127.0.0.1:0")?;
/// # let (address, stopper) = (server.tcp_addresses()[0], server.stopper());
/// # let serving = std::thread::spawn(move || server.serve(&TABLE, &mut Device));
/// use oncilla_host::Connector;
///
/// let shared = Connector::new().shared_tcp(address)?;
/// std::thread::scope(|scope| {
///     for zone in 0..8 {
///         let mut oven = oven::Client::new(shared.clone());
///         scope.spawn(move || assert_eq!(oven.read(zone).unwrap(), 100 * zone as i32));
///     }
/// });
/// # stopper.stop();
/// # serving.join().unwrap()?;
/// # Ok(())
/// # }
/// ```
///
/// **At once.** The calls of all clones are in flight at once, and each reply goes to its call. The server may answer in
/// any order. A call does not wait for the calls of other threads, except while their bytes are sent.
///
/// **Clones.** Each clone has its own time-out, credential and buffers. A call borrows its clone until its results are
/// no longer used. Cloning is cheap, and does not connect.
///
/// **No thread of its own.** One of the threads that wait reads for all. When its reply has arrived, another one reads.
/// A call takes two system calls when no other thread calls.
///
/// **Time.** A call ends at its own time-out, whatever the other calls do. A reply that comes later is dropped. A call
/// that waits to be sent until its time-out ends with [`LinkError::Unsent`](oncilla::LinkError::Unsent). If some of its
/// bytes were sent, no further calls can be sent ([`LinkError::OutOfStep`](oncilla::LinkError::OutOfStep)), but calls that
/// were sent before can still be answered.
///
/// **Lost connections.** When the peer closes the connection, all calls that wait end with
/// [`CallError::Closed`](oncilla::CallError::Closed): they may have been executed. A call after that is
/// [`CallError::Link`](oncilla::CallError::Link) and is not sent. Make a new client then, or use a client that
/// [connects again](crate::Reconnector::shared_tcp): one of the threads that call makes the connection, and the others
/// wait for it until their own time-outs. What is sent again, and what errors state, is as for
/// [`Reconnecting`](crate::Reconnecting).
///
/// **Memory.** The connection has a buffer of [`Connector::buffer`](crate::Connector::buffer) bytes. Each clone has two
/// buffers, which grow with its calls and replies up to that size. A larger call ends with
/// [`CallError::Arguments`](oncilla::CallError::Arguments), and is not sent. A larger reply ends its call with
/// [`CallError::ReplyTooLarge`](oncilla::CallError::ReplyTooLarge). The other calls continue.
pub struct SharedClient<A = Anonymous> {
    source: Arc<Source>,
    /// The connection of the last call.
    connection: Option<Arc<Connection>>,
    bell: Arc<Condvar>,
    frame: Frame,
    reply: Vec<u8>,
    timeout: Option<Duration>,
    identity: A,
}

impl SharedClient {
    /// Takes a connected stream. `buffer` is the size of its buffer and the largest size of those of each clone.
    pub(crate) fn new(wire: Wire, buffer: usize) -> Self {
        Self::on(Source::once(wire, buffer))
    }

    /// Returns a client whose connections `redial` makes, `wire` being the first of them.
    pub(crate) fn reconnecting(redial: Redial<Wire>, wire: Option<Wire>, buffer: usize) -> Self {
        Self::on(Source::again(redial, wire, buffer))
    }

    fn on(source: Source) -> Self {
        Self {
            connection: source.current(),
            bell: Arc::new(Condvar::new()),
            frame: Frame::new(source.buffer),
            reply: Vec::new(),
            source: Arc::new(source),
            timeout: Some(crate::Client::<RecordAhead>::DEFAULT_TIMEOUT),
            identity: Anonymous,
        }
    }
}

impl<A> SharedClient<A> {
    /// Returns the client with a credential that it sends with every call. Clones made before keep theirs.
    #[must_use]
    pub fn with_credential<N: Authenticate>(self, identity: N) -> SharedClient<N> {
        let Self { source, connection, bell, frame, reply, timeout, identity: _ } = self;
        SharedClient { source, connection, bell, frame, reply, timeout, identity }
    }

    /// Sets the total time-out of the calls of this clone that follow: 5 seconds by default.
    ///
    /// It covers connecting again, sending, waiting and receiving.
    pub const fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = Some(timeout);
    }

    /// Makes the calls of this clone that follow wait for ever.
    ///
    /// While there is no connection, they end at the limit of the policy.
    pub const fn wait_for_ever(&mut self) {
        self.timeout = None;
    }

    /// Returns whether there is a connection, for all clones. A call of any clone notices a loss.
    #[must_use]
    pub fn state(&self) -> ConnectionState {
        self.source.watch.state()
    }

    /// Returns a handle that reads the state from other threads, also without a clone.
    #[must_use]
    pub fn watch(&self) -> Watch {
        self.source.watch.clone()
    }

    /// Calls `observer` at each change of the state of a client that connects again: a loss, each failed attempt, and a
    /// new connection.
    ///
    /// It runs on a thread that calls, and delays the calls that need a new connection. It replaces the observer before
    /// it, also that of other clones. It must not set another one.
    pub fn on_change(&self, observer: impl FnMut(&ConnectionState) + Send + 'static) {
        self.source.observe(Box::new(observer));
    }
}

/// The clone has the same time-out and credential, and buffers of its own.
impl<A: Clone> Clone for SharedClient<A> {
    fn clone(&self) -> Self {
        Self {
            source: Arc::clone(&self.source),
            connection: self.connection.clone(),
            bell: Arc::new(Condvar::new()),
            frame: self.frame.another(),
            reply: Vec::new(),
            timeout: self.timeout,
            identity: self.identity.clone(),
        }
    }
}

impl<A> fmt::Debug for SharedClient<A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SharedClient").field("state", &self.state()).finish_non_exhaustive()
    }
}
