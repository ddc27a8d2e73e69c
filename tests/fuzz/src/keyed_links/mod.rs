//! Any bytes to an end of a whole keyed link: the good peer's messages are still accepted, and nothing else is.

mod service;
mod stranger;
mod wire;

use std::convert::Infallible;
use std::time::Duration;

use oncilla::framing::{Cobs, Datagram, Record, RecordAhead};
use oncilla::keys::{
    Accepts, Both, Ends, ForwardSecret, Key, KeyId, Light, Opens, Side, sealed_call_by, sealed_reply_by,
};
use oncilla::{CallError, Client, Keyed, Link, Time, Transport};

use crate::faults::{Carriage, Carried};
use crate::frames::Sized;
use crate::sessions::Starts;
use service::{Ledger, counted, data, result};
use wire::{Queue, Server, Wire};

static KEYS: [Key; 1] = [Key::new(KeyId(1), *b"sixteen bytes !!")];

/// What the first byte chooses.
#[derive(Clone, Copy)]
struct Plan {
    /// Bytes arrive at the end that opens sessions. Otherwise they arrive at the one that accepts them.
    to_opener: bool,
    /// The attacked end opens and accepts sessions.
    both: bool,
    /// There is a session before the bytes arrive.
    running: bool,
    /// Bytes of a stream that are received at once.
    most: usize,
}

/// The first byte chooses the framing, the attacked end and the suite. The second one chooses in what pieces bytes
/// arrive. The rest is what [`stranger::frames`] makes the stranger's bytes of.
pub fn keyed_links(input: &[u8]) {
    let Some((&[first, most], rest)) = input.split_first_chunk() else { return };
    let plan =
        Plan { to_opener: first & 4 != 0, both: first & 8 != 0, running: first & 16 != 0, most: usize::from(most) };
    // The curve is slow.
    if first < 0xe0 { on::<Light>(first, plan, rest) } else { on::<ForwardSecret>(first, plan, rest) }
}

fn on<S: Starts>(first: u8, plan: Plan, rest: &[u8]) {
    match first & 3 {
        0 => with_ends::<Cobs, S>(plan, rest),
        1 => with_ends::<Datagram, S>(plan, rest),
        2 => with_ends::<Record, S>(plan, rest),
        _ => with_ends::<RecordAhead, S>(plan, rest),
    }
}

fn with_ends<F: Sized + Carried, S: Starts>(plan: Plan, rest: &[u8]) {
    let (mut opens, mut accepts) = (opens::<S>(Side::Host, 0), accepts::<S>(Side::Device, 1));
    if !plan.both {
        run::<F, S>(plan, rest, &mut opens, &mut accepts);
    } else if plan.to_opener {
        run::<F, S>(plan, rest, &mut Both::new(opens, self::accepts::<S>(Side::Host, 2)), &mut accepts);
    } else {
        run::<F, S>(plan, rest, &mut opens, &mut Both::new(self::opens::<S>(Side::Device, 3), accepts));
    }
}

fn opens<S: Starts>(side: Side, life: u32) -> Opens<&'static Key, S> {
    Opens::new(side, &KEYS[0], S::start(side as u8, life), life)
}

fn accepts<S: Starts>(side: Side, life: u32) -> Accepts<&'static [Key; 1], 1, S> {
    Accepts::new(side, &KEYS, S::start(side as u8, life), life)
}

fn link<F: Sized, S: Starts, T: Transport<Framing = F>, E: Ends>(transport: T, ends: E) -> Link<Keyed<T, E>, Vec<u8>> {
    let size = F::buffer(sealed_call_by::<S>(counted::CALL_MAX).max(sealed_reply_by::<S>(counted::REPLY_MAX)));
    Link::with_keys(transport, vec![0; size], vec![0; size], ends)
}

/// The numbers of calls: two with a session before, one that the stranger holds back, and those after the stranger.
const BEFORE: [u32; 2] = [1, 2];
const HELD: u32 = 3;
const AFTER: [u32; 2] = [4, 5];
/// On another connection.
const AGAIN: u32 = 6;

/// So short that the held call is sent once.
const HOLD: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(10);

fn run<F: Sized + Carried, S: Starts>(plan: Plan, rest: &[u8], opens: &mut impl Ends, accepts: &mut impl Ends) {
    let connection = F::CARRIAGE == Carriage::Connection;
    let mut server = Server::<F, _>::new(link::<F, S, _, _>(Queue::new(plan.most), &mut *accepts), Ledger::default());
    let wire = Wire {
        queue: Queue::new(plan.most),
        server: &mut server,
        recorded: Vec::new(),
        keeps: [false; 2],
        strange: Vec::new(),
    };
    let mut client = Client::new(link::<F, S, _, _>(wire, &mut *opens), 1);
    let mut right = Vec::new();
    if plan.running {
        for number in BEFORE {
            assert_eq!(call(&mut client, number), Ok(true), "call {number}, before the stranger");
            right.push(number);
            log(&mut client, number);
        }
    }
    // A connection ends if a message is lost.
    if !connection {
        let wire = client.link().transport().inner();
        wire.keeps = [!plan.to_opener, plan.to_opener];
        client.set_timeout(HOLD);
        assert_eq!(call(&mut client, HELD), Err(()), "the held call");
        client.set_timeout(PATIENCE);
        client.link().transport().inner().keeps = [false; 2];
    }
    let wire = client.link().transport().inner();
    let frames = stranger::frames::<F>(rest, &wire.recorded);
    if plan.to_opener {
        wire.strange = frames;
    } else {
        let answers = wire.server.serve(frames);
        wire.queue.inbox.extend(answers);
    }
    for number in AFTER {
        let outcome = call(&mut client, number);
        assert_ne!(outcome, Ok(false), "call {number} has the result of another one");
        if outcome == Ok(true) {
            right.push(number);
        } else {
            assert!(connection, "call {number} has failed after the stranger");
        }
    }
    let shown = std::mem::take(&mut client.link().transport().inner().server.queue().shown);
    check_shown(plan, &shown);
    assert!(client.link().transport().inner().queue.shown.is_empty(), "the server has sent no log");
    drop(client);
    let mut ledger = std::mem::take(&mut server.ledger);
    drop(server);
    if connection {
        ledger = on_another::<F, S>(plan, ledger, opens, accepts);
        right.push(AGAIN);
    }
    for (number, times) in (0u32..).zip(ledger.0) {
        let executed = if right.contains(&number) { times == 1 } else { times <= 1 };
        let called = number != 0 && number <= AGAIN && (plan.running || !BEFORE.contains(&number));
        assert!(executed && (called || times == 0), "call {number} was executed {times} times");
    }
}

/// Calls on another connection between the same ends, on which there is no stranger.
fn on_another<F: Sized + Carried, S: Starts>(
    plan: Plan,
    ledger: Ledger,
    opens: &mut impl Ends,
    accepts: &mut impl Ends,
) -> Ledger {
    let mut server = Server::<F, _>::new(link::<F, S, _, _>(Queue::new(plan.most), accepts), ledger);
    let wire = Wire {
        queue: Queue::new(plan.most),
        server: &mut server,
        recorded: Vec::new(),
        keeps: [false; 2],
        strange: Vec::new(),
    };
    let mut client = Client::new(link::<F, S, _, _>(wire, opens), 100);
    assert_eq!(call(&mut client, AGAIN), Ok(true), "a call on another connection");
    drop(client);
    server.ledger
}

type Caller<'s, F, E, A> = Client<Keyed<Wire<'s, F, A>, E>, Vec<u8>>;

/// Returns whether a call has its own result.
fn call<F: Carried, E: Ends, A: Ends>(client: &mut Caller<'_, F, E, A>, number: u32) -> Result<bool, ()> {
    let outcome: Result<u32, CallError<Infallible>> = counted::Client::new(client).once(number, &data(number));
    match outcome {
        Ok(came) => Ok(came == result(number)),
        Err(CallError::TimedOut { .. } | CallError::Closed | CallError::Link(_)) => Err(()),
        Err(error) => panic!("call {number} ended as {error:?}"),
    }
}

/// Sends the number under the key.
fn log<F: Carried, E: Ends, A: Ends>(client: &mut Caller<'_, F, E, A>, number: u32) {
    client.link().log(&number.to_be_bytes(), Time::NEVER).expect("there is a session");
}

/// Each log that was sent is shown once.
fn check_shown(plan: Plan, shown: &[Vec<u8>]) {
    let sent: Vec<_> = BEFORE.iter().map(|number| number.to_be_bytes().to_vec()).collect();
    let sent = if plan.running { &sent[..] } else { &[] };
    assert!(shown.len() <= sent.len() && sent.starts_with(shown), "{shown:02x?} was shown");
}

/// Bytes of a stranger on each framing, to each end, with and without a session.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for first in 0..32u8 {
        for (rest, number) in stranger::seeds().into_iter().zip(0..) {
            seeds.push([&[first, first.wrapping_mul(29) | 1], &rest[..]].concat());
            // With the forward secret suite, which is slow, one of each.
            if first % 8 == number {
                seeds.push([&[first | 0xe0, first.wrapping_mul(29) | 1], &rest[..]].concat());
            }
        }
    }
    seeds
}
