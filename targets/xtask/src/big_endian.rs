//! The core's tests on a big-endian machine of 32 bits.

use anyhow::Result;

use crate::{
    install::{self, DEBIAN_CARGO, DEBIAN_RUSTC, DEBIAN_SOURCE, Tool},
    process::{run, step},
    toolchain, workspace,
};

const TARGET: &str = "powerpc-unknown-linux-gnu";

/// What it takes beside Debian's compiler: no other has the sources to build `std` from.
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

/// The tests that need nothing but the core: those of sockets and of other programs say nothing about the order
/// of bytes that these do not.
const TESTS: [&str; 7] = ["answer", "client", "framing", "interface", "oneway", "vectors", "xdr"];

/// Builds the tests with `std` from source and runs them in QEMU's user mode.
pub fn test() -> Result<()> {
    step(&format!("testing on {TARGET}, which is big-endian"));
    install::tools(&TOOLS)?;
    let mut cargo = toolchain::debian_cargo("test");
    cargo
        .env("CARGO_TARGET_POWERPC_UNKNOWN_LINUX_GNU_LINKER", "powerpc-linux-gnu-gcc")
        .env("CARGO_TARGET_POWERPC_UNKNOWN_LINUX_GNU_RUNNER", "qemu-ppc -L /usr/powerpc-linux-gnu")
        // An emulated processor is some twenty times slower; chance has more tries on the real one.
        .env("PROPTEST_CASES", "8")
        .args(["--package", "oncilla", "--all-features", "--no-fail-fast"])
        .args(["--target", TARGET, "-Zbuild-std=std,panic_unwind,test", "--target-dir"])
        .arg(workspace::target().join("big-endian"));
    for test in TESTS {
        cargo.args(["--test", test]);
    }
    run(&mut cargo)
}
