//! Endpoints: both call and serve on one link, by a clock of the test's own and on real sockets.

#[path = "../support/faults.rs"]
mod faults;
#[path = "../support/frames.rs"]
#[allow(dead_code)] // Only a part of it is needed here.
mod frames;
mod hand;

mod both;
mod calling;
mod credit;
mod follow;
mod lockstep;
mod lossy;
mod model;
mod nested;
mod nesting;
mod noting;
mod once;
mod oneway;
mod restart;
mod retries;
mod sockets;
mod strangers;
mod waiting;

use core::time::Duration;

use oncilla::{CallError, Endpoint, Link, ReplayCache, Table, Transport};

use faults::Carried;
use faults::line::{Clock, End, Line, both};
use frames::Sized;

oncilla::program! {
    /// The procedures that both endpoints serve.
    pub mod peer = 0x2000_0077, version 1 {
        /// Returns twice the value; takes as long as the state's `slow` says.
        fn double(value: u32) -> u32 = 1, idempotent;
        /// Returns the sum of all amounts.
        fn add(amount: u32) -> u32 = 2;
        fn name(index: u32) -> &str [..16] = 3, idempotent;
        fn echo(data: &[u8] [..600]) -> &[u8] [..600] = 4;
        fn note(amount: u32) = 5, oneway;
        /// Asks the peer to call `add` of this endpoint.
        fn bill(amount: u32) = 6;
    }
}

const DOUBLE: u32 = 1;
const ADD: u32 = 2;
const ECHO: u32 = 4;
const NOTE: u32 = 5;

/// The state of the procedures.
#[derive(Default)]
pub struct State {
    /// The number of executed calls.
    served: u32,
    sum: u32,
    noted: Vec<u32>,
    /// Amounts to add at the peer.
    bills: Vec<u32>,
    /// How long `double` takes, and by which clock.
    slow: Option<(Clock, u64)>,
    /// The place on the stack at which `double` ran each time.
    frames: Vec<usize>,
}

impl peer::Service for State {
    fn double(&mut self, value: u32) -> u32 {
        self.served += 1;
        self.frames.push((&raw const value).addr());
        if let Some((clock, micros)) = &self.slow {
            clock.pass(*micros);
        }
        value.wrapping_mul(2)
    }
    fn add(&mut self, amount: u32) -> u32 {
        self.served += 1;
        self.sum = self.sum.wrapping_add(amount);
        self.sum
    }
    fn name(&mut self, index: u32) -> &str {
        self.served += 1;
        ["zero", "one", "two"].get(index as usize).copied().unwrap_or_default()
    }
    fn echo<'a>(&'a mut self, data: &'a [u8]) -> &'a [u8] {
        self.served += 1;
        data
    }
    fn note(&mut self, amount: u32) {
        self.served += 1;
        self.noted.push(amount);
    }
    fn bill(&mut self, amount: u32) {
        self.served += 1;
        self.bills.push(amount);
    }
}

static TABLE: Table<State> = oncilla::table![peer::program()];

type Cache = ReplayCache<8, { TABLE.reply_max() }>;

/// An endpoint with a replay cache.
type Peer<T> = Endpoint<State, T, Vec<u8>, Cache>;

/// The total time-out of calls.
const TIMEOUT: Duration = Duration::from_millis(1000);

/// The xid of the first call. The next is 0.
const XID: u32 = u32::MAX;

/// Creates an endpoint with buffers that are just large enough.
fn peer<T: Transport<Framing: Sized>>(transport: T) -> Peer<T> {
    peer_from(transport, XID)
}

/// Creates one of two endpoints that both call, with different xids.
fn peer_at<F: Sized + Carried>(end: End<F>) -> Peer<End<F>> {
    let first_xid = end.first_xid(XID);
    peer_from(end, first_xid)
}

/// Creates an endpoint whose first call has the xid `first_xid`.
fn peer_from<T: Transport<Framing: Sized>>(transport: T, first_xid: u32) -> Peer<T> {
    let size = T::Framing::buffer(peer::CALL_MAX.max(peer::REPLY_MAX));
    let link = Link::new(transport, vec![0xc5; size], vec![0x3a; size]);
    let mut peer = Endpoint::new(link, &TABLE, State::default(), first_xid).with_replay(Cache::new());
    peer.set_timeout(TIMEOUT);
    peer
}

type Outcome<R> = Result<R, CallError<&'static str>>;

fn double<T: Transport>(peer: &mut Peer<T>, value: u32) -> Result<u32, CallError<T::Error>> {
    peer::Client::new(peer).double(value)
}

fn add<T: Transport>(peer: &mut Peer<T>, amount: u32) -> Result<u32, CallError<T::Error>> {
    peer::Client::new(peer).add(amount)
}
