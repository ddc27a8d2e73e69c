//! Threads that share a client which connects again.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use oncilla::{CallError, LinkError};
use oncilla_host::{ConnectionState, Connector, NotConnected, Reconnect, SharedClient};

use crate::connections::Name;
use crate::ledger::{Ledger, Running, ledger};
use crate::scripts::{Act, PATIENCE, Scripted};

const THREADS: u32 = 8;

fn quick() -> Reconnect {
    Reconnect::within(PATIENCE).pauses(Duration::from_millis(1), Duration::from_millis(20))
}

/// Longer than what counts as a pause between calls.
fn pause() {
    thread::sleep(Duration::from_millis(10));
}

fn client(server: &Scripted, policy: Reconnect) -> SharedClient {
    let mut client = Connector::new().buffer(1024).reconnect(policy).shared_tcp(server.address).unwrap();
    client.set_timeout(PATIENCE);
    client
}

/// The server is restarted again and again while all threads call.
#[test]
fn under_load_every_call_ends_and_none_is_executed_twice() {
    let entries = Ledger::default();
    let mut running = Running::new(&entries);
    let address = running.address;
    let mut shared = Connector::new().reconnect(quick()).shared_tcp(address).unwrap();
    shared.set_timeout(PATIENCE);
    let (numbers, stop) = (AtomicU32::new(0), AtomicBool::new(false));
    let ends = Mutex::new(Vec::new());
    let _running = thread::scope(|scope| {
        for thread in 0..THREADS {
            let mut client = ledger::Client::new(shared.clone());
            let (numbers, stop, ends) = (&numbers, &stop, &ends);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let number = numbers.fetch_add(1, Ordering::Relaxed);
                    if thread % 2 == 0 {
                        let end = client.enter(number);
                        ends.lock().unwrap().push((number, end));
                    } else {
                        // Sent again until it is answered.
                        assert!(client.read(number).unwrap() > 0);
                    }
                }
            });
        }
        for _ in 0..20 {
            thread::sleep(Duration::from_millis(15));
            drop(running);
            running = Running::at(address, &entries);
        }
        stop.store(true, Ordering::Relaxed);
        running
    });
    let ends = ends.into_inner().unwrap();
    for (number, end) in &ends {
        let executions = entries.executions(*number);
        match end {
            Ok(count) => assert!(*count == 1 && executions == 1, "{number}: {count}, {executions}"),
            Err(CallError::Closed) => assert!(executions <= 1, "{number} was executed {executions} times"),
            Err(CallError::Link(LinkError::Transport(error))) if error.kind() == ErrorKind::ConnectionReset => {
                assert!(executions <= 1, "{number} was executed {executions} times");
            }
            other => panic!("{number}: {other:?}"),
        }
    }
    assert!(ends.iter().any(|(_, end)| end.is_ok()));
    assert!(shared.state().is_connected());
}

#[test]
fn a_server_restarted_between_calls_is_called_again_without_an_error() {
    let entries = Ledger::default();
    let mut running = Running::new(&entries);
    let address = running.address;
    let shared = Connector::new().reconnect(quick()).shared_tcp(address).unwrap();
    for number in 0..10 {
        // A clone each time, some of which are older than the connection.
        let mut client = shared.clone();
        client.set_timeout(PATIENCE);
        assert_eq!(ledger::Client::new(&mut client).enter(number).unwrap(), 1);
        drop(running);
        running = Running::at(address, &entries);
        pause();
    }
    let mut client = ledger::Client::new(shared);
    client.note(100).unwrap();
    assert_eq!(client.enter(101).unwrap(), 1);
    assert_eq!(entries.executions(100), 1);
}

#[test]
fn what_is_sent_again_has_its_xid() {
    let acts = &[Act::Read, Act::Read, Act::Read, Act::Answer(7), Act::Answer(8)];
    let server = Scripted::new(acts);
    let mut calls = ledger::Client::new(client(&server, quick()));
    let lost = calls.enter(1);
    assert!(matches!(lost, Err(CallError::Closed)), "not again: {lost:?}");
    assert_eq!(calls.read(2).unwrap(), 7, "again, because it is idempotent");
    server.settle(4);
    pause();
    assert_eq!(calls.enter(3).unwrap(), 8);
    let calls = server.calls();
    assert!(calls[1] == calls[2] && calls[2] == calls[3]);
    assert!(calls[0][..4] != calls[1][..4] && calls[3][..4] != calls[4][..4], "each call has an xid of its own");
}

#[test]
fn a_server_that_remembers_gets_a_call_once_more() {
    let server = Scripted::new(&[Act::Read, Act::Answer(7), Act::Read, Act::Read, Act::Answer(8)]);
    let mut calls = ledger::Client::new(client(&server, quick().server_remembers()));
    assert_eq!(calls.enter(1).unwrap(), 7);
    server.settle(2);
    pause();
    let lost = calls.enter(2);
    assert!(matches!(lost, Err(CallError::Closed)), "twice is enough: {lost:?}");
    assert_eq!(calls.enter(3).unwrap(), 8);
    let calls = server.calls();
    assert!(calls[0] == calls[1] && calls[2] == calls[3] && calls.len() == 5);
}

/// One thread connects for all, and many threads do not make many attempts.
#[test]
fn a_server_that_closes_at_once_is_called_with_pauses() {
    let server = Scripted::new(&[Act::Close]);
    let policy = Reconnect::for_ever().pauses(Duration::from_millis(40), Duration::from_millis(80));
    let shared = client(&server, policy);
    let begun = std::time::Instant::now();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let mut client = shared.clone();
            client.set_timeout(Duration::from_millis(500));
            scope.spawn(move || ledger::Client::new(&mut client).read(1).unwrap_err());
        }
    });
    // The first connection, the first attempt, one after 20 ms at least, and one after each 40 ms at least.
    let most = || 4 + begun.elapsed().as_millis() as usize / 40;
    assert!(server.connections() <= most(), "{} connections", server.connections());
    // A one-way call that was sent is no answer.
    let mut client = shared.clone();
    client.set_timeout(Duration::from_millis(5));
    for number in 0..200 {
        let _ = ledger::Client::new(&mut client).note(number);
        thread::sleep(Duration::from_millis(2));
    }
    assert!(server.connections() <= most(), "{} connections", server.connections());
}

#[test]
fn without_a_server_each_thread_waits_for_its_own_time() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let shared = Connector::new().reconnect(quick().later()).shared_tcp(address).unwrap();
    let entries = Ledger::default();
    thread::scope(|scope| {
        let patient: Vec<_> = (0..3)
            .map(|number| {
                let mut client = shared.clone();
                client.wait_for_ever();
                scope.spawn(move || ledger::Client::new(&mut client).enter(number).unwrap())
            })
            .collect();
        let hasty: Vec<_> = (10..10 + THREADS)
            .map(|number| {
                let mut client = shared.clone();
                client.set_timeout(Duration::from_millis(20 + u64::from(number)));
                scope.spawn(move || ledger::Client::new(&mut client).enter(number).unwrap_err())
            })
            .collect();
        for thread in hasty {
            let error = thread.join().unwrap();
            assert!(NotConnected::of(&error).is_some(), "{error:?}");
        }
        let _running = Running::at(address, &entries);
        for thread in patient {
            assert_eq!(thread.join().unwrap(), 1);
        }
    });
    assert!((10..10 + THREADS).all(|number| entries.executions(number) == 0), "they were not sent");
}

#[test]
fn the_state_is_that_of_all_clones() {
    let entries = Ledger::default();
    let running = Running::new(&entries);
    let address = running.address;
    let mut shared = Connector::new().reconnect(quick()).shared_tcp(address).unwrap();
    let (watch, clone) = (shared.watch(), shared.clone());
    let (sender, changes) = mpsc::channel();
    // The observer may ask.
    shared.on_change(move |state| sender.send((state.clone(), clone.state())).unwrap());
    ledger::Client::new(shared.clone()).enter(1).unwrap();
    drop(running);
    pause();
    assert!(watch.state().is_connected(), "no call has noticed the loss");
    shared.set_timeout(Duration::from_millis(50));
    ledger::Client::new(&mut shared).enter(2).unwrap_err();
    assert!(matches!(watch.state(), ConnectionState::Lost { attempts: 1.., error: Some(_), .. }));
    let _running = Running::at(address, &entries);
    shared.set_timeout(PATIENCE);
    ledger::Client::new(&mut shared).enter(3).unwrap();
    let seen: Vec<_> = changes.try_iter().map(|(state, asked)| (state.is_connected(), asked.is_connected())).collect();
    assert!(seen.len() >= 3 && seen.iter().all(|(state, asked)| state == asked), "{seen:?}");
    assert_eq!((seen.first(), seen.last()), (Some(&(false, false)), Some(&(true, true))));
    assert!(watch.state().is_connected());
}

/// Without a policy, the state shows the loss, and the client stays lost.
#[test]
fn a_client_that_does_not_connect_again_reports_its_loss() {
    let server = Scripted::new(&[Act::Read, Act::Answer(7)]);
    let shared = Connector::new().shared_tcp(server.address).unwrap();
    assert!(shared.state().is_connected());
    let lost = ledger::Client::new(shared.clone()).read(1);
    assert!(matches!(lost, Err(CallError::Closed)), "{lost:?}");
    assert!(!shared.state().is_connected());
    let unsent = ledger::Client::new(shared).read(1).unwrap_err();
    assert!(unsent.to_string().ends_with("which was not sent; connect again"), "{unsent}");
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_call_that_may_have_been_executed_is_not_said_to_be_unsent() {
    let server = Scripted::new(&[Act::Read]);
    let name = Name(server.address, Arc::new(AtomicBool::new(true)));
    let mut client = Connector::new().reconnect(quick().server_remembers()).shared_tcp(name.clone()).unwrap();
    // The server is not found again.
    name.1.store(false, Ordering::Relaxed);
    client.set_timeout(Duration::from_millis(100));
    let mut calls = ledger::Client::new(client);
    let lost = calls.enter(1);
    assert!(matches!(lost, Err(CallError::Closed)), "{lost:?}");
    let unsent = calls.enter(2).unwrap_err();
    assert!(NotConnected::of(&unsent).is_some(), "{unsent:?}");
}
