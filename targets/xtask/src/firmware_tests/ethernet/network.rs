//! A network for a test.

use std::{path::Path, process::Command};

use anyhow::{Context, Result, ensure};

use crate::process::{find, output};

/// This machine's address, which the firmware knows.
pub const HOST: &str = "10.0.2.2";

/// The firmware's address.
pub const BOARD: &str = "10.0.2.15";

/// The device that QEMU connects a board to.
pub const TAP: &str = "tap,ifname=tap0,script=no,downscript=no";

/// Sets the network up. This process is in an empty network namespace.
pub fn set_up() -> Result<()> {
    ensure!(Path::new("/dev/net/tun").exists(), "there is no /dev/net/tun; type: modprobe tun");
    let ip = find("ip").context("there is no `ip`; install package iproute2")?;
    let address = format!("{HOST}/24");
    for words in [
        &["link", "set", "lo", "up"][..],
        &["tuntap", "add", "mode", "tap", "name", "tap0"],
        &["addr", "add", &address, "broadcast", "+", "dev", "tap0"],
        &["link", "set", "tap0", "up"],
        // Without it nobody could broadcast to 255.255.255.255.
        &["route", "add", "default", "dev", "tap0"],
    ] {
        output(Command::new(&ip).args(words))?;
    }
    Ok(())
}
