//! The firmware as rpcinfo, the standard's own tool, finds it through the bridge.

use std::{
    net::{TcpListener, TcpStream},
    thread,
};

use anyhow::{Context, Result, ensure};
use oncilla_bridge::{Bridge, serve};
use oncilla_hostcalls::device;
use oncilla_thermostat::thermostat;

use super::Case;
use crate::{qemu::Board, rpcinfo};

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
    let bridge = Bridge::new(board.socket()?);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let printed = thread::scope(|scope| {
        let serving = scope.spawn(|| serve(&listener, &bridge, 1));
        let printed = rpcinfo::find(address, program, version);
        if printed.is_err() {
            // It may not have come as far as to connect, for which the bridge would wait.
            drop(TcpStream::connect(address));
        }
        serving.join().ok().context("the bridge panicked; its message is above")?;
        printed
    })?;
    ensure!(printed == format!("program {program} version {version} ready and waiting"), "rpcinfo said {printed:?}");
    Ok(String::new())
}
