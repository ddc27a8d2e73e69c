//! A VXI-11 instrument: its channels on TCP, and a port mapper by which clients find it.

mod channels;
mod memory;
mod requests;

use core::net::IpAddr;
use core::time::Duration;

use oncilla::rpcbind::{self, Directory, PORT as RPCBIND_PORT, Service, Transport};
use oncilla::{Clock, Table};
use oncilla_bare::Print;
use oncilla_ethernet::{TcpClient, TcpServer, UdpClient, UdpServer, smoltcp::phy::Device};
use oncilla_instrument::{Multimeter, Simulated};
use oncilla_vxi11::{Settings, interface::device_core_version as core_channel};

use crate::site::{BOARD, HOST, network};
use channels::{AbortChannel, CoreChannel, Server};
pub use memory::InstrumentMemory;
use memory::{CONNECTIONS, WRITE_MAX};
use requests::Requests;

/// The ports of the core channel and of the abort channel, on TCP.
const CORE_PORT: u16 = 1024;
const ABORT_PORT: u16 = 1025;

/// How often a call that waits is tried again. The end of a measurement wakes it at once.
const POLL: Duration = Duration::from_millis(20);

/// The directory of this machine's programs.
pub struct Programs;

impl Directory for Programs {
    fn services(&self) -> &[Service] {
        const {
            let (program, version) = (core_channel::PROGRAM, core_channel::VERSION);
            &[Service { program, version, transport: Transport::Tcp, port: CORE_PORT }]
        }
    }

    fn address(&self, _: Transport) -> IpAddr {
        BOARD.into()
    }
}

const DIRECTORY: Table<Programs> = oncilla::table![rpcbind::version_2()];

/// Serves for ever, and writes "serving" to `log`. It returns only if the device is not an Ethernet device.
pub fn serve_instrument<D: Device, C: Clock>(
    driver: D,
    clock: C,
    memory: &'static mut InstrumentMemory,
    mut log: impl Print,
) -> Option<()> {
    let InstrumentMemory { sockets, core, aborts, finders, finds, requests, datagrams, server } = memory;
    let network = network(driver, clock, sockets)?;
    let settings = Settings::new(ABORT_PORT, WRITE_MAX as u32).poll(POLL);
    let server = server.make(Server::new(Multimeter::new(Simulated::new()), settings))?;

    let [a, b, c, d] = core.each_mut().map(|memory| TcpServer::new(&network, CORE_PORT, memory));
    let mut core: [_; CONNECTIONS] = [a?, b?, c?, d?];
    let [a, b] = aborts.each_mut().map(|memory| TcpServer::new(&network, ABORT_PORT, memory));
    let mut aborts = [a?, b?];
    let mut peers = [None; 2];
    let [a, b] = finders.each_mut().map(|memory| TcpServer::new(&network, RPCBIND_PORT, memory));
    let mut finders = [a?, b?];
    let mut finds = UdpServer::new(&network, RPCBIND_PORT, finds)?;
    let [a, b, c, d] = requests.each_mut().map(|memory| TcpClient::new(&network, memory));
    let host = core::net::SocketAddrV4::new(HOST, RPCBIND_PORT);
    let mut requests = Requests::new([a?, b?, c?, d?], UdpClient::new(&network, host, datagrams)?);

    log.text("serving\n");
    loop {
        network.turn_until(server.instrument().deadline());
        server.tick(network.now());
        for (channel, peer) in aborts.iter_mut().zip(&mut peers) {
            channel.serve_by(&mut AbortChannel { server, network: &network, peer });
        }
        for (connection, channel) in core.iter_mut().enumerate() {
            channel.serve_by(&mut CoreChannel { server, network: &network, connection });
        }
        requests.send(server);
        TcpServer::make_room(&mut aborts);
        for finder in &mut finders {
            finder.serve(&DIRECTORY, &mut Programs);
        }
        TcpServer::make_room(&mut finders);
        finds.serve_without_replay_memory(&DIRECTORY, &mut Programs);
    }
}
