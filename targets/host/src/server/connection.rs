//! One client's connection: reads calls, writes replies, never blocks.

#[cfg(feature = "keys")]
mod keyed;
mod room;
#[cfg(feature = "tls")]
mod tls;

use std::io::{self, ErrorKind, Read, Write};
use std::ops::Range;
use std::time::{Duration, Instant};

use oncilla::Refusal;
use oncilla::framing::{Framing, Progress, RecordAhead};
use oncilla::message::{Call, CallFault, write_reply};

use super::Limits;
use super::buffers::{Buffers, Memory, Sizes};
use super::executor::Needs;
use super::hooks::{Closed, Visit};
use super::job::{Destination, Job};
use super::stream::{ONE_SHOT, Stream};
pub(super) use room::Condition;
#[cfg(feature = "tls")]
use tls::Offer;

/// How long a connection keeps grown buffers after its last message.
const KEEP: Duration = Duration::from_secs(1);

/// A client's connection.
#[derive(Debug)]
pub(super) struct Connection {
    stream: Stream,
    visit: Visit,
    #[cfg(feature = "tls")]
    offer: Offer,
    #[cfg(feature = "keys")]
    keyed: Option<Box<keyed::Keyed>>,
    framing: RecordAhead,
    buffers: Buffers,
    sizes: Sizes,
    /// The part of the transmit buffer that is still to be sent.
    unsent: Range<usize>,
    /// The place of a whole call that has not begun.
    call: Option<Range<usize>>,
    /// The call was received in part only, because there was no memory for the rest.
    cut: bool,
    pub(super) place: Place,
    /// There may be bytes to read.
    readable: bool,
    /// The client has shut down its side. Reading continues until the end of the stream, because the system reports
    /// this event only once.
    closing: bool,
    /// When the message that is being received or sent began.
    busy_since: Option<Instant>,
    /// When the connection last had a turn, if there is an idle time-out or the buffers have grown.
    idle_since: Option<Instant>,
    /// A whole call has arrived, inside TLS if that is required; or the client has proved its certificate.
    known: bool,
    /// The number of turns of all connections when this one was admitted.
    admitted: u64,
    /// The number of the connection's last turn. The connection with the lowest number has been idle longest.
    pub(super) last_turn: u64,
    /// The system reports when the socket has room to write.
    pub(super) watched_for_writing: bool,
}

/// What a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// An event.
    Resting,
    /// Its turn.
    Ready,
    /// A thread that is free to execute its call.
    Waiting,
    /// The end of its call, which runs in another thread.
    Away,
    /// The end of a call on another connection that its call repeats.
    Held,
}

/// How a step ended.
#[derive(Debug)]
pub(super) enum Step {
    /// There is more to do.
    Again,
    /// There is nothing to do until bytes arrive.
    Idle,
    /// There is nothing to do until the client reads.
    Blocked,
    /// A whole call has arrived.
    Call,
    /// The receive buffer is full, and must [grow](Connection::grow_rx).
    Full,
    /// The connection has ended and must be closed.
    Over(Closed),
}

impl Connection {
    pub(super) fn new(stream: Stream, visit: Visit, sizes: Sizes) -> Self {
        Self {
            stream,
            visit,
            #[cfg(feature = "tls")]
            offer: Offer::None,
            #[cfg(feature = "keys")]
            keyed: None,
            framing: sizes.framing(),
            buffers: sizes.buffers(),
            sizes,
            unsent: 0..0,
            call: None,
            cut: false,
            place: Place::Resting,
            readable: true,
            closing: false,
            busy_since: None,
            idle_since: None,
            known: false,
            admitted: 0,
            last_turn: 0,
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
    pub(super) const fn closes(&mut self, why: Closed) {
        self.visit.end(why);
    }

    /// Returns the time-out that the connection exceeds at its [deadline](Self::deadline).
    pub(super) const fn timeout(&self) -> Closed {
        if self.busy_since.is_some() { Closed::MessageTimeout } else { Closed::IdleTimeout }
    }

    /// Notes that bytes can be read, or that the system reports no more events until a read returns none. With
    /// `closing`, these are the last bytes.
    pub(super) fn bytes_came(&mut self, closing: bool) {
        self.readable = true;
        self.closing |= closing;
        if closing {
            self.check_leaving();
        }
    }

    /// Reports that the client leaves while its call runs, if it does.
    pub(super) fn check_leaving(&self) {
        if self.closing && self.place == Place::Away {
            self.visit.leaving();
        }
    }

    /// Stops reading. Calls that were read are still answered.
    pub(super) const fn stop_reading(&mut self) {
        self.readable = false;
        self.closing = false;
    }

    /// Returns when the connection exceeds the message time-out or the idle time-out.
    pub(super) fn deadline(&self, limits: &Limits) -> Option<Instant> {
        match (self.place, self.busy_since) {
            // It waits for this server.
            (Place::Waiting | Place::Away | Place::Held, _) => None,
            (_, Some(since)) => since.checked_add(limits.message_timeout),
            (_, None) => self.idle_since?.checked_add(limits.idle_timeout?),
        }
    }

    /// Returns when grown buffers are to shrink, if the connection rests until then.
    pub(super) fn shrinks_at(&self) -> Option<Instant> {
        if self.can_shrink() { self.idle_since?.checked_add(KEEP) } else { None }
    }

    fn can_shrink(&self) -> bool {
        self.place == Place::Resting && self.is_silent() && self.sizes.is_grown(&self.buffers)
    }

    /// Returns buffers that have grown to their first size, if no message is in them.
    pub(super) fn shrink(&mut self, memory: &mut Memory) {
        if self.can_shrink() {
            self.sizes.shrink(&mut self.buffers, memory);
        }
    }

    /// Gives back the memory of grown buffers, before the connection is closed.
    pub(super) fn give(&self, memory: &mut Memory) {
        self.sizes.give(&self.buffers, memory);
    }

    /// Returns whether no message is received or sent.
    fn is_silent(&self) -> bool {
        self.is_sent() && self.call.is_none() && !self.framing.is_amid() && !self.stream.is_busy()
    }

    /// Returns whether everything was passed to the socket.
    fn is_sent(&self) -> bool {
        self.unsent.is_empty() && !self.stream.has_unsent()
    }

    /// Returns whether calls that were read still need work.
    pub(super) fn has_work(&self) -> bool {
        self.place != Place::Resting || !self.is_sent()
    }

    /// Notes the end of a turn.
    pub(super) fn end_turn(&mut self, limits: &Limits) {
        if !self.unsent.is_empty() || self.framing.is_amid() || self.stream.is_busy() {
            self.busy_since.get_or_insert_with(Instant::now);
        } else {
            self.busy_since = None;
        }
        // A stranger that sends messages which open no session is idle from the beginning.
        #[cfg(feature = "keys")]
        if self.keyed.is_some() && self.is_stranger() && self.idle_since.is_some() {
            return;
        }
        if limits.idle_timeout.is_some() || self.sizes.is_grown(&self.buffers) {
            self.idle_since = Some(Instant::now());
        }
    }

    /// Reads bytes, finds a call or writes bytes, without blocking.
    pub(super) fn step(&mut self) -> io::Result<Step> {
        // The next call waits until the last reply has been sent. So a client that does not read is not served.
        if !self.is_sent() {
            return self.send();
        }
        #[cfg(feature = "tls")]
        if let Some(step) = self.start_tls() {
            return Ok(step);
        }
        if self.call.is_some() {
            return Ok(Step::Call);
        }
        match self.framing.next(&mut self.buffers.rx) {
            Progress::More if self.readable => self.receive(),
            Progress::More => Ok(Step::Idle),
            // It cannot be verified.
            #[cfg(feature = "keys")]
            Progress::Oversize { .. } if self.keyed.is_some() => Ok(Step::Over(Closed::Unverified)),
            // The beginning of a call that is too large was kept. It is refused with GARBAGE_ARGS.
            Progress::Message { start, length } | Progress::Oversize { start, length, .. } => {
                self.busy_since = None;
                self.call = Some(start..start + length);
                if std::mem::take(&mut self.cut) {
                    #[cfg(feature = "keys")]
                    if self.keyed.is_some() {
                        return Ok(Step::Over(Closed::Unverified));
                    }
                    self.met();
                    self.refuse();
                    return Ok(Step::Again);
                }
                #[cfg(feature = "tls")]
                if self.answer_probe() {
                    return Ok(Step::Again);
                }
                #[cfg(feature = "keys")]
                if let Some(step) = self.unlock() {
                    return Ok(step);
                }
                self.met();
                Ok(Step::Call)
            }
            // Record marking has no bytes between messages.
            Progress::Text { .. } | Progress::Dropped { .. } => Ok(Step::Again),
        }
    }

    fn send(&mut self) -> io::Result<Step> {
        let sent = match self.unsent.is_empty() {
            true => self.stream.flush().map(|()| None),
            false => self.stream.write(&self.buffers.tx[self.unsent.clone()]).map(Some),
        };
        match sent {
            Ok(Some(0)) => Ok(Step::Over(Closed::Client)),
            Ok(sent) => {
                self.unsent.start += sent.unwrap_or(0);
                if self.is_sent() && !self.stream.is_busy() {
                    self.busy_since = None;
                }
                Ok(Step::Again)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Step::Blocked),
            Err(error) => Err(error),
        }
    }

    /// Sends what the socket takes of the reply, without waiting.
    pub(super) fn send_rest(&mut self) {
        while !self.is_sent() && matches!(self.send(), Ok(Step::Again)) {}
    }

    fn receive(&mut self) -> io::Result<Step> {
        let window = self.framing.window(&mut self.buffers.rx);
        if window.is_empty() {
            return Ok(Step::Full);
        }
        let received = self.stream.read(window);
        let room = window.len();
        #[cfg(feature = "tls")]
        if let Some(step) = self.look_at_tls() {
            return Ok(step);
        }
        match received {
            Ok(0) => Ok(Step::Over(Closed::Client)),
            Ok(length) => {
                // When fewer bytes arrived than there was room for, no more wait: another read would return none. Some
                // systems report further bytes only after a read that returned none.
                self.readable = length == room || self.closing || ONE_SHOT || !self.stream.tells_by_length();
                self.framing.filled(length);
                Ok(Step::Again)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.readable = false;
                Ok(if self.is_sent() { Step::Idle } else { Step::Blocked })
            }
            Err(error) => Err(error),
        }
    }

    /// Lengthens the receive buffer. Returns false if there is no memory.
    pub(super) fn grow_rx(&mut self, memory: &mut Memory) -> bool {
        self.sizes.grow_rx(&mut self.buffers.rx, memory)
    }

    /// Skips the rest of the call that is being received. It is refused with SYSTEM_ERR.
    ///
    /// Under keys the connection ends, since no later message verifies.
    pub(super) fn skip(&mut self) {
        self.cut = true;
        self.framing.skip(&mut self.buffers.rx);
    }

    /// Refuses the call with SYSTEM_ERR: there is no memory for it.
    fn refuse(&mut self) {
        let beginning = self.buffers.rx.get(self.call.take().unwrap_or_default()).unwrap_or_default();
        let xid = match Call::parse(beginning) {
            Ok(call) => call.xid(),
            Err(CallFault::Refused { xid, .. }) => xid,
            Err(CallFault::NotACall) => return,
        };
        let length = write_reply(xid, Err(Refusal::SystemError), RecordAhead::room(&mut self.buffers.tx));
        self.visit.refused(beginning, length, Refusal::SystemError);
        self.reply(length);
    }

    /// Returns the bytes of the call that has arrived.
    pub(super) fn call(&self) -> &[u8] {
        #[cfg(feature = "keys")]
        if let Some(opened) = self.opened() {
            return opened;
        }
        self.received()
    }

    /// Returns the bytes of the message that has arrived, sealed or not.
    fn received(&self) -> &[u8] {
        self.call.clone().and_then(|call| self.buffers.rx.get(call)).unwrap_or_default()
    }

    /// Makes room for the reply. Returns false if there is no memory.
    pub(super) fn grow_tx(&mut self, needs: Needs, memory: &mut Memory) -> bool {
        #[cfg(feature = "keys")]
        let needs = match self.keyed {
            Some(_) => Needs { reply: super::lock::sealed_reply(needs.reply), ..needs },
            None => needs,
        };
        self.sizes.grow_tx(&mut self.buffers.tx, needs.reply, memory)
    }

    /// Takes the call, with the buffers, to be executed for the connection in `slot`.
    pub(super) fn take(&mut self, slot: usize) -> Job {
        let message = self.call.take().unwrap_or_default();
        let size = self.buffers.tx.len();
        let room = size - RecordAhead::room(&mut self.buffers.tx).len()..size;
        #[cfg(feature = "keys")]
        let room = self.keyed_room().unwrap_or(room);
        #[cfg_attr(not(feature = "keys"), allow(unused_mut))]
        let mut buffers = std::mem::take(&mut self.buffers);
        #[cfg(feature = "keys")]
        self.swap_opened(&mut buffers.rx);
        Job::new(self.visit.sender().clone(), Destination::Connection(slot), buffers, message, room)
    }

    /// Takes back a call that was not executed.
    pub(super) fn put_back(&mut self, job: Job) {
        self.call = Some(job.message);
        self.take_back(job.buffers);
    }

    /// Takes back the buffers of a call that has ended, and begins to send its reply.
    pub(super) fn end(&mut self, job: Job) {
        #[cfg(feature = "keys")]
        let key = keyed::key_of(&job);
        self.take_back(job.buffers);
        #[cfg(feature = "keys")]
        {
            self.forget_opened();
            if self.seal_reply(key, job.reply) {
                return;
            }
        }
        self.reply(job.reply);
    }

    #[cfg_attr(not(feature = "keys"), allow(unused_mut))]
    fn take_back(&mut self, mut buffers: Buffers) {
        #[cfg(feature = "keys")]
        self.swap_opened(&mut buffers.rx);
        self.buffers = buffers;
    }

    fn reply(&mut self, length: Option<usize>) {
        let frame = length.and_then(|length| RecordAhead::seal(&mut self.buffers.tx, length));
        self.unsent = 0..frame.map_or(0, <[u8]>::len);
    }
}
