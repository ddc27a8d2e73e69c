//! Firmware with Ethernet, without its chip: the guide's chapter on Ethernet quotes it. It compiles; nothing is connected.

use core::convert::Infallible;
use core::net::{IpAddr, Ipv4Addr, SocketAddrV4};
use core::time::Duration;

use oncilla::framing::{Datagram, Record};
use oncilla::rpcbind::{self, Directory, Transport};
use oncilla::{Client, Clock, Link, SharedReplayCache, Table, Time};
use oncilla_ethernet::driver::{Controller, Driver};
use oncilla_ethernet::smoltcp::phy;
use oncilla_ethernet::{Network, Sockets, TcpClient, TcpMemory, TcpServer, UdpMemory, UdpServer};

oncilla::program! {
    /// Measures temperatures.
    pub mod sensor = 0x2000_0074, version 1 {
        /// Reads a channel, in thousandths of a degree Celsius.
        fn read(channel: u32) -> Option<i32> = 1, idempotent;
        /// Adds to the offset of a channel; returns whether it exists.
        fn calibrate(channel: u32, by: i32) -> bool = 2;
    }
}

/// The state that the procedures work on.
struct Device {
    offsets: [i32; 2],
}

impl sensor::Service for Device {
    fn read(&mut self, channel: u32) -> Option<i32> {
        self.offsets.get(channel as usize).map(|offset| 21_500 + offset)
    }

    fn calibrate(&mut self, channel: u32, by: i32) -> bool {
        let Some(offset) = self.offsets.get_mut(channel as usize) else { return false };
        *offset = offset.wrapping_add(by);
        true
    }
}

/// The board's address, and the port of its server on TCP and UDP.
const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 7);
const PORT: u16 = 1111;

/// What `rpcinfo` and programs of rpcgen ask for on port 111.
impl Directory for Device {
    fn services(&self) -> &[rpcbind::Service] {
        const fn sensor_on(transport: Transport) -> rpcbind::Service {
            rpcbind::Service { program: sensor::PROGRAM, version: sensor::VERSION, transport, port: PORT }
        }
        const { &[sensor_on(Transport::Tcp), sensor_on(Transport::Udp)] }
    }

    fn address(&self, _: Transport) -> IpAddr {
        ADDRESS.into()
    }
}

static SENSOR: Table<Device> = oncilla::table![sensor::program()];
const DIRECTORY: Table<Device> = oncilla::table![rpcbind::version_2(), rpcbind::version_3(), rpcbind::version_4()];

/// Bytes of the largest messages. A call to the directory may have long strings in it.
const CALL: usize = sensor::CALL_MAX;
const REPLY: usize = sensor::REPLY_MAX;
const FIND: usize = 768;
const FOUND: usize = DIRECTORY.reply_max();

/// Bytes that smoltcp keeps of each connection, in each direction; and datagrams that wait.
const WINDOW: usize = 512;
const QUEUE: usize = 2;

/// All memory of the servers. In firmware it is a `static`.
struct Memory {
    sockets: Sockets<'static, 5>,
    connections: [TcpMemory<{ Record::buffer(CALL) }, { Record::buffer(REPLY) }, WINDOW>; 2],
    datagrams: UdpMemory<{ Datagram::buffer(CALL) }, { Datagram::buffer(REPLY) }, QUEUE>,
    finder: TcpMemory<{ Record::buffer(FIND) }, { Record::buffer(FOUND) }, WINDOW>,
    finds: UdpMemory<{ Datagram::buffer(FIND) }, { Datagram::buffer(FOUND) }, QUEUE>,
}

impl Memory {
    const fn new() -> Self {
        Self {
            sockets: Sockets::new(),
            connections: [const { TcpMemory::new() }; 2],
            datagrams: UdpMemory::new(),
            finder: TcpMemory::new(),
            finds: UdpMemory::new(),
        }
    }
}

/// Serves for ever. Returns `None` only at the start: the driver is not one of Ethernet, or `Sockets` has too few places.
fn serve<D: phy::Device, C: Clock>(
    driver: D,
    timer: C,
    seed: u64,
    key: [u8; 16],
    memory: &'static mut Memory,
) -> Option<Infallible> {
    let Memory { sockets, connections: [first, second], datagrams, finder, finds } = memory;
    let network = Network::new(driver, timer, [2, 0, 0, 0, 0, 7], seed, sockets)?;
    network.set_address(ADDRESS, 24);
    network.set_gateway([192, 0, 2, 1]);

    let mut connections = [TcpServer::new(&network, PORT, first)?, TcpServer::new(&network, PORT, second)?];
    let mut datagrams = UdpServer::new(&network, PORT, datagrams)?;
    let mut finder = TcpServer::new(&network, rpcbind::PORT, finder)?;
    let mut finds = UdpServer::new(&network, rpcbind::PORT, finds)?;

    let mut replay = SharedReplayCache::<8, REPLY>::new(key);
    let mut device = Device { offsets: [0; 2] };
    loop {
        network.turn(); // sleeps until something arrives
        for connection in &mut connections {
            connection.serve_once(&mut replay, &SENSOR, &mut device);
        }
        TcpServer::make_room(&mut connections);
        datagrams.serve_once(&mut replay, &SENSOR, &mut device);
        finder.serve(&DIRECTORY, &mut device);
        finds.serve_without_replay_memory(&DIRECTORY, &mut device);
    }
}

oncilla::program! {
    /// The clock of a host.
    pub mod clock = 0x2000_0075, version 1 {
        /// Returns milliseconds since 1970.
        fn now() -> u64 = 1, idempotent;
    }
}

/// Asks a host for the time over TCP. `xid` is a number that was not used before, such as a random one.
fn ask<D: phy::Device, C: Clock>(
    network: &Network<'_, D, C>,
    socket: &mut TcpClient<'_, '_, D, C>,
    host: SocketAddrV4,
    xid: u32,
) -> Option<u64> {
    socket.connect(host, network.now().after(Duration::from_secs(5))).ok()?;
    let mut client = Client::new(Link::new(&mut *socket, [0; 128], [0; 128]), xid);
    client.set_timeout(Duration::from_secs(2));
    let now = clock::Client::new(&mut client).now();
    socket.end();
    now.ok()
}

/// The Ethernet controller of the chip: three functions that differ from chip to chip.
struct Chip;

impl Controller for Chip {
    fn receive(&mut self, _into: &mut [u8]) -> Option<usize> {
        None // the bytes of the oldest frame, which is at the start of `into`; `None` if there is none
    }

    fn can_send(&mut self) -> bool {
        true // whether there is room for a frame of 1514 bytes
    }

    fn send(&mut self, _frame: &[u8]) {}
}

/// The board's timer.
struct Timer(std::time::Instant);

impl Clock for Timer {
    fn now(&mut self) -> Time {
        Time::ZERO.after(self.0.elapsed())
    }

    fn idle(&mut self, _until: Time) {
        std::thread::sleep(Duration::from_millis(1)); // on a board: until the next interrupt
    }
}

fn main() {
    let memory = Box::leak(Box::new(Memory::new()));
    let _ = ask::<Driver<Chip>, Timer>;
    let _ = serve(Driver::new(Chip), Timer(std::time::Instant::now()), 1, [0; 16], memory);
}
