//! Several calls in flight, and procedures that call.

use oncilla::framing::{Cobs, Datagram, Record};
use oncilla::{CallsInFlight, Level, Nested, NestedEndpoint};

use crate::faults::line::{End, Line, both};
use crate::faults::{Carried, Faults, Faulty};
use crate::lossy::ends;
use crate::*;

fn in_flight<F: Sized + Carried>(faults: Faults) {
    let [a, b] = Line::QUICK.ends::<F>();
    let calls = |end: End<F>| {
        let client = client(Faulty::new(end, 3).sending(faults), opens(&KEYS[0], CALLER).renew_after(15));
        let mut calls = CallsInFlight::<_, 4, { ledger::SLOT_MAX }>::new(client);
        // One-way calls go on beside them, also before there is a session.
        ledger::Client::new(&mut calls).note(100).unwrap();
        for round in 0..10 {
            let tickets = [(); 4].map(|()| ledger::start::add(&mut calls, 1).unwrap());
            let sums = tickets.map(|ticket| ledger::finish::add(&mut calls, ticket).unwrap());
            let mut sums = sums.map(|sum| sum % 100);
            sums.sort_unstable();
            assert_eq!(sums, [1, 2, 3, 4].map(|sum| 4 * round + sum));
        }
    };
    let serves = |end: End<F>| {
        let mut state = Ledger::default();
        serve(&mut keyed(Faulty::new(end, 4).sending(faults), accepts(SERVER)), &mut state).unwrap();
        state.sum % 100
    };
    assert_eq!(both(a, b, calls, serves), ((), 40));
}

#[test]
fn calls_in_flight_are_executed_once() {
    in_flight::<Record>(Faults::NONE);
    in_flight::<Cobs>(Faults::NONE);
    in_flight::<Cobs>(Faults { drop: 20, ..Faults::NONE });
    in_flight::<Datagram>(Faults { drop: 20, reorder: 20, late: 3_000, ..Faults::NONE });
}

type Ends = oncilla::keys::Both<Opening, Accepting>;
type EndpointOf<T> = NestedEndpoint<Nesting<T>, Keyed<T, Ends>, [Level<Vec<u8>>; 2], Cache>;

/// Adds, and then calls the peer with the same amount.
struct Nesting<T: Transport + 'static> {
    endpoint: EndpointOf<T>,
    sum: u32,
    calls_back: bool,
}

impl<T: Transport + 'static> Nested for Nesting<T> {
    type Endpoint = EndpointOf<T>;
    fn endpoint(&mut self) -> &mut EndpointOf<T> {
        &mut self.endpoint
    }
}

impl<T: Transport + 'static> ledger::Service for Nesting<T> {
    fn add(&mut self, amount: u32) -> u32 {
        self.sum += amount;
        if self.calls_back { ledger::Client::new(self.turn()).add(amount).unwrap_or(0) } else { self.sum }
    }
    fn echo<'a>(&'a mut self, data: &'a [u8]) -> &'a [u8] {
        data
    }
    fn note(&mut self, amount: u32) {
        self.sum += amount;
    }
    fn who(&mut self) -> u32 {
        0
    }
}

impl<T: Transport + 'static> Nesting<T> {
    const TABLE: &'static Table<Self> = &oncilla::table![ledger::program()];

    fn new(transport: T, side: Side) -> Self {
        let level = || Level::new(vec![0; 200], vec![0; 200], vec![0; 200]);
        let mut endpoint =
            NestedEndpoint::new(keyed(transport, ends(side, side as u32)), Self::TABLE, [level(), level()], XID)
                .with_replay(Cache::new());
        endpoint.set_timeout(TIMEOUT);
        endpoint.set_retry(Retry::every(PAUSE));
        Self { endpoint, sum: 0, calls_back: side == Side::Device }
    }
}

#[test]
fn procedures_call_back_under_the_key() {
    fn on<F: Sized + Carried + 'static>() {
        let [a, b] = Line::QUICK.ends::<F>();
        let calls = |end: End<F>| {
            let mut host = Nesting::new(end, Side::Host);
            ledger::Client::new(host.turn()).note(7).unwrap();
            // Each is executed at both.
            for sum in 1..=10 {
                assert_eq!(ledger::Client::new(host.turn()).add(1), Ok(sum));
            }
            host.sum
        };
        let serves = |end: End<F>| {
            let mut device = Nesting::new(end, Side::Device);
            device.turn().serve().unwrap();
            device.sum
        };
        assert_eq!(both(a, b, calls, serves), (10, 17));
    }
    on::<Cobs>();
    on::<Record>();
}
