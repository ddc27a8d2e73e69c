//! Fleets: the part of the tests, and `cargo xtask fleet`.

mod firmware;
mod guide;

use std::time::Duration;

use anyhow::{Context, Result};

use crate::{
    firmware_tests::command,
    process::{LIMIT, run_for, step},
    workspace::{self, cargo},
};

/// The time limit of the small measurement of the tests.
const SMALL: Duration = Duration::from_secs(300);

/// Options of a measurement.
pub struct Options {
    pub devices: u64,
    pub calls: u64,
    pub seconds: u64,
    pub json: bool,
}

/// Measures a fleet with optimised programs, and lets faults happen.
pub fn measure(options: &Options) -> Result<()> {
    step("building gateway and devices, optimised");
    run_for(LIMIT, cargo().args(["build", "--release", "--package", "oncilla-fleet-tests"]))?;
    let mut measurement = measurement("release");
    measurement.args(["--devices", &options.devices.to_string(), "--calls", &options.calls.to_string()]);
    measurement.args(["--seconds", &options.seconds.to_string()]);
    if options.json {
        measurement.arg("--json");
    }
    // A thousand calls a second on a slow machine, beside the faults.
    run_for(LIMIT + Duration::from_millis(options.calls), &mut measurement)
        .context("a figure or a fault is not as it should be")
}

fn measurement(profile: &str) -> std::process::Command {
    let folder = workspace::target().join(profile);
    let mut command = std::process::Command::new(folder.join("oncilla-fleet-tests"));
    command.current_dir(workspace::root());
    command
}

/// Runs the functional tests with a real broker, with firmware behind a gateway, and a small measurement.
pub fn test(from_source: bool) -> Result<()> {
    command::build()?;
    step("testing gateways and clients on a real broker");
    run_for(LIMIT, cargo().args(["test", "--package", "oncilla-fleet-tests"]).env("ONCILLA", command::program()))?;
    firmware::run(from_source)?;
    guide::run()?;
    step("a small fleet with faults");
    run_for(LIMIT, cargo().args(["build", "--package", "oncilla-fleet-tests"]))?;
    run_for(SMALL, measurement("debug").arg("--small")).context("a fault had an effect")
}
