//! All courses of a soak, as many at a time as there are processors.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use serde::Serialize;

use crate::course::{Course, LINES, Line};
use crate::faults::Random;
use crate::figures::Figures;

/// What came of a soak. The same number of calls and the same seed give the same.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Soak {
    pub seed: u64,
    /// By line.
    pub lines: BTreeMap<&'static str, Figures>,
    /// Of all lines on which something gets lost.
    pub bad_lines: Figures,
    /// What should not be. A soak without any is good.
    pub problems: Vec<String>,
}

/// How far a soak is after another course, in calls.
pub struct Progress {
    pub before: u64,
    pub done: u64,
    pub total: u64,
}

/// Makes so many calls on bad lines, and some more over connections.
pub fn run(calls: u64, seed: u64, progress: impl Fn(Progress) + Sync) -> Soak {
    let courses = courses(calls, seed);
    let (next, done) = (AtomicUsize::new(0), Mutex::new((0, Vec::new())));
    let total = courses.iter().map(Course::all_calls).sum();
    let work = || {
        while let Some(course) = courses.get(next.fetch_add(1, Relaxed)) {
            let figures = course.run();
            let mut done = done.lock().unwrap();
            let before = done.0;
            done.0 += figures.calls;
            progress(Progress { before, done: done.0, total });
            done.1.push((course.line.name, figures));
        }
    };
    let processors = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| (0..processors).for_each(|_| drop(scope.spawn(work))));
    let (_, done) = done.into_inner().unwrap();
    Soak::of(seed, &done)
}

/// What is called on each line, in parts.
fn courses(calls: u64, seed: u64) -> Vec<Course> {
    let mut random = Random::new(seed);
    let mut courses = Vec::new();
    for line in &LINES {
        let mut left = (calls * u64::from(line.share)).div_ceil(100);
        while left > 0 {
            let course = Course::of(line, random.next(), left.min(line.course));
            left = left.saturating_sub(course.all_calls());
            courses.push(course);
        }
    }
    courses
}

impl Soak {
    fn of(seed: u64, done: &[(&'static str, Figures)]) -> Self {
        let mut soak = Self { seed, lines: BTreeMap::new(), bad_lines: Figures::default(), problems: Vec::new() };
        for (name, figures) in done {
            *soak.lines.entry(*name).or_default() += figures;
        }
        for line in &LINES {
            soak.look_at(line);
        }
        soak
    }

    fn look_at(&mut self, line: &Line) {
        let Some(figures) = self.lines.get(line.name) else { return };
        let mut problems = figures.problems();
        if line.is_bad() {
            self.bad_lines += figures;
            problems.extend(figures.was_good());
        }
        self.problems.extend(problems.iter().map(|problem| format!("{}: {problem}", line.name)));
    }
}

#[cfg(test)]
mod tests {
    use super::{Soak, run};

    fn small(calls: u64, seed: u64) -> Soak {
        run(calls, seed, |_| {})
    }

    #[test]
    fn a_small_one_is_good() {
        let soak = small(4_000, 7);
        assert_eq!(soak.problems, [""; 0]);
        assert!(soak.lines.values().all(|figures| figures.calls >= 200), "{soak:?}");
        let bad = soak.bad_lines;
        assert!((4_000..4_010).contains(&bad.calls), "{bad:?}");
        assert_eq!(bad.right + bad.errors.values().sum::<u64>(), bad.calls, "{bad:?}");
        assert!(bad.retransmissions > 1_000 && bad.refused > 400 && bad.pushes_lost > 10, "{bad:?}");
    }

    #[test]
    fn the_same_seed_gives_the_same_course() {
        assert_eq!(small(2_000, 3), small(2_000, 3));
        assert_ne!(small(2_000, 3).bad_lines, small(2_000, 4).bad_lines);
    }
}
