//! A server whose connections are all taken, and one that is to stop: what is idle gives way, what is under way does not.

#[path = "support/sockets.rs"]
mod sockets;

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use oncilla_host::{Error, Server};
use sockets::*;

/// A call of which all but the last byte is sent at first.
fn begin_call(client: &mut TcpStream) -> [u8; 1] {
    let call = record(&call(1, procedure(2), &[0, 0, 0, 2, 0, 0, 0, 3]));
    let (last, most) = call.split_last().unwrap();
    client.write_all(most).unwrap();
    [*last]
}

#[test]
fn idle_connections_shut_nobody_out() {
    let served = Served::new(|server| server.connections(16));
    let mut idle: Vec<TcpStream> = (0..16).map(|_| served.raw()).collect();
    for client in &mut idle {
        check_alive(client);
    }
    // Among those that never say anything, too.
    let _silent: Vec<TcpStream> = (0..16).map(|_| served.raw()).collect();
    for _ in 0..20 {
        check_alive(&mut served.raw());
    }
    assert!(is_closed(&mut idle[0]));
}

#[test]
fn the_connection_that_is_idle_longest_gives_way() {
    let served = Served::new(|server| server.connections(3));
    let (mut first, mut second, mut third) = (served.raw(), served.raw(), served.raw());
    for client in [&mut first, &mut second, &mut third] {
        check_alive(client);
    }
    check_alive(&mut first);
    let mut fourth = served.raw();
    check_alive(&mut fourth);
    assert!(is_closed(&mut second));
    for client in [&mut first, &mut third, &mut fourth] {
        check_alive(client);
    }
}

#[test]
fn a_connection_amid_a_call_keeps_its_place() {
    let served = Served::new(|server| server.connections(2));
    let (mut first, mut second) = (served.raw(), served.raw());
    check_alive(&mut first);
    check_alive(&mut second);
    let last = begin_call(&mut first);
    begin_call(&mut second);
    for _ in 0..10 {
        assert!(is_closed(&mut served.raw()));
    }
    first.write_all(&last).unwrap();
    assert_eq!(read_record(&mut first).unwrap(), reply(1, &[0, 0, 0, 5]));
    // It is idle again.
    check_alive(&mut served.raw());
    assert!(is_closed(&mut first));
}

#[test]
fn an_idle_connection_is_closed_after_the_idle_time_out() {
    let served = Served::new(|server| server.idle_timeout(Some(MOMENT)));
    let mut client = served.raw();
    check_alive(&mut client);
    assert!(is_closed(&mut client));
    // Also one that never called.
    assert!(is_closed(&mut served.raw()));
}

#[test]
fn a_call_is_not_idle_however_long_it_takes() {
    let served = Served::new(|server| server.idle_timeout(Some(MOMENT / 2)));
    let mut client = served.raw();
    let last = begin_call(&mut client);
    std::thread::sleep(2 * MOMENT);
    client.write_all(&last).unwrap();
    assert_eq!(read_record(&mut client).unwrap(), reply(1, &[0, 0, 0, 5]));
    // While it sleeps nobody is served, and nobody is idle who has called meanwhile.
    let mut other = served.raw();
    check_alive(&mut other);
    client.write_all(&record(&call(2, procedure(5), &[0, 0, 0, 200]))).unwrap();
    std::thread::sleep(MOMENT / 5);
    check_alive(&mut other);
    assert_eq!(read_record(&mut client).unwrap(), reply(2, &[]));
}

#[test]
fn a_stop_has_one_limit_for_all_calls_that_wait() {
    let served = Served::new(|server| server.connections(20));
    // 40 seconds' worth.
    let calls = record(&call(1, procedure(5), &[0, 0, 0, 100])).repeat(20);
    let mut clients: Vec<TcpStream> = (0..20).map(|_| served.raw()).collect();
    for client in &mut clients {
        client.write_all(&calls).unwrap();
    }
    read_record(&mut clients[0]).unwrap();
    let executed = served.stop().calls;
    // Ten in a second, and one for each that had begun when nobody had asked yet.
    assert!(executed < 200, "{executed} calls of 400 executed");
}

#[test]
fn a_stop_has_the_same_limit_for_datagrams() {
    let server = Server::new().unwrap().udp("127.0.0.1:0").unwrap();
    let address = server.udp_addresses()[0];
    let served = Served::on(server);
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    for xid in 0..16 {
        socket.send_to(&call(xid, procedure(5), &[0, 0, 3, 0xe8]), address).unwrap();
    }
    socket.recv(&mut [0; 64]).unwrap();
    let executed = served.stop().calls;
    assert!(executed < 16, "all {executed} calls executed");
}

#[test]
fn a_server_without_an_address_says_so() {
    let error = Server::new().unwrap().serve(&TABLE, &mut Service::default()).unwrap_err();
    assert!(matches!(error, Error::Nowhere), "{error:?}");
    assert!(error.to_string().contains("call tcp, udp or unix"), "{error}");
}

/// A stop is not delayed by who does not read.
#[test]
fn a_stop_waits_for_a_client_that_does_not_read_no_longer_than_for_others() {
    let served = Served::new(|server| server.call_max(probe::CALL_MAX).message_timeout(Duration::MAX));
    let mut client = served.raw();
    let data = [&(1u32 << 20).to_be_bytes()[..], &vec![7; 1 << 20]].concat();
    for xid in 0..2 {
        // What the server does not take is lost with the connection.
        let _ = client.write(&record(&call(xid, procedure(1), &data)));
    }
    check_alive(&mut served.raw());
    served.stop();
}
