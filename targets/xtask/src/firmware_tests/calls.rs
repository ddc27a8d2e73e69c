//! Valid and invalid calls on an undisturbed line.

use anyhow::{Result, bail, ensure};
use oncilla_thermostat::thermostat;

use super::{Case, line::client};
use crate::{qemu::Board, tour};

pub const CASES: &[&Case] = &[
    &Case { claim: "every outcome of a call is what it should be", program: "thermostat", check: every_outcome },
    &Case { claim: "a picture of every length arrives whole", program: "thermostat", check: every_length },
];

fn every_outcome(board: &Board) -> Result<String> {
    let mut calls = 0;
    let mut wrong = Vec::new();
    tour::run(&mut client(board)?, |row| {
        calls += 1;
        if row.came != row.expected {
            wrong.push(format!("{}: {} {} and not {}", row.call, row.came, row.meaning, row.expected));
        }
    });
    if !wrong.is_empty() {
        bail!("{}", wrong.join("; "));
    }
    Ok(format!("{calls} calls"))
}

fn every_length(board: &Board) -> Result<String> {
    let mut client = client(board)?;
    let mut thermostat = thermostat::Client::new(&mut client);
    for length in 0..=64 {
        // Zeros and other bytes, because the framing treats them differently.
        for picture in [vec![0; length], vec![0xFF; length], (0..length).map(|i| i as u8 % 5).collect()] {
            let came = thermostat.show(&picture)?;
            ensure!(came == oncilla::framing::crc32(&picture), "of {picture:?} came {came:#010x}");
        }
    }
    Ok(String::new())
}
