//! At most once: what a server remembers of the calls it has answered.

mod aging;
mod different;
mod eviction;
mod garbage;
mod memory;
mod refused;
mod room;
mod same;
mod share;

use std::net::SocketAddr;

use oncilla::message::{CallHeader, OpaqueAuth, ProcedureId};
use oncilla::{Replay, ReplayCache, SharedReplayCache, Table};

oncilla::program! {
    /// What must not be done twice, and what may.
    mod ledger = 0x2000_0099, version 1 {
        fn add(amount: u32) -> u32 = 1;
        fn subtract(amount: u32) -> u32 = 2;
        fn total() -> u32 = 3, idempotent;
        fn note(amount: u32) = 4, oneway;
        fn page() -> &[u8] [..64] = 5;
        fn copy() -> &[u8] [..64] = 6, idempotent;
        fn fail(amount: u32) -> &[u8] [..4] = 7;
        fn pay(amount: u32, reference: u32) -> u32 = 8;
    }
}

const ADD: u32 = 1;
const SUBTRACT: u32 = 2;
const TOTAL: u32 = 3;
const NOTE: u32 = 4;
const PAGE: u32 = 5;
const COPY: u32 = 6;
const FAIL: u32 = 7;
const PAY: u32 = 8;

#[derive(Default)]
struct Ledger {
    total: u32,
    /// Procedures that ran.
    runs: u32,
}

impl Ledger {
    fn book(&mut self, amount: u32) -> u32 {
        self.runs += 1;
        self.total = self.total.wrapping_add(amount);
        self.total
    }
}

impl ledger::Service for Ledger {
    fn add(&mut self, amount: u32) -> u32 {
        self.book(amount)
    }
    fn subtract(&mut self, amount: u32) -> u32 {
        self.book(amount.wrapping_neg())
    }
    fn total(&mut self) -> u32 {
        self.book(0)
    }
    fn note(&mut self, amount: u32) {
        self.book(amount);
    }
    fn page(&mut self) -> &[u8] {
        self.book(1);
        &[0xaa; 60]
    }
    fn copy(&mut self) -> &[u8] {
        self.book(0);
        &[0xbb; 60]
    }
    fn fail(&mut self, amount: u32) -> &[u8] {
        self.book(amount);
        // More than the interface allows: SYSTEM_ERR after the deed.
        &[0xcc; 5]
    }
    fn pay(&mut self, amount: u32, _: u32) -> u32 {
        self.book(amount)
    }
}

static TABLE: Table<Ledger> = oncilla::table![ledger::program()];

/// Enough for every reply.
const BYTES: usize = TABLE.reply_max();

/// A server that remembers.
struct Serving<R> {
    ledger: Ledger,
    cache: R,
}

/// One that remembers the replies to the one peer of a line.
type Server<const SLOTS: usize, const BYTES: usize> = Serving<ReplayCache<SLOTS, BYTES>>;

/// One that remembers those to many.
type SharedServer<const SLOTS: usize, const BYTES: usize> = Serving<SharedReplayCache<SLOTS, BYTES>>;

const KEY: [u8; 16] = *b"known to no peer";

impl<const SLOTS: usize, const BYTES: usize> Server<SLOTS, BYTES> {
    const fn new() -> Self {
        Self { ledger: Ledger { total: 0, runs: 0 }, cache: ReplayCache::new() }
    }
}

impl<const SLOTS: usize, const BYTES: usize> SharedServer<SLOTS, BYTES> {
    const fn shared() -> Self {
        Self { ledger: Ledger { total: 0, runs: 0 }, cache: SharedReplayCache::new(KEY) }
    }
}

impl<R: Replay> Serving<R> {
    /// What it replies to `message` from `peer`, in a room of so many bytes.
    fn reply(&mut self, peer: Option<SocketAddr>, message: &[u8], room: usize) -> Option<Vec<u8>> {
        // What a reply does not fill is never zero by chance.
        let mut reply = vec![0xee; room];
        let length = self.cache.answer(None, peer.as_ref(), &TABLE, &mut self.ledger, message, &mut reply)?;
        reply.truncate(length);
        Some(reply)
    }

    /// The same for the one peer of a line, with room enough.
    fn ask(&mut self, message: &[u8]) -> Option<Vec<u8>> {
        self.reply(None, message, BYTES)
    }
}

fn peer(address: &str) -> Option<SocketAddr> {
    Some(address.parse().unwrap())
}

fn call(xid: u32, procedure: u32, arguments: &[u32]) -> Vec<u8> {
    let id = ProcedureId { program: ledger::PROGRAM, version: ledger::VERSION, procedure };
    call_of(xid, id, arguments)
}

fn call_of(xid: u32, id: ProcedureId, arguments: &[u32]) -> Vec<u8> {
    let header = CallHeader { xid, id, credential: OpaqueAuth::NONE, verifier: OpaqueAuth::NONE };
    let mut message = vec![0; 40];
    assert_eq!(header.write(&mut message), Some(40));
    message.extend(arguments.iter().flat_map(|word| word.to_be_bytes()));
    message
}

/// A reply whose accept status is `status`, and what follows.
fn accepted(xid: u32, status: u32, results: &[u32]) -> Option<Vec<u8>> {
    let header = [xid, 1, 0, 0, 0, status];
    Some(header.iter().chain(results).flat_map(|word| word.to_be_bytes()).collect())
}

fn success(xid: u32, results: &[u32]) -> Option<Vec<u8>> {
    accepted(xid, 0, results)
}

fn garbage_args(xid: u32) -> Option<Vec<u8>> {
    accepted(xid, 4, &[])
}

fn system_err(xid: u32) -> Option<Vec<u8>> {
    accepted(xid, 5, &[])
}
