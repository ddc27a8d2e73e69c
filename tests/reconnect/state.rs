//! The state of the connection, for the program that shows it.

use std::io;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use oncilla::{CallError, Caller};
use oncilla_host::{Access, ConnectionState, Connector, NotConnected, Reconnect};

use crate::ledger::{Ledger, Running, ledger};
use crate::scripts::{Act, PATIENCE, Scripted};

#[test]
fn every_change_is_observed_and_the_state_can_be_asked() {
    let entries = Ledger::default();
    let running = Running::new(&entries);
    let address = running.address;
    let policy = Reconnect::for_ever().pauses(Duration::from_millis(1), Duration::from_millis(5));
    let mut client = Connector::new().reconnect(policy).tcp(address).unwrap();
    let (sender, changes) = mpsc::channel();
    client.on_change(move |state| sender.send(state.clone()).unwrap());
    client.set_timeout(PATIENCE);
    ledger::Client::new(&mut client).enter(1).unwrap();
    assert!(client.state().is_connected());
    drop(running);
    assert!(client.state().is_connected(), "no call has noticed the loss");
    client.set_timeout(Duration::from_millis(100));
    ledger::Client::new(&mut client).enter(2).unwrap_err();
    let ConnectionState::Lost { attempts, error: Some(_), .. } = client.state() else { panic!("{}", client.state()) };
    let seen: Vec<_> = changes.try_iter().collect();
    assert_eq!(seen.len(), 1 + attempts as usize);
    for (count, state) in seen.iter().enumerate() {
        assert!(
            matches!(state, ConnectionState::Lost { attempts, error, .. }
            if *attempts == count as u32 && error.is_some() == (count > 0)),
            "{state}"
        );
    }
    let _running = Running::at(address, &entries);
    client.set_timeout(PATIENCE);
    ledger::Client::new(&mut client).enter(3).unwrap();
    assert!(changes.try_iter().last().unwrap().is_connected());
}

#[test]
fn another_thread_reads_the_state_during_a_call() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let policy = Reconnect::for_ever().pauses(Duration::from_millis(1), Duration::from_millis(5)).later();
    let mut client = Connector::new().reconnect(policy).tcp(address).unwrap();
    client.wait_for_ever();
    let watch = client.watch();
    let calling = thread::spawn(move || ledger::Client::new(&mut client).enter(1).unwrap());
    while !matches!(watch.state(), ConnectionState::Lost { attempts: 3.., .. }) {
        thread::yield_now();
    }
    let _running = Running::at(address, &Ledger::default());
    assert_eq!(calling.join().unwrap(), 1);
    assert!(watch.state().is_connected());
}

/// Calls until a call is not sent, and returns its error.
fn unsent(mut client: impl Caller<Error = io::Error>) -> CallError<io::Error> {
    for number in 0..10 {
        let error = ledger::Client::new(&mut client).enter(number).unwrap_err();
        if NotConnected::of(&error).is_some() {
            return error;
        }
    }
    panic!("each call found a connection");
}

#[test]
fn a_client_that_the_access_rules_refuse_is_told_to_look_at_them() {
    let entries = Ledger::default();
    let running = Running::with(&entries, |server| server.allow(Access::network("192.0.2.0/24").unwrap()));
    // After the first attempt no call of this test connects again.
    let policy = || Reconnect::for_ever().pauses(PATIENCE, PATIENCE);
    let mut alone = Connector::new().reconnect(policy()).tcp(running.address).unwrap();
    let mut shared = Connector::new().reconnect(policy()).shared_tcp(running.address).unwrap();
    alone.set_timeout(Duration::from_millis(100));
    shared.set_timeout(Duration::from_millis(100));
    let errors = [unsent(&mut alone), unsent(&mut shared)];
    for (error, state) in errors.iter().zip([alone.state(), shared.state()]) {
        let NotConnected { attempts: 0, last: None, unanswered: 2, .. } = NotConnected::of(error).unwrap() else {
            panic!("{error:?}")
        };
        let cause = "failed attempts: 0, connections that the server closed before any reply: 2; check that its access \
                     rules allow this client";
        for text in [error.to_string(), state.to_string()] {
            assert!(text.ends_with(cause), "{text}");
        }
    }
    assert_eq!(entries.executions(0), 0);
}

#[test]
fn connections_that_end_after_a_reply_are_not_counted() {
    let server = Scripted::new(&[Act::Close, Act::Close, Act::Answer(7), Act::Answer(8), Act::Close]);
    let policy = Reconnect::for_ever().pauses(Duration::from_millis(1), Duration::from_millis(1));
    let mut client = server.client(policy);
    let (sender, changes) = mpsc::channel();
    client.on_change(move |state| sender.send(state.clone()).unwrap());
    let mut calls = ledger::Client::new(&mut client);
    assert_eq!(calls.read(1).unwrap(), 7);
    server.settle(3);
    assert_eq!(calls.read(2).unwrap(), 8);
    let counted = changes.try_iter().filter_map(|state| match state {
        ConnectionState::Lost { unanswered, .. } => Some(unanswered),
        ConnectionState::Connected { .. } => None,
    });
    assert_eq!(counted.collect::<Vec<_>>(), [1, 2, 0]);
}
