//! The parts of `cargo xtask test` and `cargo xtask ci`. To add a part, add it to [`TESTS`] or [`CHECKS`].

use anyhow::{Context, Result};

use crate::{
    big_endian, capi_tests, checks, firmware_tests, installed, licences, matrix, miri, packages, portability, python,
    rust_version, size, soak, sylixos, windows,
};

/// A part, which runs beside another one.
#[derive(Debug)]
pub struct Part {
    /// The name on the command line.
    pub name: &'static str,
    /// The folder that the part builds in.
    pub folder: Folder,
    /// Runs the part. With `true`, firmware is built with `core` from source.
    pub run: fn(bool) -> Result<()>,
}

/// A folder of build results. Cargo locks it, so that two parts with one folder would wait for each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Folder {
    /// The folder for this machine.
    Host,
    /// The folder for firmware.
    Firmware,
    /// The folder for firmware whose `core` is always built from source.
    FirmwareFromSource,
    /// One that no other part uses, or none.
    Own,
}

impl Folder {
    /// Returns whether a part with this folder must wait for one with the other.
    pub fn is_shared_with(self, other: Self) -> bool {
        self == other && self != Self::Own
    }
}

/// What `cargo xtask ci` checks besides the tests. What is found soonest is first.
pub const CHECKS: &[Part] = &[
    Part { name: "formatting", folder: Folder::Own, run: |_| checks::formatting() },
    Part { name: "licences", folder: Folder::Own, run: |_| licences::check() },
    Part { name: "lints", folder: Folder::Host, run: |_| checks::lints() },
    Part { name: "firmware-lints", folder: Folder::Firmware, run: |_| checks::firmware_lints() },
    Part { name: "documentation", folder: Folder::Host, run: |_| checks::documentation() },
    Part { name: "sizes", folder: Folder::FirmwareFromSource, run: |_| size::run(false, false) },
    Part { name: "packages", folder: Folder::Own, run: |_| packages::check() },
    Part { name: "rust-version", folder: Folder::Own, run: |_| rust_version::check() },
];

/// The tests. The longest are first, so that the last two parts end at about the same time.
pub const TESTS: &[Part] = &[
    Part { name: "workspace", folder: Folder::Host, run: |_| checks::workspace() },
    Part { name: "firmware", folder: Folder::Firmware, run: firmware_tests::run },
    Part { name: "matrix", folder: Folder::Firmware, run: matrix::test },
    Part { name: "portability", folder: Folder::Own, run: |_| portability::test() },
    Part { name: "fuzz", folder: Folder::Own, run: |_| checks::fuzz() },
    Part { name: "windows", folder: Folder::Own, run: |_| windows::test() },
    Part { name: "big-endian", folder: Folder::Own, run: |_| big_endian::test() },
    Part { name: "sylixos", folder: Folder::FirmwareFromSource, run: |_| sylixos::test() },
    Part { name: "command", folder: Folder::Firmware, run: firmware_tests::command::run_all },
    Part { name: "python", folder: Folder::Firmware, run: python::test },
    Part { name: "instrument", folder: Folder::Firmware, run: firmware_tests::ethernet::instrument::run },
    Part { name: "c", folder: Folder::Firmware, run: capi_tests::run },
    Part { name: "soak", folder: Folder::Own, run: |_| soak::test(SOAK_CALLS, 1, false) },
    Part { name: "attack", folder: Folder::Own, run: |_| soak::test_attack(ATTACKS) },
    Part { name: "install", folder: Folder::Host, run: |_| installed::test() },
    Part { name: "miri", folder: Folder::Own, run: |_| miri::test() },
];

/// The number of calls on bad lines. `cargo xtask soak` makes ten times as many.
const SOAK_CALLS: u64 = 100_000;

/// The number of attacks on keyed links. `cargo xtask attack` makes ten times as many.
const ATTACKS: u64 = 200_000;

/// The tests that boot firmware.
pub const OF_FIRMWARE: [&str; 6] = ["firmware", "matrix", "command", "python", "instrument", "c"];

/// Returns the part of this name.
pub fn named(name: &str) -> Result<&'static Part> {
    CHECKS.iter().chain(TESTS).find(|part| part.name == name).with_context(|| format!("there is no part {name}"))
}
