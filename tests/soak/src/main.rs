//! Very many calls on bad lines, both ways: each gives the right result or a time-out in time, and none is executed
//! twice.
//!
//! Both ends run in this process, on lines with a clock of their own: an hour of the line's time takes some seconds,
//! and the same seed gives the same course.

#[path = "../../support/faults.rs"]
mod faults;
#[path = "../../support/frames.rs"]
#[allow(dead_code)] // Only the sizes of buffers are needed here.
mod frames;

mod calls;
mod course;
mod ends;
mod figures;
mod framings;
mod lives;
mod service;
mod soak;
mod table;

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;

use soak::Progress;

/// Makes very many calls on simulated bad lines and looks whether all went well.
///
/// A tenth of all frames is dropped, a twentieth repeated and a twentieth damaged; some are late or overtaken, and
/// garbage comes in between. It exits with 0 only when every call gave the right result or timed out in time, and none
/// was executed twice.
#[derive(Parser)]
struct Arguments {
    /// Calls on bad lines; a tenth as many are made over connections, which lose nothing
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(100..=1_000_000_000))]
    calls: u64,
    /// Decides about everything: the same seed and number of calls give the same course
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Prints JSON instead of a table
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let Arguments { calls, seed, json } = Arguments::parse();
    let begun = Instant::now();
    let soak = soak::run(calls, seed, |progress| tell(progress, begun));
    if json {
        println!("{:#}", serde_json::json!(soak));
    } else {
        print!("{}", table::render(&soak));
    }
    eprintln!("    took {:.1} s", begun.elapsed().as_secs_f64());
    for problem in &soak.problems {
        eprintln!("error: seed {seed}: {problem}");
    }
    if soak.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Tells of every tenth.
fn tell(Progress { before, done, total }: Progress, begun: Instant) {
    if 10 * before / total < 10 * done / total {
        eprintln!("    {done} of {total} calls, {:.0} s", begun.elapsed().as_secs_f64());
    }
}
