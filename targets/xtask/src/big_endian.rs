//! The core's tests on a 32-bit big-endian machine, and the portable suite between it and this one.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use crate::{
    foreign::{self, Machine},
    install::{self, DEBIAN_CARGO, DEBIAN_RUSTC, DEBIAN_SOURCE, Tool},
    process::{run, step},
    toolchain, workspace,
};

const TARGET: &str = "powerpc-unknown-linux-gnu";

/// The tools it needs besides Debian's compiler. Only that one has the sources to build `std`.
pub const TOOLS: [&Tool; 6] = [
    &DEBIAN_RUSTC,
    &DEBIAN_CARGO,
    &DEBIAN_SOURCE,
    &Tool { file: "qemu-ppc", package: "qemu-user", purpose: "runs big-endian programs" },
    &Tool { file: "powerpc-linux-gnu-gcc", package: "gcc-powerpc-linux-gnu", purpose: "links big-endian programs" },
    &Tool {
        file: "/usr/powerpc-linux-gnu/include/stdio.h",
        package: "libc6-dev-powerpc-cross",
        purpose: "is what they are linked with",
    },
];

/// Tests that need only the core. Tests of sockets and of other programs do not depend on the order of bytes.
const TESTS: [&str; 8] = ["answer", "client", "framing", "interface", "key_suites", "oneway", "vectors", "xdr"];

/// The emulator, with the path of the system's libraries.
const RUNNER: [&str; 3] = ["qemu-ppc", "-L", "/usr/powerpc-linux-gnu"];

/// Builds the tests with `std` from source and runs them in QEMU's user mode. Then runs the portable suite with this
/// machine as the peer.
pub fn test() -> Result<()> {
    step(&format!("testing on {TARGET}, which is big-endian"));
    install::tools(&TOOLS)?;
    let mut tests = cargo("test");
    tests
        // An emulated processor is about twenty times slower, so it runs fewer random cases.
        .env("PROPTEST_CASES", "8")
        .args(["--package", "oncilla", "--all-features", "--no-fail-fast"]);
    for test in TESTS {
        tests.args(["--test", test]);
    }
    // Both run, also when one fails.
    let tested = run(&mut tests);
    suite().and(tested)
}

/// Runs the portable suite between this machine and the big-endian one.
fn suite() -> Result<()> {
    run(cargo("build").args(foreign::BUILD))?;
    let examples = target_dir().join(TARGET).join("debug/examples");
    Machine { name: "a big-endian one", runner: &emulator, examples, suffix: "" }.test()
}

/// Returns a cargo command for the big-endian machine.
fn cargo(subcommand: &str) -> Command {
    let mut cargo = toolchain::debian_cargo(subcommand);
    cargo
        .env("CARGO_TARGET_POWERPC_UNKNOWN_LINUX_GNU_LINKER", "powerpc-linux-gnu-gcc")
        .env("CARGO_TARGET_POWERPC_UNKNOWN_LINUX_GNU_RUNNER", RUNNER.join(" "))
        .args(["--target", TARGET, "-Zbuild-std=std,panic_unwind,test", "--target-dir"])
        .arg(target_dir());
    cargo
}

fn target_dir() -> PathBuf {
    workspace::target().join("big-endian")
}

/// Returns a command that runs a program of the big-endian machine, the next argument.
fn emulator() -> Command {
    let [program, arguments @ ..] = RUNNER;
    let mut emulator = Command::new(program);
    emulator.args(arguments);
    emulator
}
