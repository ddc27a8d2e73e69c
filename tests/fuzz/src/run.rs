//! Runs targets for some seconds each on changed seeds.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use std::{env, fs, io};

use crate::Target;
use crate::mutate::{Random, mutated};

const USAGE: &str = "\
usage: [SECONDS [SEED]]   run on changed seeds, for 3 seconds each unless said otherwise
       corpus             write the seeds to tests/fuzz/corpus, where cargo fuzz begins
       replay FILE...     run on these inputs";

/// What is done with the command line.
pub fn main(targets: &[&Target]) -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match &words[..] {
        ["corpus"] => targets.iter().try_for_each(|target| write_corpus(target)).map_err(|error| error.to_string()),
        ["replay", files @ ..] => replay(targets, files),
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

fn fuzz(targets: &[&Target], seconds: u64, seed: u64) -> Result<(), String> {
    for target in targets {
        let (seeds, mut random) = ((target.seeds)(), Random(seed));
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
fn run(target: &Target, input: &[u8]) -> Result<(), String> {
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
