//! A board that sleeps until something arrives or a timer expires, and calls a host between its turns as a server.

use std::cell::RefCell;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;
use std::time::Duration;

use oncilla::{Clock as _, Received, Table, Time, Transport};
use oncilla_ethernet::{Network, Sockets, TcpMemory, TcpServer, UdpClient, UdpMemory, UdpServer};

use crate::board::{BOARD, Device, HOST, Host, MESSAGE_TIMEOUT, PORT, TABLE};
use crate::cable::{Clock, End, Tickless, cable, leak};
use crate::{connected, null, tcp_client, trial, udp};

type Board = Network<'static, End, Tickless>;

fn network<C: oncilla::Clock>(end: End, clock: C, address: Ipv4Addr) -> &'static Network<'static, End, C> {
    let mac = [2, 0, 0, 0, 0, address.octets()[3]];
    let network: &_ = leak(Network::new(end, clock, mac, 1, leak(Sockets::<4>::new())).expect("a device of Ethernet"));
    network.set_address(address, 24);
    network
}

/// A host, whose clock advances the time, and a board.
fn both() -> (&'static Host, Clock, &'static Board) {
    let (here, there) = cable(0, 1);
    let clock = Clock::default();
    let board = network(there, clock.tickless(), BOARD);
    (network(here, clock.clone(), HOST), clock, board)
}

/// Calls the host, which does not answer, for a second.
fn call_in_vain(board: &'static Board) {
    let memory = leak(UdpMemory::<1500, 1500, 4>::new());
    let mut client = UdpClient::new(board, SocketAddrV4::new(HOST, PORT), memory).expect("room for a socket");
    let deadline = board.now().after(Duration::from_secs(1));
    assert_eq!(client.send(&null(), deadline), Ok(null().len()));
    assert_eq!(client.receive(&mut [0; 64], deadline), Ok(Received::TimeUp));
    assert!(board.now() >= deadline);
}

#[test]
fn a_call_that_came_while_a_client_waited_is_answered_without_a_sleep() {
    let (host, _, board) = both();
    let mut server = UdpServer::new(board, PORT, leak(UdpMemory::<1500, 1500, 4>::new())).expect("room for a socket");
    let mut caller = udp(host);
    assert_eq!(caller.send(&null(), Time::ZERO), Ok(null().len()));
    // The host requests the board's Ethernet address, and sends when it has it.
    board.turn();
    assert!(host.poll());

    call_in_vain(board);
    let begun = board.now();
    board.turn();
    assert_eq!(board.now(), begun);
    server.serve_without_replay_memory(&TABLE, &mut Device::default());
    board.turn();
    // The board's own request is answered first.
    host.poll();
    assert_eq!(caller.receive(&mut [0; 64], Time::ZERO), Ok(Received::Bytes(24)));
}

#[test]
fn a_server_is_woken_in_time_though_a_client_waited() {
    let (host, clock, board) = both();
    let server = TcpServer::new(board, PORT, leak(TcpMemory::<256, 256, 512>::new())).expect("room for a socket");
    let server = Rc::new(RefCell::new(server));
    server.borrow_mut().set_message_timeout(MESSAGE_TIMEOUT);
    let serving = Rc::clone(&server);
    clock.meanwhile(move || {
        board.poll();
        serving.borrow_mut().serve(&TABLE, &mut Device::default());
    });
    let mut stalled = connected(host);
    // The beginning of a record.
    assert_eq!(stalled.send(&[0x80, 0], Time::ZERO), Ok(2));
    let begun = host.now();
    while host.now() < begun.after(Duration::from_millis(50)) {
        host.turn();
    }
    // Sends the rest, if any.
    while board.poll() {}

    call_in_vain(board);
    // One turn for events during the client's wait, and one that sleeps.
    board.turn();
    board.turn();
    let took = board.now().since(begun);
    assert!(took <= MESSAGE_TIMEOUT + Duration::from_millis(50), "{took:?}");
    // Now it ends the connection.
    let deadline = host.now().after(Duration::from_millis(50));
    assert_ne!(stalled.receive(&mut [0; 64], deadline), Ok(Received::TimeUp));
}

/// A device whose procedures take long.
struct Slow(Tickless);

impl trial::Service for Slow {
    fn echo<'a>(&'a mut self, bytes: &'a [u8]) -> &'a [u8] {
        bytes
    }

    fn add(&mut self, number: u32) -> u32 {
        let until = self.0.now().after(MESSAGE_TIMEOUT);
        self.0.idle(until);
        number
    }

    fn large(&mut self) -> &[u8] {
        &[]
    }
}

static SLOW: Table<Slow> = oncilla::table![trial::program()];

#[test]
fn the_time_of_a_procedure_is_no_idle_time() {
    let (host, clock, board) = both();
    let mut server = TcpServer::new(board, PORT, leak(TcpMemory::<1300, 2100, 512>::new())).expect("room for a socket");
    server.set_idle_timeout(Some(MESSAGE_TIMEOUT));
    let mut slow = Slow(clock.tickless());
    clock.meanwhile(move || {
        server.serve(&SLOW, &mut slow);
        board.poll();
    });
    let mut client = tcp_client(connected(host));
    for number in 0..3 {
        assert_eq!(trial::Client::new(&mut client).add(number).unwrap(), number);
    }
}
