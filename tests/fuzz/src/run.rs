//! Runs targets on changed seeds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, fs, io, thread};

use crate::Target;
use crate::counted::{self, Plan};
use crate::mutate::{Random, mutated};

const USAGE: &str = "\
usage: [SECONDS [SEED]]   run on changed seeds, for 3 seconds each unless said otherwise
       count EXECUTIONS [--seed SEED] [--jobs THREADS] [--state FILE] [--only TARGET,...]
                          run each target so often; a run that was stopped continues by its FILE
       corpus             write the seeds to tests/fuzz/corpus, where cargo fuzz begins
       replay FILE...     run on these inputs";

/// What is done with the command line.
pub fn main(targets: &[&Target]) -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match &words[..] {
        ["corpus"] => targets.iter().try_for_each(|target| write_corpus(target)).map_err(|error| error.to_string()),
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
            ["--only", names] => {
                let names: Vec<_> = names.split(',').collect();
                if let Some(name) = names.iter().find(|name| targets.iter().all(|target| target.name != **name)) {
                    return Err(format!("no target is called {name}"));
                }
                targets.retain(|target| names.contains(&target.name));
            }
            _ => return Err(USAGE.into()),
        }
    }
    counted::fuzz(&targets, &plan)
}

/// Returns the inputs to begin with.
pub(crate) fn seeds(target: &Target) -> Vec<Vec<u8>> {
    (target.seeds)()
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
        let folder = folder("artifacts", target);
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

fn write_corpus(target: &Target) -> io::Result<()> {
    let folder = folder("corpus", target);
    fs::create_dir_all(&folder)?;
    for (number, seed) in (target.seeds)().into_iter().enumerate() {
        fs::write(folder.join(format!("vector-{number:04}")), seed)?;
    }
    println!("{}", folder.display());
    Ok(())
}

fn folder(kind: &str, target: &Target) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(kind).join(target.name)
}
