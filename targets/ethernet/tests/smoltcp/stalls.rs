//! Clients that stall: they do not delay others, and are disconnected in the end.

use std::time::Duration;

use oncilla::{Received, Retry, Transport};
use oncilla_ethernet::smoltcp::socket::{Socket, udp::UdpMetadata};
use oncilla_ethernet::smoltcp::wire::IpEndpoint;
use oncilla_ethernet::{TcpClient, TcpMemory};

use crate::board::{IDLE_TIMEOUT, MESSAGE_TIMEOUT, PORT};
use crate::cable::leak;
use crate::connections::close;
use crate::{NOBODY, Tcp, World, at, connect, connected, null, tcp_client, trial, udp, udp_client, world};

/// The beginning of a record whose end does not arrive.
const BEGINNING: &[u8] = &[0x80, 0, 0, 100, 0, 0, 0, 1, 0, 0];

fn send(socket: &mut Tcp, bytes: &[u8]) {
    let deadline = socket.now().after(Duration::from_millis(200));
    assert_eq!(socket.send(bytes, deadline), Ok(bytes.len()));
}

/// Whether the peer has ended the connection.
fn is_over(socket: &mut Tcp) -> bool {
    let deadline = socket.now().after(Duration::from_millis(200));
    !matches!(socket.receive(&mut [0; 64], deadline), Ok(Received::TimeUp | Received::Bytes(_)))
}

fn others_are_served(world: &World) {
    let mut other = tcp_client(connected(world.host));
    let mut datagrams = udp_client(udp(world.host));
    for _ in 0..20 {
        assert_eq!(trial::Client::new(&mut other).echo(&[1; 500]).unwrap(), [1; 500]);
        assert_eq!(trial::Client::new(&mut datagrams).echo(&[2; 500]).unwrap(), [2; 500]);
    }
}

#[test]
fn a_client_that_stalls_in_a_call_does_not_delay_others() {
    let world = world();
    let mut stalled = connected(world.host);
    send(&mut stalled, BEGINNING);
    others_are_served(&world);
    assert!(!is_over(&mut stalled));
    world.wait(MESSAGE_TIMEOUT);
    assert!(is_over(&mut stalled));
}

/// Returns a number of calls, each for an echo of 1200 bytes.
fn echoes(count: u32) -> Vec<u8> {
    let call = |xid: u32| {
        let words = [0x8000_0000 + 40 + 4 + 1200, xid, 0, 2, trial::PROGRAM, trial::VERSION, 1, 0, 0, 0, 0, 1200];
        let words = words.into_iter().flat_map(u32::to_be_bytes);
        words.chain([9; 1200]).collect::<Vec<_>>()
    };
    (0..count).flat_map(call).collect()
}

#[test]
fn a_client_that_does_not_read_does_not_delay_others() {
    let world = world();
    let mut deaf = connected(world.host);
    // More replies than all buffers in between can hold.
    let deadline = deaf.now().after(Duration::from_secs(1));
    let sent = deaf.send(&echoes(10), deadline).unwrap();
    assert!(sent < echoes(10).len(), "the board holds it back");
    others_are_served(&world);
    world.wait(MESSAGE_TIMEOUT * 2);
    // Bytes that had arrived can still be read, then the end follows.
    assert!((0..20).any(|_| is_over(&mut deaf)));
    others_are_served(&world);
}

#[test]
fn a_silent_client_that_does_not_read_is_disconnected() {
    let world = World::new(1, 0);
    // The client has room for a part of the reply; all of it fits in the board's window.
    let socket = TcpClient::new(world.host, leak(TcpMemory::<0, 0, 64>::new())).expect("room for a socket");
    let mut deaf = connect(socket, world.host);
    let words = [0x8000_0000 + 40 + 4 + 200, 7, 0, 2, trial::PROGRAM, trial::VERSION, 1, 0, 0, 0, 0, 200];
    let call: Vec<u8> = words.into_iter().flat_map(u32::to_be_bytes).chain([9; 200]).collect();
    send(&mut deaf, &call);
    close(&world);
    world.wait(MESSAGE_TIMEOUT + Duration::from_millis(50));
    others_are_served(&world);
}

#[test]
fn a_client_that_reads_late_gets_everything() {
    let world = world();
    let mut slow = connected(world.host);
    let calls = echoes(3);
    let deadline = slow.now().after(Duration::from_millis(500));
    let mut sent = slow.send(&calls, deadline).unwrap();
    world.wait(Duration::from_secs(1));
    let (mut came, mut buffer) = (Vec::new(), [0; 100]);
    while came.len() < 3 * (4 + 24 + 4 + 1200) {
        sent += slow.send(&calls[sent..], oncilla::Time::ZERO).unwrap();
        let deadline = slow.now().after(Duration::from_millis(20));
        match slow.receive(&mut buffer, deadline) {
            Ok(Received::Bytes(length)) => came.extend_from_slice(&buffer[..length]),
            Ok(Received::TimeUp) => {}
            other => panic!("{other:?} after {} bytes", came.len()),
        }
    }
    assert_eq!(came.len(), 3 * (4 + 24 + 4 + 1200));
    assert!(came.ends_with(&[9; 1200]));
}

#[test]
fn a_trickle_of_bytes_does_not_stretch_the_time_out_of_a_message() {
    let world = world();
    let mut slow = connected(world.host);
    send(&mut slow, &[0x80, 0, 0, 100]);
    let begun = world.host.now();
    while !is_over(&mut slow) {
        // One byte at a time.
        let now = slow.now();
        let _ = slow.send(&[0], now);
        assert!(world.host.now().since(begun) < MESSAGE_TIMEOUT * 2);
    }
}

#[test]
fn a_silent_client_is_disconnected() {
    let world = World::new(1, 0);
    let mut silent = connected(world.host);
    world.wait(IDLE_TIMEOUT - Duration::from_secs(1));
    assert!(!is_over(&mut silent));
    world.wait(Duration::from_secs(2));
    assert!(is_over(&mut silent));
    others_are_served(&world);
}

#[test]
fn time_without_a_connection_is_no_idle_time_of_the_next() {
    let world = World::new(1, 0);
    world.wait(IDLE_TIMEOUT * 2);
    let mut late = tcp_client(connected(world.host));
    assert_eq!(trial::Client::new(&mut late).echo(b"late").unwrap(), b"late");
}

#[test]
fn calls_keep_a_connection_alive() {
    let world = World::new(1, 0);
    let mut client = tcp_client(connected(world.host));
    for _ in 0..5 {
        world.wait(IDLE_TIMEOUT / 2);
        assert_eq!(trial::Client::new(&mut client).echo(&[3]).unwrap(), [3]);
    }
}

#[test]
fn a_datagram_from_a_missing_host_delays_others_for_a_few_seconds_at_most() {
    let world = world();
    let mut client = udp_client(udp(world.host));
    assert_eq!(trial::Client::new(&mut client).add(1).unwrap(), 1);
    world.host.with(|_, sockets| {
        let sockets = sockets.iter_mut().filter_map(|(_, socket)| match socket {
            Socket::Udp(socket) => Some(socket),
            _ => None,
        });
        let forged = UdpMetadata { local_address: Some(NOBODY.into()), ..IpEndpoint::from(at(PORT)).into() };
        sockets.last().expect("the client's").send_slice(&null(), forged).unwrap();
    });
    world.wait(Duration::from_millis(50));

    client.set_timeout(Duration::from_secs(10));
    client.set_retry(Retry::every(Duration::from_millis(200)));
    assert_eq!(trial::Client::new(&mut client).add(1).unwrap(), 2);
}
