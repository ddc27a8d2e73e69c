//! Firmware with keys on UDP.

use std::{
    net::{SocketAddr, UdpSocket},
    path::Path,
};

use anyhow::{Result, ensure};
use oncilla::framing::Datagram;
use oncilla_firmware_tests::keyed::{KEYS, PRINTED, guarded};
use oncilla_host::Socket;

use super::{Forwarded, LIMIT, START};
use crate::{
    boards::Model,
    firmware_tests::keyed::{both_keys, host, silence},
};

/// The program in the board's crate.
pub const PROGRAM: &str = "keyed_ethernet";

/// Calls the firmware in this file with keys, as a stranger, and over resets.
pub fn check(model: &Model, file: &Path) -> Result<String> {
    let Forwarded { board, udp, .. } = Forwarded::boot(model, file, LIMIT)?;
    both_keys(|| connect(udp))?;
    silence(|| connect(udp))?;

    let (socket, log) = host::logged(connect(udp)?);
    let mut owner = host::client(socket, &KEYS[0]);
    let mut device = guarded::Client::new(&mut owner);
    ensure!(device.done(0)?[9] == 0, "a stranger's call was executed");
    device.print()?;
    // Datagrams keep their order on loopback.
    device.null()?;
    let verified = log.take().verified;
    ensure!(verified == PRINTED, "under the key came {verified:?}");

    device.begin()?;
    let mut starts = 1;
    let resets = host::calls_over_resets(&mut owner, || {
        board.reset()?;
        starts += 1;
        board.wait_for("serving\n", starts, START)
    })?;
    ensure!(board.log() == "serving\n".repeat(starts), "the firmware's log is {:?}", board.log());
    Ok(format!("{resets} resets"))
}

/// Connects from another port each time, so each client is another address.
fn connect(firmware: SocketAddr) -> Result<Socket<Datagram>> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.connect(firmware)?;
    Ok(socket.into())
}
