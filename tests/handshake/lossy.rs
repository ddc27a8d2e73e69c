//! Both peers call in the short form over a line with errors in both directions.

use oncilla::Endpoint;

use crate::faults::{Faults, Faulty};
use crate::*;

const CALLS: u32 = 60;

/// Adds one repeatedly. Each call is retransmitted until it succeeds and executed exactly once, so each sum is one
/// more.
///
/// Returns the sum of the calls that were executed here, and the kinds of the sent frames.
fn count(end: End<Serial>, seed: u64, boot: u32, faults: Faults) -> (u32, Vec<Kind>) {
    let transport = Tap::new(Faulty::new(end, seed).sending(faults));
    let mut endpoint =
        Endpoint::new(introduced(transport, boot), &TABLE, Ledger::default(), XID).with_replay(Cache::new());
    endpoint.set_timeout(Duration::from_secs(60));
    endpoint.set_retry(Retry::every(PAUSE));
    for sum in 1..=CALLS {
        assert_eq!(ledger::Client::new(&mut endpoint).add(1), Ok(sum), "seed {seed}");
    }
    endpoint.serve().unwrap();
    (endpoint.state().sum, endpoint.link().transport().kinds())
}

fn on(line: Line, faults: Faults) {
    for seed in 0..10 {
        let [a, b] = Line { seed, ..line }.ends();
        let caller = |end| count(end, 2 * seed, CALLER, faults);
        let ends = both(a, b, caller, |end| count(end, 2 * seed + 1, SERVER, faults));
        for (sum, sent) in [ends.0, ends.1] {
            assert_eq!(sum, CALLS, "seed {seed}");
            let short = sent.iter().filter(|kind| **kind == Kind::ShortCall).count();
            assert!(short > CALLS as usize / 2, "seed {seed}: {short} in the short form");
            let last = sent.iter().rfind(|kind| [Kind::ShortCall, Kind::FullCall].contains(*kind));
            assert_eq!(last, Some(&Kind::ShortCall), "seed {seed}");
        }
    }
}

#[test]
fn calls_succeed_with_each_kind_of_fault() {
    let late = 3_000;
    for faults in [
        Faults { drop: 40, ..Faults::NONE },
        Faults { repeat: 40, ..Faults::NONE },
        Faults { flip: 40, ..Faults::NONE },
        Faults { cut: 40, ..Faults::NONE },
        Faults { garbage: 40, ..Faults::NONE },
        Faults { delay: 40, late, ..Faults::NONE },
    ] {
        on(Line::QUICK, faults);
    }
}

#[test]
fn calls_succeed_with_all_faults_at_once() {
    on(Line::QUICK, Faults::BAD);
    on(Line::SERIAL, Faults::BAD);
}

/// A client, and a server that restarts several times, on a line that loses, repeats and changes frames.
#[test]
fn restarts_on_a_bad_line_are_reported() {
    // Frames on a serial line keep their order.
    let faults = Faults { reorder: 0, delay: 0, ..Faults::BAD };
    for seed in 0..20 {
        let [a, b] = Line { seed, ..Line::QUICK }.ends();
        let calls = |end: End<Serial>| {
            let mut client = client(introduced(Faulty::new(end, 2 * seed).sending(faults), CALLER), XID);
            let mut sums = (0..CALLS).map(|_| add(&mut client, 1));
            // Each sum is one more than the last. Only after a reported restart the sum starts again.
            let mut last = 0;
            let mut told = 0;
            for sum in &mut sums {
                match sum {
                    Ok(sum) => {
                        assert!(sum == last + 1, "seed {seed}: {sum} after {last}");
                        last = sum;
                    }
                    Err(error) => {
                        assert_eq!(error, CallError::Restarted, "seed {seed}");
                        (last, told) = (0, told + 1);
                    }
                }
            }
            told
        };
        let serves = |mut end: End<Serial>| {
            // The number of restarts, and of lives in which a call was executed.
            let (mut restarts, mut lives) = (0, 0);
            for boot in SERVER.. {
                let transport = Faulty::new(&mut end, 2 * seed + 1).sending(faults);
                let (mut link, mut cache, mut state) = (introduced(transport, boot), Cache::new(), Ledger::default());
                // It restarts after twenty messages.
                for _ in 0..20 {
                    if link.serve_next_once(&mut cache, &TABLE, &mut state, Time::NEVER).unwrap() == Served::End {
                        return (restarts, lives + u32::from(state.runs > 0));
                    }
                }
                restarts += 1;
                lives += u32::from(state.runs > 0);
            }
            unreachable!("the link ends before")
        };
        let (told, (restarts, lives)) = both(a, b, calls, serves);
        // The last restart may have happened after all calls.
        assert!((lives - 1..=restarts).contains(&told) && told > 1, "seed {seed}: told {told} times of {restarts}");
    }
}
