//! Two endpoints call each other over a line with faults in both directions.

use oncilla::Retry;
use oncilla::framing::{Cobs, Datagram, Record, RecordAhead};

use crate::faults::line::End;
use crate::faults::{Faults, Faulty};
use crate::*;

const CALLS: u32 = 60;

/// Adds one again and again. With a long time-out every call is executed exactly once, so that each returns the next
/// number.
fn count<F: Sized + Carried>(end: End<F>, seed: u64, faults: Faults) -> u32 {
    let xid = end.first_xid(XID);
    let mut peer = peer_from(Faulty::new(end, seed).sending(faults), xid);
    peer.set_timeout(Duration::from_secs(60));
    peer.set_retry(Retry::every(Duration::from_millis(20)));
    for sum in 1..=CALLS {
        assert_eq!(add(&mut peer, 1), Ok(sum), "seed {seed}");
    }
    peer.serve().unwrap();
    peer.state().sum
}

fn on<F: Sized + Carried>(line: Line, faults: Faults) {
    for seed in 0..10 {
        let [a, b] = Line { seed, ..line }.ends::<F>();
        let sums = both(a, b, |end| count(end, 2 * seed, faults), |end| count(end, 2 * seed + 1, faults));
        assert_eq!(sums, (CALLS, CALLS), "seed {seed}");
    }
}

#[test]
fn every_call_is_executed_once_with_each_kind_of_fault() {
    let late = 3_000;
    let faults = [
        Faults { drop: 40, ..Faults::NONE },
        Faults { repeat: 40, ..Faults::NONE },
        Faults { flip: 40, ..Faults::NONE },
        Faults { cut: 40, ..Faults::NONE },
        Faults { garbage: 40, ..Faults::NONE },
        Faults { reorder: 40, late, ..Faults::NONE },
        Faults { delay: 40, late, ..Faults::NONE },
    ];
    for faults in faults {
        on::<Cobs>(Line::QUICK, faults);
        on::<Datagram>(Line::QUICK, faults);
    }
}

#[test]
fn every_call_is_executed_once_with_all_faults_together() {
    on::<Cobs>(Line::QUICK, Faults::BAD);
    on::<Datagram>(Line::QUICK, Faults::BAD);
}

#[test]
fn every_call_is_executed_once_byte_by_byte() {
    on::<Cobs>(Line::SERIAL, Faults::BAD);
}

#[test]
fn every_call_is_executed_once_on_a_slow_connection() {
    let faults = Faults { delay: 50, late: 100_000, ..Faults::NONE };
    for line in [Line::QUICK, Line::SERIAL] {
        on::<Record>(line, faults);
        on::<RecordAhead>(line, faults);
    }
}
