//! The command `oncilla` with firmware: over a serial port, and over Ethernet.

use std::{path::PathBuf, process::Command, time::Duration};

use anyhow::{Context, Result, ensure};

use super::{LIMIT, ethernet::BOARD};
use crate::{
    boards::LM3S6965EVB,
    firmware::{Features, Firmware, Profile},
    process::{output_within, run, step},
    qemu::{self, Terminal},
    workspace,
};

/// The time limit of one command. Its own limits are shorter.
const COMMAND: Duration = Duration::from_secs(60);

/// The interface of the suite.
const SUITE_X: &str = "tests/suite/suite.x";

/// Builds the command.
pub fn build() -> Result<()> {
    run(workspace::cargo().args(["build", "--package", "oncilla-cli"]))
}

/// Returns the path of the command.
pub fn program() -> PathBuf {
    workspace::target().join("debug").join("oncilla")
}

/// Runs the command as a user without settings. Returns its output, without surrounding blanks.
fn oncilla(target: &str, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(program());
    command
        .env("HOME", "/dev/null")
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("XDG_STATE_HOME")
        .current_dir(workspace::root());
    output_within(COMMAND, command.args(["-t", target]).args(arguments))
}

/// Runs the command and compares its output.
fn prints(target: &str, arguments: &[&str], expected: &str) -> Result<()> {
    let printed = oncilla(target, arguments)?;
    ensure!(printed == expected, "`oncilla {}` printed {printed:?} and not {expected:?}", arguments.join(" "));
    Ok(())
}

/// A test of a firmware at a target.
type Test = fn(&str) -> Result<()>;

/// The firmware and the claim of each test.
const TESTS: [(&str, &str, Test); 3] = [
    ("sensor", "the command calls firmware that describes itself without a file", described),
    ("suite", "the command calls firmware with short headers by a .x file", suite),
    ("suite", "the command pings firmware, and names what it does not serve", ping),
];

/// Runs all tests over a serial port.
pub fn run_all(from_source: bool) -> Result<()> {
    build()?;
    let firmware = Firmware::of(&LM3S6965EVB, from_source)?;
    step("testing the command with firmware");
    for (name, claim, test) in TESTS {
        let files = firmware.build(Profile::Plain, Features::All, &[name])?;
        let file = files.first().context("the firmware was built")?;
        let mut boot = qemu::command(&LM3S6965EVB, file)?;
        boot.args(["-monitor", "none", "-serial", "null", "-serial", "pty"]);
        let terminal = Terminal::boot(&mut boot, LIMIT)?;
        test(&format!("serial:{}", terminal.path())).with_context(|| format!("test {claim} ... FAILED"))?;
        println!("test {claim} ... ok");
    }
    println!("{} passed, 0 failed", TESTS.len());
    Ok(())
}

fn described(target: &str) -> Result<()> {
    prints(target, &["call", "sensor.read", "0"], "STATUS_OK:\n  time: 2000\n  value: 21625")?;
    let history = r#"[{"time":1000,"value":21500},{"time":2000,"value":21625}]"#;
    prints(target, &["--json", "call", "sensor.history", "channel=0"], history)?;
    prints(target, &["call", "sensor.rename", "1", "cellar"], "false")?;
    let described = oncilla(target, &["describe"])?;
    ensure!(described.contains("SENSOR_HISTORY"), "`oncilla describe` printed {described:?}");
    Ok(())
}

fn suite(target: &str) -> Result<()> {
    let call = |words: &[&str], expected: &str| prints(target, &[&["-x", SUITE_X, "call"], words].concat(), expected);
    call(&["suite.subtract", "3", "5"], "-2")?;
    call(&["suite.echo", "00ff10"], "00ff10")?;
    call(&["suite.rename", "oven"], "")?;
    call(&["suite.name"], "oven")?;
    call(&["suite.add", "4294967295"], "4294967295")?;
    // One call adds once, although each command is a new client.
    call(&["suite.add", "2"], "1")
}

fn ping(target: &str) -> Result<()> {
    let printed = oncilla(target, &["--json", "ping", "--count", "3", "--interval", "1ms"])?;
    ensure!(printed.lines().count() >= 3, "`oncilla ping` printed {printed:?}");
    let absent = oncilla(target, &["-x", "examples/sensor/sensor.x", "call", "sensor.read", "0"]);
    let absent = format!("{:#}", absent.err().context("a program that is not there was called")?);
    ensure!(absent.contains("exit status: 1"), "`oncilla call` of a program that is not there: {absent}");
    Ok(())
}

/// Lists and calls firmware on Ethernet whose rpcbind knows its ports.
///
/// It runs in the network of the test.
pub fn over_ethernet() -> Result<()> {
    let listed = oncilla(&format!("rpc://{BOARD}"), &["--json", "list"])?;
    for program in [100_000, oncilla_suite::suite_1::PROGRAM, oncilla_suite::bulk_1::PROGRAM] {
        ensure!(listed.contains(&program.to_string()), "`oncilla list` printed {listed:?}");
    }
    for target in [format!("rpc://{BOARD}"), format!("rpc://{BOARD}?transport=udp"), format!("udp://{BOARD}:1111")] {
        prints(&target, &["-x", SUITE_X, "call", "suite.subtract", "3", "5"], "-2")?;
        let bytes = "5a".repeat(1024);
        prints(&target, &["-x", SUITE_X, "call", "bulk_echo", &bytes], &bytes)?;
    }
    Ok(())
}
