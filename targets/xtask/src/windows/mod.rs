//! Tests on Windows: programs built here by MinGW and run by Wine.

mod command;
mod compiler;
mod ctrl_c;
mod host_tests;
mod python;
mod serial;
mod wine;

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use crate::{
    foreign::{self, Machine},
    install::{self, DEBIAN_CARGO, DEBIAN_RUSTC, DEBIAN_SOURCE, Tool},
    process::step,
    test_programs::{self, TestProgram},
    toolchain, workspace,
};
use wine::Wine;

const TARGET: &str = "x86_64-pc-windows-gnu";

/// The tools it needs.
pub const TOOLS: [&Tool; 6] = [
    &DEBIAN_RUSTC,
    &DEBIAN_CARGO,
    &DEBIAN_SOURCE,
    &Tool { file: "x86_64-w64-mingw32-gcc", package: "gcc-mingw-w64-x86-64", purpose: "links programs for Windows" },
    &Tool { file: "wine", package: "wine", purpose: "runs programs for Windows" },
    &Tool { file: "/usr/lib/wine/wine64", package: "wine64", purpose: "runs programs for Windows of 64 bits" },
];

/// Builds everything once, then runs tests on Windows, and calls between Windows and this machine.
pub fn test() -> Result<()> {
    step(&format!("testing on {TARGET}, with Wine"));
    install::tools(&TOOLS)?;
    let tests = build()?;
    let wine = Wine::start(results().join("wine"))?;
    let runner = || wine.command();
    let windows = Machine { name: "Windows", runner: &runner, examples: folder().join("examples"), suffix: ".exe" };
    // All run, also when one fails.
    let parts = [
        compiler::test(&wine),
        command::test(&wine),
        host_tests::run(&wine, &tests),
        windows.test(),
        serial::test(&wine, &windows),
        ctrl_c::test(&windows),
        python::test(&wine),
    ];
    parts.into_iter().collect()
}

/// Builds all programs with one cargo. Returns those of the tests.
fn build() -> Result<Vec<TestProgram>> {
    let mut build = toolchain::debian_cargo("build");
    linking(&mut build).args(["--target", TARGET, BUILD_STD, "--target-dir"]).arg(workspace::foreign());
    build.args(foreign::BUILD).args(ctrl_c::BUILD).args(compiler::BUILD).args(command::BUILD).args(host_tests::BUILD);
    test_programs::build(&mut build)
}

/// The parts of the standard library that are built, for all programs, so that they are built once.
const BUILD_STD: &str = "-Zbuild-std=std,panic_unwind,test";

/// Sets the variables of a build for Windows.
fn linking(command: &mut Command) -> &mut Command {
    command
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", "x86_64-w64-mingw32-gcc")
        // The results are not debugged, and not built again after small changes.
        .envs([("CARGO_PROFILE_DEV_DEBUG", "false"), ("CARGO_INCREMENTAL", "0")])
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
}

/// Returns the folder of the programs.
fn folder() -> PathBuf {
    workspace::foreign().join(TARGET).join("debug")
}

/// Returns the folder for what the tests write.
fn results() -> PathBuf {
    workspace::target().join("windows")
}
