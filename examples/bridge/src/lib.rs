//! A bridge from TCP to a serial line: `rpcinfo`, programs made by `rpcgen` and all that speaks standard ONC RPC
//! reaches a device on a UART.
//!
//! ```text
//! cargo run -p oncilla-bridge /dev/ttyUSB0 127.0.0.1:20049
//! rpcinfo -a 127.0.0.1.78.81 -T tcp 536870978 1
//! ```
//!
//! On the line a call has an xid of the bridge's own, so that two clients may use the same, and the short form where
//! the device takes it. What the client gets is the standard message, bit for bit as if the device had been called on
//! TCP. (A bridge that only looks, such as one that writes a capture file, has
//! [`lengthen`](oncilla::message::lengthen) for that.) The bridge sends a call again when its reply is lost, which a
//! client on TCP would not, so a device that must not execute calls twice remembers its replies
//! ([`ReplayCache`](oncilla::ReplayCache)).

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

/// Bytes of the largest message either way.
const BUFFER: usize = 1 << 16;

/// Connections at once: each takes a thread, a file descriptor and two buffers.
pub const AT_ONCE: usize = 16;

/// How long a client may say nothing, so that those who have gone make room.
const IDLE: Duration = Duration::from_secs(300);

/// How long a client may take to read a reply.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long to wait when the system lacked something to accept a connection.
const PAUSE: Duration = Duration::from_millis(100);

/// Who calls, as the client on TCP says it: passed on as it came.
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

/// What becomes of a message from TCP.
pub enum Answer {
    /// A reply of so many bytes.
    Reply(usize),
    /// None: the message is no call, or the device gave no reply in time, perhaps since the procedure is one-way.
    Nothing,
    /// The client cannot know what became of its call: its connection is closed.
    Close(String),
}

type Line<T> = Client<T, Box<[u8]>, Identity>;

/// The serial line, which one client uses at a time. It is gone only when a thread panicked amid a call.
pub struct Bridge<T: Transport>(Mutex<Option<Line<T>>>);

impl<T: Transport<Framing = Serial, Error: std::fmt::Display>> Bridge<T> {
    /// A bridge to a device. The time-out of a call is the client's default, five seconds.
    pub fn new(line: T) -> Self {
        let link = Connector::new().buffer(BUFFER).link(line);
        // Any xid will do: the line is this one's alone, and the device sees by the boot number that it is new.
        Self(Mutex::new(Some(Client::new(link, 1).with_credential(Identity::default()))))
    }

    /// Passes a message on and waits for the reply, which it writes in `room`.
    pub fn relay(&self, message: &[u8], room: &mut [u8]) -> Answer {
        match Call::parse(message) {
            Ok(call) => self.call(&call, room),
            // As a device answers it, which would have to be asked in vain.
            Err(CallFault::Refused { xid, refusal }) => refuse(xid, refusal, room),
            Err(CallFault::NotACall) => Answer::Nothing,
        }
    }

    fn call(&self, call: &Call<'_>, room: &mut [u8]) -> Answer {
        let mut line = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(client) = line.take() else { return Answer::Close("the line is lost".to_owned()) };
        let client = line.insert(client.with_credential(Identity::of(call)));
        let results = client.call(
            call.id(),
            |arguments| arguments.append(call.arguments()),
            |results| Ok(write(call.xid(), results, room)),
        );
        match results {
            Ok(Some(length)) => Answer::Reply(length),
            Ok(None) => Answer::Close(format!("the reply has more than {BUFFER} bytes")),
            Err(CallError::Refused(refusal)) => refuse(call.xid(), refusal, room),
            Err(CallError::TimedOut { .. }) => Answer::Nothing,
            Err(error) => Answer::Close(error.to_string()),
        }
    }
}

/// Writes a standard reply with results.
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
                    // What fits its room can be sealed.
                    Answer::Reply(length) => {
                        stream.write_all(RecordAhead::seal(&mut tx, length).unwrap_or_default())?;
                    }
                    Answer::Nothing => {}
                    Answer::Close(why) => return Err(io::Error::other(why)),
                }
            }
            Progress::Oversize { size, .. } => {
                return Err(io::Error::other(format!("a call of {size} bytes, of {BUFFER} at most")));
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

/// Serves so many connections in all, each in a thread of its own, and [`AT_ONCE`] of them at once; one more is closed.
///
/// What the system lacks for one connection, such as a file descriptor, ends none of the others.
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
                    eprintln!("no connection can be accepted just now: {error}");
                    thread::sleep(PAUSE);
                    continue;
                }
            };
            connections -= 1;
            let guard = Present::one_more(&present);
            if present.load(Ordering::Relaxed) > AT_ONCE {
                eprintln!("a connection was closed: there are {AT_ONCE} already");
                continue;
            }
            let serving = move || {
                if let Err(error) = connection(stream, bridge) {
                    eprintln!("a connection was closed: {error}");
                }
                drop(guard);
            };
            if let Err(error) = thread::Builder::new().spawn_scoped(scope, serving) {
                eprintln!("a connection was closed: it gets no thread: {error}");
            }
        }
    });
}

/// Counts a connection as long as it is there.
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
