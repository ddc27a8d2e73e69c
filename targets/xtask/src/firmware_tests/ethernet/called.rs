//! The firmware as a client, with this machine as the host it calls.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::Path,
    thread,
};

use anyhow::{Context, Result, anyhow};
use oncilla::{
    Table,
    rpcbind::{self, Directory, PORT, Service, Transport},
};
use oncilla_host::Server;
use oncilla_suite::{HOST_TABLE, Host, host_1};

use super::{LIMIT, START, boot, network};
use crate::{boards::Model, qemu::Board};

/// The number of successful calls that the firmware must report.
const TIMES: usize = 3;

/// The directory of this machine.
struct Machine([Service; 2]);

impl Directory for Machine {
    fn services(&self) -> &[Service] {
        &self.0
    }

    fn address(&self, _: Transport) -> IpAddr {
        // Version 2 alone reports no address.
        Ipv4Addr::UNSPECIFIED.into()
    }
}

static DIRECTORY: Table<Machine> = oncilla::table![rpcbind::version_2()];

/// Boots the firmware while no server answers, and then serves.
pub fn by_firmware(model: &Model, caller: &Path) -> Result<()> {
    let board = boot(network::TAP, model, caller, LIMIT)?;
    board.wait_for("udp: timed out\ntcp: timed out\n", 1, START)?;

    let mut server = Server::new()?.tcp((network::HOST, 0))?.udp((network::HOST, 0))?;
    let service = |transport, port| Service { program: host_1::PROGRAM, version: host_1::VERSION, transport, port };
    let services = [
        service(Transport::Tcp, server.tcp_addresses()[0].port()),
        service(Transport::Udp, server.udp_addresses()[0].port()),
    ];
    let mut directory = Server::new()?.udp((network::HOST, PORT))?;
    let stoppers = [server.stopper(), directory.stopper()];
    let serving = thread::spawn(move || server.serve(&HOST_TABLE, &mut Host::default()));
    let telling = thread::spawn(move || directory.serve(&DIRECTORY, &mut Machine(services)));
    let doubled = doubled(&board);
    stoppers.iter().for_each(oncilla_host::Stopper::stop);
    for thread in [serving, telling] {
        thread.join().map_err(|_| anyhow!("a server has panicked"))?.context("a server has failed")?;
    }
    doubled
}

fn doubled(board: &Board) -> Result<()> {
    board.wait_for("udp double 42\n", TIMES, START)?;
    board.wait_for("tcp double 42\n", TIMES, START)
}
