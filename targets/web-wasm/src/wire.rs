//! A serial line whose bytes the program carries itself.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::marker::PhantomData;
use std::rc::Rc;

use oncilla::framing::Framing;
use oncilla::{Beside, Received, Time, Transport};

/// The most bytes of a device's log that wait to be shown. Further pieces are counted only.
const HEARD_MAX: usize = 1 << 20;

/// One end of a line in memory, and its clock.
///
/// Clones are the same line.
#[derive(Clone, Default)]
pub struct Wire(Rc<RefCell<State>>);

struct State {
    now: Time,
    incoming: VecDeque<u8>,
    outgoing: Vec<u8>,
    is_closed: bool,
    received: u64,
    heard: Heard,
}

impl Default for State {
    fn default() -> Self {
        let (incoming, outgoing, heard) = Default::default();
        Self { now: Time::ZERO, incoming, outgoing, is_closed: false, received: 0, heard }
    }
}

/// What arrived beside messages.
#[derive(Default)]
pub struct Heard {
    /// The kind of each piece, and its bytes.
    pub pieces: Vec<(&'static str, Vec<u8>)>,
    /// Pieces for which there was no room.
    pub missed: usize,
    bytes: usize,
}

impl Wire {
    /// Sets the clock, which never goes back.
    pub fn set_now(&self, now: Time) {
        let mut state = self.0.borrow_mut();
        state.now = state.now.max(now);
    }

    /// Returns the time of the clock.
    pub fn now(&self) -> Time {
        self.0.borrow().now
    }

    /// Adds received bytes.
    pub fn receive(&self, bytes: &[u8]) {
        let mut state = self.0.borrow_mut();
        state.incoming.extend(bytes);
        state.received += bytes.len() as u64;
    }

    /// Returns whether all received bytes were taken.
    pub fn is_drained(&self) -> bool {
        self.0.borrow().incoming.is_empty()
    }

    /// Returns the number of bytes received so far.
    pub fn received(&self) -> u64 {
        self.0.borrow().received
    }

    /// Returns the bytes to send.
    pub fn to_send(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.borrow_mut().outgoing)
    }

    /// Returns what arrived beside messages since the last call.
    pub fn heard(&self) -> Heard {
        std::mem::take(&mut self.0.borrow_mut().heard)
    }

    /// Ends the line: no more bytes arrive.
    pub fn close(&self) {
        self.0.borrow_mut().is_closed = true;
    }

    /// Begins a new line: bytes of the former one are dropped.
    pub fn reopen(&self) {
        let mut state = self.0.borrow_mut();
        state.is_closed = false;
        state.incoming.clear();
        state.outgoing.clear();
    }
}

/// The transport of a [`Wire`], in one framing.
pub struct Line<F> {
    wire: Wire,
    framing: PhantomData<fn() -> F>,
}

impl<F> Line<F> {
    /// Returns the transport of a line.
    pub const fn new(wire: Wire) -> Self {
        Self { wire, framing: PhantomData }
    }
}

impl<F: Framing> Transport for Line<F> {
    type Error = Infallible;
    type Framing = F;

    const BESIDE: bool = true;

    fn now(&mut self) -> Time {
        self.wire.now()
    }

    /// Never waits: without bytes, the time is up, and the clock shows the deadline. So no loop that waits is endless.
    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, Infallible> {
        let mut state = self.wire.0.borrow_mut();
        let length = state.incoming.len().min(into.len());
        if length == 0 {
            if deadline != Time::NEVER {
                state.now = state.now.max(deadline);
            }
            return Ok(if state.is_closed { Received::End } else { Received::TimeUp });
        }
        for (byte, place) in state.incoming.drain(..length).zip(into) {
            *place = byte;
        }
        Ok(Received::Bytes(length))
    }

    fn send(&mut self, frame: &[u8], _: Time) -> Result<usize, Infallible> {
        self.wire.0.borrow_mut().outgoing.extend_from_slice(frame);
        Ok(frame.len())
    }

    fn beside(&mut self, what: Beside<'_>) {
        let (kind, bytes) = match what {
            Beside::Text(text) => ("text", text),
            Beside::Unverified(text) => ("clear", text),
            Beside::Log(bytes) => ("binary", bytes),
            Beside::Dropped(bytes) => ("dropped", bytes),
        };
        let heard = &mut self.wire.0.borrow_mut().heard;
        if heard.bytes + bytes.len() > HEARD_MAX {
            heard.missed += 1;
        } else {
            heard.bytes += bytes.len();
            heard.pieces.push((kind, bytes.to_vec()));
        }
    }
}
