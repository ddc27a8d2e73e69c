//! Runs targets for a number of executions each, on several threads, with a file in which a stopped run continues.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use serde::{Deserialize, Serialize};

use crate::Target;
use crate::mutate::{Random, mutated};
use crate::run::{run, seeds};

/// Executions of one piece of work. The same seed gives the same inputs in each piece, in whatever order they run.
const PIECE: u64 = 1024;

/// The time between two reports, and two writes of the file.
const PERIOD: Duration = Duration::from_secs(10);

/// What is to be done.
pub struct Plan {
    /// Executions of each target; rounded up to whole pieces.
    pub executions: u64,
    pub seed: u64,
    pub jobs: usize,
    /// Where a run that was stopped continues.
    pub state: Option<PathBuf>,
}

/// How far the run is, as it is in the file.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Written {
    seed: u64,
    /// Executions of each target.
    done: BTreeMap<String, u64>,
}

/// How far one target is.
#[derive(Default)]
struct Course {
    /// The first piece that no thread has taken.
    next: u64,
    /// The pieces that are done, from the first on.
    done: u64,
    /// Later pieces that are done.
    ahead: BTreeSet<u64>,
    spent: Duration,
}

impl Course {
    fn finish(&mut self, piece: u64, spent: Duration) {
        self.ahead.insert(piece);
        while self.ahead.remove(&self.done) {
            self.done += 1;
        }
        self.spent += spent;
    }
}

struct Shared<'t> {
    courses: Vec<(&'t Target, Course)>,
    begun: Instant,
    /// Executions of earlier runs.
    before: u64,
    reported: Instant,
    failed: bool,
}

/// Runs all targets, or what is left of them. Prints the executions of each.
///
/// # Errors
/// An input fails, or the file cannot be used.
pub fn fuzz(targets: &[&Target], plan: &Plan) -> Result<(), String> {
    let named = |error: String| format!("{}: {error}", plan.state.as_deref().unwrap_or(Path::new("")).display());
    let pieces = plan.executions.div_ceil(PIECE);
    let written = read(plan).map_err(named)?;
    let mut shared =
        Shared { courses: Vec::new(), begun: Instant::now(), before: 0, reported: Instant::now(), failed: false };
    for target in targets {
        let done = written.done.get(target.name).unwrap_or(&0) / PIECE;
        shared.courses.push((target, Course { next: done, done, ..Course::default() }));
    }
    shared.before = shared.executions();
    let all_seeds: Vec<_> = targets.iter().map(|target| seeds(target)).collect();
    let shared = Mutex::new(shared);
    let work = || {
        loop {
            let Some((number, piece)) = shared.lock().unwrap().take(pieces) else { return Ok(()) };
            let begun = Instant::now();
            let done = run_piece(targets[number], &all_seeds[number], plan.seed, piece);
            let mut shared = shared.lock().unwrap();
            if let Err(error) = done {
                shared.failed = true;
                return Err(error);
            }
            shared.courses[number].1.finish(piece, begun.elapsed());
            if shared.reported.elapsed() >= PERIOD {
                shared.report(pieces);
                write(plan, &shared).map_err(|error| named(error.to_string()))?;
            }
        }
    };
    let outcome = thread::scope(|scope| {
        let threads: Vec<_> = (0..plan.jobs).map(|_| scope.spawn(work)).collect();
        // All of them are waited for.
        threads.into_iter().map(|thread| thread.join().unwrap()).fold(Ok(()), Result::and)
    });
    let shared = shared.into_inner().unwrap();
    write(plan, &shared).map_err(|error| named(error.to_string()))?;
    for (target, course) in &shared.courses {
        println!("{}: {} executions, seed {}", target.name, course.done * PIECE, plan.seed);
    }
    println!("all targets: {} executions, seed {}", shared.executions(), plan.seed);
    outcome
}

fn run_piece(target: &Target, seeds: &[Vec<u8>], seed: u64, piece: u64) -> Result<(), String> {
    let mut random = Random(Random(seed).number() ^ Random(piece).number());
    (0..PIECE).try_for_each(|_| run(target, &mutated(seeds, &mut random)))
}

impl Shared<'_> {
    /// Returns a piece of the target that has had the least time in this run.
    fn take(&mut self, pieces: u64) -> Option<(usize, u64)> {
        let left = self.courses.iter_mut().enumerate().filter(|(_, (_, course))| course.next < pieces);
        let (number, (_, course)) = left.min_by_key(|(_, (_, course))| course.spent).filter(|_| !self.failed)?;
        course.next += 1;
        // Other threads take other targets first.
        course.spent += Duration::from_micros(1);
        Some((number, course.next - 1))
    }

    fn executions(&self) -> u64 {
        self.courses.iter().map(|(_, course)| course.done * PIECE).sum()
    }

    fn report(&mut self, pieces: u64) {
        self.reported = Instant::now();
        let (done, all) = (self.executions(), pieces * PIECE * self.courses.len() as u64);
        let speed = (done - self.before) as f64 / self.begun.elapsed().as_secs_f64();
        let percent = 100.0 * done as f64 / all as f64;
        let left = (all - done) as f64 / speed / 60.0;
        eprintln!("    {done} of {all} executions ({percent:.1} %), {speed:.0}/s, {left:.0} min left");
    }
}

fn read(plan: &Plan) -> Result<Written, String> {
    let read = match plan.state.as_ref().map(fs::read) {
        Some(Ok(text)) => serde_json::from_slice(&text).map_err(|error| error.to_string())?,
        Some(Err(error)) if error.kind() != io::ErrorKind::NotFound => return Err(error.to_string()),
        _ => Written { seed: plan.seed, ..Written::default() },
    };
    if read.seed == plan.seed {
        Ok(read)
    } else {
        Err(format!("the file is of seed {}; use that, or name another file", read.seed))
    }
}

/// Writes how far all targets are. Targets that this run leaves out keep what they had.
fn write(plan: &Plan, shared: &Shared<'_>) -> io::Result<()> {
    let Some(file) = &plan.state else { return Ok(()) };
    let mut written = read(plan).map_err(io::Error::other)?;
    for (target, course) in &shared.courses {
        written.done.insert(target.name.to_owned(), course.done * PIECE);
    }
    // A stop while it is written must not cost what was there.
    let new = file.with_extension("new");
    fs::write(&new, serde_json::to_vec_pretty(&written)?)?;
    fs::rename(new, file)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    use std::{env, process};

    use super::*;

    static RUNS: AtomicU64 = AtomicU64::new(0);
    static SUM: AtomicU64 = AtomicU64::new(0);

    fn counts(input: &[u8]) {
        RUNS.fetch_add(1, Relaxed);
        SUM.fetch_add(input.iter().map(|&byte| u64::from(byte)).sum(), Relaxed);
    }

    fn fails(input: &[u8]) {
        assert!(input.len() < 3, "too long");
    }

    fn some() -> Vec<Vec<u8>> {
        vec![vec![1, 2], vec![3]]
    }

    #[test]
    fn a_run_continues_where_it_was_stopped_and_repeats_nothing() {
        let target = Target { name: "counted_test", body: counts, seeds: some };
        let state = env::temp_dir().join(format!("oncilla-fuzz-{}.json", process::id()));
        let run = |executions, jobs, state: Option<&PathBuf>| {
            let (runs, sum) = (RUNS.load(Relaxed), SUM.load(Relaxed));
            fuzz(&[&target], &Plan { executions, seed: 3, jobs, state: state.cloned() }).unwrap();
            (RUNS.load(Relaxed) - runs, SUM.load(Relaxed) - sum)
        };
        let whole = run(8 * PIECE, 2, None);
        assert_eq!(whole.0, 8 * PIECE);
        let (first, rest) = (run(3 * PIECE, 2, Some(&state)), run(8 * PIECE, 1, Some(&state)));
        assert_eq!((first.0, rest.0), (3 * PIECE, 5 * PIECE));
        assert_eq!(first.1 + rest.1, whole.1, "the inputs are those of one run");
        let other = fuzz(&[&target], &Plan { executions: 1, seed: 4, jobs: 1, state: Some(state.clone()) });
        assert!(other.unwrap_err().contains("the file is of seed 3"));
        fs::remove_file(state).unwrap();
    }

    #[test]
    fn a_failing_input_ends_the_run_and_is_kept() {
        let target = Target { name: "counted_test_fails", body: fails, seeds: some };
        let error = fuzz(&[&target], &Plan { executions: 1 << 20, seed: 1, jobs: 2, state: None }).unwrap_err();
        assert!(error.contains("counted_test_fails fails on these"), "{error}");
        fs::remove_dir_all(Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts/counted_test_fails")).unwrap();
    }
}
