//! Whole links with the forward secret suite. `tests/keys` has the rules of links, with the light one.

use std::thread;
use std::time::Duration;

use oncilla::framing::{Cobs, Datagram, Framing, Record};
use oncilla::keys::{Accepts, ForwardSecret, Key, KeyId, Opens, SecretStart, Side, sealed_call_by, sealed_reply_by};
use oncilla::{Client, Keyed, Link, Served, Table, Time, Transport};

oncilla::program! {
    mod ledger = 0x2000_0077, version 1 {
        fn add(amount: u32) -> u32 = 1;
    }
}

#[derive(Default)]
struct Ledger(u32);

impl ledger::Service for Ledger {
    fn add(&mut self, amount: u32) -> u32 {
        self.0 += amount;
        self.0
    }
}

static TABLE: Table<Ledger> = oncilla::table![ledger::program()];

static KEYS: [Key; 1] = [Key::new(KeyId(1), *b"sixteen bytes !!")];

type Opening = Opens<&'static Key, ForwardSecret>;
type Accepting = Accepts<&'static [Key; 1], 1, ForwardSecret>;

/// A key whose secret no peer has.
static WRONG: Key = Key::new(KeyId(1), *b"sixteen bytes !?");

fn opens(key: &'static Key, start: u8) -> Opening {
    Opens::new(Side::Host, key, SecretStart::new([start; 32]), start.into()).renew_after(4)
}

fn accepts() -> Accepting {
    Accepts::new(Side::Device, &KEYS, SecretStart::new([0xaa; 32]), 7)
}

/// Returns buffers of exactly the documented sizes, for calls and for replies.
fn buffers(framed: fn(usize) -> usize) -> [Vec<u8>; 2] {
    let call = sealed_call_by::<ForwardSecret>(ledger::CALL_MAX);
    let reply = sealed_reply_by::<ForwardSecret>(ledger::REPLY_MAX);
    [call, reply].map(|size| vec![0xc5; framed(size)])
}

/// Serves until the line ends. Returns the sum.
fn serve<T: Transport<Error: core::fmt::Debug>>(transport: T, framed: fn(usize) -> usize) -> u32 {
    let [call, reply] = buffers(framed);
    let mut link = Link::with_keys(transport, call, reply, accepts());
    let mut ledger = Ledger::default();
    while link.serve_next_once(&mut (), &TABLE, &mut ledger, Time::NEVER).unwrap() != Served::End {}
    ledger.0
}

fn client<T: Transport>(transport: T, framed: fn(usize) -> usize, ends: Opening) -> Client<Keyed<T, Opening>, Vec<u8>> {
    let [call, reply] = buffers(framed);
    let mut client = Client::new(Link::with_keys(transport, reply, call, ends), 1);
    client.set_timeout(Duration::from_secs(20));
    // The lines lose nothing, and the server remembers no replies: on a slow machine it would execute a call twice.
    client.set_retry(oncilla::Retry::NEVER);
    client
}

fn calls_arrive<F: Framing + 'static>(framed: fn(usize) -> usize) {
    let (near, far) = oncilla_host::pipe::<F>();
    thread::scope(|scope| {
        let serving = scope.spawn(move || serve(far, framed));
        let mut client = client(near, framed, opens(&KEYS[0], 1));
        // Keys are renewed several times.
        for sum in 1..=20 {
            assert_eq!(ledger::Client::new(&mut client).add(1).unwrap(), sum);
        }
        drop(client);
        assert_eq!(serving.join().unwrap(), 20);
    });
}

#[test]
fn calls_arrive_on_lines_datagrams_and_connections() {
    calls_arrive::<Cobs>(Cobs::buffer);
    calls_arrive::<Datagram>(Datagram::buffer);
    calls_arrive::<Record>(Record::buffer);
}

#[test]
fn a_wrong_key_gets_silence() {
    let (near, far) = oncilla_host::pipe::<Cobs>();
    thread::scope(|scope| {
        let serving = scope.spawn(move || serve(far, Cobs::buffer));
        let mut client = client(near, Cobs::buffer, opens(&WRONG, 1));
        client.set_timeout(Duration::from_millis(50));
        assert!(ledger::Client::new(&mut client).add(1).is_err());
        drop(client);
        assert_eq!(serving.join().unwrap(), 0);
    });
}
