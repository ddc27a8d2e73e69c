//! The state of the connection, for the program that shows it.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use oncilla_host::{ConnectionState, Connector, Reconnect};

use crate::ledger::{Ledger, Running, ledger};
use crate::scripts::PATIENCE;

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
