//! Serial lines whose ends introduce themselves: in which form they call, what they see of each other's restarts, and
//! what else is on the line.

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
        /// The sum of all that was added.
        fn add(amount: u32) -> u32 = 1;
        fn echo(data: &[u8] [..100]) -> &[u8] [..100] = 2, idempotent;
        fn note(amount: u32) = 3, oneway;
        fn fail() -> &[u8] [..4] = 4, idempotent;
    }
}

#[derive(Default)]
struct Ledger {
    sum: u32,
    /// Calls that were executed.
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

/// Bytes of the largest message that an end takes, unless said otherwise.
const LARGEST: usize = 200;

/// The boot numbers of who calls and who serves.
const CALLER: u32 = 7;
const SERVER: u32 = 9;

/// The xid of the first call: the upper half has no place in the short form.
const XID: u32 = 0x1234_fffe;

/// When calls are sent again.
const PAUSE: Duration = Duration::from_millis(20);

/// A call takes two of the line's milliseconds, so that this is for ever.
const TIMEOUT: Duration = Duration::from_secs(10);

fn buffer() -> Vec<u8> {
    vec![0xc5; Serial::buffer(LARGEST)]
}

/// A link that introduces itself.
fn introduced<T: Transport<Framing = Serial>>(transport: T, boot: u32) -> Link<T, Vec<u8>> {
    Link::with_boot_number(transport, buffer(), buffer(), boot)
}

/// A client with a time-out and repetitions that fit the line.
fn client<T: Transport>(link: Link<T, Vec<u8>>, xid: u32) -> Client<T, Vec<u8>> {
    let mut client = Client::new(link, xid);
    client.set_timeout(TIMEOUT);
    client.set_retry(Retry::every(PAUSE));
    client
}

fn add<T: Transport>(client: &mut Client<T, Vec<u8>>, amount: u32) -> Result<u32, CallError<T::Error>> {
    ledger::Client::new(client).add(amount)
}

/// Serves with a memory until nothing happens any more; gives how many restarts it saw.
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

/// Serves as [`SERVER`] until nothing happens any more.
fn server(end: End<Serial>) -> (Ledger, Vec<Kind>) {
    let mut state = Ledger::default();
    let mut link = introduced(Tap::new(end), SERVER);
    assert_eq!(serve(&mut link, &mut state), 0, "nobody restarted");
    (state, link.transport().kinds())
}
