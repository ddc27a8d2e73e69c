//! Clients, also on a machine that serves.

use std::time::Duration;

use oncilla::{CallError, CallsInFlight, Received, Retry, Time, Transport};

use crate::{NOBODY, at, board::PORT, connected, null, tcp_client, trial, udp, udp_client, world};

#[test]
fn a_call_to_a_missing_host_ends_in_time() {
    let world = world();
    let mut socket = udp(world.host);
    socket.set_host(std::net::SocketAddrV4::new(NOBODY, PORT));
    let mut client = udp_client(socket);
    client.set_timeout(Duration::from_secs(3));
    client.set_retry(Retry::every(Duration::from_millis(200)));
    let begun = world.host.now();
    let came = trial::Client::new(&mut client).add(1);
    assert!(matches!(came, Err(CallError::TimedOut { .. })), "{came:?}");
    let took = world.host.now().since(begun);
    assert!(took >= Duration::from_secs(3) && took < Duration::from_millis(3010), "{took:?}");

    // A datagram to a missing host does not delay the next one.
    client.link().transport().set_host(at(PORT));
    assert_eq!(trial::Client::new(&mut client).add(1).unwrap(), 1);
}

#[test]
fn datagrams_from_other_addresses_are_not_replies() {
    let world = world();
    let mut socket = udp(world.host);
    // The socket then calls another port of the board; the reply comes from the first.
    assert_eq!(socket.send(&null(), Time::NEVER), Ok(null().len()));
    // It is sent once the board has answered the request for its Ethernet address.
    world.wait(Duration::from_millis(50));
    socket.set_host(std::net::SocketAddrV4::new(crate::board::BOARD, PORT + 1));
    let deadline = world.host.now().after(Duration::from_secs(1));
    assert_eq!(socket.receive(&mut [0; 64], deadline), Ok(Received::TimeUp));
}

#[test]
fn several_calls_are_in_flight_on_one_connection() {
    let world = world();
    let client = tcp_client(connected(world.host));
    let mut calls = CallsInFlight::<_, 4, { trial::SLOT_MAX }>::new(client);
    let tickets = [1, 2, 3, 4].map(|number| trial::start::add(&mut calls, number).unwrap());
    while calls.poll().unwrap().in_flight > 0 {
        world.wait(Duration::from_millis(1));
    }
    let sums = tickets.map(|ticket| trial::finish::add(&mut calls, ticket).unwrap());
    assert_eq!(sums, [1, 3, 6, 10]);
}

#[test]
fn a_call_on_a_reset_connection_reports_it() {
    let world = world();
    let mut client = tcp_client(connected(world.host));
    assert_eq!(trial::Client::new(&mut client).add(1).unwrap(), 1);
    client.link().transport().end();
    let came = trial::Client::new(&mut client).add(1);
    assert!(matches!(came, Err(CallError::Link(_))), "{came:?}");
}
