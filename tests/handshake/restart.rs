//! Restarts of either side, with another boot number.

use oncilla::{Endpoint, Peer, Received, Transport};

use crate::*;

/// Waits for bytes and discards them, like a machine that is being reset.
fn lose_received_bytes(end: &mut End<Serial>) {
    let Ok(Received::Bytes(_)) = end.receive(&mut [0; 1024], Time::NEVER) else { panic!("no bytes were received") };
}

/// Serves this number of messages with a new replay cache.
fn serve_some<T: Transport<Framing = Serial>>(link: &mut Link<T, Vec<u8>>, state: &mut Ledger, messages: usize)
where
    T::Error: core::fmt::Debug,
{
    let mut cache = Cache::new();
    for _ in 0..messages {
        assert_eq!(link.serve_next_once(&mut cache, &TABLE, state, Time::NEVER).unwrap(), Served::Message);
    }
}

/// Answers three calls, is reset during the fourth, loses `lose` of its hellos, and serves again.
///
/// Returns the sums before and after the reset.
fn reset_at_the_fourth_call(mut end: End<Serial>, lose: usize) -> (u32, u32) {
    let (mut before, mut since) = (Ledger::default(), Ledger::default());
    serve_some(&mut introduced(&mut end, SERVER), &mut before, 3);
    lose_received_bytes(&mut end);
    let mut link = introduced(Tap::new(end).losing(lose), SERVER + 1);
    serve(&mut link, &mut since);
    assert_eq!(link.peer(), Some(Peer { boot: CALLER, largest: LARGEST }));
    (before.sum, since.sum)
}

#[test]
fn a_call_during_a_restart_ends_with_an_error_and_is_not_executed() {
    // If no hello is lost, the client receives it first; otherwise it receives the answer to a retransmission.
    for lose in 0..4 {
        let [a, b] = Line::QUICK.ends();
        let calls = |end: End<Serial>| {
            let mut client = client(introduced(Tap::new(end), CALLER), XID);
            for sum in 1..=3 {
                assert_eq!(add(&mut client, 1), Ok(sum));
            }
            assert_eq!(add(&mut client, 100), Err(CallError::Restarted));
            assert_eq!(client.link().peer(), Some(Peer { boot: SERVER + 1, largest: LARGEST }));
            // It continues with the restarted server in the short form, without another error.
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
fn a_server_reports_a_restart_once_and_clears_its_cache() {
    let [a, b] = Line::QUICK.ends();
    let calls = |mut end: End<Serial>| {
        let mut sums = Vec::new();
        for boot in [CALLER, CALLER + 1, CALLER + 10] {
            // The client uses the same xids for the same calls, and gets no earlier replies.
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
fn the_same_boot_number_again_is_no_restart() {
    // This shows why the number must change: the client gets earlier replies.
    let [a, b] = Line::QUICK.ends();
    let calls = |mut end: End<Serial>| {
        let mut first = || add(&mut client(introduced(&mut end, CALLER), XID), 1).unwrap();
        [first(), first()]
    };
    let (sums, (state, _)) = both(a, b, calls, server);
    assert_eq!((sums, state.runs), ([1, 1], 1));
}

#[test]
fn an_endpoint_that_waits_reports_a_restart_and_clears_its_cache() {
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
        lose_received_bytes(&mut end);
        // The same calls with the same xids are executed, not answered with earlier replies.
        assert_eq!(add_twice(&mut end, SERVER + 1), [3, 4]);
    };
    // The error has reported the restart, so `serve_next` does not report it again.
    assert_eq!(both(a, b, stays, restarts).0, (4, 0));
}

#[test]
fn a_restart_between_two_calls_is_reported_by_the_next() {
    let [a, b] = Line::QUICK.ends();
    let calls = |end: End<Serial>| {
        let clock = end.clock();
        let mut client = client(introduced(end, CALLER), XID);
        assert_eq!(add(&mut client, 1), Ok(1));
        assert_eq!(add(&mut client, 1), Ok(2));
        // The new hello arrives meanwhile.
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
fn restarts_of_both_sides_are_reported() {
    let [a, b] = Line::QUICK.ends();
    let calls = |mut end: End<Serial>| {
        for boot in 1..=5 {
            let mut client = client(introduced(&mut end, boot), 1000 * boot);
            let sums: Vec<_> = (0..5).map(|_| add(&mut client, 1)).collect();
            // The restart of the server may be reported once.
            assert!(sums.iter().filter(|sum| sum.is_err()).all(|sum| *sum == Err(CallError::Restarted)), "{sums:?}");
            assert!(sums.iter().filter(|sum| sum.is_ok()).count() >= 4, "{sums:?}");
        }
    };
    let serves = |mut end: End<Serial>| {
        for boot in 100.. {
            let (mut link, mut cache, mut state) = (introduced(&mut end, boot), Cache::new(), Ledger::default());
            // It restarts after seven messages.
            for _ in 0..7 {
                if link.serve_next_once(&mut cache, &TABLE, &mut state, Time::NEVER).unwrap() == Served::End {
                    return boot;
                }
            }
        }
        unreachable!("the link ends before")
    };
    let last = both(a, b, calls, serves).1;
    assert!(last > 102, "it restarted several times, and the last was {last}");
}
