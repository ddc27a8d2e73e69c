//! One client for many threads.

mod connection;
mod incoming;
mod outgoing;
mod sync;
mod waiters;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use oncilla::framing::{Framing, RecordAhead};
use oncilla::message::{CallHeader, MAX_AUTH_BODY, Reply};
use oncilla::xdr::{DecodeError, EncodeError, Fault};
use oncilla::{Anonymous, Authenticate, CallError, Caller, LinkError, ProcedureId, Time, Writer};

use connection::{Answer, Connection};
use sync::Condvar;

/// The first size of a handle's buffer for calls, in bytes.
const TX: usize = 512;

/// A client on a TCP or Unix connection that many threads use at once. Each thread has a clone.
///
/// Made by [`Connector::shared_tcp`](crate::Connector::shared_tcp) and
/// [`shared_unix`](crate::Connector::shared_unix).
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
/// that waits to be sent until its time-out is [`LinkError::Unsent`]. If some of its bytes were sent, no further calls
/// can be sent ([`LinkError::OutOfStep`]), but calls that were sent before can still be answered.
///
/// **Lost connections.** When the peer closes the connection, all calls that wait end with
/// [`CallError::Closed`]: they may have been executed. A call after that is [`CallError::Link`] and is not sent. Make a
/// new client then.
///
/// **Memory.** The connection has a buffer of [`Connector::buffer`](crate::Connector::buffer) bytes. Each clone has two
/// buffers, which grow with its calls and replies up to that size. A call that is larger is
/// [`CallError::Arguments`]; a reply that is larger is [`CallError::ReplyTooLarge`], and the other calls continue.
pub struct SharedClient<A = Anonymous> {
    connection: Arc<Connection>,
    bell: Arc<Condvar>,
    tx: Vec<u8>,
    reply: Vec<u8>,
    /// The largest size of `tx`.
    largest: usize,
    timeout: Option<Duration>,
    identity: A,
}

impl SharedClient {
    /// Takes a connected stream. `buffer` is the size of its buffer and the largest size of those of each clone.
    pub(crate) fn new(socket: socket2::Socket, buffer: usize, first_xid: u32) -> Self {
        Self {
            connection: Arc::new(Connection::new(socket, buffer, first_xid)),
            bell: Arc::new(Condvar::new()),
            tx: Vec::new(),
            reply: Vec::new(),
            largest: buffer,
            timeout: Some(crate::Client::<RecordAhead>::DEFAULT_TIMEOUT),
            identity: Anonymous,
        }
    }
}

impl<A> SharedClient<A> {
    /// Returns the client with a credential that it sends with every call. Clones made before keep theirs.
    #[must_use]
    pub fn with_credential<N: Authenticate>(self, identity: N) -> SharedClient<N> {
        let Self { connection, bell, tx, reply, largest, timeout, identity: _ } = self;
        SharedClient { connection, bell, tx, reply, largest, timeout, identity }
    }

    /// Sets the total time-out of the calls of this clone that follow: 5 seconds by default.
    ///
    /// It covers sending, waiting and receiving.
    pub const fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = Some(timeout);
    }

    /// Makes the calls of this clone that follow wait for ever.
    pub const fn wait_for_ever(&mut self) {
        self.timeout = None;
    }

    /// Returns the socket, for its addresses and options. Do not change its time-outs and blocking mode.
    #[must_use]
    pub fn socket(&self) -> &socket2::Socket {
        self.connection.socket()
    }

    fn deadline(&self) -> Time {
        self.timeout.map_or(Time::NEVER, |timeout| self.connection.now().after(timeout))
    }
}

/// The clone has the same time-out and credential, and buffers of its own.
impl<A: Clone> Clone for SharedClient<A> {
    fn clone(&self) -> Self {
        Self {
            connection: Arc::clone(&self.connection),
            bell: Arc::new(Condvar::new()),
            tx: Vec::new(),
            reply: Vec::new(),
            identity: self.identity.clone(),
            ..*self
        }
    }
}

impl<A> fmt::Debug for SharedClient<A> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SharedClient").field("socket", self.socket()).finish_non_exhaustive()
    }
}

impl<A: Authenticate> Caller for SharedClient<A> {
    type Error = io::Error;

    fn call<'c, R>(
        &'c mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
        results: impl FnOnce(&'c [u8]) -> Result<R, DecodeError>,
    ) -> Result<R, CallError<io::Error>> {
        let deadline = self.deadline();
        let Self { connection, bell, tx, reply, largest, timeout, identity } = self;
        let call = connection.begin(bell, reply)?;
        let frame = write(tx, *largest, identity, call.xid(), id, arguments)?;
        match call.send_and_wait(frame, deadline)? {
            Answer::Reply => {}
            Answer::TooLarge(size) => return Err(CallError::ReplyTooLarge { size }),
            Answer::TimeUp(unframed) => {
                return Err(CallError::TimedOut { after: timeout.unwrap_or_default(), unframed });
            }
        }
        let outcome = Reply::parse(reply).map_err(CallError::Reply)?.outcome;
        results(outcome.map_err(CallError::Refused)?).map_err(CallError::Results)
    }

    fn cast(
        &mut self,
        id: ProcedureId,
        arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
    ) -> Result<(), CallError<io::Error>> {
        let deadline = self.deadline();
        let xid = self.connection.take_xid();
        let frame = write(&mut self.tx, self.largest, &self.identity, xid, id, arguments)?;
        Ok(self.connection.send(xid, frame, deadline)?)
    }
}

/// Writes the frame of a call. The buffer grows up to `largest` bytes.
fn write<'t>(
    tx: &'t mut Vec<u8>,
    largest: usize,
    identity: &impl Authenticate,
    xid: u32,
    id: ProcedureId,
    arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
) -> Result<&'t [u8], CallError<io::Error>> {
    let (credential, verifier) = (identity.credential(), identity.verifier());
    let header = CallHeader { xid, id, credential, verifier };
    if credential.body.len().max(verifier.body.len()) > MAX_AUTH_BODY {
        // A larger buffer would not help (RFC 5531 §8.2).
        return Err(CallError::Arguments(EncodeError::Refused(Fault::Bound)));
    }
    let length = loop {
        match write_message(RecordAhead::room(tx), &header, &arguments) {
            Ok(length) => break length,
            Err(EncodeError::NoRoom { .. }) if tx.len() < largest => {
                tx.resize((2 * tx.len()).clamp(TX.min(largest), largest), 0);
            }
            Err(error) => return Err(CallError::Arguments(error)),
        }
    };
    let available = tx.len();
    RecordAhead::seal(tx, length).ok_or(CallError::Link(LinkError::BufferTooSmall { needed: length, available }))
}

/// Writes a call before framing. Returns its size.
fn write_message(
    room: &mut [u8],
    header: &CallHeader<'_>,
    arguments: impl Fn(&mut Writer<'_>) -> Result<(), EncodeError>,
) -> Result<usize, EncodeError> {
    let (needed, available) = (header.size(), room.len());
    let start = header.write(room).ok_or(EncodeError::NoRoom { needed, available })?;
    let mut writer = Writer::new(room.get_mut(start..).unwrap_or_default());
    arguments(&mut writer)?;
    Ok(start + writer.length())
}
