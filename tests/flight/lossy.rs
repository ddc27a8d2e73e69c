//! Both endpoints have calls in flight over a line with faults in both directions: every call returns the right result
//! or a time-out, and none is executed twice.

use oncilla::framing::{Cobs, Datagram, crc32};
use oncilla::{Endpoint, ReplayCache, Retry, Table, Time, Transport};

use crate::faults::line::{End, Line, both};
use crate::faults::{Carried, Faults, Faulty, Random};
use crate::frames::Sized;
use crate::lossy::work::{finish, start};
use crate::*;

oncilla::program! {
    mod work = 0x2000_0050, version 1 {
        /// Returns a digest of both.
        fn check(serial: u32, data: &[u8] [..200]) -> u32 = 1;
        /// Returns the data.
        fn echo(serial: u32, data: &[u8] [..200]) -> &[u8] [..200] = 2;
    }
}

static TABLE: Table<Executed> = oncilla::table![work::program()];

/// How often each call was executed, by its serial number.
struct Executed(Vec<u8>);

impl work::Service for Executed {
    fn check(&mut self, serial: u32, data: &[u8]) -> u32 {
        self.0[serial as usize] += 1;
        digest(serial, data)
    }
    fn echo<'a>(&'a mut self, serial: u32, data: &'a [u8]) -> &'a [u8] {
        self.0[serial as usize] += 1;
        data
    }
}

fn digest(serial: u32, data: &[u8]) -> u32 {
    serial.rotate_left(7) ^ crc32(data)
}

/// More than the number of calls that can be started while one is retransmitted.
type LargeCache = ReplayCache<512, { TABLE.reply_max() }>;

type Peer<F> = CallsInFlight<Endpoint<Executed, Faulty<End<F>>, Vec<u8>, LargeCache>, 4, { work::SLOT_MAX }>;

/// The number of calls of each endpoint.
const CALLS: u32 = 2_000;

/// A call in flight, and what was sent with it.
struct Flying {
    ticket: Of,
    serial: u32,
    data: Vec<u8>,
    deadline: Time,
}

enum Of {
    Check(Ticket<start::check>),
    Echo(Ticket<start::echo>),
}

/// Which calls returned results, and how often the peer's calls were executed.
struct Report {
    right: Vec<bool>,
    executed: Vec<u8>,
}

fn run<F: Sized + Carried>(end: End<F>, seed: u64, timeout: Duration) -> Report {
    let mut random = Random::new(seed ^ 0xf11e);
    let size = F::buffer(work::CALL_MAX.max(work::REPLY_MAX));
    let link = Link::new(Faulty::new(end, seed).sending(Faults::BAD), vec![0; size], vec![0; size]);
    let state = Executed(vec![0; CALLS as usize]);
    let mut endpoint = Endpoint::new(link, &TABLE, state, (seed as u32) << 20).with_replay(LargeCache::new());
    endpoint.set_timeout(timeout);
    endpoint.set_retry(Retry::doubling(timeout / 10));
    let mut peer = Peer::<F>::new(endpoint);
    let (mut right, mut flying, mut serial) = (vec![false; CALLS as usize], Vec::<Flying>::new(), 0);
    while serial < CALLS || !flying.is_empty() {
        if serial < CALLS && flying.len() < 4 {
            flying.push(begin(&mut peer, serial, &mut random, timeout));
            serial += 1;
        } else {
            let one = flying.swap_remove(random.below(flying.len() as u64) as usize);
            let (begun, deadline, serial) = (now(&mut peer), one.deadline, one.serial);
            // Some calls are cancelled; whether they were executed is unknown then.
            right[serial as usize] = if random.percent(1) { cancel(&mut peer, one) } else { end_of(&mut peer, one) };
            assert!(now(&mut peer) <= deadline.max(begun), "call {serial} took longer than its time-out");
        }
        if random.percent(30) {
            let until = now(&mut peer).after(Duration::from_micros(random.below(5_000)));
            peer.poll_until(until).unwrap();
        }
    }
    // Until the peer is done, too.
    while !peer.poll_until(Time::NEVER).unwrap().closed {}
    Report { right, executed: std::mem::take(&mut peer.caller().state().0) }
}

fn now<F: Carried>(peer: &mut Peer<F>) -> Time {
    peer.caller().link().transport().now()
}

fn begin<F: Carried>(peer: &mut Peer<F>, serial: u32, random: &mut Random, timeout: Duration) -> Flying {
    let (data, deadline) = (random.bytes(200), now(peer).after(timeout));
    let ticket = if random.percent(70) {
        Of::Check(start::check(peer, serial, &data).unwrap())
    } else {
        Of::Echo(start::echo(peer, serial, &data).unwrap())
    };
    Flying { ticket, serial, data, deadline }
}

/// Returns whether the call has results, and checks them.
fn end_of<F: Carried>(peer: &mut Peer<F>, one: Flying) -> bool {
    let Flying { ticket, serial, data, .. } = one;
    let result = match ticket {
        Of::Check(ticket) => finish::check(peer, ticket).map(|result| assert_eq!(result, digest(serial, &data))),
        Of::Echo(ticket) => finish::echo(peer, ticket).map(|result| assert_eq!(result, data)),
    };
    match result {
        Ok(()) => true,
        Err(CallError::TimedOut { .. }) => false,
        Err(error) => panic!("call {serial}: {error}"),
    }
}

fn cancel<F: Carried>(peer: &mut Peer<F>, one: Flying) -> bool {
    match one.ticket {
        Of::Check(ticket) => peer.cancel(ticket),
        Of::Echo(ticket) => peer.cancel(ticket),
    }
    false
}

fn check(caller: &Report, server: &Report) {
    for (serial, (right, times)) in caller.right.iter().zip(&server.executed).enumerate() {
        assert!(*times == 1 || !right && *times == 0, "call {serial} (right: {right}) was executed {times} times");
    }
    let right = caller.right.iter().filter(|right| **right).count();
    // One call in a hundred is cancelled, and few time out: four transmissions are rarely all lost.
    assert!(right * 100 > caller.right.len() * 90, "only {right} calls were right");
}

fn on<F: Sized + Carried>(line: Line, timeout: Duration) {
    for seed in 0..3 {
        let [a, b] = Line { seed, ..line }.ends::<F>();
        let run = |end, seed| run::<F>(end, seed, timeout);
        let (a, b) = both(a, b, |end| run(end, 2 * seed), |end| run(end, 2 * seed + 1));
        check(&a, &b);
        check(&b, &a);
    }
}

#[test]
fn calls_over_cobs_are_executed_once() {
    on::<Cobs>(Line::QUICK, Duration::from_millis(100));
}

#[test]
fn calls_over_datagrams_are_executed_once() {
    on::<Datagram>(Line::QUICK, Duration::from_millis(100));
}

#[test]
fn calls_over_cobs_byte_by_byte_are_executed_once() {
    on::<Cobs>(Line::SERIAL, Duration::from_millis(1000));
}
