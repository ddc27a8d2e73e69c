//! One client's connection: reads calls, writes replies, never blocks.

use std::io::{self, ErrorKind, Read, Write};
use std::mem::MaybeUninit;
use std::time::Instant;

use oncilla::Table;
use oncilla::framing::{Framing, Progress, RecordAhead};

use super::Limits;
use super::hooks::{Closed, Visit};
use super::stream::{ONE_SHOT, Stream};

/// Steps in a turn. A step reads bytes, answers a call or writes bytes.
///
/// Enough to answer many small calls that arrive together, and few enough that other clients wait only briefly.
const STEPS: usize = 16;

/// The buffers of one connection. The next connection in the slot reuses them.
#[derive(Debug)]
pub(super) struct Buffers {
    rx: Box<[u8]>,
    tx: Box<[u8]>,
}

impl Buffers {
    /// Allocates buffers for calls of at most `call` bytes and replies of at most `reply` bytes.
    pub(super) fn new(call: usize, reply: usize) -> Self {
        let buffer = |message| vec![0; RecordAhead::buffer(message)].into_boxed_slice();
        Self { rx: buffer(call), tx: buffer(reply) }
    }
}

/// A client's connection.
#[derive(Debug)]
pub(super) struct Connection {
    stream: Stream,
    visit: Visit,
    framing: RecordAhead,
    /// The part of the transmit buffer that is still to be sent.
    unsent: std::ops::Range<usize>,
    /// There may be bytes to read.
    readable: bool,
    /// The client has shut down its side. Reading continues until the end of the stream, because the system reports
    /// this event only once.
    closing: bool,
    /// When the message that is being received or sent began.
    busy_since: Option<Instant>,
    /// When the connection last had a turn, if there is an idle time-out.
    idle_since: Option<Instant>,
    /// The number of the connection's last turn. The connection with the lowest number has been idle longest.
    pub(super) last_turn: u64,
    /// The connection waits for its turn.
    pub(super) queued: bool,
    /// The system reports when the socket has room to write.
    pub(super) watched_for_writing: bool,
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// There is more to do.
    Again,
    /// There is nothing to do until bytes arrive.
    Idle,
    /// There is nothing to do until the client reads.
    Blocked,
    /// The connection has ended and must be closed.
    Over(Closed),
}

impl Connection {
    pub(super) fn new(stream: Stream, visit: Visit) -> Self {
        Self {
            stream,
            visit,
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

    pub(super) const fn stream(&mut self) -> &mut Stream {
        &mut self.stream
    }

    /// Returns whether the client may call anything.
    pub(super) fn is_admitted(&self) -> bool {
        self.visit.is_admitted()
    }

    /// Sets the reason for which the connection is closed now.
    pub(super) const fn end(&mut self, why: Closed) {
        self.visit.end(why);
    }

    /// Returns the time-out that the connection exceeds at its [deadline](Self::deadline).
    pub(super) const fn timeout(&self) -> Closed {
        if self.busy_since.is_some() { Closed::MessageTimeout } else { Closed::IdleTimeout }
    }

    /// Notes that bytes can be read, or that the system reports no more events until a read returns none. With `closing`, these are the last bytes.
    pub(super) const fn bytes_came(&mut self, closing: bool) {
        self.readable = true;
        self.closing |= closing;
    }

    /// Stops reading. Calls that were read are still answered.
    pub(super) const fn stop_reading(&mut self) {
        self.readable = false;
        self.closing = false;
    }

    /// Returns when the connection exceeds the message time-out or the idle time-out.
    pub(super) fn deadline(&self, limits: &Limits) -> Option<Instant> {
        match self.busy_since {
            Some(since) => since.checked_add(limits.message_timeout),
            None => self.idle_since?.checked_add(limits.idle_timeout?),
        }
    }

    /// Returns whether the connection may be closed to free its slot: no call is in progress, and none waits to be
    /// read.
    pub(super) fn is_idle(&self) -> bool {
        let silent = !self.queued && self.unsent.is_empty() && !self.framing.is_amid();
        // A call that arrives after this check is not received. The client learns this from the closed connection.
        silent && !matches!(self.stream.socket().peek(&mut [MaybeUninit::uninit()]), Ok(length) if length > 0)
    }

    /// Starts to measure the idle time.
    pub(super) fn count_idle_time(&mut self) {
        self.idle_since = Some(Instant::now());
    }

    /// Returns whether calls that were read still need work.
    pub(super) fn has_work(&self) -> bool {
        self.queued || !self.unsent.is_empty()
    }

    /// Reads, answers and writes without blocking, for a limited number of steps and only while `goes_on` returns true.
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
                Err(_) => Turn::Over(Closed::Failed),
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
        // The next call waits until the last reply has been sent. So a client that does not read is not served.
        if !self.unsent.is_empty() {
            return self.send(&buffers.tx);
        }
        match self.framing.next(&mut buffers.rx) {
            Progress::More if self.readable => self.receive(&mut buffers.rx),
            Progress::More => Ok(Turn::Idle),
            // The beginning of a call that is too large was kept. It is refused with GARBAGE_ARGS.
            Progress::Message { start, length } | Progress::Oversize { start, length, .. } => {
                self.busy_since = None;
                let message = buffers.rx.get(start..start + length).unwrap_or_default();
                let reply = self.visit.answer(table, state, message, RecordAhead::room(&mut buffers.tx));
                let frame = reply.and_then(|length| RecordAhead::seal(&mut buffers.tx, length));
                self.unsent = 0..frame.map_or(0, <[u8]>::len);
                Ok(Turn::Again)
            }
            // Record marking has no bytes between messages.
            Progress::Text { .. } | Progress::Dropped { .. } => Ok(Turn::Again),
        }
    }

    fn send(&mut self, tx: &[u8]) -> io::Result<Turn> {
        match self.stream.write(&tx[self.unsent.clone()]) {
            Ok(0) => Ok(Turn::Over(Closed::Client)),
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
        match self.stream.read(window) {
            Ok(0) => Ok(Turn::Over(Closed::Client)),
            Ok(length) => {
                // When fewer bytes arrived than there was room for, no more wait: another read would return none. Some
                // systems report further bytes only after a read that returned none.
                self.readable = length == window.len() || self.closing || ONE_SHOT;
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
