//! The limits of a server: when all connections are taken, idle ones are closed; a stop waits for calls that have
//! begun.

#[path = "support/sockets.rs"]
mod sockets;

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use oncilla_host::{Error, Server};
use sockets::*;

/// Sends all bytes of a call but the last, which is returned.
fn begin_call(client: &mut TcpStream) -> [u8; 1] {
    let call = record(&call(1, procedure(2), &[0, 0, 0, 2, 0, 0, 0, 3]));
    let (last, most) = call.split_last().unwrap();
    client.write_all(most).unwrap();
    [*last]
}

#[test]
fn idle_connections_do_not_keep_out_new_clients() {
    let served = Served::new(|server| server.connections(16));
    let mut idle: Vec<TcpStream> = (0..16).map(|_| served.raw()).collect();
    for client in &mut idle {
        check_alive(client);
    }
    // Also among connections that never send anything.
    let _silent: Vec<TcpStream> = (0..16).map(|_| served.raw()).collect();
    for _ in 0..20 {
        check_alive(&mut served.raw());
    }
    assert!(is_closed(&mut idle[0]));
}

#[test]
fn the_connection_that_is_idle_longest_is_closed_for_a_new_client() {
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
fn a_connection_in_the_middle_of_a_call_stays_open() {
    // A tenth of the time-out is longer than this test.
    let served = Served::new(|server| server.connections(2).message_timeout(20 * PATIENCE));
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
    // Now it is idle.
    check_alive(&mut served.raw());
    assert!(is_closed(&mut first));
}

#[test]
fn parts_of_messages_keep_nobody_out() {
    let served = Served::new(|server| server.connections(16).message_timeout(20 * PATIENCE));
    let mut good: Vec<TcpStream> = (0..14).map(|_| served.raw()).collect();
    for client in &mut good {
        check_alive(client);
    }
    // More than there are slots. Each sends another part of a call, and the last ones nothing.
    let call = record(&call(1, procedure(2), &[0, 0, 0, 2, 0, 0, 0, 3]));
    let mut strangers = Vec::new();
    for part in (0..call.len()).rev().cycle().take(3 * call.len()) {
        let mut stranger = served.raw();
        stranger.write_all(&call[..part]).unwrap();
        strangers.push(stranger);
        check_alive(&mut served.raw());
        if part == call.len() / 2 {
            // They took the slots of two good clients, not of all: those that called last are still there.
            good.iter_mut().skip(2).for_each(check_alive);
        }
    }
}

#[test]
fn a_client_that_calls_once_and_then_sends_parts_gives_way_at_last() {
    let served = Served::new(|server| server.connections(3).message_timeout(10 * MOMENT));
    let mut slow: Vec<TcpStream> = (0..3).map(|_| served.raw()).collect();
    for client in &mut slow {
        check_alive(client);
        begin_call(client);
    }
    // The first one whose call has taken a tenth of the time-out makes room, long before the time-out.
    std::thread::sleep(2 * MOMENT);
    check_alive(&mut served.raw());
    assert!(is_closed(&mut slow[0]));
}

/// An idle time-out. A client that has connected can make its call within it, also on a busy machine.
const IDLE: Duration = Duration::from_millis(600);

#[test]
fn an_idle_connection_is_closed_after_the_idle_time_out() {
    let served = Served::new(|server| server.idle_timeout(Some(IDLE)));
    let mut client = served.raw();
    check_alive(&mut client);
    assert!(is_closed(&mut client));
    // Also one that never called.
    assert!(is_closed(&mut served.raw()));
}

#[test]
fn a_call_is_not_idle_however_long_it_takes() {
    let served = Served::new(|server| server.idle_timeout(Some(IDLE)));
    let mut client = served.raw();
    let last = begin_call(&mut client);
    std::thread::sleep(2 * IDLE);
    client.write_all(&last).unwrap();
    assert_eq!(read_record(&mut client).unwrap(), reply(1, &[0, 0, 0, 5]));
    // While it sleeps nothing is served, and a client that has called meanwhile is not idle.
    let mut other = served.raw();
    check_alive(&mut other);
    let longer = 2 * IDLE.as_millis() as u32;
    client.write_all(&record(&call(2, procedure(5), &longer.to_be_bytes()))).unwrap();
    std::thread::sleep(MOMENT);
    check_alive(&mut other);
    assert_eq!(read_record(&mut client).unwrap(), reply(2, &[]));
}

#[test]
fn a_stop_has_one_time_limit_for_all_waiting_calls() {
    let served = Served::new(|server| server.connections(20));
    // 40 seconds of work.
    let calls = record(&call(1, procedure(5), &[0, 0, 0, 100])).repeat(20);
    let mut clients: Vec<TcpStream> = (0..20).map(|_| served.raw()).collect();
    for client in &mut clients {
        client.write_all(&calls).unwrap();
    }
    read_record(&mut clients[0]).unwrap();
    let executed = served.stop().calls;
    // Ten within the limit of a second, and one for each connection that had begun before the stop.
    assert!(executed < 200, "{executed} calls of 400 executed");
}

#[test]
fn a_stop_has_the_same_time_limit_for_datagrams() {
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
fn serving_without_an_address_is_an_error() {
    let error = Server::new().unwrap().serve(&TABLE, &mut Service::default()).unwrap_err();
    assert!(matches!(error, Error::Nowhere), "{error:?}");
    assert!(error.to_string().contains("call tcp, udp or unix"), "{error}");
}

#[test]
fn sizes_that_no_machine_has_are_errors() {
    let server = || Server::new().unwrap().tcp("127.0.0.1:0").unwrap();
    let too_large = [
        server().connections(usize::MAX),
        server().call_max(usize::MAX),
        server().replay_memory(usize::MAX),
        server().connection_replay_memory(1 << 21),
    ];
    for mut server in too_large {
        let error = server.serve(&TABLE, &mut Service::default()).unwrap_err();
        assert!(matches!(error, Error::Size { .. }), "{error:?}");
        assert!(error.to_string().contains("set at most"), "{error}");
    }
}

#[test]
fn a_connect_time_out_may_be_longer_than_the_clock_counts() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let connector = oncilla_host::Connector::new().connect_timeout(Duration::MAX);
    connector.tcp(listener.local_addr().unwrap()).unwrap();
}

/// A client that does not read does not delay a stop.
#[test]
fn a_client_that_does_not_read_does_not_delay_a_stop() {
    let served = Served::new(|server| server.call_max(probe::CALL_MAX).message_timeout(Duration::MAX));
    let mut client = served.raw();
    let data = [&(1u32 << 20).to_be_bytes()[..], &vec![7; 1 << 20]].concat();
    for xid in 0..2 {
        // Bytes that the server does not read are lost with the connection.
        let _ = client.write(&record(&call(xid, procedure(1), &data)));
    }
    check_alive(&mut served.raw());
    served.stop();
}

#[test]
fn a_limit_for_replies_leaves_room_for_refusals() {
    for limit in [0, 1, 20, 31] {
        let served = Served::new(|server| server.reply_max(limit));
        let mut client = served.raw();
        for (procedure, status) in [(procedure(0), 0), (procedure(1), 5), (procedure(99), 3)] {
            client.write_all(&record(&call(7, procedure, &[0; 4]))).unwrap();
            let refusal = read_record(&mut client).unwrap();
            assert_eq!(refusal[..4], [0, 0, 0, 7], "{limit}");
            // NULL takes no arguments.
            let status = if procedure.procedure == 0 { 4 } else { status };
            assert_eq!(refusal[20..24], [0, 0, 0, status], "{limit}");
        }
        assert_eq!(served.stop().calls, 0);
    }
}
