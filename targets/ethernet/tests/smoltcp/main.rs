//! Servers and clients on smoltcp's sockets: a board and a host, each with an interface of its own, on a cable in memory, by a
//! clock that runs when somebody waits. No test takes longer because a machine is slow.

mod board;
mod cable;
mod calls;
mod clients;
mod connections;
mod garbage;
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
    /// What a test looks at.
    pub mod trial = 0x2000_0070, version 1 {
        /// The same bytes.
        fn echo(bytes: &[u8] [..1200]) -> &[u8] [..1200] = 1, idempotent;
        /// Adds, and tells the sum of all.
        fn add(number: u32) -> u32 = 2;
        /// More than a datagram in one frame carries.
        fn large() -> &[u8] [..2000] = 3, idempotent;
    }
}

type Tcp = TcpClient<'static, 'static, End, Clock>;
type Udp = UdpClient<'static, 'static, End, Clock>;

/// The board's address with a port.
fn at(port: u16) -> SocketAddrV4 {
    SocketAddrV4::new(BOARD, port)
}

/// A socket of the host, which is not connected yet.
fn tcp(host: &'static Host) -> Tcp {
    TcpClient::new(host, leak(TcpMemory::<0, 0, 600>::new())).expect("room for a socket")
}

/// One that is.
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

/// A client on a connection.
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

/// An address where nobody is.
const NOBODY: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 99);

/// A usual world: two connections at a time, and nothing is lost.
fn world() -> World {
    World::new(2, 0)
}
