//! The multimeter on VXI-11, driven by clients that know nothing of this project.

mod guide;

use std::{net::SocketAddr, path::Path, process::Command, time::Duration};

use anyhow::{Context, Result};

use super::{WIRED, alone, boot, forwarded, network, never_restarted, sources, tell, wait_until_it_serves};
use crate::{
    boards::Model,
    firmware::{Features, Firmware, Profile},
    footprint::Footprint,
    process::{run as run_command, run_within, step},
    python_clients::INSTRUMENTS,
    qemu::Board,
    workspace::{self, cargo},
};

/// The program in a board's crate.
pub const PROGRAM: &str = "instrument";

/// The command of this program that runs [`inside`].
const COMMAND: &str = "instrument-inside-a-network";

/// The time limit of one firmware and all checks, which take a quarter of a minute.
const LIMIT: Duration = Duration::from_secs(180);

/// Runs the checks on this machine, then builds the firmware for every board with Ethernet and runs them there.
pub fn run(from_source: bool) -> Result<()> {
    let python = INSTRUMENTS.python()?;
    on_this_machine(&python)?;
    for (model, _) in WIRED {
        let firmware = Firmware::of(model, from_source)?;
        let checked = firmware.build(Profile::Checked, Features::All, &[PROGRAM])?;
        let files = firmware.build(Profile::Plain, Features::All, &[PROGRAM])?;
        for file in checked.iter().chain(&files) {
            sources::check(file)?;
        }
        let file = files.first().context("the firmware was built")?;
        let Footprint { flash, static_ram } = Footprint::of(file)?;
        let what = format!("{flash} bytes of flash, {static_ram} bytes of static RAM");
        tell(model, "the multimeter has no panic of ours", &what);
        step(&format!("testing the multimeter of {}", model.name));
        alone::unshared(2 * LIMIT, COMMAND, &[model.name.as_ref(), file.as_ref(), python.as_ref()])?;
    }
    Ok(())
}

/// Runs the checks with the server for hosts, and our client with an instrument on python-vxi11.
fn on_this_machine(python: &Path) -> Result<()> {
    step("testing the multimeter on this machine, and the client");
    let mut test = cargo();
    test.args(["test", "--package", "oncilla-vxi11", "--features", "host", "--test", "peers"]);
    run_command(test.env("ONCILLA_INSTRUMENT_PYTHON", python))
}

/// Boots the firmware with its core channel on a port of this machine.
pub fn forwarded(model: &Model, file: &Path, limit: Duration) -> Result<(Board, SocketAddr)> {
    let board = boot("user,hostfwd=tcp:127.0.0.1:0-:1024", model, file, limit)?;
    wait_until_it_serves(&board)?;
    let address = forwarded::address(&board, "TCP")?;
    Ok((board, address))
}

/// Runs the checks, in the namespace.
pub fn inside(board: &str, file: &Path, python: &Path) -> Result<()> {
    let (model, _): (&Model, _) =
        WIRED.into_iter().find(|(model, _)| model.name == board).context("a board with Ethernet")?;
    network::set_up()?;
    let board = boot(network::TAP, model, file, LIMIT)?;
    wait_until_it_serves(&board)?;
    guide::run(python)?;
    tell(model, "each command of the guide's chapter prints what stands there", "");
    let checks = workspace::root().join("examples/instrument/tests/clients.py");
    // python-vxi11 warns that it uses xdrlib.
    run_within(LIMIT, Command::new(python).args(["-W", "ignore::DeprecationWarning"]).arg(checks).arg(network::BOARD))?;
    never_restarted(&board)
}
