//! Figures of the package: calls a second, and memory during very many calls.

use std::{path::PathBuf, process::Command, time::Duration};

use anyhow::Result;

use super::{
    environment::{Environment, folder, package},
    wheel,
};
use crate::{
    foreign::Served,
    process::{run, run_for},
    workspace::{self, cargo},
};

/// The time limit of a figure.
const LIMIT: Duration = Duration::from_secs(3600);

/// Measures calls a second, beside a Rust client and a client in plain Python.
pub fn bench() -> Result<()> {
    let (environment, mut server) = prepare(&["--package", "oncilla-cli", "--bin", "oncilla"])?;
    let mut python = environment.command("python");
    python.arg(package().join("figures/calls.py")).arg(format!("tcp://{}", server.address()?));
    run_for(LIMIT, python.arg(built("oncilla")).arg(interface()))
}

/// Makes this many calls, and fails if the memory grows.
pub fn soak(calls: u64) -> Result<()> {
    let (environment, mut server) = prepare(&[])?;
    let mut python = environment.command("python");
    python.arg(package().join("figures/soak.py")).arg(format!("tcp://{}", server.address()?));
    run_for(LIMIT, python.arg(interface()).arg(calls.to_string()))
}

/// Builds the wheel, the server and other programs, optimised, and starts the server.
fn prepare(programs: &[&str]) -> Result<(Environment, Served)> {
    let environment = Environment::of_tests()?;
    environment.install(&wheel::wheel()?)?;
    let mut build = cargo();
    build.args(["build", "--release", "--package", "oncilla-suite", "--example", "suite_server"]);
    run(build.args(programs).env("CARGO_TARGET_DIR", folder().join("build")))?;
    Ok((environment, Served::start(&mut Command::new(built("examples/suite_server")))?))
}

fn built(program: &str) -> PathBuf {
    folder().join("build/release").join(program)
}

fn interface() -> PathBuf {
    workspace::root().join("tests/suite/suite.x")
}
