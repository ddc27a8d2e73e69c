//! A bridge from TCP to a serial line. With it, `rpcinfo`, programs made by `rpcgen` and other standard ONC RPC clients
//! call a device on a UART.
//!
//! ```text
//! cargo run -p oncilla-bridge -- /dev/ttyUSB0 127.0.0.1:20049
//! rpcinfo -a 127.0.0.1.78.81 -T tcp 536870978 1
//! ```
//!
//! On the line, calls have xids of the bridge's own, so that two clients may use the same xid. They have the short form
//! if the device supports it. Clients receive standard messages, bit for bit as if they had called the device on TCP.
//! (A bridge that only listens, for example to write a capture file, can use [`lengthen`](oncilla::message::lengthen).)
//!
//! The bridge retransmits a call when its reply is lost, which a client on TCP would not do. A device that must not
//! execute calls twice needs a [`ReplayCache`](oncilla::ReplayCache).

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use oncilla::framing::{Framing, Progress, RecordAhead, Serial};
use oncilla::message::{Call, CallFault, OpaqueAuth, Refusal, write_reply};
use oncilla::{Authenticate, CallError, Caller, Client, Transport};
use oncilla_host::Connector;

/// The size of the largest message in bytes.
const BUFFER: usize = 1 << 16;

/// The largest number of connections. Each takes a thread, a file descriptor and two buffers.
pub const AT_ONCE: usize = 16;

/// How long a client may be idle. Then its connection is closed, to make room for others.
const IDLE: Duration = Duration::from_secs(300);

/// How long a client may take to read a reply.
const PATIENCE: Duration = Duration::from_secs(10);

/// The pause after the system lacked a resource to accept a connection.
const PAUSE: Duration = Duration::from_millis(100);

/// The credential and verifier of a client, passed on unchanged.
#[derive(Default)]
pub struct Identity {
    credential: (u32, Vec<u8>),
    verifier: (u32, Vec<u8>),
}

impl Identity {
    fn of(call: &Call<'_>) -> Self {
        let copy = |OpaqueAuth { flavor, body }: OpaqueAuth<'_>| (flavor, body.to_vec());
        Self { credential: copy(call.credential()), verifier: copy(call.verifier()) }
    }
}

impl Authenticate for Identity {
    fn credential(&self) -> OpaqueAuth<'_> {
        OpaqueAuth { flavor: self.credential.0, body: &self.credential.1 }
    }

    fn verifier(&self) -> OpaqueAuth<'_> {
        OpaqueAuth { flavor: self.verifier.0, body: &self.verifier.1 }
    }
}

/// The answer to a message from TCP.
pub enum Answer {
    /// A reply of this many bytes.
    Reply(usize),
    /// No answer: the message is not a call, or the device did not reply in time, for example because the procedure is
    /// one-way.
    Nothing,
    /// The connection must be closed, because the client cannot know whether its call was executed.
    Close(String),
}

type Line<T> = Client<T, Box<[u8]>, Identity>;

/// The serial line, used by one client at a time. It is lost only when a thread panics during a call.
pub struct Bridge<T: Transport>(Mutex<Option<Line<T>>>);

impl<T: Transport<Framing = Serial, Error: std::fmt::Display>> Bridge<T> {
    /// Creates a bridge to a device. A call has the client's default time-out of five seconds.
    pub fn new(line: T) -> Self {
        let link = Connector::new().buffer(BUFFER).link(line);
        // Any xid will do: no other client uses the line, and the boot number shows the device that this one is new.
        Self(Mutex::new(Some(Client::new(link, 1).with_credential(Identity::default()))))
    }

    /// Passes a message to the device, waits for the reply and writes it to `room`.
    pub fn relay(&self, message: &[u8], room: &mut [u8]) -> Answer {
        match Call::parse(message) {
            Ok(call) => self.call(&call, room),
            // The device would refuse it too, so it is not asked.
            Err(CallFault::Refused { xid, refusal }) => refuse(xid, refusal, room),
            Err(CallFault::NotACall) => Answer::Nothing,
        }
    }

    fn call(&self, call: &Call<'_>, room: &mut [u8]) -> Answer {
        let mut line = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(client) = line.take() else {
            return Answer::Close("the serial line is lost; restart the bridge".to_owned());
        };
        let client = line.insert(client.with_credential(Identity::of(call)));
        let results = client.call(
            call.id(),
            |arguments| arguments.append(call.arguments()),
            |results| Ok(write(call.xid(), results, room)),
        );
        match results {
            Ok(Some(length)) => Answer::Reply(length),
            Ok(None) => Answer::Close(format!("the reply is larger than {BUFFER} bytes")),
            Err(CallError::Refused(refusal)) => refuse(call.xid(), refusal, room),
            Err(CallError::TimedOut { .. }) => Answer::Nothing,
            Err(error) => Answer::Close(error.to_string()),
        }
    }
}

/// Writes a standard reply with results. Returns its size.
fn write(xid: u32, results: &[u8], room: &mut [u8]) -> Option<usize> {
    let header = write_reply(xid, Ok(()), room)?;
    room.get_mut(header..)?.get_mut(..results.len())?.copy_from_slice(results);
    Some(header + results.len())
}

/// Writes a standard refusal.
fn refuse(xid: u32, refusal: Refusal, room: &mut [u8]) -> Answer {
    write_reply(xid, Err(refusal), room).map_or(Answer::Nothing, Answer::Reply)
}

/// Relays the calls of one client, one after another, until it closes its connection.
fn connection<T: Transport<Framing = Serial, Error: std::fmt::Display>>(
    mut stream: TcpStream,
    bridge: &Bridge<T>,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(IDLE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let (mut framing, mut rx, mut tx) = (RecordAhead::default(), vec![0; BUFFER], vec![0; BUFFER]);
    loop {
        match framing.next(&mut rx) {
            Progress::Message { start, length } => {
                match bridge.relay(&rx[start..start + length], RecordAhead::room(&mut tx)) {
                    // A reply that fits the room can be sealed.
                    Answer::Reply(length) => {
                        stream.write_all(RecordAhead::seal(&mut tx, length).unwrap_or_default())?;
                    }
                    Answer::Nothing => {}
                    Answer::Close(why) => return Err(io::Error::other(why)),
                }
            }
            Progress::Oversize { size, .. } => {
                return Err(io::Error::other(format!("a call of {size} bytes was received; the limit is {BUFFER}")));
            }
            _ => match stream.read(framing.window(&mut rx)) {
                Ok(0) => return Ok(()),
                Ok(length) => framing.filled(length),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            },
        }
    }
}

/// Serves this number of connections in all, at most [`AT_ONCE`] at a time, each in its own thread. Further ones are
/// closed.
///
/// If the system lacks a resource for one connection, such as a file descriptor, the others continue.
pub fn serve<T: Transport<Framing = Serial, Error: std::fmt::Display> + Send>(
    listener: &TcpListener,
    bridge: &Bridge<T>,
    mut connections: usize,
) {
    let present = AtomicUsize::new(0);
    thread::scope(|scope| {
        while connections > 0 {
            let stream = match listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) => {
                    eprintln!("cannot accept a connection now: {error}; trying again");
                    thread::sleep(PAUSE);
                    continue;
                }
            };
            connections -= 1;
            let guard = Present::one_more(&present);
            if present.load(Ordering::Relaxed) > AT_ONCE {
                eprintln!("closed a connection: {AT_ONCE} are open already");
                continue;
            }
            let serving = move || {
                if let Err(error) = connection(stream, bridge) {
                    eprintln!("closed a connection: {error}");
                }
                drop(guard);
            };
            if let Err(error) = thread::Builder::new().spawn_scoped(scope, serving) {
                eprintln!("closed a connection: cannot start a thread: {error}");
            }
        }
    });
}

/// Counts a connection while it is open.
struct Present<'a>(&'a AtomicUsize);

impl<'a> Present<'a> {
    fn one_more(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Present<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
