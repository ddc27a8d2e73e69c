//! One client's connection: calls in, replies out, never waiting.

use std::io::{self, ErrorKind, Read, Write};
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::time::Instant;

use oncilla::framing::{Framing, Progress, RecordAhead};
use oncilla::{Table, answer_from};
use socket2::Socket;

use super::Limits;

/// Steps in a turn, each reading, or answering a call: enough for a client that sends many calls at
/// once, and few enough for the others, whose turn is next.
const STEPS: usize = 16;

/// The buffers of one connection, which the next one inherits.
#[derive(Debug)]
pub(super) struct Buffers {
    rx: Box<[u8]>,
    tx: Box<[u8]>,
}

impl Buffers {
    /// For calls and replies of at most so many bytes.
    pub(super) fn new(call: usize, reply: usize) -> Self {
        let buffer = |message| vec![0; RecordAhead::buffer(message)].into_boxed_slice();
        Self { rx: buffer(call), tx: buffer(reply) }
    }
}

/// A connection.
#[derive(Debug)]
pub(super) struct Connection {
    socket: Socket,
    /// The client's address on TCP.
    peer: Option<SocketAddr>,
    framing: RecordAhead,
    /// The part of the transmit buffer that is still to be sent.
    unsent: std::ops::Range<usize>,
    /// There may be bytes to read.
    readable: bool,
    /// The client will send no more, so reading must go on until it finds the end: the system does
    /// not tell a second time.
    closing: bool,
    /// Since when a message has been on its way, in or out.
    busy_since: Option<Instant>,
    /// Since when none has, where there is an idle time-out.
    idle_since: Option<Instant>,
    /// The number of its last turn, by which it is known which connection has been idle longest.
    pub(super) last_turn: u64,
    /// It waits for its turn.
    pub(super) queued: bool,
    /// The system tells when it can be written to.
    pub(super) watched_for_writing: bool,
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// There is more to do.
    Again,
    /// Nothing to do until bytes come.
    Idle,
    /// Nothing to do until the client reads.
    Blocked,
    /// It is over; close it.
    Over,
}

impl Connection {
    pub(super) fn new(socket: Socket, peer: Option<SocketAddr>) -> Self {
        Self {
            socket,
            peer,
            framing: RecordAhead::default(),
            unsent: 0..0,
            readable: true,
            closing: false,
            busy_since: None,
            idle_since: None,
            last_turn: 0,
            queued: false,
            watched_for_writing: false,
        }
    }

    pub(super) const fn socket(&self) -> &Socket {
        &self.socket
    }

    /// Bytes came, or `closing`: the last of them.
    pub(super) const fn bytes_came(&mut self, closing: bool) {
        self.readable = true;
        self.closing |= closing;
    }

    /// No more calls are to be taken than have been read.
    pub(super) const fn stop_reading(&mut self) {
        self.readable = false;
        self.closing = false;
    }

    /// When it will have been busy or idle for too long.
    pub(super) fn deadline(&self, limits: &Limits) -> Option<Instant> {
        match self.busy_since {
            Some(since) => since.checked_add(limits.message_timeout),
            None => self.idle_since?.checked_add(limits.idle_timeout?),
        }
    }

    /// Whether it may be closed to make room: no call is under way, and none has come that was not looked at.
    pub(super) fn is_idle(&self) -> bool {
        let silent = !self.queued && self.unsent.is_empty() && !self.framing.is_amid();
        // What comes after this look was not received, which the client is told by the end of its connection.
        silent && !matches!(self.socket.peek(&mut [MaybeUninit::uninit()]), Ok(length) if length > 0)
    }

    /// Begins to count the time in which it is idle.
    pub(super) fn count_idle_time(&mut self) {
        self.idle_since = Some(Instant::now());
    }

    /// Whether anything is left to do for calls that were read.
    pub(super) fn has_work(&self) -> bool {
        self.queued || !self.unsent.is_empty()
    }

    /// Does what can be done without waiting, for a while, as long as `goes_on`.
    pub(super) fn turn<S>(
        &mut self,
        buffers: &mut Buffers,
        table: &Table<S>,
        state: &mut S,
        goes_on: impl Fn() -> bool,
    ) -> Turn {
        let mut turn = Turn::Again;
        for _ in 0..STEPS {
            if !goes_on() {
                break;
            }
            turn = match self.step(buffers, table, state) {
                Ok(turn) => turn,
                Err(error) if error.kind() == ErrorKind::Interrupted => Turn::Again,
                Err(_) => Turn::Over,
            };
            if turn != Turn::Again {
                break;
            }
        }
        if !self.unsent.is_empty() || self.framing.is_amid() {
            self.busy_since.get_or_insert_with(Instant::now);
        } else {
            self.busy_since = None;
        }
        turn
    }

    fn step<S>(&mut self, buffers: &mut Buffers, table: &Table<S>, state: &mut S) -> io::Result<Turn> {
        // No call is taken before the reply to the last has left, so a client that does not read is
        // not served.
        if !self.unsent.is_empty() {
            return self.send(&buffers.tx);
        }
        match self.framing.next(&mut buffers.rx) {
            Progress::More if self.readable => self.receive(&mut buffers.rx),
            Progress::More => Ok(Turn::Idle),
            // Of a call that is too large the beginning was kept, which is refused with GARBAGE_ARGS.
            Progress::Message { start, length } | Progress::Oversize { start, length, .. } => {
                self.busy_since = None;
                let message = buffers.rx.get(start..start + length).unwrap_or_default();
                let reply = answer_from(self.peer.as_ref(), table, state, message, RecordAhead::room(&mut buffers.tx));
                let frame = reply.and_then(|length| RecordAhead::seal(&mut buffers.tx, length));
                self.unsent = 0..frame.map_or(0, <[u8]>::len);
                Ok(Turn::Again)
            }
            // There is nothing between records.
            Progress::Text { .. } | Progress::Dropped { .. } => Ok(Turn::Again),
        }
    }

    fn send(&mut self, tx: &[u8]) -> io::Result<Turn> {
        match self.socket.write(&tx[self.unsent.clone()]) {
            Ok(0) => Ok(Turn::Over),
            Ok(sent) => {
                self.unsent.start += sent;
                if self.unsent.is_empty() {
                    self.busy_since = None;
                }
                Ok(Turn::Again)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Turn::Blocked),
            Err(error) => Err(error),
        }
    }

    fn receive(&mut self, rx: &mut [u8]) -> io::Result<Turn> {
        let window = self.framing.window(rx);
        match self.socket.read(window) {
            Ok(0) => Ok(Turn::Over),
            Ok(length) => {
                // Fewer bytes than there was room for were all: asking again would only be told so.
                self.readable = length == window.len() || self.closing;
                self.framing.filled(length);
                Ok(Turn::Again)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.readable = false;
                Ok(Turn::Idle)
            }
            Err(error) => Err(error),
        }
    }
}
