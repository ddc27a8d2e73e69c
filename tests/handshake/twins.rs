//! Two peers with the same boot number.

use oncilla::Endpoint;

use crate::*;

#[test]
fn the_calling_side_takes_another_number() {
    for boot in [0, 1, 9, u32::MAX] {
        let [a, b] = Line::QUICK.ends();
        let calls = |end: End<Serial>| {
            let mut client = client(introduced(end, boot), XID);
            for sum in 1..=5 {
                assert_eq!(add(&mut client, 1), Ok(sum));
            }
            client.link().peer().map(|peer| peer.boot)
        };
        let serves = |end: End<Serial>| {
            let (mut link, mut state) = (introduced(end, boot), Ledger::default());
            serve(&mut link, &mut state);
            let other = link.peer().unwrap().boot;
            (state.runs, other != boot && other & 0xffff == boot & 0xffff)
        };
        assert_eq!(both(a, b, calls, serves), (Some(boot), (5, true)));
    }
}

/// Both call. One has been running a little longer.
#[test]
fn two_calling_sides_with_one_number_both_succeed() {
    let [a, b] = Line::QUICK.ends();
    let calls = |end: End<Serial>, head_start: u64| {
        end.clock().pass(head_start);
        let mut peer = Endpoint::new(introduced(end, 1), &TABLE, Ledger::default(), XID).with_replay(Cache::new());
        peer.set_timeout(TIMEOUT);
        peer.set_retry(Retry::every(PAUSE));
        for sum in 1..=5 {
            assert_eq!(ledger::Client::new(&mut peer).add(1), Ok(sum));
        }
        peer.serve().unwrap();
        peer.state().runs
    };
    assert_eq!(both(a, b, |end| calls(end, 1), |end| calls(end, 300)), (5, 5));
}

/// A peer restarts with the boot number of the other side.
#[test]
fn a_client_may_restart_with_the_number_of_the_server() {
    for callers in [[7, 9], [9, 7]] {
        let [a, b] = Line::QUICK.ends();
        let calls = |mut end: End<Serial>| {
            // The second life has the number of the server, or the first has.
            let mut sums = Vec::new();
            for boot in callers {
                let mut client = client(introduced(&mut end, boot), XID);
                for _ in 0..3 {
                    sums.push(add(&mut client, 1));
                }
            }
            sums
        };
        let serves = |end: End<Serial>| {
            let mut state = Ledger::default();
            serve(&mut introduced(end, SERVER), &mut state);
            state.runs
        };
        let (sums, runs) = both(a, b, calls, serves);
        assert_eq!((sums, runs), ((1..=6).map(Ok).collect(), 6), "{callers:?}");
    }
}

#[test]
fn a_server_may_restart_with_the_number_of_the_client() {
    let [a, b] = Line::QUICK.ends();
    let calls = |end: End<Serial>| {
        let mut client = client(introduced(end, CALLER), XID);
        let sums: Vec<_> = (0..8).map(|_| add(&mut client, 1)).collect();
        let good: Vec<_> = sums.iter().flatten().copied().collect();
        // The restart is reported, and so may be the new number of this side.
        assert!(sums.iter().all(|sum| matches!(sum, Ok(_) | Err(CallError::Restarted))), "{sums:?}");
        assert!(sums.len() - good.len() <= 2, "{sums:?}");
        good
    };
    let serves = |mut end: End<Serial>| {
        let mut state = Ledger::default();
        let (mut link, mut cache) = (introduced(&mut end, SERVER), Cache::new());
        while state.runs < 3 {
            link.serve_next_once(&mut cache, &TABLE, &mut state, Time::NEVER).unwrap();
        }
        serve(&mut introduced(end, CALLER), &mut state);
        state.runs
    };
    let (good, runs) = both(a, b, calls, serves);
    assert_eq!(good.len() as u32, runs, "{good:?}");
    assert!(good.iter().zip(1..).all(|(sum, expected)| *sum == expected), "{good:?}");
}
