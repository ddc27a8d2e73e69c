//! The portable test suite on TCP and UDP, with a directory of its programs on port 111.

use core::net::IpAddr;

use oncilla::framing::{Datagram, Record};
use oncilla::message::REFUSAL_MAX;
use oncilla::rpcbind::{self, Directory, PORT as RPCBIND_PORT, Service, Transport};
use oncilla::{Clock, SharedReplayCache, Table};
use oncilla_bare::Print;
use oncilla_ethernet::{Sockets, TcpMemory, TcpServer, UdpMemory, UdpServer, smoltcp::phy::Device};
use oncilla_suite::{CALL_MAX, Parts, REPLY_MAX, Suite, TABLE, bulk_1, compact, suite_1, suite_3, types_1};

use crate::site::{BOARD, network};

/// The port of the suite, on TCP and on UDP.
const PORT: u16 = 1111;

/// Simultaneous connections to each of the two ports.
const CONNECTIONS: usize = 2;

/// Bytes that smoltcp keeps of a connection, in each direction.
const WINDOW: usize = 1024;

/// Datagrams that can wait.
const QUEUE: usize = 2;

/// Bytes of the largest call to the directory and of its reply.
///
/// There is room for a long credential and long strings.
const FIND: usize = 768;
const FOUND: usize = DIRECTORY.reply_max();

/// A replay cache for calls that must not be executed twice.
///
/// Their replies are as small as a refusal.
type Remembered = SharedReplayCache<8, REFUSAL_MAX>;

const DIRECTORY: Table<Machine> = oncilla::table![rpcbind::version_2(), rpcbind::version_3(), rpcbind::version_4()];

/// The memory of [`serve`], for a `static`.
pub struct ServeMemory {
    sockets: Sockets<'static, { 2 * CONNECTIONS + 2 }>,
    connections: [TcpMemory<{ Record::buffer(CALL_MAX) }, { Record::buffer(REPLY_MAX) }, WINDOW>; CONNECTIONS],
    datagrams: UdpMemory<{ Datagram::buffer(CALL_MAX) }, { Datagram::buffer(REPLY_MAX) }, QUEUE>,
    finders: [TcpMemory<{ Record::buffer(FIND) }, { Record::buffer(FOUND) }, WINDOW>; CONNECTIONS],
    finds: UdpMemory<{ Datagram::buffer(FIND) }, { Datagram::buffer(FOUND) }, QUEUE>,
}

impl ServeMemory {
    /// Creates empty memory.
    #[expect(clippy::new_without_default, reason = "memory is a static, which a default cannot make")]
    #[must_use]
    pub const fn new() -> Self {
        Self {
            sockets: Sockets::new(),
            connections: [const { TcpMemory::new() }; CONNECTIONS],
            datagrams: UdpMemory::new(),
            finders: [const { TcpMemory::new() }; CONNECTIONS],
            finds: UdpMemory::new(),
        }
    }
}

/// The directory of this machine's programs.
pub struct Machine;

impl Directory for Machine {
    fn services(&self) -> &[Service] {
        const fn service(program: u32, version: u32, transport: Transport, port: u16) -> Service {
            Service { program, version, transport, port }
        }
        const {
            &[
                service(rpcbind::PROGRAM, 4, Transport::Tcp, RPCBIND_PORT),
                service(rpcbind::PROGRAM, 3, Transport::Tcp, RPCBIND_PORT),
                service(rpcbind::PROGRAM, 2, Transport::Tcp, RPCBIND_PORT),
                service(rpcbind::PROGRAM, 4, Transport::Udp, RPCBIND_PORT),
                service(rpcbind::PROGRAM, 3, Transport::Udp, RPCBIND_PORT),
                service(rpcbind::PROGRAM, 2, Transport::Udp, RPCBIND_PORT),
                service(suite_1::PROGRAM, suite_1::VERSION, Transport::Tcp, PORT),
                service(suite_3::PROGRAM, suite_3::VERSION, Transport::Tcp, PORT),
                service(types_1::PROGRAM, types_1::VERSION, Transport::Tcp, PORT),
                service(bulk_1::PROGRAM, bulk_1::VERSION, Transport::Tcp, PORT),
                service(compact::PROGRAM, compact::VERSION, Transport::Tcp, PORT),
                service(suite_1::PROGRAM, suite_1::VERSION, Transport::Udp, PORT),
                service(suite_3::PROGRAM, suite_3::VERSION, Transport::Udp, PORT),
                service(types_1::PROGRAM, types_1::VERSION, Transport::Udp, PORT),
                service(bulk_1::PROGRAM, bulk_1::VERSION, Transport::Udp, PORT),
                service(compact::PROGRAM, compact::VERSION, Transport::Udp, PORT),
            ]
        }
    }

    fn address(&self, _: Transport) -> IpAddr {
        BOARD.into()
    }
}

/// Serves for ever, and writes "serving" to `log`. It returns only if the device is not an Ethernet device.
pub fn serve<D: Device, C: Clock>(
    driver: D,
    clock: C,
    memory: &'static mut ServeMemory,
    mut log: impl Print,
) -> Option<()> {
    let ServeMemory { sockets, connections, datagrams, finders, finds } = memory;
    let network = network(driver, clock, sockets)?;
    let [first, second] = connections.each_mut().map(|memory| TcpServer::new(&network, PORT, memory));
    let mut connections = [first?, second?];
    let [first, second] = finders.each_mut().map(|memory| TcpServer::new(&network, RPCBIND_PORT, memory));
    let mut finders = [first?, second?];
    let mut datagrams = UdpServer::new(&network, PORT, datagrams)?;
    let mut finds = UdpServer::new(&network, RPCBIND_PORT, finds)?;

    let mut suite = Suite::new(Parts::REPLAY);
    // A board that serves unknown peers must use 16 random bytes. These boards have no random number generator.
    let mut remembered = Remembered::new(*b"known to no peer");
    log.text("serving\n");
    loop {
        network.turn();
        for connection in &mut connections {
            connection.serve_once(&mut remembered, &TABLE, &mut suite);
        }
        for finder in &mut finders {
            finder.serve(&DIRECTORY, &mut Machine);
        }
        datagrams.serve_once(&mut remembered, &TABLE, &mut suite);
        finds.serve_without_replay_memory(&DIRECTORY, &mut Machine);
    }
}
