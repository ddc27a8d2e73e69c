//! Tests of the firmware with Ethernet: over ports that QEMU forwards, and in a network of the test's own, where the
//! firmware is a machine among others.

mod alone;
mod c_program;
mod called;
mod directory;
mod forwarded;
pub mod instrument;
mod keyed;
mod latency;
mod network;
mod sources;

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, ensure};

use crate::{
    boards::{LM3S6965EVB, MPS2_AN386, Model},
    firmware::{Features, Firmware, Profile},
    process::step,
    qemu::Board,
};

pub use alone::inside;
pub use forwarded::Forwarded;
pub use network::BOARD;

/// The programs with Ethernet in a board's crate.
pub const SERVER: &str = "suite_ethernet";
const CALLER: &str = "caller_ethernet";

/// The time limit of one firmware and all its tests.
const LIMIT: Duration = Duration::from_secs(180);

/// The time limit for starting on a slow machine.
const START: Duration = Duration::from_secs(30);

/// The boards, and QEMU's names of their controllers.
const WIRED: [(&Model, &str); 2] = [(&LM3S6965EVB, "stellaris"), (&MPS2_AN386, "lan9118")];

/// Returns QEMU's name of a board's controller.
fn controller(model: &Model) -> Result<&'static str> {
    let wired = WIRED.iter().find(|(board, _)| board.name == model.name);
    wired
        .map(|(_, controller)| *controller)
        .with_context(|| format!("{} has no Ethernet that is known here", model.name))
}

/// Builds the firmware of every board with Ethernet, and runs all tests. Returns their number.
pub fn run(from_source: bool) -> Result<usize> {
    let mut passed = 0;
    for (model, _) in WIRED {
        let firmware = Firmware::of(model, from_source)?;
        let programs = [SERVER, CALLER];
        let checked = firmware.build(Profile::Checked, Features::All, &programs)?;
        let files = firmware.build(Profile::Plain, Features::All, &programs)?;
        step(&format!("testing the Ethernet firmware of {}", model.name));
        for file in checked.iter().chain(&files) {
            sources::check(file)?;
        }
        passed += tell(model, "no panic of ours is linked, whether or not overflows are checked", "");
        let [server, caller] = &files[..] else { unreachable!("two programs were built") };
        passed += tell(model, "null calls are answered", &latency::measure(model, server)?);
        passed += alone::run(model, server, caller)?;
    }
    Ok(passed + with_keys(from_source)?)
}

/// Builds the firmware with keys and tests it.
fn with_keys(from_source: bool) -> Result<usize> {
    let firmware = Firmware::of(&LM3S6965EVB, from_source)?;
    let checked = firmware.build(Profile::Checked, Features::All, &[keyed::PROGRAM])?;
    let files = firmware.build(Profile::Plain, Features::All, &[keyed::PROGRAM])?;
    for file in checked.iter().chain(&files) {
        sources::check(file)?;
    }
    let what = keyed::check(&LM3S6965EVB, files.first().context("the firmware was built")?)?;
    Ok(tell(&LM3S6965EVB, "keys and their rights on UDP, silence to strangers, resets", &what))
}

/// Prints that a test has passed. Returns 1.
fn tell(model: &Model, claim: &str, what: &str) -> usize {
    let what = if what.is_empty() { String::new() } else { format!(": {what}") };
    println!("test {} {claim} ... ok{what}", model.name);
    1
}

/// Waits until a server firmware has started.
fn wait_until_it_serves(board: &Board) -> Result<()> {
    board.wait_for("serving\n", 1, START)
}

/// Checks that a server firmware has started only once. After a panic it would restart.
fn never_restarted(board: &Board) -> Result<()> {
    ensure!(board.log() == "serving\n", "the firmware's log is {:?}", board.log());
    Ok(())
}

/// Boots a firmware with other arguments for its controller.
fn boot(network: &str, model: &Model, file: &Path, limit: Duration) -> Result<Board> {
    let nic = format!("{network},model={}", controller(model)?);
    Board::boot_with(&["-nic", &nic], model, file, limit)
}
