//! Serial lines whose peers introduce themselves: the form of their calls, restarts, and text and logs on the line.

#[path = "../support/faults.rs"]
mod faults;
#[path = "../support/frames.rs"]
#[allow(dead_code)] // Only a part of it is needed here.
mod frames;
#[path = "../support/marks.rs"]
mod marks;
mod tap;

mod beside;
mod echo;
mod limits;
mod lossy;
mod meet;
mod once;
mod plain;
mod restart;
mod three;
mod twins;

use core::time::Duration;

use oncilla::framing::Serial;
use oncilla::{CallError, Client, Link, ReplayCache, Retry, Served, Table, Time, Transport};

use faults::line::{End, Line, both};
use tap::{Kind, Tap};

oncilla::program! {
    mod ledger = 0x2000_0077, version 1 {
        /// Adds `amount` and returns the sum.
        fn add(amount: u32) -> u32 = 1;
        fn echo(data: &[u8] [..100]) -> &[u8] [..100] = 2, idempotent;
        fn note(amount: u32) = 3, oneway;
        fn fail() -> &[u8] [..4] = 4, idempotent;
    }
}

#[derive(Default)]
struct Ledger {
    sum: u32,
    /// Number of calls that were executed.
    runs: u32,
}

impl ledger::Service for Ledger {
    fn add(&mut self, amount: u32) -> u32 {
        self.runs += 1;
        self.sum += amount;
        self.sum
    }
    fn echo<'a>(&'a mut self, data: &'a [u8]) -> &'a [u8] {
        self.runs += 1;
        data
    }
    fn note(&mut self, amount: u32) {
        self.runs += 1;
        self.sum += amount;
    }
    fn fail(&mut self) -> &[u8] {
        // More than the interface allows.
        &[0; 5]
    }
}

static TABLE: Table<Ledger> = oncilla::table![ledger::program()];

type Cache = ReplayCache<8, { TABLE.reply_max() }>;

/// Bytes of the largest message that a side receives by default.
const LARGEST: usize = 200;

/// The boot numbers of the calling and of the serving side.
const CALLER: u32 = 7;
const SERVER: u32 = 9;

/// The xid of the first call. Its upper half is not sent in the short form.
const XID: u32 = 0x1234_fffe;

/// The time between retransmissions.
const PAUSE: Duration = Duration::from_millis(20);

/// A call takes 2 ms on the line, so this time-out is never reached.
const TIMEOUT: Duration = Duration::from_secs(10);

fn buffer() -> Vec<u8> {
    vec![0xc5; Serial::buffer(LARGEST)]
}

/// Creates a link that introduces itself.
fn introduced<T: Transport<Framing = Serial>>(transport: T, boot: u32) -> Link<T, Vec<u8>> {
    Link::with_boot_number(transport, buffer(), buffer(), boot)
}

/// Creates a client with a time-out and retransmissions that suit the line.
fn client<T: Transport>(link: Link<T, Vec<u8>>, xid: u32) -> Client<T, Vec<u8>> {
    let mut client = Client::new(link, xid);
    client.set_timeout(TIMEOUT);
    client.set_retry(Retry::every(PAUSE));
    client
}

fn add<T: Transport>(client: &mut Client<T, Vec<u8>>, amount: u32) -> Result<u32, CallError<T::Error>> {
    ledger::Client::new(client).add(amount)
}

/// Serves with a replay cache until the link ends. Returns the number of restarts that were reported.
fn serve<T: Transport>(link: &mut Link<T, Vec<u8>>, state: &mut Ledger) -> u32
where
    T::Error: core::fmt::Debug,
{
    let (mut cache, mut restarts) = (Cache::new(), 0);
    loop {
        match link.serve_next_once(&mut cache, &TABLE, state, Time::NEVER).unwrap() {
            Served::End => return restarts,
            Served::Restart => restarts += 1,
            Served::Message | Served::TimeUp => {}
        }
    }
}

/// Serves with boot number [`SERVER`] until the link ends.
fn server(end: End<Serial>) -> (Ledger, Vec<Kind>) {
    let mut state = Ledger::default();
    let mut link = introduced(Tap::new(end), SERVER);
    assert_eq!(serve(&mut link, &mut state), 0, "nobody restarted");
    (state, link.transport().kinds())
}
