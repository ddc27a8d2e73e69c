//! Links whose messages are sealed under a key.

// Not by `required-features`: the manifest of the Python package's source distribution would name a test that is not there.
#![cfg(feature = "keys")]

#[path = "../support/faults.rs"]
mod faults;
mod tap;

mod addresses;
mod beside;
mod carriers;
mod flight;
mod handshake;
mod lines;
mod lossy;
mod plain;
mod recorded;
mod sockets;
mod strangers;

use core::time::Duration;
use std::thread;

use oncilla::framing::Framing;
use oncilla::keys::{Accepts, Ends, Key, KeyId, Opens, Side};
use oncilla::message::{AuthStatus, Call};
use oncilla::{CallError, Client, Keyed, Link, LinkError, ReplayCache, Retry, Served, Table, Time, Transport};

use tap::Tap;

oncilla::program! {
    mod ledger = 0x2000_0077, version 1 {
        /// Adds `amount` and returns the sum.
        fn add(amount: u32) -> u32 = 1;
        fn echo(data: &[u8] [..100]) -> &[u8] [..100] = 2, idempotent;
        fn note(amount: u32) = 3, oneway;
        /// Returns the number of the key of this call, or 0.
        fn who() -> u32 = 4, idempotent;
    }
}

#[derive(Default)]
struct Ledger {
    sum: u32,
    /// Number of calls that were executed.
    runs: u32,
    /// The key of the present call.
    key: Option<KeyId>,
}

impl ledger::Service for Ledger {
    fn add(&mut self, amount: u32) -> u32 {
        self.runs += 1;
        self.sum += amount;
        self.sum
    }
    fn echo<'a>(&'a mut self, data: &'a [u8]) -> &'a [u8] {
        data
    }
    fn note(&mut self, amount: u32) {
        self.runs += 1;
        self.sum += amount;
    }
    fn who(&mut self) -> u32 {
        self.key.map_or(0, |key| key.0.into())
    }
}

/// Notes the key of each call.
fn note_key(ledger: &mut Ledger, call: &Call<'_>) -> Result<(), AuthStatus> {
    ledger.key = call.key();
    Ok(())
}

static TABLE: Table<Ledger> = oncilla::table![ledger::program()].authorize(note_key);

type Cache = ReplayCache<8, { TABLE.reply_max() }>;

static KEYS: [Key; 2] = [Key::new(KeyId(11), *b"sixteen bytes !!"), Key::new(KeyId(12), *b"and sixteen more")];

/// A wrong key: it has the number of the first key and other secret bytes.
static WRONG: Key = Key::new(KeyId(11), *b"sixteen bytes !?");

/// The boot numbers of the calling and of the serving side.
const CALLER: u32 = 7;
const SERVER: u32 = 9;

/// The xid of the first call.
const XID: u32 = 0x1234_fffe;

/// The time between retransmissions.
const PAUSE: Duration = Duration::from_millis(20);

/// A call takes some milliseconds, so this time-out is never reached.
const TIMEOUT: Duration = Duration::from_secs(20);

type Accepting = Accepts<&'static [Key; 2], 2>;
type Opening = Opens<&'static Key>;

/// Returns bytes that no other start has.
fn start(side: Side, boot: u32) -> [u8; 16] {
    let mut start = [side as u8; 16];
    start[..4].copy_from_slice(&boot.to_be_bytes());
    start
}

fn opens(key: &'static Key, boot: u32) -> Opening {
    Opens::new(Side::Host, key, start(Side::Host, boot), boot)
}

fn accepts(boot: u32) -> Accepting {
    Accepts::new(Side::Device, &KEYS, start(Side::Device, boot), boot)
}

fn keyed<T: Transport, E: Ends>(transport: T, ends: E) -> Link<Keyed<T, E>, Vec<u8>> {
    Link::with_keys(transport, vec![0xc5; 400], vec![0xc5; 400], ends)
}

/// Creates a client with a time-out and retransmissions that suit the line.
fn client<T: Transport, E: Ends>(transport: T, ends: E) -> Client<Keyed<T, E>, Vec<u8>> {
    let mut client = Client::new(keyed(transport, ends), XID);
    client.set_timeout(TIMEOUT);
    client.set_retry(Retry::every(PAUSE));
    client
}

fn add<C: oncilla::Caller>(client: &mut C, amount: u32) -> Result<u32, CallError<C::Error>> {
    ledger::Client::new(client).add(amount)
}

/// Serves with a replay cache until the link ends.
fn serve<T: Transport>(link: &mut Link<T, Vec<u8>>, state: &mut Ledger) -> Result<(), LinkError<T::Error>> {
    let mut cache = Cache::new();
    while link.serve_next_once(&mut cache, &TABLE, state, Time::NEVER)? != Served::End {}
    Ok(())
}

/// Runs `host` against a device that serves with boot number [`SERVER`]. Returns the state of the device.
fn against_device<F: Framing + 'static, R>(host: impl FnOnce(Tap<oncilla_host::Pipe<F>>) -> R) -> (R, Ledger) {
    let (near, far) = oncilla_host::pipe::<F>();
    thread::scope(|scope| {
        let serving = scope.spawn(move || {
            let mut ledger = Ledger::default();
            serve(&mut keyed(far, accepts(SERVER)), &mut ledger).unwrap();
            ledger
        });
        let result = host(Tap::new(near));
        (result, serving.join().unwrap())
    })
}
