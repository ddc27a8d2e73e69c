//! Procedures that call the peer while they run.

use oncilla::framing::{Cobs, Datagram, Record, RecordAhead, Serial};
use oncilla::{Client, Level, Nested, NestedEndpoint, Retry, Served, Time};

use crate::faults::line::End;
use crate::faults::{Faults, Faulty};
use crate::hand::{Hand, reply, words};
use crate::*;

oncilla::program! {
    /// The procedures that both endpoints serve.
    pub mod chain = 0x2000_0078, version 1 {
        /// Calls `relay` of the peer, to and fro, `hops` times. Returns the number of calls, or the number of levels
        /// at which it ended.
        fn relay(hops: u32) -> Result<u32, u32> = 1;
        /// Adds one at the peer; returns the peer's sum and the text.
        fn bill(text: &str [..40]) -> Billed = 2;
        fn add(amount: u32) -> u32 = 3;
        /// `add` as a one-way procedure.
        fn note(amount: u32) = 4, oneway;
    }
}

oncilla::xdr_struct! {
    #[derive(Debug, PartialEq)]
    pub struct Billed<'a> {
        pub sum: u32,
        pub text: &'a str [..40],
    }
}

const LEVELS: usize = 3;

type EndpointOf<T> = NestedEndpoint<Both<T>, T, [Level<Vec<u8>>; LEVELS], ReplayCache<16, { chain::REPLY_MAX }>>;

/// One of the two endpoints.
struct Both<T: Transport + 'static> {
    endpoint: EndpointOf<T>,
    /// The number of executed calls, and the deepest level.
    served: u32,
    deepest: usize,
    sum: u32,
}

impl<T: Transport + 'static> Nested for Both<T> {
    type Endpoint = EndpointOf<T>;

    fn endpoint(&mut self) -> &mut EndpointOf<T> {
        &mut self.endpoint
    }
}

impl<T: Transport + 'static> Both<T> {
    const TABLE: &'static Table<Self> = &oncilla::table![chain::program()];

    fn execute(&mut self) {
        self.served += 1;
        self.deepest = self.deepest.max(self.endpoint.depth());
    }
}

impl<T: Transport + 'static> chain::Service for Both<T> {
    fn relay(&mut self, hops: u32) -> Result<u32, u32> {
        self.execute();
        let Some(left) = hops.checked_sub(1) else { return Ok(0) };
        match chain::Client::new(self.turn()).relay(left) {
            Ok(count) => count.map(|count| count + 1),
            Err(CallError::TooDeep { levels }) => Err(levels as u32),
            Err(_) => Err(u32::MAX),
        }
    }
    fn bill<'a>(&'a mut self, text: &'a str) -> Billed<'a> {
        self.execute();
        let sum = chain::Client::new(self.turn()).add(1).unwrap_or(u32::MAX);
        Billed { sum, text }
    }
    fn add(&mut self, amount: u32) -> u32 {
        self.execute();
        self.sum += amount;
        self.sum
    }
    fn note(&mut self, amount: u32) {
        self.execute();
        if chain::Client::new(self.turn()).add(amount).is_ok() {
            self.sum += amount;
        }
    }
}

/// Creates one of two endpoints that both call, with buffers that are just large enough.
fn nested_at<F: Sized + Carried + 'static>(end: End<F>) -> Both<End<F>> {
    let first_xid = end.first_xid(XID);
    nested_with(end, chain::REPLY_MAX, first_xid)
}

/// Creates an endpoint with `early` bytes for a reply that arrives early.
fn nested_with<T: Transport<Framing: Sized> + 'static>(transport: T, early: usize, first_xid: u32) -> Both<T> {
    // Larger than the buffers of the levels.
    let size = T::Framing::buffer(2 * chain::CALL_MAX.max(chain::REPLY_MAX));
    nested_on(Link::new(transport, vec![0xc5; size], vec![0x3a; size]), early, first_xid)
}

fn nested_on<T: Transport + 'static>(link: Link<T, Vec<u8>>, early: usize, first_xid: u32) -> Both<T> {
    let room = |size| vec![0x77; size];
    let level = || Level::new(room(chain::CALL_MAX), room(chain::REPLY_MAX), room(early));
    let levels = [(); LEVELS].map(|()| level());
    let mut endpoint = NestedEndpoint::new(link, Both::TABLE, levels, first_xid).with_replay(ReplayCache::new());
    endpoint.set_timeout(TIMEOUT);
    Both { endpoint, served: 0, deepest: 0, sum: 0 }
}

fn on<F: Sized + Carried + 'static>(run: impl Fn(Both<End<F>>) + Sync) {
    for line in [Line::QUICK, Line::SERIAL] {
        let [a, b] = line.ends::<F>();
        both(a, b, |end| run(nested_at(end)), |end| nested_at(end).turn().serve().unwrap());
    }
}

/// The peer's call is served while an own call waits, and so on, as deep as there are levels.
#[test]
fn calls_nest_as_deep_as_there_are_levels() {
    fn run<F: Sized + Carried + 'static>(mut this: Both<End<F>>) {
        // The peer runs the first procedure and the last, and is the first without a level left.
        for hops in 0..=2 * LEVELS as u32 {
            let outcome = chain::Client::new(this.turn()).relay(hops);
            let expected = if hops < 2 * LEVELS as u32 - 1 { Ok(hops) } else { Err(LEVELS as u32) };
            assert_eq!(outcome, Ok(expected), "{hops}");
            assert_eq!(this.endpoint.depth(), 0);
        }
    }
    on::<Cobs>(run);
    on::<Datagram>(run);
    on::<Record>(run);
    on::<RecordAhead>(run);
}

/// The arguments are still there after the nested call, and results may borrow from them.
#[test]
fn arguments_outlive_a_nested_call() {
    fn run<F: Sized + Carried + 'static>(mut this: Both<End<F>>) {
        let text = "forty bytes of text, which stay in place";
        for sum in 1..=3 {
            let mut peer = chain::Client::new(this.turn());
            assert_eq!(peer.bill(text), Ok(Billed { sum, text }));
        }
        assert_eq!(this.sum, 3);
    }
    on::<Cobs>(run);
    on::<Datagram>(run);
    on::<Record>(run);
    on::<RecordAhead>(run);
}

/// Both call at the same moment, their procedures make nested calls, and each call gets its reply, also one that
/// arrives while a procedure waits. On connections nothing is retransmitted: a dropped reply would be a time-out.
#[test]
fn both_endpoints_make_nested_calls_at_once() {
    fn run<F: Sized + Carried + 'static>(end: End<F>) -> (u32, usize) {
        let mut this = nested_at(end);
        for sum in 1..=50 {
            let billed = chain::Client::new(this.turn()).bill("both").map(|billed| billed.sum);
            assert_eq!(billed, Ok(sum));
            assert_eq!(chain::Client::new(this.turn()).relay(2), Ok(Ok(2)));
        }
        this.turn().serve().unwrap();
        (this.sum, this.deepest)
    }
    fn on<F: Sized + Carried + 'static>() {
        for line in [Line::QUICK, Line::SERIAL] {
            let [a, b] = line.ends::<F>();
            let ends = both(a, b, run::<F>, run::<F>);
            assert_eq!((ends.0.0, ends.1.0), (50, 50));
            assert!(ends.0.1 >= 2 || ends.1.1 >= 2, "no call was served while a procedure waited: {ends:?}");
        }
    }
    on::<Cobs>();
    on::<Datagram>();
    on::<Record>();
    on::<RecordAhead>();
}

/// Over a line that loses, damages, repeats and delays frames, every call is executed once.
#[test]
fn both_endpoints_make_nested_calls_over_a_lossy_line() {
    const CALLS: u32 = 40;
    fn run<F: Sized + Carried + 'static>(end: End<F>, seed: u64) -> (u32, u32) {
        let first_xid = end.first_xid(XID);
        let mut this = nested_with(Faulty::new(end, seed).sending(Faults::BAD), chain::REPLY_MAX, first_xid);
        this.endpoint.set_timeout(Duration::from_secs(60));
        this.endpoint.set_retry(Retry::every(Duration::from_millis(20)));
        for sum in 1..=CALLS {
            let billed = chain::Client::new(this.turn()).bill("both").map(|billed| billed.sum);
            assert_eq!(billed, Ok(sum), "seed {seed}");
        }
        this.turn().serve().unwrap();
        (this.sum, this.served)
    }
    fn on<F: Sized + Carried + 'static>() {
        for seed in 0..10 {
            let [a, b] = Line { seed, ..Line::QUICK }.ends::<F>();
            let ends = both(a, b, |end| run(end, 2 * seed), |end| run(end, 2 * seed + 1));
            // Each executes the peer's bills, and the calls that its own bills cause.
            assert_eq!(ends, ((CALLS, 2 * CALLS), (CALLS, 2 * CALLS)), "seed {seed}");
        }
    }
    on::<Cobs>();
    on::<Datagram>();
}

const RELAY: u32 = 1;
const BILL: u32 = 2;
const ADD: u32 = 3;
const NOTE: u32 = 4;

fn call(xid: u32, procedure: u32, arguments: &[u32]) -> Vec<u8> {
    let mut message = hand::call(xid, procedure, arguments);
    message[12..16].copy_from_slice(&chain::PROGRAM.to_be_bytes());
    message
}

/// A call of `bill` with an empty text.
fn bill(xid: u32) -> Vec<u8> {
    call(xid, BILL, &[0])
}

/// One endpoint calls `relay`, serves meanwhile, and then serves until the link is closed; the test plays the peer by
/// hand.
fn by_hand<F: Sized + Carried + 'static>(
    early: usize,
    play: impl Fn(&mut Hand<F>) + Sync,
) -> (Outcome<Result<u32, u32>>, Both<End<F>>) {
    let [a, b] = Line::QUICK.ends::<F>();
    let calls = |end| {
        let mut this = nested_with(end, early, XID);
        let outcome = chain::Client::new(this.turn()).relay(0);
        this.turn().serve().unwrap();
        (outcome, this)
    };
    both(a, b, calls, |end| play(&mut Hand::new(end))).0
}

/// The reply to an outer call arrives while a nested procedure waits for its own.
#[test]
fn a_reply_that_arrives_early_is_kept() {
    fn on<F: Sized + Carried + 'static>() {
        let play = |hand: &mut Hand<F>| {
            assert_eq!(hand.next(), call(XID, RELAY, &[0]));
            hand.send(&bill(7));
            assert_eq!(hand.next(), call(0, ADD, &[1]));
            hand.send(&reply(XID, &[0, 21]));
            // A reply that no call waits for.
            hand.send(&reply(5, &[0, 22]));
            hand.send(&reply(0, &[33]));
            assert_eq!(hand.next(), reply(7, &[33, 0]));
        };
        assert_eq!(by_hand(chain::REPLY_MAX, play).0, Ok(Ok(21)));
        // Its buffer is too small; this is not a time-out.
        assert_eq!(by_hand(31, play).0, Err(CallError::ReplyTooLarge { size: 32 }));
        assert_eq!(by_hand(32, play).0, Ok(Ok(21)));
    }
    on::<Cobs>();
    on::<Datagram>();
    on::<Record>();
}

/// A refusal is kept as results are.
#[test]
fn a_refusal_that_arrives_early_is_kept() {
    let play = |hand: &mut Hand<Record>| {
        hand.next();
        hand.send(&bill(7));
        hand.next();
        hand.send(&words(&[XID, 1, 0, 0, 0, 5]));
        hand.send(&reply(0, &[33]));
        hand.next();
    };
    assert_eq!(by_hand(chain::REPLY_MAX, play).0, Err(CallError::Refused(oncilla::Refusal::SystemError)));
}

/// A call that is retransmitted while its procedure runs is not executed again, and not answered early.
#[test]
fn a_retransmission_is_dropped_while_its_procedure_runs() {
    let play = |hand: &mut Hand<Cobs>| {
        hand.next();
        for again in 0..3 {
            hand.send(&bill(7));
            if again == 0 {
                assert_eq!(hand.next(), call(0, ADD, &[1]));
            }
        }
        assert_eq!(hand.within(10_000), None);
        // Other calls are served meanwhile.
        hand.send(&call(8, ADD, &[5]));
        assert_eq!(hand.next(), reply(8, &[5]));
        hand.send(&reply(0, &[33]));
        assert_eq!(hand.next(), reply(7, &[33, 0]));
        // Later it is answered from the replay cache.
        for (again, answer) in [(bill(7), reply(7, &[33, 0])), (call(8, ADD, &[5]), reply(8, &[5]))] {
            hand.send(&again);
            assert_eq!(hand.next(), answer);
        }
        hand.send(&reply(XID, &[0, 1]));
    };
    let (outcome, this) = by_hand(chain::REPLY_MAX, play);
    assert_eq!((outcome, this.served, this.sum), (Ok(Ok(1)), 2, 5));
}

/// As many calls are nested as there are levels; the innermost procedure gets an error.
#[test]
fn a_call_of_the_innermost_procedure_is_an_error() {
    let play = |hand: &mut Hand<Record>| {
        hand.next();
        for level in 0..LEVELS as u32 {
            hand.send(&call(100 + level, RELAY, &[9]));
            if level < LEVELS as u32 - 1 {
                assert_eq!(hand.next(), call(level, RELAY, &[8]));
            }
        }
        assert_eq!(hand.next(), reply(102, &[1, 3]));
        hand.send(&call(103, NOTE, &[1]));
        hand.send(&reply(1, &[0, 40]));
        assert_eq!(hand.next(), reply(101, &[0, 41]));
        hand.send(&reply(0, &[0, 50]));
        assert_eq!(hand.next(), reply(100, &[0, 51]));
        hand.send(&reply(XID, &[0, 60]));
    };
    let (outcome, this) = by_hand(chain::REPLY_MAX, play);
    assert_eq!((outcome, this.served, this.deepest, this.sum), (Ok(Ok(60)), 4, LEVELS, 0));
}

/// A nested call without a reply ends at its time-out, and its procedure's reply is sent.
#[test]
fn a_nested_call_has_its_own_time_out() {
    let play = |hand: &mut Hand<Record>| {
        hand.next();
        hand.within(900_000);
        hand.send(&bill(7));
        hand.next();
        assert_eq!(hand.within(2_000_000), Some(reply(7, &[u32::MAX, 0])));
    };
    let (outcome, this) = by_hand(chain::REPLY_MAX, play);
    // The time-out of the outer call does not interrupt the procedure.
    assert_eq!((outcome, this.served), (Err(CallError::TimedOut { after: TIMEOUT, unframed: 0 }), 1));
}

/// A call larger than the level's buffer is refused, as a call larger than the receive buffer is.
#[test]
fn a_call_larger_than_the_level_is_refused() {
    let play = |hand: &mut Hand<Record>| {
        hand.next();
        hand.send(&[call(7, ADD, &[1]), vec![0; 60]].concat());
        assert_eq!(hand.next(), words(&[7, 1, 0, 0, 0, 4]));
        hand.send(&reply(XID, &[0, 2]));
    };
    assert_eq!(by_hand(chain::REPLY_MAX, play).0, Ok(Ok(2)));
}

/// A restart of the peer ends all waiting calls, and calls from before the restart get no reply.
#[test]
fn a_restart_ends_all_waiting_calls() {
    let [a, b] = Line::QUICK.ends::<Serial>();
    fn link<T: Transport<Framing = Serial>>(end: T, boot: u32) -> Link<T, Vec<u8>> {
        let size = Serial::buffer(chain::CALL_MAX.max(chain::REPLY_MAX));
        Link::with_boot_number(end, vec![0; size], vec![0; size], boot)
    }
    let calls = |end: End<Serial>| {
        let mut this = nested_on(link(end, 3), chain::REPLY_MAX, XID);
        assert_eq!(this.turn().serve_next(Time::NEVER), Ok(Served::Message));
        let outcome = chain::Client::new(this.turn()).relay(0);
        assert_eq!(this.endpoint.depth(), 0);
        this.turn().serve().unwrap();
        (outcome, this.served, this.sum)
    };
    let restarts = |mut end: End<Serial>| {
        let mut client = Client::new(link(&mut end, 5), 1);
        assert_eq!(chain::Client::new(&mut client).add(1), Ok(1));
        client.set_timeout(Duration::from_millis(20));
        let nothing = chain::Client::new(&mut client).bill("").err();
        assert_eq!(nothing, Some(CallError::TimedOut { after: Duration::from_millis(20), unframed: 0 }));
        drop(client);
        // With the xid of the call that runs at the peer, and other arguments.
        let mut client = Client::new(link(&mut end, 6), 2);
        client.set_retry(Retry::every(Duration::from_millis(20)));
        assert_eq!(chain::Client::new(&mut client).add(5), Ok(6));
    };
    assert_eq!(both(a, b, calls, restarts).0, (Err(CallError::Restarted), 3, 6));
}
