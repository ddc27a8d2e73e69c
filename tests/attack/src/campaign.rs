//! All courses, as many at a time as there are processors.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use serde::Serialize;

use crate::course::{CALLS, Course, LINES};
use crate::figures::Figures;
use oncilla_test_support::faults::Random;

/// The figures of all attacks. The same number of attacks and the same seed have the same figures.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Campaign {
    pub seed: u64,
    pub lines: BTreeMap<&'static str, Figures>,
    pub all: Figures,
    /// The effects that an attack had. There should be none.
    pub problems: Vec<String>,
}

/// Attacks each line until there were at least so many attacks in all.
pub fn run(attacks: u64, seed: u64, progress: impl Fn(&str, &Figures) + Sync) -> Campaign {
    // Recorded once, so that it does not matter which course runs first.
    let foreign: Vec<_> =
        LINES.iter().map(|line| Course { line, seed, calls: 60, foreign: Vec::new() }.run().1).collect();
    let (next, done) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    let work = || {
        while let Some(line) = LINES.get(next.fetch_add(1, Relaxed)) {
            let figures = attack(line, attacks, seed, &foreign);
            progress(line.name, &figures);
            done.lock().unwrap().insert(line.name, figures);
        }
    };
    let processors = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| (0..processors).for_each(|_| drop(scope.spawn(work))));
    Campaign::of(seed, done.into_inner().unwrap())
}

/// Attacks one line in courses, until it has its share.
fn attack(line: &'static crate::course::Line, attacks: u64, seed: u64, foreign: &[Vec<Vec<u8>>]) -> Figures {
    let (mut figures, mut random) = (Figures::default(), Random::new(seed));
    let others = || {
        let others = LINES.iter().zip(foreign).filter(|(other, _)| other.name != line.name);
        others.flat_map(|(_, messages)| messages.iter().cloned()).collect()
    };
    while figures.attacks.all() < (attacks * line.share).div_ceil(1_000) {
        let (part, _) = Course { line, seed: random.next(), calls: CALLS, foreign: others() }.run();
        figures += &part;
    }
    figures
}

impl Campaign {
    /// Adds up the figures of all lines.
    pub fn of(seed: u64, lines: BTreeMap<&'static str, Figures>) -> Self {
        let (mut all, mut problems) = (Figures::default(), Vec::new());
        for (name, figures) in &lines {
            all += figures;
            problems.extend(figures.problems().iter().map(|problem| format!("{name}: {problem}")));
        }
        Self { seed, lines, all, problems }
    }
}
