//! Ends that start again, with another boot number.

use oncilla::{Endpoint, Peer, Received, Transport};

use crate::*;

/// Waits until something has come, and loses it: the machine is being reset.
fn lose_what_comes(end: &mut End<Serial>) {
    let Ok(Received::Bytes(_)) = end.receive(&mut [0; 1024], Time::NEVER) else { panic!("nothing comes") };
}

/// Serves so many messages with a memory of its own.
fn serve_some<T: Transport<Framing = Serial>>(link: &mut Link<T, Vec<u8>>, state: &mut Ledger, messages: usize)
where
    T::Error: core::fmt::Debug,
{
    let mut cache = Cache::new();
    for _ in 0..messages {
        assert_eq!(link.serve_next_once(&mut cache, &TABLE, state, Time::NEVER).unwrap(), Served::Message);
    }
}

/// A server that answers three calls, is reset while the fourth is under way, loses so many of its hellos, and serves
/// again. Gives what was executed before and since.
fn reset_at_the_fourth_call(mut end: End<Serial>, lose: usize) -> (u32, u32) {
    let (mut before, mut since) = (Ledger::default(), Ledger::default());
    serve_some(&mut introduced(&mut end, SERVER), &mut before, 3);
    lose_what_comes(&mut end);
    let mut link = introduced(Tap::new(end).losing(lose), SERVER + 1);
    serve(&mut link, &mut since);
    assert_eq!(link.peer(), Some(Peer { boot: CALLER, largest: LARGEST }));
    (before.sum, since.sum)
}

#[test]
fn the_call_under_way_is_told_and_not_executed_again() {
    // With none lost, the new hello comes first; otherwise it is the answer to a repetition.
    for lose in 0..4 {
        let [a, b] = Line::QUICK.ends();
        let calls = |end: End<Serial>| {
            let mut client = client(introduced(Tap::new(end), CALLER), XID);
            for sum in 1..=3 {
                assert_eq!(add(&mut client, 1), Ok(sum));
            }
            assert_eq!(add(&mut client, 100), Err(CallError::Restarted));
            assert_eq!(client.link().peer(), Some(Peer { boot: SERVER + 1, largest: LARGEST }));
            // It goes on with the restarted one, in the short form, and is not told again.
            for sum in 1..=3 {
                assert_eq!(add(&mut client, 1), Ok(sum));
            }
            client.link().transport().kinds()
        };
        let (sent, sums) = both(a, b, calls, |end| reset_at_the_fourth_call(end, lose));
        assert_eq!(sums, (3, 3), "{lose} are lost");
        assert_eq!(sent.iter().filter(|kind| **kind == Kind::FullCall).count(), 1, "{sent:?}");
    }
}

#[test]
fn an_end_that_serves_sees_it_once_and_forgets() {
    let [a, b] = Line::QUICK.ends();
    let calls = |mut end: End<Serial>| {
        let mut sums = Vec::new();
        for boot in [CALLER, CALLER + 1, CALLER + 10] {
            // It uses its old numbers for the same calls, and gets no old answers.
            let mut client = client(introduced(&mut end, boot), XID);
            sums.extend((0..3).map(|_| add(&mut client, 1).unwrap()));
        }
        sums
    };
    let serves = |end| {
        let (mut link, mut state) = (introduced(end, SERVER), Ledger::default());
        let restarts = serve(&mut link, &mut state);
        (restarts, link.peer().map(|peer| peer.boot))
    };
    let (sums, served) = both(a, b, calls, serves);
    assert_eq!(sums, (1..=9).collect::<Vec<_>>());
    assert_eq!(served, (2, Some(CALLER + 10)));
}

#[test]
fn the_same_number_again_is_no_restart() {
    // Why the number must be another: the old answers are given.
    let [a, b] = Line::QUICK.ends();
    let calls = |mut end: End<Serial>| {
        let mut first = || add(&mut client(introduced(&mut end, CALLER), XID), 1).unwrap();
        [first(), first()]
    };
    let (sums, (state, _)) = both(a, b, calls, server);
    assert_eq!((sums, state.runs), ([1, 1], 1));
}

#[test]
fn an_endpoint_that_waits_is_told_and_forgets() {
    let [a, b] = Line::QUICK.ends();
    type Peer<T> = Endpoint<Ledger, T, Vec<u8>, Cache>;
    fn endpoint<T: Transport<Framing = Serial>>(transport: T, boot: u32, xid: u32) -> Peer<T> {
        let mut endpoint = Endpoint::new(introduced(transport, boot), &TABLE, Ledger::default(), xid);
        endpoint.set_timeout(TIMEOUT);
        endpoint.set_retry(Retry::every(PAUSE));
        endpoint.with_replay(Cache::new())
    }
    let stays = |end: End<Serial>| {
        let mut endpoint = endpoint(end, CALLER, XID);
        while endpoint.state().runs < 2 {
            endpoint.serve_next(Time::NEVER).unwrap();
        }
        let told = ledger::Client::new(&mut endpoint).add(1);
        assert_eq!(told, Err(CallError::Restarted));
        let mut restarts = 0;
        loop {
            match endpoint.serve_next(Time::NEVER).unwrap() {
                Served::Restart => restarts += 1,
                Served::End => break (endpoint.state().sum, restarts),
                _ => {}
            }
        }
    };
    let restarts = |mut end: End<Serial>| {
        let add_twice = |end: &mut End<Serial>, boot| {
            let mut endpoint = endpoint(end, boot, 1);
            [0; 2].map(|_| ledger::Client::new(&mut endpoint).add(1).unwrap())
        };
        assert_eq!(add_twice(&mut end, SERVER), [1, 2]);
        lose_what_comes(&mut end);
        // The same calls with the same xids, and not the old answers.
        assert_eq!(add_twice(&mut end, SERVER + 1), [3, 4]);
    };
    // Who was told by an error is not told again.
    assert_eq!(both(a, b, stays, restarts).0, (4, 0));
}

#[test]
fn a_restart_between_two_calls_is_told_at_the_next() {
    let [a, b] = Line::QUICK.ends();
    let calls = |end: End<Serial>| {
        let clock = end.clock();
        let mut client = client(introduced(end, CALLER), XID);
        assert_eq!(add(&mut client, 1), Ok(1));
        assert_eq!(add(&mut client, 1), Ok(2));
        // The new hello comes meanwhile.
        clock.pass(10_000);
        assert_eq!(add(&mut client, 1), Err(CallError::Restarted));
        assert_eq!(add(&mut client, 1), Ok(1));
    };
    let serves = |mut end: End<Serial>| {
        serve_some(&mut introduced(&mut end, SERVER), &mut Ledger::default(), 2);
        let mut state = Ledger::default();
        serve(&mut introduced(end, SERVER + 1), &mut state);
        state.runs
    };
    assert_eq!(both(a, b, calls, serves).1, 1);
}

#[test]
fn both_at_once() {
    let [a, b] = Line::QUICK.ends();
    let calls = |mut end: End<Serial>| {
        for boot in 1..=5 {
            let mut client = client(introduced(&mut end, boot), 1000 * boot);
            let sums: Vec<_> = (0..5).map(|_| add(&mut client, 1)).collect();
            // Of the server's restart it may have been told once.
            assert!(sums.iter().filter(|sum| sum.is_err()).all(|sum| *sum == Err(CallError::Restarted)), "{sums:?}");
            assert!(sums.iter().filter(|sum| sum.is_ok()).count() >= 4, "{sums:?}");
        }
    };
    let serves = |mut end: End<Serial>| {
        for boot in 100.. {
            let (mut link, mut cache, mut state) = (introduced(&mut end, boot), Cache::new(), Ledger::default());
            // It does not last long.
            for _ in 0..7 {
                if link.serve_next_once(&mut cache, &TABLE, &mut state, Time::NEVER).unwrap() == Served::End {
                    return boot;
                }
            }
        }
        unreachable!("it ends before")
    };
    let last = both(a, b, calls, serves).1;
    assert!(last > 102, "it restarted several times, and the last was {last}");
}
