//! Clients and servers on UDP.

#[path = "support/sockets.rs"]
mod sockets;

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::time::Duration;

use oncilla::{CallError, Caller, Link, ProcedureId, Refusal, Served as Outcome, Time, Transport};
use oncilla_host::{Client, Datagrams, Server};
use sockets::*;

const ADD: &[u8] = &[0, 0, 0, 2, 0, 0, 0, 3];
const FIVE: &[u8] = &[0, 0, 0, 5];

/// Returns a server on a free UDP port of the addresses that `ip` names, and one of its addresses.
fn served(ip: &str, settings: impl FnOnce(Server) -> Server) -> (Served, u16) {
    let server = settings(Server::new().unwrap()).udp(format!("{ip}:0")).unwrap();
    let port = server.udp_addresses()[0].port();
    (Served::on(server), port)
}

fn client(port: u16) -> Client<oncilla::framing::Datagram> {
    let mut client = oncilla_host::udp((Ipv4Addr::LOCALHOST, port)).unwrap();
    client.set_timeout(PATIENCE);
    client
}

/// A socket on which the test plays a peer by hand.
fn raw() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

fn receive(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buffer = vec![0; 1 << 16];
    let (length, from) = socket.recv_from(&mut buffer).unwrap();
    buffer.truncate(length);
    (buffer, from)
}

#[test]
fn calls_return_their_results() {
    let (_served, port) = served("127.0.0.1", |server| server);
    let mut client = client(port);
    let mut probe = probe::Client::new(&mut client);
    probe.null().unwrap();
    assert_eq!(probe.add(2, 3).unwrap(), 5);
    assert_eq!(probe.divide(2, 0).unwrap(), Err(33));
}

#[test]
fn refusals_reach_the_client() {
    let (_served, port) = served("127.0.0.1", |server| server);
    let mut client = client(port);
    let id = ProcedureId { version: 9, ..procedure(2) };
    let refused = client.call(id, |_| Ok(()), |_| Ok(()));
    assert!(matches!(refused, Err(CallError::Refused(Refusal::ProgramMismatch { low: 3, high: 3 }))), "{refused:?}");
}

#[test]
fn arguments_cut_short_are_not_completed_from_the_datagram_before() {
    let (_served, port) = served("127.0.0.1", |server| server);
    let socket = raw();
    socket.connect(("127.0.0.1", port)).unwrap();
    socket.send(&call(1, procedure(2), ADD)).unwrap();
    assert_eq!(receive(&socket).0, reply(1, FIVE));
    // The second argument is missing; GARBAGE_ARGS is accept status 4.
    socket.send(&call(2, procedure(2), &ADD[..4])).unwrap();
    let mut garbage = reply(2, &[]);
    garbage[23] = 4;
    assert_eq!(receive(&socket).0, garbage);
}

#[test]
fn a_call_larger_than_the_server_takes_is_refused() {
    let (_served, port) = served("127.0.0.1", |server| server.call_max(100));
    let socket = raw();
    socket.connect(("127.0.0.1", port)).unwrap();
    socket.send(&call(3, procedure(2), &[0; 1_000])).unwrap();
    let mut garbage = reply(3, &[]);
    garbage[23] = 4;
    assert_eq!(receive(&socket).0, garbage);
}

#[test]
fn a_procedure_whose_results_may_not_fit_a_datagram_is_not_run() {
    let (served, port) = served("127.0.0.1", |server| server);
    let mut client = client(port);
    let refused = probe::Client::new(&mut client).echo(&[1; 8]).map(<[u8]>::len);
    assert!(matches!(refused, Err(CallError::Refused(Refusal::SystemError))), "{refused:?}");
    assert_eq!(served.stop().calls, 0);
}

#[test]
fn a_reply_leaves_from_the_address_that_was_called() {
    // All of 127.0.0.0/8 is this machine; by default a reply would be sent from 127.0.0.1.
    for wildcard in ["0.0.0.0", "[::]"] {
        let (_served, port) = served(wildcard, |server| server);
        let socket = raw();
        for ip in [Ipv4Addr::new(127, 0, 0, 1), Ipv4Addr::new(127, 0, 0, 2), Ipv4Addr::new(127, 9, 8, 7)] {
            let called = SocketAddr::from((ip, port));
            socket.send_to(&call(1, procedure(2), ADD), called).unwrap();
            assert_eq!(receive(&socket), (reply(1, FIVE), called), "called by way of {wildcard}");
        }
    }
}

#[test]
fn a_reply_over_ipv6_leaves_from_the_address_that_was_called() {
    let (_served, port) = served("[::]", |server| server);
    let socket = UdpSocket::bind("[::1]:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    let called: SocketAddr = format!("[::1]:{port}").parse().unwrap();
    socket.send_to(&call(1, procedure(2), ADD), called).unwrap();
    assert_eq!(receive(&socket), (reply(1, FIVE), called));
}

#[test]
fn datagrams_that_are_no_call_are_not_answered() {
    let (_served, port) = served("127.0.0.1", |server| server);
    let socket = raw();
    socket.connect(("127.0.0.1", port)).unwrap();
    for message in [&reply(1, &[0; 40])[..], b"", b"short", b"no message at all, but long enough"] {
        socket.send(message).unwrap();
    }
    socket.send(&call(5, procedure(2), ADD)).unwrap();
    // The first message that comes back is the reply to a call.
    assert_eq!(receive(&socket).0, reply(5, FIVE));
}

#[test]
fn many_datagrams_do_not_delay_a_client_on_tcp() {
    let server = Server::new().unwrap().udp("127.0.0.1:0").unwrap().tcp("127.0.0.1:0").unwrap();
    let port = server.udp_addresses()[0].port();
    let served = Served::on(server);
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let socket = raw();
            // The replies are not read. Without privileges a send may fail when buffers are full.
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                let _ = socket.send_to(&call(1, procedure(2), ADD), ("127.0.0.1", port));
            }
        });
        let mut client = served.client();
        for i in 0..100 {
            assert_eq!(probe::Client::new(&mut client).add(i, 1).unwrap(), i + 1);
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

#[test]
fn a_stale_reply_does_not_affect_the_next_call() {
    let server = raw();
    let mut client = client(server.local_addr().unwrap().port());
    client.set_timeout(MOMENT);
    assert!(matches!(probe::Client::new(&mut client).count(), Err(CallError::TimedOut { .. })));
    let (first, from) = receive(&server);
    // The reply to the first call arrives twice before the reply to the second.
    server.send_to(&reply(xid(&first), &[0, 0, 0, 1]), from).unwrap();
    server.send_to(&reply(xid(&first), &[0, 0, 0, 1]), from).unwrap();
    server.send_to(&reply(xid(&first) + 1, &[0, 0, 0, 2]), from).unwrap();
    client.set_timeout(PATIENCE);
    assert_eq!(probe::Client::new(&mut client).count().unwrap(), 2);
}

#[test]
fn a_reply_from_another_address_is_dropped() {
    let (server, stranger) = (raw(), raw());
    let mut client = client(server.local_addr().unwrap().port());
    client.set_timeout(Duration::ZERO);
    assert!(matches!(probe::Client::new(&mut client).count(), Err(CallError::TimedOut { .. })));
    let (first, from) = receive(&server);
    stranger.send_to(&reply(xid(&first) + 1, &[0, 0, 0, 9]), from).unwrap();
    server.send_to(&reply(xid(&first) + 1, &[0, 0, 0, 2]), from).unwrap();
    client.set_timeout(PATIENCE);
    assert_eq!(probe::Client::new(&mut client).count().unwrap(), 2);
}

#[test]
fn a_client_works_with_a_restarted_server() {
    let (served, port) = served("127.0.0.1", |server| server);
    let mut client = client(port);
    probe::Client::new(&mut client).null().unwrap();
    drop(served);
    client.set_timeout(MOMENT);
    let gone = probe::Client::new(&mut client).null();
    assert!(matches!(gone, Err(CallError::TimedOut { .. })), "{gone:?}");
    client.set_timeout(PATIENCE);
    let server = Server::new().unwrap().udp(("127.0.0.1", port)).unwrap();
    let _served = Served::on(server);
    probe::Client::new(&mut client).null().unwrap();
}

#[test]
fn a_link_serves_one_address_without_an_event_loop() {
    let datagrams = Datagrams::bind("127.0.0.1:0").unwrap();
    let address = datagrams.address();
    let mut link = Link::new(datagrams, vec![0; 1024], vec![0; probe::REPLY_MAX]);
    let mut service = Service::default();
    // No calls have arrived: a deadline in the past returns at once, a later one waits until then.
    for deadline in [Time::ZERO, link.transport().now().after(MOMENT)] {
        assert!(matches!(link.serve_next(&TABLE, &mut service, deadline), Ok(Outcome::TimeUp)));
    }
    let socket = raw();
    // A call larger than the buffer, and one that fits.
    socket.send_to(&call(1, procedure(2), &[0; 2_000]), address).unwrap();
    socket.send_to(&call(2, procedure(2), ADD), address).unwrap();
    for _ in 0..2 {
        assert!(matches!(link.serve_next(&TABLE, &mut service, Time::NEVER), Ok(Outcome::Message)));
    }
    let mut garbage = reply(1, &[]);
    garbage[23] = 4;
    assert_eq!(receive(&socket), (garbage, address));
    assert_eq!(receive(&socket), (reply(2, FIVE), address));
}
