//! `cargo xtask soak` and `cargo xtask attack`.

use std::time::Duration;

use anyhow::{Context, Result};

use crate::{
    process::{LIMIT, run_for, step},
    workspace::cargo,
};

/// Makes `calls` calls on simulated bad lines. Prints the figures to standard output.
pub fn test(calls: u64, seed: u64, json: bool) -> Result<()> {
    step(&format!("soaking: {calls} calls on bad lines, seed {seed}"));
    let mut soak = cargo();
    // Optimised, and still with every check.
    soak.args(["run", "--quiet", "--profile", "fuzz", "--package", "oncilla-soak", "--"]);
    soak.args(["--calls", &calls.to_string(), "--seed", &seed.to_string()]);
    if json {
        soak.arg("--json");
    }
    // A call takes some microseconds; a millisecond is plenty.
    run_for(LIMIT + Duration::from_millis(calls), &mut soak)
        .context("some calls failed; repeat the run with the same --calls and --seed")
}

/// Checks that the attacker notices each defence that is switched off, and attacks.
pub fn test_attack(attacks: u64) -> Result<()> {
    step("attacking suites without one of their defences");
    run_for(LIMIT, cargo().args(["test", "--quiet", "--profile", "fuzz", "--package", "oncilla-attack"]))?;
    attack(attacks, 1, false)
}

/// Makes `attacks` attacks on keyed links on simulated lines. Prints the figures to standard output.
pub fn attack(attacks: u64, seed: u64, json: bool) -> Result<()> {
    step(&format!("attacking keyed links: {attacks} attacks, seed {seed}"));
    let mut attack = cargo();
    attack.args(["run", "--quiet", "--profile", "fuzz", "--package", "oncilla-attack", "--"]);
    attack.args(["--attacks", &attacks.to_string(), "--seed", &seed.to_string()]);
    if json {
        attack.arg("--json");
    }
    // An attack takes some 20 microseconds.
    run_for(LIMIT + Duration::from_millis(attacks), &mut attack)
        .context("an attack had an effect; repeat the run with the same --attacks and --seed")
}
