//! At most once: replay caches answer repeated calls without executing them again.

mod aging;
mod different;
mod eviction;
mod garbage;
mod lent;
mod refused;
mod room;
mod same;
mod share;

use std::net::SocketAddr;

use oncilla::message::{CallHeader, OpaqueAuth, ProcedureId};
use oncilla::{Replay, ReplayCache, SharedReplayCache, Table};

oncilla::program! {
    /// Procedures that must not run twice, and procedures that may.
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
    /// Number of procedures that ran.
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
        // More than the interface allows: SYSTEM_ERR after the procedure has changed the state.
        &[0xcc; 5]
    }
    fn pay(&mut self, amount: u32, _: u32) -> u32 {
        self.book(amount)
    }
}

static TABLE: Table<Ledger> = oncilla::table![ledger::program()];

/// Enough for every reply.
const BYTES: usize = TABLE.reply_max();

/// A server with a replay cache.
struct Serving<R> {
    ledger: Ledger,
    cache: R,
}

/// A server with a replay cache for the one peer of a line.
type Server<const SLOTS: usize, const BYTES: usize> = Serving<ReplayCache<SLOTS, BYTES>>;

/// A server with a replay cache for many peers.
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
    /// Returns its reply to `message` from `peer`, in a room of `room` bytes.
    fn reply(&mut self, peer: Option<SocketAddr>, message: &[u8], room: usize) -> Option<Vec<u8>> {
        // Not zero, so that bytes outside the reply never match by chance.
        let mut reply = vec![0xee; room];
        let length = self.cache.answer(None, peer.as_ref().into(), &TABLE, &mut self.ledger, message, &mut reply)?;
        reply.truncate(length);
        Some(reply)
    }

    /// Returns its reply to the one peer of a line, with enough room.
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

/// Returns a reply with this accept status and these words after it.
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
