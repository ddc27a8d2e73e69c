//! Clients under a key, against links that serve.

use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use oncilla::framing::Cobs;
use oncilla::{CallError, Served, SharedReplayCache, Time};
use oncilla_host::keys::{KeyClient, KeyServer, KeySuite, Side};
use oncilla_host::{Connector, Datagrams, Reconnect, SharedCaller, Socket};

use crate::*;

fn client(suite: KeySuite) -> KeyClient {
    KeyClient::of(&keys(KEYS), KeyId(11)).unwrap().suite(suite)
}

fn device(suite: KeySuite) -> KeyServer {
    KeyServer::new(&keys(KEYS)).unwrap().side(Side::Device).suite(suite)
}

fn connector() -> Connector {
    Connector::new().buffer(4096)
}

/// Serves connections, one after another.
fn serve(connections: usize, keys: &KeyServer) -> (std::net::SocketAddr, thread::JoinHandle<u32>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, keys) = (listener.local_addr().unwrap(), keys.clone());
    let serving = thread::spawn(move || {
        let mut ledger = Ledger::default();
        for _ in 0..connections {
            let (stream, _) = listener.accept().unwrap();
            let socket: Socket = socket2::Socket::from(stream).into();
            // A stranger ends the link with an error.
            let _ = connector().keyed_link::<_, 1>(socket, &keys).unwrap().serve(&TABLE, &mut ledger);
        }
        ledger.sum
    });
    (address, serving)
}

#[test]
fn tcp_in_both_suites() {
    for suite in [KeySuite::Light, KeySuite::ForwardSecret] {
        let (address, serving) = serve(1, &device(suite));
        let mut tcp = connector().keyed_tcp(address, &client(suite)).unwrap();
        let mut ledger = ledger::Client::new(&mut tcp);
        assert_eq!((ledger.add(2).unwrap(), ledger.add(3).unwrap(), ledger.who().unwrap()), (2, 5, 11));
        let large = [7; 2000];
        assert_eq!(ledger.echo(&large).unwrap(), large);
        drop(tcp);
        assert_eq!(serving.join().unwrap(), 5);
    }
}

#[test]
fn other_keys_suites_and_sides_get_no_answer() {
    let wrong = KeyClient::new(&keys(WRONG)).unwrap();
    let other_suite = client(KeySuite::ForwardSecret);
    let other_side = client(KeySuite::Light).side(Side::Device);
    let (address, serving) = serve(3, &device(KeySuite::Light));
    for key in [wrong, other_suite, other_side] {
        let mut tcp = connector().keyed_tcp(address, &key).unwrap();
        tcp.set_timeout(Duration::from_secs(5));
        let error = ledger::Client::new(&mut tcp).add(1).unwrap_err();
        assert!(matches!(error, CallError::Closed | CallError::Link(_)), "{error}");
    }
    assert_eq!(serving.join().unwrap(), 0);
}

#[test]
fn a_client_connects_again_with_another_start() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, keys) = (listener.local_addr().unwrap(), device(KeySuite::ForwardSecret));
    let serving = thread::spawn(move || {
        let mut ledger = Ledger::default();
        for _ in 0..3 {
            let socket: Socket = socket2::Socket::from(listener.accept().unwrap().0).into();
            let mut link = connector().keyed_link::<_, 1>(socket, &keys).unwrap();
            // The handshake and one call; then the connection is closed.
            let before = ledger.sum;
            while ledger.sum == before {
                assert_eq!(link.serve_next(&TABLE, &mut ledger, Time::NEVER).unwrap(), Served::Message);
            }
        }
    });
    let policy = Reconnect::within(Duration::from_secs(20));
    let mut tcp = connector().reconnect(policy).keyed_tcp(address, &client(KeySuite::ForwardSecret)).unwrap();
    for sum in 1..=3 {
        assert_eq!(ledger::Client::new(&mut tcp).add(1).unwrap(), sum);
    }
    serving.join().unwrap();
}

#[test]
fn threads_share_a_keyed_client() {
    let (address, serving) = serve(1, &device(KeySuite::Light));
    let shared = SharedCaller::new(connector().keyed_tcp(address, &client(KeySuite::Light)).unwrap());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    ledger::Client::new(shared.clone()).add(1).unwrap();
                }
            });
        }
    });
    drop(shared);
    assert_eq!(serving.join().unwrap(), 20);
}

#[test]
fn udp_and_serial_lines() {
    let socket = Datagrams::bind("127.0.0.1:0").unwrap();
    let address = socket.address();
    let keys = device(KeySuite::Light);
    let serving = thread::spawn(move || {
        let mut link = connector().keyed_link::<_, 2>(socket, &keys).unwrap();
        let (mut cache, mut ledger) = (SharedReplayCache::<4, 2100>::new([7; 16]), Ledger::default());
        while ledger.sum < 3 {
            let served = link.serve_next_once(&mut cache, &TABLE, &mut ledger, Time::NEVER).unwrap();
            assert_ne!(served, Served::End);
        }
    });
    let mut udp = connector().keyed_udp(address, &client(KeySuite::Light)).unwrap();
    let mut ledger = ledger::Client::new(&mut udp);
    assert_eq!((ledger.who().unwrap(), ledger.add(3).unwrap()), (11, 3));
    serving.join().unwrap();

    let (near, far) = oncilla_host::pipe::<Cobs>();
    let keys = device(KeySuite::ForwardSecret);
    let serving = thread::spawn(move || {
        let mut ledger = Ledger::default();
        connector().keyed_link::<_, 2>(far, &keys).unwrap().serve(&TABLE, &mut ledger).unwrap();
        ledger.sum
    });
    let mut line = connector().keyed(near, &client(KeySuite::ForwardSecret)).unwrap();
    assert_eq!(ledger::Client::new(&mut line).add(4).unwrap(), 4);
    drop(line);
    assert_eq!(serving.join().unwrap(), 4);
}
