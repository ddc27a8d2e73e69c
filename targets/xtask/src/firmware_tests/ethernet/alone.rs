//! Tests in a network of their own, where port 111 is free and all addresses are known.

use std::{
    ffi::OsStr,
    fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{self, Command},
    time::Duration,
};

use anyhow::{Context, Result};

use super::{LIMIT, WIRED, boot, c_program, called, directory, network, never_restarted, tell, wait_until_it_serves};
use crate::{boards::Model, firmware_tests::command, process::run_within, workspace};

/// The command of this program that runs [`inside`].
const COMMAND: &str = "inside-a-network";

/// Runs the tests in a network namespace. Returns their number.
pub fn run(model: &Model, server: &Path, caller: &Path) -> Result<usize> {
    // Compiled outside of the namespace, where files belong to the user.
    c_program::compile();
    unshared(2 * LIMIT, COMMAND, &[model.name.as_ref(), server.as_ref(), caller.as_ref()])?;
    Ok(TESTS.len() + 1)
}

/// Runs a command of this program in a network namespace.
pub fn unshared(limit: Duration, command: &str, arguments: &[&OsStr]) -> Result<()> {
    let root = fs::metadata("/proc/self")?.uid() == 0;
    let mut unshare = Command::new("unshare");
    // A user who is not root becomes root in a user namespace, if the system allows that.
    unshare.args(["--net", "--mount"]).args((!root).then_some("--map-root-user"));
    // By its process and not by its name: a build meanwhile may put another file in this program's place.
    unshare.arg(format!("/proc/{}/exe", process::id())).arg(command).args(arguments);
    unshare.env("CARGO_TARGET_DIR", workspace::target());
    run_within(limit, &mut unshare)
        .context("the tests in a network of their own; without `unshare` install package util-linux")
}

/// A test of a firmware that serves.
type Test = (&'static str, fn() -> Result<()>);

const TESTS: [Test; 5] = [
    ("rpcinfo lists what the firmware serves", directory::lists),
    ("rpcinfo finds and calls its programs over TCP and UDP", directory::pings),
    ("a C program by rpcgen finds and calls the firmware over TCP", c_program::over_tcp),
    ("a C program by rpcgen finds and calls the firmware over UDP", c_program::over_udp),
    ("the command lists and calls the firmware", command::over_ethernet),
];

/// Runs the tests, in the namespace.
pub fn inside(board: &str, server: &Path, caller: &Path) -> Result<()> {
    let (model, _) = WIRED.into_iter().find(|(model, _)| model.name == board).context("a board with Ethernet")?;
    network::set_up()?;
    let board = boot(network::TAP, model, server, LIMIT)?;
    wait_until_it_serves(&board)?;
    for (claim, test) in TESTS {
        test().with_context(|| format!("test {} {claim} ... FAILED", model.name))?;
        tell(model, claim, "");
    }
    never_restarted(&board)?;
    drop(board);
    let claim = "the firmware finds a program of the host and calls it over TCP and UDP";
    called::by_firmware(model, caller).with_context(|| format!("test {} {claim} ... FAILED", model.name))?;
    tell(model, claim, "");
    Ok(())
}

/// Returns a folder for what the tests compile.
pub fn folder() -> PathBuf {
    workspace::target().join("ethernet-tests")
}
