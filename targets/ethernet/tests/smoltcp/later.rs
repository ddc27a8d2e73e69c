//! Calls that are answered later, while others are served.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use oncilla::framing::Record;
use oncilla::{Received, Time, Transport, answer};
use oncilla_ethernet::{Answer, Network, Responder, Sockets, TcpMemory, TcpServer};

use crate::board::{BOARD, Device, HOST, Host, PORT, TABLE};
use crate::cable::{Clock, cable, leak};
use crate::connections::close;
use crate::{Tcp, at, connected, tcp, tcp_client, trial};

/// What happened on each connection.
type Notes = Rc<RefCell<Vec<String>>>;

/// Executes a call when it has been passed often enough.
struct Slow {
    name: usize,
    network: &'static Host,
    passes: u32,
    passed: u32,
    device: Device,
    notes: Notes,
}

impl Responder for Slow {
    fn opened(&mut self, peer: Option<SocketAddr>) {
        assert_eq!(peer.map(|peer| peer.ip()), Some(HOST.into()));
        self.notes.borrow_mut().push(format!("{} opened", self.name));
    }

    fn closed(&mut self) {
        self.passed = 0;
        self.notes.borrow_mut().push(format!("{} closed", self.name));
    }

    fn answer(&mut self, call: &[u8], room: &mut [u8]) -> Answer {
        self.passed += 1;
        if self.passed < self.passes {
            return Answer::Later(self.network.now().after(Duration::from_millis(10)));
        }
        self.passed = 0;
        answer(&TABLE, &mut self.device, call, room).map_or(Answer::Silent, Answer::Reply)
    }
}

/// A board with one server for each of these numbers: how often a call is passed until it is answered.
fn board(passes: &[u32]) -> (&'static Host, Notes) {
    let (here, there) = cable(0, 1);
    let clock = Clock::default();
    let network = |device, clock, address: std::net::Ipv4Addr| {
        let mac = [2, 0, 0, 0, 0, address.octets()[3]];
        let network: &'static Host = leak(Network::new(device, clock, mac, 1, leak(Sockets::<8>::new())).unwrap());
        network.set_address(address, 24);
        network
    };
    let (board, host) = (network(there, clock.hand(), BOARD), network(here, clock.clone(), HOST));
    let notes = Notes::default();
    let mut servers: Vec<_> = passes
        .iter()
        .enumerate()
        .map(|(name, passes)| {
            let memory = leak(TcpMemory::<{ Record::buffer(1300) }, { Record::buffer(2200) }, 512>::new());
            let (passes, notes) = (*passes, Rc::clone(&notes));
            let slow = Slow { name, network: board, passes, passed: 0, device: Device::default(), notes };
            (TcpServer::new(board, PORT, memory).unwrap(), slow)
        })
        .collect();
    clock.meanwhile(move || {
        board.turn();
        for (server, slow) in &mut servers {
            server.serve_by(slow);
        }
        board.poll();
    });
    (host, notes)
}

fn wait(host: &Host, how_long: Duration) {
    let until = host.now().after(how_long);
    while host.now() < until {
        host.turn_until(until);
    }
}

/// A call to add a number, as a record.
fn add() -> Vec<u8> {
    let words = [0x8000_0000 + 44, 7, 0, 2, trial::PROGRAM, trial::VERSION, 2, 0, 0, 0, 0, 5];
    words.into_iter().flat_map(u32::to_be_bytes).collect()
}

fn nothing_comes(socket: &mut Tcp) {
    let deadline = socket.now().after(Duration::from_millis(100));
    assert_eq!(socket.receive(&mut [0; 64], deadline), Ok(Received::TimeUp));
}

#[test]
fn a_call_that_waits_does_not_delay_others() {
    let (host, notes) = board(&[u32::MAX, 1]);
    let mut waiting = connected(host);
    waiting.send(&add(), Time::NEVER).unwrap();
    let mut other = tcp_client(connected(host));
    for sum in 1..20 {
        assert_eq!(trial::Client::new(&mut other).add(1).unwrap(), sum);
    }
    // However long it takes: longer than a message may.
    for _ in 0..20 {
        wait(host, Duration::from_secs(1));
        nothing_comes(&mut waiting);
    }
    assert_eq!(*notes.borrow(), ["0 opened", "1 opened"]);
}

#[test]
fn every_call_is_answered_once_and_in_order() {
    let (host, _) = board(&[50]);
    let mut client = tcp_client(connected(host));
    for sum in 1..10 {
        assert_eq!(trial::Client::new(&mut client).add(1).unwrap(), sum);
    }
    let bytes: Vec<u8> = (0..1200).map(|byte| byte as u8).collect();
    assert_eq!(trial::Client::new(&mut client).echo(&bytes).unwrap(), bytes);
}

#[test]
fn a_client_that_leaves_is_noticed_while_its_call_waits() {
    let (host, notes) = board(&[u32::MAX]);
    for orderly in [true, false] {
        let mut socket = connected(host);
        socket.send(&add(), Time::NEVER).unwrap();
        wait(host, Duration::from_millis(50));
        if orderly {
            close(&crate::World { host, device: Rc::default() });
        } else {
            socket.end();
        }
        wait(host, Duration::from_millis(100));
        assert_eq!(*notes.borrow(), ["0 opened", "0 closed"], "{orderly}");
        notes.borrow_mut().clear();
    }
    let mut socket = tcp(host);
    assert!(socket.connect(at(PORT), host.now().after(Duration::from_secs(1))).is_ok(), "there is room again");
}
