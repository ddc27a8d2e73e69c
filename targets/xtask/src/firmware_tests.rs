//! Tests of the firmware in QEMU, from this side of its serial link.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::{
    firmware::{self, Features, Profile},
    process::step,
    qemu::Board,
    toolchain::Toolchain,
};

/// For one case, boot and all.
const LIMIT: Duration = Duration::from_secs(60);

/// A test: what must hold, the firmware it is run against, and the calls.
struct Case {
    claim: &'static str,
    program: &'static str,
    check: fn(&mut Board) -> Result<()>,
}

const CASES: &[Case] = &[];

/// Builds each firmware once and runs every case on a board of its own.
pub fn run(toolchain: Toolchain) -> Result<()> {
    let mut programs: Vec<_> = CASES.iter().map(|case| case.program).collect();
    programs.sort_unstable();
    programs.dedup();
    let files = firmware::build(toolchain, Profile::Plain, Features::All, &programs)?;
    let mut failed = 0;
    for case in CASES {
        let file = programs.iter().zip(&files).find(|(program, _)| **program == case.program);
        let (_, file) = file.context("every case's firmware was built above")?;
        let mut board = Board::boot(file, LIMIT)?;
        match (case.check)(&mut board) {
            Ok(()) => eprintln!("    ok      {}", case.claim),
            Err(error) => {
                failed += 1;
                eprintln!("    FAILED  {}: {error:#}\n            board's log: {:?}", case.claim, board.log());
            }
        }
    }
    ensure!(failed == 0, "{failed} of {} firmware tests failed", CASES.len());
    step(&format!("{} firmware tests passed", CASES.len()));
    Ok(())
}
