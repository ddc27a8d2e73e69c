//! Attacks keyed links on simulated lines, and prints the figures.

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use oncilla_attack::{campaign, table};

/// Attacks keyed links on simulated lines and checks that no attack has an effect.
///
/// The attacker records, replays, reflects, reorders, splices, flips, cuts, drops and delays messages, floods with
/// first messages, and holds an old key and the key of another peer. The exit code is 0 only if each end accepted only
/// what its peer had sent in the session, and only once, and if every call succeeded during which no message was
/// dropped or delayed.
#[derive(Parser)]
struct Arguments {
    /// The number of attacks at least
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1_000..=1_000_000_000))]
    attacks: u64,
    /// The seed of all random decisions: the same seed and number of attacks repeat a run
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Prints JSON instead of a table
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    let Arguments { attacks, seed, json } = Arguments::parse();
    let begun = Instant::now();
    let campaign = campaign::run(attacks, seed, |line, figures| {
        eprintln!("    {line}: {} attacks, {:.0} s", figures.attacks.all(), begun.elapsed().as_secs_f64());
    });
    if json {
        println!("{:#}", serde_json::json!(campaign));
    } else {
        print!("{}", table::render(&campaign));
    }
    eprintln!("    took {:.1} s", begun.elapsed().as_secs_f64());
    for problem in &campaign.problems {
        eprintln!("error: seed {seed}: {problem}");
    }
    if campaign.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
