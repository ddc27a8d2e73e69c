//! Lost messages of a handshake, renewal, restarts.

use oncilla::framing::{Cobs, Datagram, Framing, Progress, Record};

use crate::faults::Carried;
use crate::faults::line::{End, Line, both};
use crate::tap::Lossy;
use crate::*;

/// Returns the first byte of the message in a frame.
fn kind(frame: &[u8]) -> u8 {
    let (mut framing, mut buffer) = (Cobs::default(), vec![0; 512]);
    buffer[..frame.len()].copy_from_slice(frame);
    framing.filled(frame.len());
    match framing.next(&mut buffer) {
        Progress::Message { start, .. } => buffer[start],
        _ => 0,
    }
}

const HELLO: u8 = 1;
const CHALLENGE: u8 = 2;
const OPEN: u8 = 3;

/// Loses the first `count` frames of a kind.
fn losing<T>(inner: T, what: u8, mut count: u32) -> Lossy<T> {
    Lossy::new(inner, move |frame| {
        let lost = count > 0 && kind(frame) == what;
        count -= u32::from(lost);
        lost
    })
}

#[test]
fn lost_messages_of_the_handshake_are_sent_again() {
    for what in [HELLO, CHALLENGE, OPEN] {
        for count in 1..4 {
            let [a, b] = Line::QUICK.ends::<Cobs>();
            let calls = |end: End<Cobs>| {
                let mut client = client(Tap::new(losing(end, what, count)), opens(&KEYS[0], CALLER));
                for sum in 1..=5 {
                    assert_eq!(add(&mut client, 1), Ok(sum), "{count} of {what}");
                }
                client.link().transport().inner().sent.clone()
            };
            let serves = |end: End<Cobs>| {
                let mut state = Ledger::default();
                serve(&mut keyed(losing(end, what, count), accepts(SERVER)), &mut state).unwrap();
                state.runs
            };
            let (sent, runs) = both(a, b, calls, serves);
            assert_eq!(runs, 5, "{count} of {what}");
            // It ends: the last calls are DATA, with nothing beside them.
            assert!(sent[sent.len() - 3..].iter().all(|frame| kind(frame) >= 128), "{count} of {what}");
        }
    }
}

/// Calls while the server restarts once, with and without a call in flight. Returns the boot numbers that executed.
fn server_restarts<F: Sized + Carried>() {
    let [a, b] = Line::QUICK.ends::<F>();
    let calls = |end: End<F>| {
        let mut client = client(end, opens(&KEYS[0], CALLER));
        client.set_timeout(Duration::from_secs(2));
        for sum in 1..=3 {
            assert_eq!(add(&mut client, 1), Ok(sum));
        }
        // The server has restarted: it does not know the session, and that ends the call.
        assert_eq!(add(&mut client, 1), Err(CallError::Restarted));
        for sum in 1..=3 {
            assert_eq!(add(&mut client, 1), Ok(sum));
        }
    };
    let serves = |mut end: End<F>| {
        let mut cache = Cache::new();
        let mut state = Ledger::default();
        let mut link = keyed(&mut end, accepts(SERVER));
        while state.runs < 3 {
            link.serve_next_once(&mut cache, &TABLE, &mut state, Time::NEVER).unwrap();
        }
        drop(link);
        let mut state = Ledger::default();
        serve(&mut keyed(&mut end, accepts(SERVER + 1)), &mut state).unwrap();
        state.runs
    };
    assert_eq!(both(a, b, calls, serves), ((), 3));
}

#[test]
fn the_server_may_restart() {
    server_restarts::<Cobs>();
    server_restarts::<Datagram>();
}

#[test]
fn the_client_may_restart() {
    let [a, b] = Line::QUICK.ends::<Cobs>();
    let calls = |mut end: End<Cobs>| {
        for boot in 0..5 {
            // The same first xid, and the same calls: the boot number tells them apart.
            let mut client = client(&mut end, opens(&KEYS[0], boot));
            for sum in 1..=3 {
                assert_eq!(add(&mut client, 1), Ok(3 * boot + sum));
            }
        }
    };
    let serves = |end: End<Cobs>| {
        let mut state = Ledger::default();
        serve(&mut keyed(end, accepts(SERVER)), &mut state).unwrap();
        state.runs
    };
    assert_eq!(both(a, b, calls, serves), ((), 15));
}

/// Calls with keys that are renewed after 10 messages. Returns the number of HELLOs.
fn renewed<F: Framing + 'static>(first: impl Fn(&[u8]) -> u8) -> usize {
    let (sent, ledger) = against_device::<F, _>(|end| {
        let mut client = client(end, opens(&KEYS[0], CALLER).renew_after(10));
        for sum in 1..=100 {
            assert_eq!(add(&mut client, 1), Ok(sum));
        }
        client.link().transport().inner().sent.clone()
    });
    assert_eq!(ledger.runs, 100);
    sent.iter().filter(|frame| first(frame) == HELLO).count()
}

#[test]
fn keys_are_renewed_while_calls_go_on() {
    let most = 8..=12;
    assert!(most.contains(&renewed::<Cobs>(kind)));
    assert!(most.contains(&renewed::<Datagram>(|frame| frame[0])));
    assert!(most.contains(&renewed::<Record>(|frame| frame[4])));
}

#[test]
fn logs_of_the_server_alone_renew_the_keys() {
    let (near, far) = oncilla_host::pipe::<Cobs>();
    thread::scope(|scope| {
        let serving = scope.spawn(move || {
            let mut link = keyed(far, accepts(SERVER));
            let mut state = Ledger::default();
            let mut logged = 0;
            loop {
                let soon = link.transport().now().after(Duration::from_millis(1));
                match link.serve_next(&TABLE, &mut state, soon).unwrap() {
                    Served::End => return logged,
                    _ if state.runs > 0 && logged < 50 => {
                        link.log(b"a log", Time::NEVER).unwrap();
                        logged += 1;
                    }
                    _ => {}
                }
            }
        });
        let mut client = client(Tap::new(near), opens(&KEYS[0], CALLER).renew_after(10));
        assert_eq!(add(&mut client, 1), Ok(1));
        let end = client.link().transport().now().after(Duration::from_secs(10));
        while client.link().transport().inner().shown.len() < 50 && client.link().transport().now() < end {
            let soon = client.link().transport().now().after(Duration::from_millis(50));
            client.link().serve_next(&TABLE, &mut Ledger::default(), soon).unwrap();
        }
        let tap = client.into_link().into_transport().into_inner();
        assert_eq!(tap.shown.len(), 50);
        let hellos = tap.sent.iter().filter(|frame| kind(frame) == HELLO).count();
        assert!((3..=8).contains(&hellos), "{hellos}");
        drop(tap);
        assert_eq!(serving.join().unwrap(), 50);
    });
}
