//! All courses of a soak, several at a time.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

use serde::Serialize;

use crate::course::{Course, LINES, Line};
use crate::faults::Random;
use crate::figures::Figures;
use crate::state::State;

/// What came of a soak. The same number of calls and the same seed give the same.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Soak {
    pub seed: u64,
    /// By line.
    pub lines: BTreeMap<String, Figures>,
    /// Of all lines on which something gets lost.
    pub bad_lines: Figures,
    /// What should not be. A soak without any is good.
    pub problems: Vec<String>,
}

/// What is to be done.
#[derive(Clone, Copy)]
pub struct Plan<'p> {
    /// Calls on bad lines; some more are made over connections.
    pub calls: u64,
    pub seed: u64,
    /// Courses at a time.
    pub jobs: usize,
    /// Where a soak that was stopped continues.
    pub state: Option<&'p Path>,
}

/// How far a soak is, in calls of this run and of all runs.
pub struct Progress {
    pub now: u64,
    pub done: u64,
    pub total: u64,
}

/// Makes all calls, or those that are left.
///
/// # Errors
/// The state cannot be read or written.
pub fn run(plan: Plan<'_>, progress: impl Fn(Progress) + Sync) -> Result<Soak, String> {
    let Plan { calls, seed, jobs, state: file } = plan;
    let named = |error: String| format!("{}: {error}", file.unwrap_or(Path::new("")).display());
    let courses = courses(calls, seed);
    let state = State::read(calls, seed, file).map_err(named)?;
    let (next, before) = (AtomicUsize::new(state.courses()), state.calls());
    let state = Mutex::new(state);
    let total = courses.iter().map(Course::all_calls).sum();
    let work = || {
        loop {
            let number = next.fetch_add(1, Relaxed);
            let Some(course) = courses.get(number) else { return Ok(()) };
            let figures = course.run();
            let mut state = state.lock().unwrap();
            state.add(number, course.line.name, figures)?;
            let done = state.calls();
            progress(Progress { now: done - before, done, total });
        }
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().unwrap())
    })
    .and_then(|()| state.lock().unwrap().write())
    .map_err(|error: std::io::Error| named(error.to_string()))?;
    Ok(Soak::of(seed, state.into_inner().unwrap().into_lines()))
}

/// What is called on each line, in parts. All lines advance alike, so that a soak that is stopped has called on each.
fn courses(calls: u64, seed: u64) -> Vec<Course> {
    let mut random = Random::new(seed);
    let mut courses = Vec::new();
    for line in &LINES {
        let all = (calls * u64::from(line.share)).div_ceil(100);
        let mut left = all;
        while left > 0 {
            let course = Course::of(line, random.next(), left.min(line.course));
            // The middle of the course, as a part of all calls on the line.
            let place = (all - left + left.min(line.course) / 2) as f64 / all as f64;
            left = left.saturating_sub(course.all_calls());
            courses.push((place, course));
        }
    }
    courses.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    courses.into_iter().map(|(_, course)| course).collect()
}

impl Soak {
    fn of(seed: u64, lines: BTreeMap<String, Figures>) -> Self {
        let mut soak = Self { seed, lines, bad_lines: Figures::default(), problems: Vec::new() };
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
    use std::{env, fs, process};

    use super::{Plan, Soak, run};

    fn plan(calls: u64, seed: u64) -> Plan<'static> {
        Plan { calls, seed, jobs: 2, state: None }
    }

    fn small(calls: u64, seed: u64) -> Soak {
        run(plan(calls, seed), |_| {}).unwrap()
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
    #[test]
    fn a_soak_continues_where_it_was_stopped() {
        let file = env::temp_dir().join(format!("oncilla-soak-{}.json", process::id()));
        let stopped = |calls, jobs| run(Plan { calls, jobs, state: Some(&file), ..plan(0, 5) }, |_| {});
        let whole = stopped(4_000, 2).unwrap();
        // The same file with the last course undone.
        let mut state: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let courses = state["courses"].as_u64().unwrap();
        let lines = state["lines"].as_object_mut().unwrap();
        lines.remove("records read ahead, both call").unwrap();
        state["courses"] = (courses - 1).into();
        fs::write(&file, state.to_string()).unwrap();

        assert_eq!(stopped(4_000, 1).unwrap(), whole);
        assert_eq!(small(4_000, 5), whole);
        let other = stopped(2_000, 1).unwrap_err();
        assert!(other.contains("a soak of 4000 calls with seed 5"), "{other}");
        fs::remove_file(file).unwrap();
    }
}
