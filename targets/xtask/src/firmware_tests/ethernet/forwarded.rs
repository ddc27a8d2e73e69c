//! A board behind forwarded ports of this machine.

use std::{net::SocketAddr, path::Path, time::Duration};

use anyhow::{Context, Result};

use super::{boot, wait_until_it_serves};
use crate::{boards::Model, qemu::Board};

/// A running server firmware, and the ports of this machine that QEMU forwards to it.
pub struct Forwarded {
    pub board: Board,
    pub tcp: SocketAddr,
    pub udp: SocketAddr,
}

impl Forwarded {
    /// Boots the firmware. The system chooses the ports.
    pub fn boot(model: &Model, file: &Path, limit: Duration) -> Result<Self> {
        let network = "user,hostfwd=tcp:127.0.0.1:0-:1111,hostfwd=udp:127.0.0.1:0-:1111";
        let board = boot(network, model, file, limit)?;
        wait_until_it_serves(&board)?;
        let (tcp, udp) = (address(&board, "TCP")?, address(&board, "UDP")?);
        Ok(Self { board, tcp, udp })
    }
}

/// Returns the address of this machine that QEMU forwards over TCP or UDP.
pub fn address(board: &Board, protocol: &str) -> Result<SocketAddr> {
    let said = board.ask("info usernet")?;
    let forward = format!("{protocol}[HOST_FORWARD]");
    let port = || {
        let line = said.lines().find(|line| line.trim_start().starts_with(&forward))?;
        // After the protocol and the descriptor: address and port of this machine.
        let mut words = line.split_whitespace().skip(2);
        format!("{}:{}", words.next()?, words.next()?).parse().ok()
    };
    port().with_context(|| format!("QEMU forwards no {protocol} port: {said}"))
}
