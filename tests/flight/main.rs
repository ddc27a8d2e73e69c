//! Calls in flight, on scripted transports, on lines with faults, and on sockets.

#[path = "../support/faults.rs"]
mod faults;
#[path = "../support/frames.rs"]
#[allow(dead_code)] // Only the sizes of buffers are needed here.
mod frames;
#[path = "../client/script.rs"]
#[allow(dead_code)] // Only a part of it is needed here.
mod script;

mod callbacks;
mod cancelling;
mod deadlines;
mod endpoint;
mod failures;
mod lockstep;
mod lossy;
mod model;
mod order;
mod polling;
mod retries;
mod serial;
mod slots;
mod sockets;
mod strangers;

use core::time::Duration;

use oncilla::framing::Framing;
use oncilla::{CallError, CallsInFlight, Client, Link, Retry, Tally, Ticket};

use script::{Script, success, sum, words};

oncilla::program! {
    /// The procedures that the tests call.
    pub mod counter = 0x2000_0042, version 1 {
        fn add(a: i32, b: i32) -> i32 = 1;
        fn reset() = 2;
        fn name() -> &str [..16] = 3, idempotent;
        fn echo(data: &[u8] [..64]) -> &[u8] [..64] = 4;
        fn level(value: heapless::Vec<u16, 3>) -> Result<bool, u32> = 5;
        fn note(line: &str [..16]) = 6, oneway;
    }
}

/// The xid of the first call.
const XID: u32 = 0xffff_fffe;

/// The total time-out of calls.
const TIMEOUT: Duration = Duration::from_millis(1000);

type Calls<F, const SLOTS: usize = 3, const BYTES: usize = { counter::SLOT_MAX }> =
    CallsInFlight<Client<Script<F>, Vec<u8>>, SLOTS, BYTES>;

type Error = CallError<&'static str>;

fn client<F: Framing>(script: Script<F>) -> Client<Script<F>, Vec<u8>> {
    let mut client = Client::new(Link::new(script, vec![0xc5; 600], vec![0x3a; 200]), XID);
    client.set_timeout(TIMEOUT);
    // Retransmission has tests of its own.
    client.set_retry(Retry::NEVER);
    client
}

fn calls<F: Framing, const SLOTS: usize, const BYTES: usize>(script: Script<F>) -> Calls<F, SLOTS, BYTES> {
    CallsInFlight::new(client(script))
}

/// Returns the frames that were sent.
fn sent<F: Framing, const SLOTS: usize, const BYTES: usize>(calls: &mut Calls<F, SLOTS, BYTES>) -> &[Vec<u8>] {
    &calls.caller().link().transport().sent
}

fn now<F: Framing, const SLOTS: usize, const BYTES: usize>(calls: &mut Calls<F, SLOTS, BYTES>) -> u64 {
    calls.caller().link().transport().now
}

/// Lets so many microseconds pass for other work.
fn work<F: Framing, const SLOTS: usize, const BYTES: usize>(calls: &mut Calls<F, SLOTS, BYTES>, micros: u64) {
    calls.caller().link().transport().now += micros;
}

type Adding = Ticket<counter::start::add>;

const fn tally(in_flight: usize, done: usize) -> Tally {
    Tally { in_flight, done, closed: false, restarted: false }
}

const TIMED_OUT: Error = CallError::TimedOut { after: TIMEOUT, unframed: 0 };
