//! Compiles the crates of hosts for the operating systems that they cannot be run on here.

use std::time::Instant;

use anyhow::Result;
use serde::Serialize;

use super::{compile, is_missing};
use crate::{columns, process::step, toolchain::debian_cargo};

/// The crates that a program on a host may depend on, with all their features, and the command.
const CRATES: [&str; 4] = ["oncilla", "oncilla_host", "oncilla_rpcgen", "bin:oncilla"];
const CHECK: [&str; 7] = [
    "--package=oncilla",
    "--package=oncilla-cli",
    "--package=oncilla-host",
    "--package=oncilla-rpcgen",
    "--all-features",
    "--keep-going",
    "-Zbuild-std=std,panic_abort",
];

/// The compiler's names of the targets, the systems, and whether `cargo xtask test` runs programs on them.
const SYSTEMS: [(&str, &str, bool); 4] = [
    ("x86_64-unknown-linux-gnu", "Linux", true),
    ("x86_64-pc-windows-gnu", "Windows, by Wine", true),
    ("aarch64-apple-darwin", "macOS", false),
    ("x86_64-unknown-freebsd", "FreeBSD", false),
];

/// A system of hosts, and what is known of it.
#[derive(Debug, Serialize)]
pub struct Host {
    target: &'static str,
    system: &'static str,
    /// The tests run on it.
    run: bool,
    /// The crates that do not compile, if they are only compiled.
    missing: Vec<&'static str>,
}

/// Compiles for every system that is not run. The compiler prints the errors.
pub fn rows() -> Result<Vec<Host>> {
    let targets: Vec<_> = SYSTEMS.iter().filter(|(.., run)| !run).map(|(target, ..)| *target).collect();
    step(&format!("compiling the crates of hosts for {}", targets.join(", ")));
    let start = Instant::now();
    // ring is partly C, and there is no C compiler for these systems here. Checking the Rust code needs no object files.
    let no_c = targets.iter().flat_map(|target| ["CC", "AR"].map(|tool| (format!("{tool}_{target}"), "true")));
    let compiled = compile(debian_cargo("check").args(CHECK).envs(no_c), &targets, &CRATES)?;
    step(&format!("compiled in {} s", start.elapsed().as_secs()));
    let row = |(target, system, run)| {
        let missing = if run {
            Vec::new()
        } else {
            CRATES.into_iter().filter(|part| is_missing(&compiled, target, part)).collect()
        };
        Host { target, system, run, missing }
    };
    Ok(SYSTEMS.into_iter().map(row).collect())
}

/// Returns the systems that do not compile.
pub fn failed(rows: &[Host]) -> impl Iterator<Item = &'static str> {
    rows.iter().filter(|row| !row.missing.is_empty()).map(|row| row.target)
}

/// Returns all rows as a table.
pub fn table(rows: &[Host]) -> String {
    let mut lines = vec![["target", "system", "library, host crate, .x compiler and command"].map(str::to_owned)];
    lines.extend(rows.iter().map(|Host { target, system, run, missing }| {
        let result = match missing.as_slice() {
            [] if *run => "run by `cargo xtask test`".to_owned(),
            [] => "compiled".to_owned(),
            missing => format!("FAILED: {}", missing.join(", ")),
        };
        [(*target).to_owned(), (*system).to_owned(), result]
    }));
    columns::align(&lines)
}
