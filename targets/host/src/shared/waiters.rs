//! The calls that wait on one connection. One of them reads for all.

#[cfg(test)]
mod orders;

use std::io;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::sync::{Condvar, Mutex, lock, wait};

/// The calls that wait for their replies, and which of them reads.
///
/// This type does no input or output. A call [enters](Self::enter) before it is sent, so that its reply finds it, and
/// [waits](Self::wait) after that. The first one that waits reads the connection and [delivers](Self::deliver) what
/// arrives to all. When it [leaves](Self::leave), the oldest call that waits becomes the reader.
#[derive(Debug)]
pub(super) struct Waiters {
    state: Mutex<State>,
    xids: Arc<Xids>,
}

/// The next xid of a client. All its connections share it, so that a call keeps its xid on the next connection.
pub(super) type Xids = AtomicU32;

#[derive(Debug, Default)]
struct State {
    /// In the order in which they entered.
    calls: Vec<Waiting>,
    /// The call whose thread reads, or is about to.
    reader: Option<u32>,
    /// Why no more replies will arrive.
    lost: Option<Lost>,
}

/// A call between `enter` and `leave`.
#[derive(Debug)]
struct Waiting {
    xid: u32,
    /// Notified when the call is done or has become the reader.
    bell: Arc<Condvar>,
    /// The thread waits for the bell, so that it can become the reader. It is not sending, for example.
    parked: bool,
    /// Receives the reply.
    reply: Vec<u8>,
    outcome: Option<Outcome>,
}

/// How a call ended.
#[derive(Debug)]
pub(super) enum Outcome {
    /// The reply is in the call's buffer.
    Reply,
    /// The reply has so many bytes, and the connection's buffer cannot hold it.
    TooLarge(u32),
    /// The connection was lost.
    Lost(Lost),
}

/// Why a connection was lost.
#[derive(Clone, Debug)]
pub(super) enum Lost {
    /// The peer closed it.
    Closed,
    /// The system or TLS reported an error.
    Failed(std::sync::Arc<io::Error>),
}

impl Lost {
    /// Returns the error again, for one of the calls.
    pub(super) fn error(&self) -> io::Error {
        match self {
            Self::Closed => io::ErrorKind::UnexpectedEof.into(),
            Self::Failed(error) => match error.raw_os_error() {
                Some(number) => io::Error::from_raw_os_error(number),
                None if error.get_ref().is_some() => io::Error::new(error.kind(), error.to_string()),
                None => error.kind().into(),
            },
        }
    }
}

/// What a waiting call has to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// The call is done: leave.
    Done,
    /// Read for all until this call is done, then leave.
    Read,
    /// The deadline has passed: leave.
    TimeUp,
}

impl Waiters {
    pub(super) fn new(xids: Arc<Xids>) -> Self {
        Self { state: Mutex::new(State::default()), xids }
    }

    /// Adds a call, which must leave again, with a buffer for its reply. Returns its xid, which is `xid` if that is given.
    ///
    /// Returns `Err` if the connection is lost already.
    pub(super) fn enter(&self, xid: Option<u32>, bell: &Arc<Condvar>, reply: &mut Vec<u8>) -> Result<u32, Lost> {
        let mut state = lock(&self.state);
        if let Some(lost) = &state.lost {
            return Err(lost.clone());
        }
        let (xid, reply) = (xid.unwrap_or_else(|| state.take(&self.xids)), mem::take(reply));
        state.calls.push(Waiting { xid, bell: Arc::clone(bell), parked: false, reply, outcome: None });
        Ok(xid)
    }

    /// Waits until the call is done or becomes the reader, or until no time is `left`.
    pub(super) fn wait(&self, xid: u32, left: impl Fn() -> Duration) -> Turn {
        let mut state = lock(&self.state);
        loop {
            let reader = state.reader;
            let Some(call) = state.calls.iter_mut().find(|call| call.xid == xid) else { return Turn::Done };
            call.parked = false;
            if call.outcome.is_some() {
                return Turn::Done;
            }
            if reader.is_none_or(|reader| reader == xid) {
                state.reader = Some(xid);
                return Turn::Read;
            }
            let left = left();
            if left.is_zero() {
                return Turn::TimeUp;
            }
            call.parked = true;
            let bell = Arc::clone(&call.bell);
            state = wait(&bell, state, left);
        }
    }

    /// Makes a call the reader that does not wait yet, if there is no reader. Returns whether it is the reader now.
    pub(super) fn try_read(&self, xid: u32) -> bool {
        *lock(&self.state).reader.get_or_insert(xid) == xid
    }

    /// Gives a reply to its call. Only the reader does this.
    ///
    /// `fill` writes the reply to the call's buffer. Nothing happens if no call waits for it: it is a late reply, or
    /// comes twice. Returns whether the call is `reader`.
    pub(super) fn deliver(&self, reader: u32, xid: u32, fill: impl FnOnce(&mut Vec<u8>) -> Outcome) -> bool {
        let mut state = lock(&self.state);
        let mut calls = state.calls.iter_mut();
        let Some(call) = calls.find(|call| call.xid == xid && call.outcome.is_none()) else { return false };
        call.outcome = Some(fill(&mut call.reply));
        if xid == reader {
            return true;
        }
        let bell = call.parked.then(|| Arc::clone(&call.bell));
        drop(state);
        if let Some(bell) = bell {
            bell.notify_one();
        }
        false
    }

    /// Returns whether the connection is lost.
    pub(super) fn is_lost(&self) -> bool {
        lock(&self.state).lost.is_some()
    }

    /// Ends all calls, and those that enter later.
    pub(super) fn lose(&self, lost: Lost) {
        let mut state = lock(&self.state);
        state.lost.get_or_insert_with(|| lost.clone());
        for call in state.calls.iter_mut().filter(|call| call.outcome.is_none()) {
            call.outcome = Some(Outcome::Lost(lost.clone()));
            call.bell.notify_one();
        }
    }

    /// Ends reading by a call that stays. The oldest call that waits becomes the reader.
    pub(super) fn stop_reading(&self, xid: u32) {
        let mut state = lock(&self.state);
        let bell = state.pass_on(xid);
        drop(state);
        if let Some(bell) = bell {
            bell.notify_one();
        }
    }

    /// Removes a call and returns its outcome and its buffer. If it is the reader, another call becomes the reader.
    pub(super) fn leave(&self, xid: u32) -> (Option<Outcome>, Vec<u8>) {
        let mut state = lock(&self.state);
        let place = state.calls.iter().position(|call| call.xid == xid);
        let call = place.map(|place| state.calls.remove(place));
        let bell = state.pass_on(xid);
        drop(state);
        if let Some(bell) = bell {
            bell.notify_one();
        }
        call.map(|call| (call.outcome, call.reply)).unwrap_or_default()
    }
}

impl State {
    /// Takes an xid that no waiting call has. It is used again after about 2³² further calls.
    fn take(&self, xids: &Xids) -> u32 {
        loop {
            let xid = xids.fetch_add(1, Ordering::Relaxed);
            if !self.calls.iter().any(|call| call.xid == xid) {
                return xid;
            }
        }
    }

    /// Makes the oldest parked call the reader, if `xid` is the reader. Returns the bell of the new reader.
    fn pass_on(&mut self, xid: u32) -> Option<Arc<Condvar>> {
        if self.reader != Some(xid) {
            return None;
        }
        let next = self.calls.iter().find(|call| call.parked && call.outcome.is_none());
        self.reader = next.map(|call| call.xid);
        next.map(|call| Arc::clone(&call.bell))
    }
}
