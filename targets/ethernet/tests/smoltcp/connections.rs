//! Connections that begin and end.

use std::time::Duration;

use oncilla::{Received, Transport};
use oncilla_ethernet::{ConnectError, Error};

use crate::{NOBODY, World, at, board::PORT, connected, tcp, tcp_client, trial};

#[test]
fn one_socket_serves_one_connection_after_another() {
    let world = World::new(1, 0);
    let mut socket = tcp(world.host);
    for round in 0..30 {
        socket.connect(at(PORT), world.host.now().after(Duration::from_secs(1))).unwrap();
        {
            let mut client = oncilla::Client::new(oncilla::Link::new(&mut socket, [0; 512], [0; 512]), round);
            assert_eq!(trial::Client::new(&mut client).add(1).unwrap(), round + 1);
        }
        // Alternately with an orderly close and with a reset.
        if round % 2 == 0 {
            close(&world);
        }
        socket.end();
    }
}

/// Closes the host's connections in order.
pub fn close(world: &World) {
    use oncilla_ethernet::smoltcp::socket::Socket;
    world.host.with(|_, sockets| {
        for (_, socket) in sockets.iter_mut() {
            if let Socket::Tcp(socket) = socket {
                socket.close();
            }
        }
    });
    world.wait(Duration::from_millis(50));
}

#[test]
fn a_client_is_refused_when_all_servers_are_occupied_and_admitted_later() {
    let world = World::new(2, 0);
    let deadline = || world.host.now().after(Duration::from_secs(1));
    let mut one = connected(world.host);
    let _other = connected(world.host);
    let mut third = tcp(world.host);
    assert_eq!(third.connect(at(PORT), deadline()), Err(ConnectError::Refused));
    one.end();
    world.wait(Duration::from_millis(50));
    assert_eq!(third.connect(at(PORT), deadline()), Ok(()));
    let mut client = tcp_client(third);
    assert_eq!(trial::Client::new(&mut client).echo(b"room").unwrap(), b"room");
}

#[test]
fn the_connection_idle_longest_is_replaced() {
    let world = World::making_room(3);
    let echo =
        |client: &mut oncilla::Client<_, Vec<u8>>| trial::Client::new(client).echo(b"here").map(<[u8]>::len).ok();
    let (mut one, mut two) = (tcp_client(connected(world.host)), tcp_client(connected(world.host)));
    assert_eq!((echo(&mut one), echo(&mut two)), (Some(4), Some(4)));
    world.wait(Duration::from_millis(10));
    assert_eq!(echo(&mut one), Some(4));
    // No new client is refused, whether or not it sends anything.
    let mut three = tcp_client(connected(world.host));
    assert_eq!(echo(&mut three), Some(4));
    assert_eq!(echo(&mut two), None, "it was idle longest");
    assert_eq!((echo(&mut one), echo(&mut three)), (Some(4), Some(4)));
    for _ in 0..3 {
        let _silent = connected(world.host);
        world.wait(Duration::from_millis(10));
    }
    assert_eq!(echo(&mut tcp_client(connected(world.host))), Some(4));
}

#[test]
fn a_connection_with_a_call_in_progress_is_not_replaced() {
    let world = World::making_room(2);
    let deadline = || world.host.now().after(Duration::from_secs(1));
    let mut half = connected(world.host);
    assert_eq!(half.send(&[0x80, 0, 0], deadline()), Ok(3));
    world.wait(Duration::from_millis(10));
    let mut other = tcp_client(connected(world.host));
    // The other connection is idle as soon as it is open.
    world.wait(Duration::from_millis(10));
    assert!(trial::Client::new(&mut other).add(1).is_err());
    let mut third = tcp_client(connected(world.host));
    let _ = trial::Client::new(&mut third).add(1);
    assert_eq!(half.receive(&mut [0], oncilla::Time::ZERO), Ok(Received::TimeUp));

    let world = World::making_room(1);
    let mut only = tcp_client(connected(world.host));
    world.wait(Duration::from_millis(10));
    assert_eq!(trial::Client::new(&mut only).add(1).unwrap(), 1);
}

#[test]
fn calls_that_came_before_the_end_are_answered() {
    let world = World::new(1, 0);
    let mut socket = connected(world.host);
    let words = [0x8000_0028, 7, 0, 2, trial::PROGRAM, trial::VERSION, 0, 0, 0, 0, 0];
    let null: Vec<u8> = words.into_iter().flat_map(u32::to_be_bytes).collect();
    assert_eq!(socket.send(&null, oncilla::Time::ZERO), Ok(null.len()));
    close(&world);
    let mut reply = [0; 64];
    assert_eq!(socket.receive(&mut reply, oncilla::Time::ZERO), Ok(Received::Bytes(28)));
    assert_eq!(socket.receive(&mut reply, oncilla::Time::ZERO), Ok(Received::End));
}

#[test]
fn a_vanished_client_is_disconnected() {
    let world = World::new(1, 0);
    let _socket = connected(world.host);
    // Switched off: it forgets its connections without notifying the peer.
    world.host.with(|interface, sockets| {
        interface.update_ip_addrs(|addresses| addresses.clear());
        let (handle, _) = sockets.iter().next().unwrap();
        sockets.remove(handle);
    });

    world.wait(Duration::from_secs(60));
    world.host.set_address(crate::board::HOST, 24);
    let mut client = tcp_client(connected(world.host));
    assert_eq!(trial::Client::new(&mut client).echo(b"back").unwrap(), b"back");
}

#[test]
fn a_connection_to_a_port_without_server_is_refused() {
    let world = World::new(1, 0);
    let mut socket = tcp(world.host);
    let begun = world.host.now();
    assert_eq!(socket.connect(at(2222), begun.after(Duration::from_secs(5))), Err(ConnectError::Refused));
    assert!(world.host.now().since(begun) < Duration::from_secs(1));
}

#[test]
fn a_connection_is_made_and_closed_without_waiting() {
    let world = World::new(1, 0);
    let mut socket = tcp(world.host);
    assert_eq!(socket.is_connected(), Err(ConnectError::Refused), "it was never connected");
    for _ in 0..3 {
        let begun = world.host.now();
        socket.begin_to_connect(at(PORT)).unwrap();
        assert_eq!((socket.is_connected(), world.host.now()), (Ok(false), begun));
        world.wait(Duration::from_millis(50));
        assert_eq!(socket.is_connected(), Ok(true));
        let before = world.host.now();
        socket.close();
        assert_eq!(world.host.now(), before);
        world.wait(Duration::from_millis(50));
        assert!(!matches!(socket.receive(&mut [0], oncilla::Time::ZERO), Ok(Received::TimeUp)), "it has ended");
    }
    socket.begin_to_connect(at(2222)).unwrap();
    world.wait(Duration::from_millis(50));
    assert_eq!(socket.is_connected(), Err(ConnectError::Refused));
    assert_eq!(socket.begin_to_connect(at(0)), Err(ConnectError::Unaddressable));
}

#[test]
fn a_connection_to_a_missing_host_times_out() {
    let world = World::new(1, 0);
    let mut socket = tcp(world.host);
    let deadline = world.host.now().after(Duration::from_secs(5));
    let nobody = std::net::SocketAddrV4::new(NOBODY, PORT);
    assert_eq!(socket.connect(nobody, deadline), Err(ConnectError::TimedOut));
    assert!(world.host.now().since(deadline) < Duration::from_millis(10));
    assert_eq!(socket.connect(at(0), deadline), Err(ConnectError::Unaddressable));
    // The socket can still be used.
    socket.connect(at(PORT), world.host.now().after(Duration::from_secs(5))).unwrap();
}

#[test]
fn without_a_connection_nothing_is_sent_or_received() {
    let world = World::new(1, 0);
    let mut socket = tcp(world.host);
    assert_eq!(socket.send(&[1], oncilla::Time::NEVER), Err(Error::NotConnected));
    assert_eq!(socket.receive(&mut [0], oncilla::Time::NEVER), Err(Error::NotConnected));
}
