//! Tests of the firmware in QEMU, from the host's side of its serial link.

mod as_client;
mod bridge;
mod calls;
pub mod command;
mod damage;
mod described;
pub mod ethernet;
mod faults;
pub mod freertos;
mod hostcalls;
pub mod keyed;
mod line;
mod protobuf;
mod soak;
mod template;

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, anyhow, ensure};

use crate::{
    boards::{FREERTOS, LM3S6965EVB, Model},
    firmware::{Features, Firmware, Profile},
    process::step,
    qemu::Board,
};

/// The time limit of a case, with booting.
const LIMIT: Duration = Duration::from_secs(180);

/// A test: a claim, the firmware, and the check.
struct Case {
    claim: &'static str,
    program: &'static str,
    /// Returns details to print after a success.
    check: fn(&Board) -> Result<String>,
}

/// All tests. The longest of each board are last.
const BOARDS: [(&Model, &[&[&Case]]); 2] = [
    (
        &LM3S6965EVB,
        &[
            calls::CASES,
            faults::CASES,
            damage::CASES,
            as_client::CASES,
            described::CASES,
            protobuf::CASES,
            hostcalls::CASES,
            bridge::CASES,
            keyed::CASES,
            soak::CASES,
        ],
    ),
    (&FREERTOS, &[freertos::CASES]),
];

/// The details of each test that passed.
type Told = Vec<(&'static str, String)>;

/// Runs each case on its own board.
pub fn run(from_source: bool) -> Result<()> {
    let mut failed = 0;
    let mut told = Told::new();
    for (board, cases) in BOARDS {
        failed += run_on(board, &cases.concat(), from_source, &mut told)?;
    }
    command::build()?;
    let wired = ethernet::run(from_source)?;
    println!("\n{}", faults::table(&told)?);
    let template = template::run_all(from_source)?;
    println!("{} passed, {failed} failed", told.len() + wired + template);
    ensure!(failed == 0, "{failed} of {} firmware tests failed; the reasons are above", told.len() + failed);
    Ok(())
}

/// Builds each firmware once, without panics also when overflows are checked, and runs the cases. Returns the number of
/// failures.
fn run_on(model: &'static Model, cases: &[&Case], from_source: bool, told: &mut Told) -> Result<usize> {
    let firmware = Firmware::of(model, from_source)?;
    let mut programs: Vec<_> = cases.iter().map(|case| case.program).collect();
    programs.sort_unstable();
    programs.dedup();
    firmware.build(Profile::Checked, Features::All, &programs)?;
    let files = firmware.build(Profile::Plain, Features::All, &programs)?;
    let mut failed = 0;
    step(&format!("testing the firmware of {}", model.name));
    for case in cases {
        let file = programs.iter().zip(&files).find(|(program, _)| **program == case.program);
        let (_, file) = file.context("every case's firmware was built above")?;
        match case.run(model, file) {
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
    Ok(failed)
}

impl Case {
    fn run(&self, model: &Model, file: &Path) -> Result<String> {
        let board = Board::boot(model, file, LIMIT)?;
        (self.check)(&board).map_err(|error| anyhow!("{error:#}; the board's log is {:?}", board.log()))
    }
}
