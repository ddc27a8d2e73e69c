//! Measures a fleet of simulated devices behind two gateways and a mosquitto, with faults.

mod serve;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::{Parser, Subcommand};
use oncilla_fleet_tests::{
    measure::{self, Plan},
    process::many_files,
};

/// Measures a fleet of simulated devices behind two gateways and a mosquitto, with faults.
///
/// The gateways are processes of this program: each runs what `oncilla gateway` runs. The exit code is 0 only if all
/// figures with a goal reach it. If a call was lost or executed twice, the logs and journals of the gateways are kept;
/// with ONCILLA_FLEET_STEPS=1 in the environment the logs have each step of a queued call.
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
    /// The number of devices
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(10..=10_000))]
    devices: u64,
    /// The number of calls, casts and queued calls while faults happen
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1_000..=10_000_000))]
    calls: u64,
    /// The seconds of each measurement of calls a second
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Takes half a minute: 20 devices, 2 000 calls, faults that follow each other soon, no goals for speed
    #[arg(long, conflicts_with_all = ["devices", "calls", "seconds"])]
    small: bool,
    /// Measures calls a second only
    #[arg(long, conflicts_with_all = ["small", "calls"])]
    speed: bool,
    /// Measures memory only
    #[arg(long, conflicts_with_all = ["small", "calls", "seconds", "speed"])]
    memory: bool,
    /// The number of threads that call
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    callers: u64,
    /// The seed of which device is called and reset when
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Prints JSON instead of a table
    #[arg(long)]
    json: bool,
}

/// What the measurement starts as processes of their own.
#[derive(Subcommand)]
enum Part {
    /// Runs a gateway until SIGTERM arrives
    #[command(hide = true)]
    Gateway { file: PathBuf },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.part {
        Some(Part::Gateway { file }) => serve::run(file).map(|()| true),
        None => measure(&arguments),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Returns whether all is as it should be.
fn measure(arguments: &Arguments) -> anyhow::Result<bool> {
    let &Arguments { devices, calls, seconds, small, speed, memory, callers, seed, json, .. } = arguments;
    let (devices, callers) = (usize::try_from(devices)?, usize::try_from(callers)?);
    many_files()?;
    let plan = if small {
        let (time, faults, stall) = (Duration::from_secs(1), Duration::from_secs(24), Duration::from_secs(4));
        Plan { devices: 20, calls: 2_000, time, faults, stall, callers: 8, is_judged: false, seed }
    } else {
        let (time, faults, stall) = (Duration::from_secs(seconds), Duration::from_secs(90), Duration::from_secs(10));
        Plan { devices, calls, time, faults, stall, callers, is_judged: true, seed }
    };
    let report = match (speed, memory) {
        (true, _) => measure::speed(&plan)?,
        (_, true) => measure::memory(&plan)?,
        _ => measure::run(&plan)?,
    };
    if json {
        println!("{:#}", serde_json::json!(report));
    } else {
        print!("{}", report.table());
    }
    for problem in &report.problems {
        eprintln!("error: seed {seed}: {problem}");
    }
    Ok(report.is_good())
}
