//! Very many calls in both directions on a bad UART, with resets of the firmware during calls.

mod caller;
mod figures;
mod host;

use anyhow::{Result, ensure};

use super::Case;
use crate::qemu::Board;
use figures::Figures;
use host::Host;

pub const CASES: &[&Case] =
    &[&Case { claim: "calls both ways on a bad UART, with resets amid calls", program: "soak", check: soak }];

/// The number of rounds, each with one reset during its calls.
const ROUNDS: u32 = 4;

/// The number of the host's calls in a round.
const CALLS: u32 = 600;

const SEED: u64 = 1;

fn soak(board: &Board) -> Result<String> {
    let mut host = Host::new(board, SEED)?;
    let mut figures = Figures::default();
    for _ in 0..ROUNDS {
        host.round(board, CALLS, &mut figures)?;
    }
    figures.add_own(&host.own()?, host.ran());
    figures.check(ROUNDS)?;
    let faults = host.faults();
    ensure!(faults.iter().all(|counts| counts.dropped > counts.frames / 20), "too little went wrong: {faults:?}");
    let [sent, received] = faults;
    Ok(format!("{figures}\n    of what was sent, {}\n    of what was received, {}", told(sent), told(received)))
}

/// Returns a text about the faults in one direction.
fn told(counts: oncilla_test_support::faults::Counts) -> String {
    let oncilla_test_support::faults::Counts { frames, dropped, repeated, flipped, cut, garbage, reordered, delayed } =
        counts;
    format!(
        "{frames} frames: {dropped} dropped, {repeated} repeated, {flipped} with bits flipped, {cut} cut, \
         {reordered} overtaken, {delayed} delayed, garbage before {garbage}"
    )
}
