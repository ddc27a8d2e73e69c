//! Servers and clients on smoltcp's sockets: a board and a host, each with its own interface, on a cable in memory.
//!
//! Their clock advances only while one of them waits, so no test depends on the speed of the machine.

mod board;
mod cable;
mod calls;
mod clients;
mod connections;
mod garbage;
mod later;
mod limits;
mod lossy;
mod stalls;
mod tickless;

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use board::{BOARD, Host, PORT, World};
use oncilla::framing::{Datagram, Record};
use oncilla::{Client, Link};
use oncilla_ethernet::{TcpClient, TcpMemory, UdpClient, UdpMemory};

use cable::{Clock, End, leak};

oncilla::program! {
    /// The interface of the tests.
    pub mod trial = 0x2000_0070, version 1 {
        /// Returns the same bytes.
        fn echo(bytes: &[u8] [..1200]) -> &[u8] [..1200] = 1, idempotent;
        /// Adds, and returns the total.
        fn add(number: u32) -> u32 = 2;
        /// Returns more than a datagram in one frame can hold.
        fn large() -> &[u8] [..2000] = 3, idempotent;
    }
}

type Tcp = TcpClient<'static, 'static, End, Clock>;
type Udp = UdpClient<'static, 'static, End, Clock>;

/// Returns the board's address with a port.
fn at(port: u16) -> SocketAddrV4 {
    SocketAddrV4::new(BOARD, port)
}

/// Returns a socket of the host that is not connected yet.
fn tcp(host: &'static Host) -> Tcp {
    TcpClient::new(host, leak(TcpMemory::<0, 0, 600>::new())).expect("room for a socket")
}

/// Returns a connected socket of the host.
fn connected(host: &'static Host) -> Tcp {
    connect(tcp(host), host)
}

/// Connects a socket of the host to the board.
fn connect(mut socket: Tcp, host: &'static Host) -> Tcp {
    socket.connect(at(PORT), host.now().after(Duration::from_secs(60))).expect("the board listens");
    socket
}

fn udp(host: &'static Host) -> Udp {
    UdpClient::new(host, at(PORT), leak(UdpMemory::<1500, 1500, 4>::new())).expect("room for a socket")
}

/// Returns a client on a connection.
fn tcp_client(socket: Tcp) -> Client<Tcp, Vec<u8>> {
    let buffer = || vec![0; Record::buffer(2200)];
    Client::new(Link::new(socket, buffer(), buffer()), 0x7c00)
}

fn udp_client(socket: Udp) -> Client<Udp, Vec<u8>> {
    let buffer = || vec![0; Datagram::buffer(1472)];
    Client::new(Link::new(socket, buffer(), buffer()), 0x0d00)
}

/// A call of the null procedure, as a datagram.
fn null() -> Vec<u8> {
    let words = [7, 0, 2, trial::PROGRAM, trial::VERSION, 0, 0, 0, 0, 0];
    words.into_iter().flat_map(u32::to_be_bytes).collect()
}

/// An address that no machine has.
const NOBODY: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 99);

/// The usual set-up: two simultaneous connections and no losses.
fn world() -> World {
    World::new(2, 0)
}
