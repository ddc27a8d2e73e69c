//! The parts of `cargo xtask test` and `cargo xtask ci`. To add a part, add it to [`TESTS`] or [`CHECKS`].

use anyhow::{Context, Result};

use crate::{
    big_endian, capi_tests, checks, drpc, firmware_tests, fleet, installed, licences, matrix, miri, packages,
    portability, python, rust_version, size, soak, sylixos, web, windows,
};

/// A part, which runs beside another one.
#[derive(Debug)]
pub struct Part {
    /// The name on the command line.
    pub name: &'static str,
    /// The folders that the part builds in.
    pub folders: &'static [Folder],
    /// Runs the part. With `true`, firmware is built with `core` from source.
    pub run: fn(bool) -> Result<()>,
}

/// A folder of build results that several parts use. Cargo locks it, so that two parts with one folder would wait for each
/// other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Folder {
    /// The folder for this machine.
    Host,
    /// The folder for firmware.
    Firmware,
    /// The folder for firmware whose `core` is always built from source.
    FirmwareFromSource,
    /// The folder of the profile `fuzz` for this machine.
    Fuzz,
    /// The folder of Debian's compiler for other systems and processors. They share the programs that run during a build.
    Foreign,
}

impl Part {
    /// Returns whether this part must wait for the other one. A part without a folder of these waits for none.
    pub fn collides_with(&self, other: &Self) -> bool {
        self.folders.iter().any(|folder| other.folders.contains(folder))
    }
}

/// What `cargo xtask ci` checks besides the tests. What is found soonest is first.
pub const CHECKS: &[Part] = &[
    Part { name: "formatting", folders: &[], run: |_| checks::formatting() },
    Part { name: "licences", folders: &[], run: |_| licences::check() },
    Part { name: "lints", folders: &[Folder::Host], run: |_| checks::lints() },
    Part { name: "firmware-lints", folders: &[Folder::Firmware], run: |_| checks::firmware_lints() },
    Part { name: "documentation", folders: &[Folder::Host], run: |_| checks::documentation() },
    Part { name: "sizes", folders: &[Folder::FirmwareFromSource], run: |_| size::run(false, false) },
    Part { name: "packages", folders: &[Folder::Host], run: |_| packages::check() },
    Part { name: "rust-version", folders: &[], run: |_| rust_version::check() },
];

/// The tests. Long ones, and those that build in a folder with others, are first, so that the last two parts end at about
/// the same time.
pub const TESTS: &[Part] = &[
    Part { name: "workspace", folders: &[Folder::Host], run: |_| checks::workspace() },
    Part { name: "portability", folders: &[Folder::Foreign], run: |_| portability::test() },
    Part { name: "firmware", folders: &[Folder::Firmware], run: firmware_tests::run },
    Part { name: "windows", folders: &[Folder::Foreign], run: |_| windows::test() },
    Part { name: "matrix", folders: &[Folder::Firmware], run: matrix::test },
    Part { name: "big-endian", folders: &[Folder::Foreign], run: |_| big_endian::test() },
    Part { name: "fuzz", folders: &[Folder::Fuzz], run: |_| checks::fuzz() },
    Part { name: "sylixos", folders: &[Folder::FirmwareFromSource], run: |_| sylixos::test() },
    Part { name: "python", folders: &[Folder::Firmware, Folder::Host], run: python::test },
    Part {
        name: "instrument",
        folders: &[Folder::Firmware, Folder::Host],
        run: firmware_tests::ethernet::instrument::run,
    },
    Part { name: "fleet", folders: &[Folder::Host, Folder::Firmware], run: fleet::test },
    Part { name: "drpc", folders: &[Folder::Host], run: |_| drpc::test() },
    Part { name: "web", folders: &[Folder::Host, Folder::Firmware], run: web::test },
    Part { name: "c", folders: &[Folder::Firmware], run: capi_tests::run },
    Part { name: "command", folders: &[Folder::Firmware], run: firmware_tests::command::run_all },
    Part { name: "soak", folders: &[Folder::Fuzz], run: |_| soak::test(SOAK_CALLS, &soak::Endurance::once(), false) },
    Part { name: "attack", folders: &[Folder::Fuzz], run: |_| soak::test_attack(ATTACKS) },
    Part { name: "install", folders: &[Folder::Host], run: |_| installed::test() },
    Part { name: "miri", folders: &[], run: |_| miri::test() },
];

/// The number of calls on bad lines. `cargo xtask soak` makes ten times as many.
const SOAK_CALLS: u64 = 100_000;

/// The number of attacks on keyed links. `cargo xtask attack` makes ten times as many.
const ATTACKS: u64 = 200_000;

/// The tests that boot firmware.
pub const OF_FIRMWARE: [&str; 8] = ["firmware", "matrix", "command", "python", "instrument", "fleet", "web", "c"];

/// Returns the part of this name.
pub fn named(name: &str) -> Result<&'static Part> {
    CHECKS.iter().chain(TESTS).find(|part| part.name == name).with_context(|| format!("there is no part {name}"))
}
