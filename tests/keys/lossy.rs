//! Lines and datagrams that lose, repeat, damage, delay and reorder.

use oncilla::Endpoint;
use oncilla::framing::{Cobs, Datagram};
use oncilla::keys::Both;

use crate::faults::line::{End, Line, both};
use crate::faults::{Carried, Faults, Faulty};
use crate::*;

const CALLS: u32 = 40;

/// Each kind of fault, and all together.
fn faults() -> [Faults; 8] {
    let late = 3_000;
    [
        Faults { drop: 40, ..Faults::NONE },
        Faults { repeat: 40, ..Faults::NONE },
        Faults { flip: 40, ..Faults::NONE },
        Faults { cut: 40, ..Faults::NONE },
        Faults { garbage: 40, ..Faults::NONE },
        Faults { reorder: 40, late, ..Faults::NONE },
        Faults { delay: 40, late, ..Faults::NONE },
        Faults::BAD,
    ]
}

/// One client and one server, each call executed once.
fn one_way<F: Sized + Carried>(faults: Faults) {
    for seed in 0..6 {
        let [a, b] = Line { seed, ..Line::QUICK }.ends::<F>();
        let calls = |end: End<F>| {
            // Keys are renewed in the middle of it.
            let ends = opens(&KEYS[1], CALLER).renew_after(15);
            let mut client = client(Faulty::new(end, 2 * seed).sending(faults), ends);
            client.set_timeout(Duration::from_secs(60));
            for sum in 1..=CALLS {
                assert_eq!(add(&mut client, 1), Ok(sum), "seed {seed}");
            }
        };
        let serves = |end: End<F>| {
            let mut state = Ledger::default();
            let faulty = Faulty::new(end, 2 * seed + 1).sending(faults);
            serve(&mut keyed(faulty, accepts(SERVER)), &mut state).unwrap();
            (state.sum, state.runs)
        };
        let ((), counted) = both(a, b, calls, serves);
        assert_eq!(counted, (CALLS, CALLS), "seed {seed}");
    }
}

#[test]
fn every_call_is_executed_once_with_faults() {
    for faults in faults() {
        one_way::<Cobs>(faults);
        one_way::<Datagram>(faults);
    }
}

/// Returns the ends of one of two endpoints.
pub fn ends(side: Side, boot: u32) -> Both<Opening, Accepting> {
    let opens = Opens::new(side, &KEYS[0], start(side, boot), boot);
    Both::new(opens, Accepts::new(side, &KEYS, start(side, boot ^ 0xffff), boot))
}

/// Adds one again and again at the other endpoint. With a long time-out each call returns the next number.
fn count<F: Sized + Carried>(end: End<F>, side: Side, seed: u64, faults: Faults) -> u32 {
    let link = keyed(Faulty::new(end, seed).sending(faults), ends(side, side as u32));
    let mut endpoint = Endpoint::new(link, &TABLE, Ledger::default(), XID).with_replay(Cache::new());
    endpoint.set_timeout(Duration::from_secs(60));
    endpoint.set_retry(Retry::every(PAUSE));
    for sum in 1..=CALLS {
        assert_eq!(add(&mut endpoint, 1), Ok(sum), "seed {seed}");
    }
    endpoint.serve().unwrap();
    endpoint.state().sum
}

#[test]
fn two_endpoints_call_each_other_with_faults() {
    fn on<F: Sized + Carried>(faults: Faults) {
        for seed in 0..6 {
            let [a, b] = Line { seed, ..Line::QUICK }.ends::<F>();
            let sums = both(
                a,
                b,
                |end| count(end, Side::Host, 2 * seed, faults),
                |end| count(end, Side::Device, 2 * seed + 1, faults),
            );
            assert_eq!(sums, (CALLS, CALLS), "seed {seed}");
        }
    }
    for faults in [Faults::NONE].into_iter().chain(faults()) {
        on::<Cobs>(faults);
        on::<Datagram>(faults);
    }
}

#[test]
fn two_endpoints_call_each_other_on_connections() {
    for seed in 0..4 {
        let [a, b] = Line { seed, ..Line::SERIAL }.ends::<oncilla::framing::Record>();
        let calls = |side| move |end| count(end, side, seed, Faults::NONE);
        assert_eq!(both(a, b, calls(Side::Host), calls(Side::Device)), (CALLS, CALLS), "seed {seed}");
    }
}
