//! The firmware as rpcinfo, the standard's own tool, finds it through the bridge.

use std::thread;

use anyhow::{Context, Result, ensure};
use oncilla_host::{Connector, Relay, Server};
use oncilla_hostcalls::device;
use oncilla_thermostat::thermostat;

use super::Case;
use crate::{qemu::Board, rpcinfo};

/// The first xid on the line.
const XID: u32 = 1;

pub const CASES: &[&Case] = &[
    &Case { claim: "rpcinfo finds firmware that takes short headers", program: "hostcalls", check: short },
    &Case { claim: "rpcinfo finds firmware that knows plain COBS only", program: "thermostat", check: plain },
];

fn short(board: &Board) -> Result<String> {
    find(board, device::PROGRAM, device::VERSION)
}

fn plain(board: &Board) -> Result<String> {
    find(board, thermostat::PROGRAM, thermostat::VERSION)
}

fn find(board: &Board, program: u32, version: u32) -> Result<String> {
    let line = Connector::new().message_max(1 << 16).link(board.socket()?);
    let relay = Relay::new(oncilla::Client::new(line, XID));
    let mut server = Server::new()?.tcp("127.0.0.1:0")?;
    let (address, stopper) = (server.tcp_addresses()[0], server.stopper());
    let printed = thread::scope(|scope| {
        let serving = scope.spawn(move || server.serve_by(1, relay));
        let printed = rpcinfo::find(address, program, version);
        stopper.stop();
        serving.join().ok().context("the bridge panicked; its message is above")??;
        printed
    })?;
    ensure!(printed == format!("program {program} version {version} ready and waiting"), "rpcinfo said {printed:?}");
    Ok(String::new())
}
