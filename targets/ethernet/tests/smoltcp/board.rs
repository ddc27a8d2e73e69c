//! A board, which serves while the host waits.

use std::cell::RefCell;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::time::Duration;

use oncilla::framing::{Datagram, Record};
use oncilla::{SharedReplayCache, Table};
use oncilla_ethernet::{Network, Sockets, TcpMemory, TcpServer, UdpMemory, UdpServer};

use crate::cable::{Clock, End, cable, leak};
use crate::trial;

pub const BOARD: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
pub const HOST: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
pub const PORT: u16 = 1111;

/// The board's message time-out and idle time-out.
pub const MESSAGE_TIMEOUT: Duration = Duration::from_secs(2);
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(100);

pub type Host = Network<'static, End, Clock>;

/// The effects of the calls.
#[derive(Default)]
pub struct Device {
    pub sum: u32,
    pub additions: u32,
}

impl trial::Service for Device {
    fn echo<'a>(&'a mut self, bytes: &'a [u8]) -> &'a [u8] {
        bytes
    }

    fn add(&mut self, number: u32) -> u32 {
        self.additions += 1;
        self.sum = self.sum.wrapping_add(number);
        self.sum
    }

    fn large(&mut self) -> &[u8] {
        &[7; 2000]
    }
}

pub static TABLE: Table<Device> = oncilla::table![trial::program()];

/// A board that serves, and a host on the same cable. The board works while the host waits.
pub struct World {
    pub host: &'static Host,
    pub device: Rc<RefCell<Device>>,
}

impl World {
    /// Creates a board for a number of simultaneous connections, on a cable that loses a percentage of frames.
    pub fn new(connections: usize, faults: u8) -> Self {
        Self::seeded(connections, faults, 1)
    }

    pub fn seeded(connections: usize, faults: u8, seed: u32) -> Self {
        Self::of(connections, faults, seed, false)
    }

    /// Creates a board that ends idle connections to make room.
    pub fn making_room(connections: usize) -> Self {
        Self::of(connections, 0, 1, true)
    }

    fn of(connections: usize, faults: u8, seed: u32, makes_room: bool) -> Self {
        let (here, there) = cable(faults, seed);
        let clock = Clock::default();
        let network = |device, clock, address: Ipv4Addr| {
            let mac = [2, 0, 0, 0, 0, address.octets()[3]];
            let network = Network::new(device, clock, mac, seed.into(), leak(Sockets::<8>::new()));
            let network: &'static Host = leak(network.expect("a device of Ethernet"));
            network.set_address(address, 24);
            network
        };
        let board = network(there, clock.hand(), BOARD);
        let host = network(here, clock.clone(), HOST);
        let device = Rc::new(RefCell::new(Device::default()));

        const IN: usize = Record::buffer(trial::CALL_MAX);
        const OUT: usize = Record::buffer(trial::REPLY_MAX);
        let mut servers: Vec<_> = (0..connections)
            .map(|_| {
                let memory = leak(TcpMemory::<IN, OUT, 512>::new());
                let mut server = TcpServer::new(board, PORT, memory).expect("room for a socket");
                server.set_message_timeout(MESSAGE_TIMEOUT);
                server.set_idle_timeout(Some(IDLE_TIMEOUT));
                server
            })
            .collect();
        const UDP_IN: usize = Datagram::buffer(trial::CALL_MAX);
        const UDP_OUT: usize = Datagram::buffer(trial::REPLY_MAX);
        let memory = leak(UdpMemory::<UDP_IN, UDP_OUT, 3>::new());
        let mut datagrams = UdpServer::new(board, PORT, memory).expect("room for a socket");

        let state = Rc::clone(&device);
        let mut replay = SharedReplayCache::<16, 32>::new([7; 16]);
        clock.meanwhile(move || {
            board.turn();
            let state = &mut *state.borrow_mut();
            for server in &mut servers {
                server.serve_once(&mut replay, &TABLE, state);
            }
            if makes_room {
                TcpServer::make_room(&mut servers);
            }
            datagrams.serve_once(&mut replay, &TABLE, state);
            board.poll();
        });
        Self { host, device }
    }

    /// Advances the time.
    pub fn wait(&self, how_long: Duration) {
        let until = self.host.now().after(how_long);
        while self.host.now() < until {
            self.host.turn_until(until);
        }
    }
}
