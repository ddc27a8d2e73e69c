//! TCP and Unix sockets.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};
use std::vec;

use oncilla::CallError;
use oncilla_host::{Connector, Error, NotConnected, Reconnect, ReconnectingClient, Server, Socket};

use crate::ledger::{Ledger, Running, TABLE, ledger};
use crate::scripts::{Act, PATIENCE, Scripted};

/// Short pauses, for tests in which many attempts fail.
fn quick() -> Reconnect {
    Reconnect::within(PATIENCE).pauses(Duration::from_millis(1), Duration::from_millis(20))
}

#[test]
fn a_server_restarted_between_calls_is_called_again_without_an_error() {
    let entries = Ledger::default();
    let mut running = Running::new(&entries);
    let address = running.address;
    let mut client = Connector::new().reconnect(quick()).tcp(address).unwrap();
    client.set_timeout(PATIENCE);
    for number in 0..20 {
        // Neither is marked in the interface, nor does the server remember.
        assert_eq!(ledger::Client::new(&mut client).enter(number).unwrap(), 1);
        drop(running);
        running = Running::at(address, &entries);
    }
    ledger::Client::new(&mut client).note(100).unwrap();
    assert_eq!(ledger::Client::new(&mut client).enter(101).unwrap(), 1);
    assert_eq!(entries.executions(100), 1);
}

#[test]
fn a_unix_socket_comes_back() {
    let path = std::env::temp_dir().join(format!("oncilla-reconnect-{}", std::process::id()));
    let mut client = Connector::new().reconnect(quick().later()).unix(&path).unwrap();
    client.set_timeout(PATIENCE);
    for number in 0..3 {
        let mut server = Server::new().unwrap().unix(&path).unwrap();
        let stopper = server.stopper();
        let serving = thread::spawn(move || server.serve(&TABLE, &mut Ledger::default()));
        assert_eq!(ledger::Client::new(&mut client).enter(number).unwrap(), 1);
        stopper.stop();
        serving.join().unwrap().unwrap();
    }
}

#[test]
fn a_call_that_may_have_been_executed_is_not_sent_again() {
    let server = Scripted::new(&[Act::Read, Act::Answer(7)]);
    let mut client = server.client(quick());
    let lost = ledger::Client::new(&mut client).enter(1);
    assert!(matches!(lost, Err(CallError::Closed)), "{lost:?}");
    assert_eq!(ledger::Client::new(&mut client).enter(2).unwrap(), 7);
    assert_eq!(server.calls().len(), 2);
}

#[test]
fn an_idempotent_call_and_null_are_sent_again_until_they_are_answered() {
    let server = Scripted::new(&[Act::Read, Act::Close, Act::Read, Act::Answer(7), Act::Read, Act::Answer(0)]);
    let mut client = server.client(quick());
    assert_eq!(ledger::Client::new(&mut client).read(1).unwrap(), 7);
    server.settle(4);
    let calls = server.calls();
    assert_eq!(calls.len(), 3);
    assert!(calls.iter().all(|call| *call == calls[0]), "with the same xid");
    let null = ledger::Client::new(&mut client).null();
    // This server answers with a word too many.
    assert!(matches!(null, Err(CallError::Results(_))), "{null:?}");
    assert_eq!(server.calls().len(), 5);
}

#[test]
fn a_server_that_remembers_gets_the_call_once_more_with_its_xid() {
    let server = Scripted::new(&[Act::Read, Act::Answer(7), Act::Read, Act::Read, Act::Answer(8)]);
    let mut client = server.client(quick().server_remembers());
    let mut calls = ledger::Client::new(&mut client);
    assert_eq!(calls.enter(1).unwrap(), 7);
    server.settle(2);
    let lost = calls.enter(2);
    assert!(matches!(lost, Err(CallError::Closed)), "twice is enough: {lost:?}");
    assert_eq!(calls.enter(3).unwrap(), 8);
    let calls = server.calls();
    assert_eq!(calls[0], calls[1]);
    assert_eq!(calls[2], calls[3]);
    assert_eq!(calls.len(), 5);
    assert!(calls[0][..4] != calls[2][..4] && calls[2][..4] != calls[4][..4], "each call has an xid of its own");
}

#[test]
fn a_call_that_may_have_been_executed_is_not_said_to_be_unsent() {
    for remembers in [true, false] {
        let server = Scripted::new(&[Act::Read]);
        let (address, mut connections) = (server.address, 0);
        let policy = if remembers { quick().server_remembers() } else { quick() };
        // The server is gone after its first connection.
        let dial = move |_| {
            connections += 1;
            if connections > 1 {
                return Err(io::ErrorKind::ConnectionRefused.into());
            }
            TcpStream::connect(address).map(Socket::from)
        };
        let mut client: ReconnectingClient = Connector::new().buffer(256).reconnect(policy).dial(dial).unwrap();
        client.set_timeout(Duration::from_millis(100));
        let mut calls = ledger::Client::new(&mut client);
        let lost = if remembers { calls.enter(1) } else { calls.read(1) };
        assert!(matches!(lost, Err(CallError::Closed)), "{lost:?}");
        let unsent = calls.enter(2).unwrap_err();
        assert!(NotConnected::of(&unsent).is_some(), "{unsent:?}");
    }
}

#[test]
fn one_way_calls_do_not_end_the_pauses() {
    let server = Scripted::new(&[Act::Close]);
    let pauses = Reconnect::for_ever().pauses(Duration::from_millis(40), Duration::from_millis(80));
    let mut client = server.client(pauses);
    client.set_timeout(Duration::from_millis(5));
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(400) {
        // It is sent, or there is no connection.
        let _ = ledger::Client::new(&mut client).note(1);
    }
    let most = 3 + begun.elapsed().as_millis() as usize / 20;
    assert!(server.connections() <= most, "{} connections", server.connections());
}

#[test]
fn a_server_that_closes_at_once_is_called_with_pauses() {
    let server = Scripted::new(&[Act::Close]);
    let pauses = Reconnect::for_ever().pauses(Duration::from_millis(40), Duration::from_millis(80));
    let mut client = server.client(pauses);
    client.set_timeout(Duration::from_secs(1));
    let refused = ledger::Client::new(&mut client).read(1);
    assert!(refused.is_err(), "{refused:?}");
    // The first connection, the first attempt, one after 20 ms at least, and one after each 40 ms at least.
    let most = 3 + 1000 / 40 + 1;
    assert!(server.connections() <= most, "{} connections", server.connections());
    // Nor does a program that calls again and again make more of them: no call was answered meanwhile.
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(400) {
        client.set_timeout(Duration::from_millis(5));
        assert!(ledger::Client::new(&mut client).enter(1).is_err());
    }
    let most = most + 1 + begun.elapsed().as_millis() as usize / 40;
    assert!(server.connections() <= most, "{} connections", server.connections());
}

#[test]
fn without_a_server_a_call_is_certainly_not_sent() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert!(matches!(Connector::new().reconnect(quick()).tcp(address), Err(Error::Connect { .. })));
    let mut client = Connector::new().reconnect(quick().later()).tcp(address).unwrap();
    client.set_timeout(Duration::from_millis(100));
    let error = ledger::Client::new(&mut client).enter(1).unwrap_err();
    let unsent = NotConnected::of(&error).unwrap_or_else(|| panic!("{error:?}"));
    assert!(unsent.attempts > 0, "{unsent:?}");
    assert!(matches!(unsent.last.as_deref(), Some(Error::Connect { .. })), "{unsent:?}");
    let text = error.to_string();
    assert!(text.contains("the call was not sent: no connection for ") && text.contains("cannot connect to"), "{text}");
    let entries = Ledger::default();
    let _running = Running::at(address, &entries);
    client.set_timeout(PATIENCE);
    assert_eq!(ledger::Client::new(&mut client).enter(1).unwrap(), 1);
}

#[test]
fn after_the_limit_a_call_makes_one_attempt_and_does_not_wait() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let policy = Reconnect::within(Duration::ZERO).pauses(Duration::from_millis(1), PATIENCE).later();
    let mut client = Connector::new().reconnect(policy).tcp(address).unwrap();
    client.wait_for_ever();
    for _ in 0..1000 {
        let error = ledger::Client::new(&mut client).enter(1).unwrap_err();
        assert!(NotConnected::of(&error).is_some_and(|unsent| unsent.attempts > 0), "{error:?}");
    }
}

/// A name whose address comes and goes.
#[derive(Clone, Debug)]
pub struct Name(pub SocketAddr, pub Arc<AtomicBool>);

impl ToSocketAddrs for Name {
    type Iter = vec::IntoIter<SocketAddr>;

    fn to_socket_addrs(&self) -> io::Result<Self::Iter> {
        if !self.1.load(Ordering::Relaxed) {
            return Err(io::Error::other("no such name"));
        }
        Ok(vec![self.0].into_iter())
    }
}

#[test]
fn a_name_that_no_longer_resolves_is_resolved_again() {
    let entries = Ledger::default();
    let running = Running::new(&entries);
    let name = Name(running.address, Arc::new(AtomicBool::new(true)));
    let mut client = Connector::new().reconnect(quick()).tcp(name.clone()).unwrap();
    client.set_timeout(PATIENCE);
    assert_eq!(ledger::Client::new(&mut client).enter(1).unwrap(), 1);
    name.1.store(false, Ordering::Relaxed);
    let address = running.address;
    drop(running);
    let _running = Running::at(address, &entries);
    client.set_timeout(Duration::from_millis(100));
    let error = ledger::Client::new(&mut client).enter(2).unwrap_err();
    let last = NotConnected::of(&error).and_then(|unsent| unsent.last.clone());
    assert!(matches!(last.as_deref(), Some(Error::Resolve { .. })), "{error:?}");
    name.1.store(true, Ordering::Relaxed);
    client.set_timeout(PATIENCE);
    assert_eq!(ledger::Client::new(&mut client).enter(2).unwrap(), 1);
}

/// Passes bytes to a server and back, and can cut all connections.
struct Cable {
    address: SocketAddr,
    ends: Arc<Mutex<Vec<TcpStream>>>,
}

impl Cable {
    fn new(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let ends = Arc::new(Mutex::new(Vec::new()));
        let cable = Self { address, ends: Arc::clone(&ends) };
        // It ends with the process.
        thread::spawn(move || {
            for near in listener.incoming() {
                let (near, far) = (near.unwrap(), TcpStream::connect(server).unwrap());
                ends.lock().unwrap().extend([copy(&near), copy(&far)]);
                for (mut from, mut to) in [(&near, &far), (&far, &near)].map(|(from, to)| (copy(from), copy(to))) {
                    thread::spawn(move || {
                        let _ = io::copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Both);
                    });
                }
            }
        });
        cable
    }

    /// Cuts it during the next call of the ledger, so that its reply is lost.
    fn cut_during_the_next(&self, entries: &Ledger) {
        let ends = Arc::clone(&self.ends);
        entries.during_the_next(move || {
            for end in ends.lock().unwrap().drain(..) {
                let _ = end.shutdown(Shutdown::Both);
            }
        });
    }
}

fn copy(stream: &TcpStream) -> TcpStream {
    stream.try_clone().unwrap()
}

#[test]
fn our_server_remembers_calls_over_connections_if_it_is_told_to() {
    let entries = Ledger::default();
    let running = Running::with(&entries, |server| server.connection_replay_memory(16));
    let cable = Cable::new(running.address);
    let mut client = Connector::new().reconnect(quick().server_remembers()).tcp(cable.address).unwrap();
    client.set_timeout(PATIENCE);
    for number in 0..10 {
        cable.cut_during_the_next(&entries);
        assert_eq!(ledger::Client::new(&mut client).enter(number).unwrap(), 1);
        assert_eq!(entries.executions(number), 1);
    }
    // A client that does not know it reports the loss.
    let mut client = Connector::new().reconnect(quick()).tcp(cable.address).unwrap();
    client.set_timeout(PATIENCE);
    cable.cut_during_the_next(&entries);
    let lost = ledger::Client::new(&mut client).enter(100);
    assert!(matches!(lost, Err(CallError::Closed | CallError::Link(_))), "{lost:?}");
    assert_eq!(entries.executions(100), 1);
}
