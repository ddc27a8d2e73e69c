//! A connection that threads share.

use std::io;
use std::net::Shutdown;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use oncilla::{CallError, LinkError, Received, Time};

use super::incoming::{Arrived, Incoming};
use super::outgoing::Outgoing;
use super::sync::Condvar;
use super::waiters::{Lost, Outcome, Turn, Waiters, Xids};
use super::wire::Wire;
use crate::patience::Clock;
use crate::perhaps::perhaps_executed;
use crate::waiting::Waiting;

/// A connection on which several threads call at once.
#[derive(Debug)]
pub(super) struct Connection {
    wire: Wire,
    clock: Clock,
    waiters: Waiters,
    outgoing: Outgoing,
    /// Locked by the call that reads.
    incoming: Mutex<Incoming>,
    /// Received bytes and whole messages. Both numbers wrap around.
    bytes: AtomicU32,
    messages: AtomicU32,
    /// When bytes were last received, in milliseconds. It wraps around.
    last: AtomicU32,
    /// A call was answered.
    answered: AtomicBool,
}

/// How long a connection may be silent before it is checked whether the peer has closed it, in milliseconds.
const FRESH: u32 = 1;

impl Connection {
    /// Takes a connected stream. Replies are received into `buffer` bytes. Deadlines are instants of `clock`.
    pub(super) fn new(mut wire: Wire, clock: Clock, buffer: usize, xids: Arc<Xids>) -> Self {
        let waiting = || {
            let mut waiting = Waiting::on(&wire.socket);
            waiting.clock = clock;
            waiting
        };
        let (sending, receiving) = (waiting(), waiting());
        let held = wire.held();
        Self {
            wire,
            clock,
            waiters: Waiters::new(xids),
            outgoing: Outgoing::new(sending),
            incoming: Mutex::new(Incoming::new(buffer, receiving, held)),
            bytes: AtomicU32::new(0),
            messages: AtomicU32::new(0),
            last: AtomicU32::new(milliseconds(clock.now())),
            answered: AtomicBool::new(false),
        }
    }

    /// Begins a call. Its reply will be in `reply`. A call that is made again has the xid that it had.
    pub(super) fn begin<'c>(
        &'c self,
        xid: Option<u32>,
        bell: &Arc<Condvar>,
        reply: &'c mut Vec<u8>,
    ) -> Result<Call<'c>, LinkError<io::Error>> {
        let xid = self.waiters.enter(xid, bell, reply).map_err(unsent)?;
        let (bytes, messages) = self.received();
        Ok(Call { connection: self, xid, reply, bytes, messages, left: false })
    }

    /// Returns whether the peer has closed the connection or it failed, as far as this is known without waiting.
    ///
    /// `xid` is the call that asks. It takes a system call if no bytes arrived for some time.
    pub(super) fn is_gone(&self, xid: u32) -> bool {
        let silent = milliseconds(self.clock.now()).wrapping_sub(self.last.load(Ordering::Relaxed));
        if silent > FRESH && self.waiters.try_read(xid) {
            self.read_until(Time::ZERO, xid);
            self.waiters.stop_reading(xid);
        }
        self.waiters.is_lost()
    }

    /// Sends the frame of a call.
    fn send(&self, xid: u32, frame: &[u8], deadline: Time) -> Result<(), LinkError<io::Error>> {
        let mut reads = false;
        let sent = self.outgoing.send(&self.wire, self.clock, frame, deadline, || {
            // A server that cannot send its replies may stop reading calls.
            reads = self.waiters.try_read(xid);
            if reads {
                self.read_until(Time::ZERO, xid);
            }
            reads
        });
        if reads {
            self.waiters.stop_reading(xid);
        }
        sent
    }

    /// Receives for all calls until the reply to `own`, until the deadline, or until the connection is lost.
    fn read_until(&self, deadline: Time, own: u32) {
        let mut incoming = self.incoming.lock().unwrap_or_else(PoisonError::into_inner);
        let mut came = false;
        loop {
            let mut done = false;
            // Also the messages after the own reply, because another thread needs time to become the reader.
            let messages = incoming.messages(|arrived| done |= self.deliver(own, arrived));
            self.messages.fetch_add(messages, Ordering::Relaxed);
            // If other messages arrive faster than they are delivered, the system never waits and never sees the deadline.
            if done || came && self.clock.now() > deadline {
                return;
            }
            match incoming.receive(&self.wire, deadline) {
                Ok(Received::Bytes(length)) => {
                    self.bytes.fetch_add(length as u32, Ordering::Relaxed);
                    self.last.store(milliseconds(self.clock.now()), Ordering::Relaxed);
                    came = true;
                }
                Ok(Received::TimeUp) => return,
                // A stream has no datagrams that could be too large.
                Ok(Received::End | Received::Oversize(_)) => return self.lose(Lost::Closed),
                Err(error) => return self.lose(Lost::Failed(Arc::new(error))),
            }
        }
    }

    /// Gives a reply to the call that waits for it. Returns whether that is `own`.
    fn deliver(&self, own: u32, Arrived { xid, message, oversize }: Arrived<'_>) -> bool {
        self.waiters.deliver(own, xid, |reply| {
            if let Some(size) = oversize {
                return Outcome::TooLarge(size);
            }
            reply.clear();
            reply.extend_from_slice(message);
            Outcome::Reply
        })
    }

    /// Returns whether this is the first answer on this connection.
    pub(super) fn is_first_answer(&self) -> bool {
        !self.answered.load(Ordering::Relaxed) && !self.answered.swap(true, Ordering::Relaxed)
    }

    /// Ends all calls.
    fn lose(&self, lost: Lost) {
        // The peer learns that nobody reads its replies. The socket may be closed already.
        let _ = self.wire.socket.shutdown(Shutdown::Both);
        self.waiters.lose(lost);
    }

    /// Returns the numbers of received bytes and whole messages.
    fn received(&self) -> (u32, u32) {
        (self.bytes.load(Ordering::Relaxed), self.messages.load(Ordering::Relaxed))
    }
}

/// A call on a shared connection. When it is dropped, a late reply is dropped, too.
#[derive(Debug)]
pub(super) struct Call<'c> {
    connection: &'c Connection,
    xid: u32,
    reply: &'c mut Vec<u8>,
    /// What was received before this call.
    bytes: u32,
    messages: u32,
    /// The call waits no longer.
    left: bool,
}

/// The outcome of a call that was sent.
pub(super) enum Answer {
    /// The reply is in the buffer.
    Reply,
    /// The reply has so many bytes, which is more than the buffer holds.
    TooLarge(u32),
    /// The deadline passed. So many bytes arrived during the call that belong to no whole message.
    TimeUp(u32),
    /// The connection was lost.
    Lost(CallError<io::Error>),
}

impl Call<'_> {
    pub(super) const fn xid(&self) -> u32 {
        self.xid
    }

    /// Sends the call, which has no reply.
    pub(super) fn send(self, frame: &[u8], deadline: Time) -> Result<(), LinkError<io::Error>> {
        self.connection.send(self.xid, frame, deadline)
    }

    /// Sends the call and waits for its reply.
    pub(super) fn send_and_wait(mut self, frame: &[u8], deadline: Time) -> Result<Answer, LinkError<io::Error>> {
        let Self { connection, xid, .. } = self;
        connection.send(xid, frame, deadline)?;
        if connection.waiters.wait(xid, || deadline.since(connection.clock.now())) == Turn::Read {
            connection.read_until(deadline, xid);
        }
        match self.leave() {
            Some(Outcome::Reply) => Ok(Answer::Reply),
            Some(Outcome::TooLarge(size)) => Ok(Answer::TooLarge(size)),
            Some(Outcome::Lost(Lost::Closed)) => Ok(Answer::Lost(CallError::Closed)),
            Some(Outcome::Lost(lost)) => Ok(Answer::Lost(LinkError::Transport(perhaps_executed(lost.error())).into())),
            None => Ok(Answer::TimeUp(self.unframed())),
        }
    }

    fn leave(&mut self) -> Option<Outcome> {
        let (outcome, reply) = self.connection.waiters.leave(self.xid);
        *self.reply = reply;
        self.left = true;
        outcome
    }

    fn unframed(&self) -> u32 {
        let (bytes, messages) = self.connection.received();
        if messages == self.messages { bytes.wrapping_sub(self.bytes) } else { 0 }
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        if !self.left {
            self.leave();
        }
    }
}

/// Returns the milliseconds of an instant, or about so many. They wrap around.
const fn milliseconds(time: Time) -> u32 {
    (time.as_micros() >> 10) as u32
}

/// Returns the error of a call that was not sent, because the connection was lost before it.
fn unsent(lost: Lost) -> LinkError<io::Error> {
    let why = match lost {
        Lost::Closed => "the peer closed the connection".into(),
        Lost::Failed(..) => format!("the connection failed ({})", lost.error()),
    };
    let text = format!("{why} before this call, which was not sent; connect again");
    LinkError::Transport(io::Error::new(io::ErrorKind::NotConnected, text))
}
