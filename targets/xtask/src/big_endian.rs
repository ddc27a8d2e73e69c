//! The core's tests on a 32-bit big-endian machine, and the portable suite between it and this one.

use std::process::Command;

use anyhow::Result;

use crate::{
    foreign::{self, Machine},
    install::{self, DEBIAN_CARGO, DEBIAN_RUSTC, DEBIAN_SOURCE, Tool},
    process::{run, step},
    test_programs::{self, TestProgram},
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

/// Builds everything once, with `std` from source, and runs the tests in QEMU's user mode. Then runs the portable suite
/// with this machine as the peer.
pub fn test() -> Result<()> {
    step(&format!("testing on {TARGET}, which is big-endian"));
    install::tools(&TOOLS)?;
    let programs = build()?;
    // All run, also when one fails.
    let tested: Vec<_> = programs.iter().map(run_tests).collect();
    suite().and(tested.into_iter().collect())
}

/// Builds the tests, and the programs of the suite. `std` is the largest part of it.
fn build() -> Result<Vec<TestProgram>> {
    let mut cargo = toolchain::debian_cargo("build");
    cargo
        .env("CARGO_TARGET_POWERPC_UNKNOWN_LINUX_GNU_LINKER", "powerpc-linux-gnu-gcc")
        // The results are not debugged, and not built again after small changes.
        .envs([("CARGO_PROFILE_DEV_DEBUG", "false"), ("CARGO_INCREMENTAL", "0")])
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .args(["--target", TARGET, "-Zbuild-std=std,panic_unwind,test", "--target-dir"])
        .arg(workspace::foreign())
        .args(["--package=oncilla", "--all-features"])
        .args(TESTS.map(|test| format!("--test={test}")))
        .args(foreign::BUILD);
    test_programs::build(&mut cargo)
}

fn run_tests(TestProgram { name, file }: &TestProgram) -> Result<()> {
    step(&format!("running the tests in {name}"));
    // An emulated processor is about twenty times slower, so it runs fewer random cases.
    run(emulator().arg(file).env("PROPTEST_CASES", "8").current_dir(workspace::root()))
}

/// Runs the portable suite between this machine and the big-endian one.
fn suite() -> Result<()> {
    let examples = workspace::foreign().join(TARGET).join("debug/examples");
    Machine { name: "a big-endian one", runner: &emulator, examples, suffix: "" }.test()
}

/// Returns a command that runs a program of the big-endian machine, the next argument.
fn emulator() -> Command {
    let [program, arguments @ ..] = RUNNER;
    let mut emulator = Command::new(program);
    emulator.args(arguments);
    emulator
}
