//! Tests of the firmware in QEMU, from this side of its serial link.

mod as_client;
mod bridge;
mod calls;
mod damage;
mod described;
pub mod ethernet;
mod faults;
mod hostcalls;
mod line;
mod soak;

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, anyhow, ensure};

use crate::{
    boards::LM3S6965EVB,
    firmware::{Features, Firmware, Profile},
    process::step,
    qemu::Board,
};

/// For one case, boot and all.
const LIMIT: Duration = Duration::from_secs(180);

/// A test: what must hold, the firmware it is run against, and the calls.
struct Case {
    claim: &'static str,
    program: &'static str,
    /// Returns what is worth telling of a success.
    check: fn(&Board) -> Result<String>,
}

/// Every test, the longest last.
const CASES: [&[&Case]; 8] = [
    calls::CASES,
    faults::CASES,
    damage::CASES,
    as_client::CASES,
    described::CASES,
    hostcalls::CASES,
    bridge::CASES,
    soak::CASES,
];

/// Builds each firmware once, without a panic even where overflows are checked, and runs every case on a board of its
/// own.
pub fn run(from_source: bool) -> Result<()> {
    let firmware = Firmware::of(&LM3S6965EVB, from_source)?;
    let cases = CASES.concat();
    let mut programs: Vec<_> = cases.iter().map(|case| case.program).collect();
    programs.sort_unstable();
    programs.dedup();
    firmware.build(Profile::Checked, Features::All, &programs)?;
    let files = firmware.build(Profile::Plain, Features::All, &programs)?;
    let mut failed = 0;
    let mut told = Vec::new();
    step("testing the firmware");
    for case in &cases {
        let file = programs.iter().zip(&files).find(|(program, _)| **program == case.program);
        let (_, file) = file.context("every case's firmware was built above")?;
        match case.run(file) {
            Ok(what) => {
                println!("test {} ... ok{}{what}", case.claim, if what.is_empty() { "" } else { ": " });
                told.push((case.claim, what));
            }
            Err(error) => {
                println!("test {} ... FAILED: {error:#}", case.claim);
                failed += 1;
            }
        }
    }
    let wired = ethernet::run(from_source)?;
    println!("\n{}", faults::table(&told)?);
    println!("{} passed, {failed} failed", told.len() + wired);
    ensure!(failed == 0, "{failed} of {} firmware tests failed; each says above why", cases.len());
    Ok(())
}

impl Case {
    fn run(&self, file: &Path) -> Result<String> {
        let board = Board::boot(&LM3S6965EVB, file, LIMIT)?;
        (self.check)(&board).map_err(|error| anyhow!("{error:#}; the board's log is {:?}", board.log()))
    }
}
