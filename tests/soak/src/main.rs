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
mod state;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use clap::Parser;

use soak::{Plan, Progress};

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
    /// Courses at a time; as many as there are processors unless said otherwise
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Keeps in this file how far the soak is: a soak that was stopped continues there, with the same seed and calls
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Prints JSON instead of a table
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let Arguments { calls, seed, jobs, state, json } = Arguments::parse();
    let processors = || thread::available_parallelism().map_or(1, usize::from);
    let plan = Plan { calls, seed, jobs: jobs.map_or_else(processors, usize::from), state: state.as_deref() };
    let (begun, told) = (Instant::now(), Mutex::new(Instant::now()));
    let soak = match soak::run(plan, |progress| tell(progress, begun, &told)) {
        Ok(soak) => soak,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
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

/// Tells now and then how far the soak is, and how long the rest takes.
fn tell(Progress { now, done, total }: Progress, begun: Instant, told: &Mutex<Instant>) {
    let mut told = told.lock().unwrap();
    if told.elapsed() >= Duration::from_secs(10) {
        *told = Instant::now();
        let speed = now as f64 / begun.elapsed().as_secs_f64();
        let left = total.saturating_sub(done) as f64 / speed;
        let percent = 100.0 * done as f64 / total as f64;
        eprintln!("    {done} of {total} calls ({percent:.1} %), {speed:.0}/s, {:.0} min left", left / 60.0);
    }
}
