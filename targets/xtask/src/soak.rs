//! `cargo xtask soak`, `cargo xtask fuzz` and `cargo xtask attack`.

use std::{
    path::{self, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};

use crate::{
    process::{LIMIT, run, run_for, step},
    workspace::{self, cargo},
};

/// The programs that are optimised and still have every check. They are built together: alone, each would need its
/// dependencies with other features, and so once more.
const PROGRAMS: [&str; 3] = ["oncilla-fuzz", "oncilla-soak", "oncilla-attack"];

/// Builds the programs, and returns the command that runs one.
pub fn optimised(program: &str) -> Result<Command> {
    let mut build = cargo();
    build.args(["build", "--quiet", "--profile", "fuzz"]);
    run(build.args(PROGRAMS.iter().flat_map(|name| ["--package", name, "--bin", name])))?;
    let mut command = Command::new(workspace::target().join("fuzz").join(program));
    command.current_dir(workspace::root());
    Ok(command)
}

/// How a long run is spread and continued.
#[derive(clap::Args, Default)]
pub struct Endurance {
    /// The seed of all random decisions: the same seed and number repeat a run
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The number of threads; as many as there are processors unless stated
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// A file with the progress, by which a run that was stopped continues
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
}

impl Endurance {
    /// The options of the parts of the tests.
    pub fn once() -> Self {
        Self { seed: 1, ..Self::default() }
    }

    fn options(&self, command: &mut Command) -> Result<()> {
        command.args(["--seed", &self.seed.to_string()]);
        if let Some(jobs) = self.jobs {
            command.args(["--jobs", &jobs.to_string()]);
        }
        if let Some(state) = &self.state {
            // The programs run in the folder of the workspace.
            command.arg("--state").arg(path::absolute(state)?);
        }
        Ok(())
    }
}

/// Makes `calls` calls on simulated bad lines. Prints the figures to standard output.
pub fn test(calls: u64, endurance: &Endurance, json: bool) -> Result<()> {
    step(&format!("soaking: {calls} calls on bad lines, seed {}", endurance.seed));
    let mut soak = optimised("oncilla-soak")?;
    soak.args(["--calls", &calls.to_string()]);
    endurance.options(&mut soak)?;
    if json {
        soak.arg("--json");
    }
    // A call takes some microseconds; a millisecond is plenty.
    run_for(LIMIT + Duration::from_millis(calls), &mut soak)
        .context("some calls failed; repeat the run with the same --calls and --seed")
}

/// Runs each fuzz target, or those that are named, `executions` times on changed seeds.
pub fn fuzz(executions: u64, endurance: &Endurance, only: &[String]) -> Result<()> {
    step(&format!("fuzzing: {executions} executions of each target, seed {}", endurance.seed));
    let mut fuzz = optimised("oncilla-fuzz")?;
    fuzz.args(["count", &executions.to_string()]);
    endurance.options(&mut fuzz)?;
    if !only.is_empty() {
        fuzz.args(["--only", &only.join(",")]);
    }
    // An execution of the slowest target takes some milliseconds.
    run_for(LIMIT + Duration::from_millis(executions.saturating_mul(100)), &mut fuzz).context(
        "the message above names the input; `cargo run --profile fuzz -p oncilla-fuzz -- replay FILE` repeats it",
    )
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
    let mut attack = optimised("oncilla-attack")?;
    attack.args(["--attacks", &attacks.to_string(), "--seed", &seed.to_string()]);
    if json {
        attack.arg("--json");
    }
    // An attack takes some 20 microseconds.
    run_for(LIMIT + Duration::from_millis(attacks), &mut attack)
        .context("an attack had an effect; repeat the run with the same --attacks and --seed")
}
