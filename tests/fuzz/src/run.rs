//! Runs targets on changed seeds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use crate::Target;
use crate::corpus;
use crate::counted::{self, Plan};
use crate::mutate::{Random, mutated};

const USAGE: &str = "\
usage: [SECONDS [SEED]]   run on changed seeds, for 3 seconds each unless said otherwise
       count EXECUTIONS [--seed SEED] [--jobs THREADS] [--state FILE] [--only TARGET,...]
                          run each target so often; a run that was stopped continues by its FILE
       unpack             write the seeds to tests/fuzz/corpus, where cargo fuzz begins
       pack TARGET...     make the files that cargo fuzz has left there the corpora of these targets
       replay FILE...     run on these inputs";

/// What is done with the command line.
pub fn main(targets: &[&Target]) -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match &words[..] {
        ["unpack"] => targets.iter().try_for_each(|target| corpus::unpack(target)).map_err(|error| error.to_string()),
        ["pack", names @ ..] if !names.is_empty() => named(targets, names).and_then(|targets| {
            targets.iter().try_for_each(|target| corpus::pack(target)).map_err(|error| error.to_string())
        }),
        ["replay", files @ ..] => replay(targets, files),
        ["count", executions, options @ ..] => count(targets, executions, options),
        numbers => match numbers.iter().map(|number| number.parse::<u64>()).collect::<Result<Vec<_>, _>>().as_deref() {
            Ok([]) => fuzz(targets, 3, 1),
            Ok([seconds]) => fuzz(targets, *seconds, 1),
            Ok([seconds, seed]) => fuzz(targets, *seconds, *seed),
            _ => Err(USAGE.into()),
        },
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// Runs each target, or those that are named, for a number of executions.
fn count(targets: &[&Target], executions: &str, options: &[&str]) -> Result<(), String> {
    let number = |text: &str| text.parse::<u64>().map_err(|_| format!("{text:?} is no number\n{USAGE}"));
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let mut plan = Plan { executions: number(executions)?, seed: 1, jobs: processors, state: None };
    let mut targets = targets.to_vec();
    for option in options.chunks(2) {
        match option {
            ["--seed", seed] => plan.seed = number(seed)?,
            ["--jobs", jobs] => plan.jobs = usize::try_from(number(jobs)?).unwrap_or(1).max(1),
            ["--state", file] => plan.state = Some(file.into()),
            ["--only", names] => targets = named(&targets, &names.split(',').collect::<Vec<_>>())?,
            _ => return Err(USAGE.into()),
        }
    }
    counted::fuzz(&targets, &plan)
}

/// Returns the targets with these names.
fn named<'t>(targets: &[&'t Target], names: &[&str]) -> Result<Vec<&'t Target>, String> {
    let find = |name: &&str| {
        let found = targets.iter().find(|target| target.name == *name);
        found.copied().ok_or_else(|| format!("no target is called {name}"))
    };
    names.iter().map(find).collect()
}

/// Returns the inputs to begin with: what is right, and what coverage has found.
pub(crate) fn seeds(target: &Target) -> Vec<Vec<u8>> {
    let mut seeds = (target.seeds)();
    seeds.extend(corpus::inputs(target));
    seeds
}

fn fuzz(targets: &[&Target], seconds: u64, seed: u64) -> Result<(), String> {
    for target in targets {
        let (seeds, mut random) = (seeds(target), Random(seed));
        let (start, mut inputs) = (Instant::now(), 0u64);
        while start.elapsed() < Duration::from_secs(seconds) {
            // The clock is slow beside a target.
            for _ in 0..64 {
                run(target, &mutated(&seeds, &mut random))?;
            }
            inputs += 64;
        }
        println!("{}: {inputs} inputs in {seconds} s, seed {seed}", target.name);
    }
    Ok(())
}

/// Runs one input; when it fails, keeps it where `replay` and `cargo fuzz` find it.
pub(crate) fn run(target: &Target, input: &[u8]) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(|| (target.body)(input))).map_err(|_| {
        let folder = corpus::folder("artifacts").join(target.name);
        let file = folder.join("stable");
        let kept = fs::create_dir_all(&folder).and_then(|()| fs::write(&file, input));
        let place = kept.map_or_else(|error| error.to_string(), |()| file.display().to_string());
        format!("{} fails on these {} bytes ({place}): {input:02x?}", target.name, input.len())
    })
}

fn replay(targets: &[&Target], files: &[&str]) -> Result<(), String> {
    for file in files {
        let input = fs::read(file).map_err(|error| format!("{file}: {error}"))?;
        // Of several targets, those whose name is in the path.
        for target in targets.iter().filter(|target| targets.len() == 1 || file.contains(target.name)) {
            run(target, &input)?;
            println!("{}: {file} passes", target.name);
        }
    }
    Ok(())
}
