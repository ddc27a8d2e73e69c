//! A call is executed at most once, from the first frame on, even if the line delays frames over a restart.

use oncilla::{Received, Transport};

use crate::*;

/// Waits for bytes and discards them.
fn lose_received_bytes(end: &mut End<Serial>) {
    let Ok(Received::Bytes(_)) = end.receive(&mut [0; 1024], Time::NEVER) else { panic!("no bytes were received") };
}

/// Returns the frames that are calls.
fn calls_sent(sent: &[Vec<u8>]) -> Vec<Vec<u8>> {
    sent.iter().filter(|frame| tap::kinds(frame).iter().any(|kind| kind.is_call())).cloned().collect()
}

/// Serves until `state` has executed `runs` calls. The state survives the restart.
fn serve_until(end: &mut End<Serial>, boot: u32, state: &mut Ledger, runs: u32) {
    let (mut link, mut cache) = (introduced(end, boot), Cache::new());
    while state.runs < runs && link.serve_next_once(&mut cache, &TABLE, state, Time::NEVER).unwrap() != Served::End {}
}

/// All frames that were sent to a server arrive again after both sides know of the restart of the server.
#[test]
fn frames_delayed_beyond_a_restart_are_not_executed() {
    for boots in [[SERVER, SERVER + 1], [0, 1], [u32::MAX, 0]] {
        let [a, b] = Line::QUICK.ends();
        let calls = |end: End<Serial>| {
            let clock = end.clock();
            let mut client = client(introduced(Tap::new(end), CALLER), XID);
            for sum in 1..=3 {
                assert_eq!(add(&mut client, 1), Ok(sum));
            }
            // Three more in the full form.
            let user = oncilla::message::SysCredential::new(1, "host", 1000, 100, &[]).unwrap();
            let mut client = self::client(client.into_link(), XID + 3).with_credential(user);
            for sum in 4..=6 {
                assert_eq!(ledger::Client::new(&mut client).add(1), Ok(sum));
            }
            let held = calls_sent(&client.link().transport().sent);
            clock.pass(10_000);
            assert_eq!(ledger::Client::new(&mut client).add(1), Err(CallError::Restarted));
            assert_eq!(ledger::Client::new(&mut client).add(1), Ok(7));
            for frame in held {
                client.link().transport().send(&frame, Time::NEVER).unwrap();
            }
            assert_eq!(ledger::Client::new(&mut client).add(1), Ok(8));
        };
        let serves = |mut end: End<Serial>| {
            let mut state = Ledger::default();
            serve_until(&mut end, boots[0], &mut state, 6);
            serve_until(&mut end, boots[1], &mut state, 100);
            state.runs
        };
        assert_eq!(both(a, b, calls, serves).1, 8, "{boots:?}");
    }
}

/// Frames arrive again after a restart, and the last call before it was preceded by a time-out.
#[test]
fn frames_delayed_beyond_a_restart_after_a_time_out_are_not_executed() {
    let [a, b] = Line::QUICK.ends();
    let calls = |end: End<Serial>| {
        let clock = end.clock();
        let mut client = client(introduced(Tap::new(end), CALLER), XID);
        assert_eq!(add(&mut client, 1), Ok(1));
        client.set_timeout(Duration::from_millis(50));
        assert!(add(&mut client, 1).is_err());
        clock.pass(200_000);
        client.set_timeout(TIMEOUT);
        client.link().transport().sent.clear();
        assert_eq!(add(&mut client, 1), Ok(3));
        let held = calls_sent(&client.link().transport().sent);
        clock.pass(10_000);
        // The server has restarted.
        assert_eq!(add(&mut client, 1), Err(CallError::Restarted));
        assert_eq!(add(&mut client, 1), Ok(4));
        for frame in held {
            client.link().transport().send(&frame, Time::NEVER).unwrap();
        }
        assert_eq!(add(&mut client, 1), Ok(5));
    };
    let serves = |mut end: End<Serial>| {
        let (clock, mut state) = (end.clock(), Ledger::default());
        {
            let (mut link, mut cache) = (introduced(&mut end, SERVER), Cache::new());
            while state.runs < 3 {
                link.serve_next_once(&mut cache, &TABLE, &mut state, Time::NEVER).unwrap();
                if state.runs == 1 {
                    clock.pass(100_000);
                }
            }
        }
        serve_until(&mut end, SERVER + 1, &mut state, 100);
        state.runs
    };
    assert_eq!(both(a, b, calls, serves).1, 5);
}

/// The server executes the very first call, and restarts before any of its frames arrives.
#[test]
fn a_first_call_whose_reply_is_lost_in_a_restart_is_executed_once() {
    let [a, b] = Line::QUICK.ends();
    let calls = |end: End<Serial>| {
        let mut client = client(introduced(Tap::new(end), CALLER), XID);
        (0..3).map(|_| add(&mut client, 1)).collect::<Vec<_>>()
    };
    let serves = |mut end: End<Serial>| {
        let mut state = Ledger::default();
        {
            // Everything that this server sends is lost.
            let (mut link, mut cache) = (introduced(Muted(&mut end), SERVER), Cache::new());
            let until = Time::from_micros(50_000);
            while link.serve_next_once(&mut cache, &TABLE, &mut state, until).unwrap() != Served::TimeUp {}
        }
        let before = state.runs;
        serve_until(&mut end, SERVER + 1, &mut state, 100);
        (before, state.runs)
    };
    let (sums, (before, runs)) = both(a, b, calls, serves);
    // Each successful call was executed once. The others ended with an error.
    let executed = sums.iter().filter(|sum| sum.is_ok()).count() as u32;
    let unknown = sums.iter().filter(|sum| **sum == Err(CallError::Restarted)).count() as u32;
    assert!(runs <= executed + unknown, "{sums:?}: {before} before the restart, {runs} in all");
}

/// A transport whose sent frames are lost.
struct Muted<T>(T);

impl<T: Transport> Transport for Muted<T> {
    type Error = T::Error;
    type Framing = T::Framing;

    fn now(&mut self) -> Time {
        self.0.now()
    }

    fn receive(&mut self, into: &mut [u8], deadline: Time) -> Result<Received, T::Error> {
        self.0.receive(into, deadline)
    }

    fn send(&mut self, frame: &[u8], _: Time) -> Result<usize, T::Error> {
        Ok(frame.len())
    }
}

/// A counter in flash begins with 0. After the restart the client uses the same xids again.
#[test]
fn a_client_may_restart_from_0_to_1() {
    let [a, b] = Line::QUICK.ends();
    let calls = |mut end: End<Serial>| {
        let mut sums = Vec::new();
        for boot in [0, 1, 2] {
            let mut client = client(introduced(&mut end, boot), XID);
            sums.extend((0..3).map(|_| add(&mut client, 1).unwrap()));
        }
        sums
    };
    let serves = |end| {
        let mut state = Ledger::default();
        let restarts = serve(&mut introduced(end, SERVER), &mut state);
        (restarts, state.runs)
    };
    let (sums, served) = both(a, b, calls, serves);
    assert_eq!((sums, served), ((1..=9).collect(), (2, 9)));
}

/// A server restarts from 0 to 1 during a call.
#[test]
fn a_server_may_restart_from_0_to_1() {
    let [a, b] = Line::QUICK.ends();
    let calls = |end: End<Serial>| {
        let mut client = client(introduced(end, CALLER), XID);
        assert_eq!(add(&mut client, 1), Ok(1));
        assert_eq!(add(&mut client, 1), Ok(2));
        assert_eq!(add(&mut client, 1), Err(CallError::Restarted));
        assert_eq!(add(&mut client, 1), Ok(3));
    };
    let serves = |mut end: End<Serial>| {
        let mut state = Ledger::default();
        serve_until(&mut end, 0, &mut state, 2);
        lose_received_bytes(&mut end);
        serve_until(&mut end, 1, &mut state, 100);
        state.runs
    };
    assert_eq!(both(a, b, calls, serves).1, 3);
}

/// Returns the rank of a linear function of 32 bits: 32 if it is invertible.
fn rank(function: impl Fn(u32) -> u32) -> usize {
    let mut pivots: Vec<u32> = Vec::new();
    for bit in 0..32 {
        let mut image = function(1 << bit);
        for pivot in &pivots {
            image = image.min(image ^ pivot);
        }
        if image != 0 {
            pivots.push(image);
        }
    }
    pivots.len()
}

/// A restart of either side always changes the mark. An echo has the mark of the peer only if both numbers are equal.
#[test]
fn marks_of_different_boot_numbers_differ() {
    assert_eq!(rank(marks::zeros), 32);
    assert_eq!(rank(|number| number ^ marks::zeros(number)), 32);
    // Two counters that begin with 0 and advance by one or more: all pairs have different marks.
    let numbers = || (0..100).flat_map(|a| (0..100).map(move |b| marks::between(a, b)));
    let all: std::collections::HashSet<_> = numbers().chain([marks::SHORT]).collect();
    assert_eq!(all.len(), 10_001);
    assert_eq!(numbers().filter(|mark| *mark == 0).count(), 1, "that of 0 and 0, which are never a pair");
}
