//! On which lines calls are made, and by whom.

use core::time::Duration;

use oncilla::Retry;
use oncilla::framing::{Cobs, Datagram, Record, RecordAhead, Serial};

use crate::ends::{self, Report};
use crate::faults::Faults;
use crate::faults::line::{self, both};
use crate::figures::Figures;
use crate::framings::Soaked;
use crate::lives;
use crate::service::Cache;

/// A line, and who is at its ends.
pub struct Line {
    pub name: &'static str,
    pub timeout: Duration,
    pub retry: Retry,
    pub faults: Faults,
    /// Of a hundred calls on bad lines. What is called over connections, which lose nothing, comes on top.
    pub share: u32,
    /// Calls of one course at most, of all ends together.
    pub course: u64,
    like: line::Line,
    /// Ends that call.
    callers: u32,
    run: fn(&Course, line::Line) -> [Report; 2],
}

/// Four sendings in a tenth of a second, so that now and then all are lost and a call times out.
const QUICK: Line = Line {
    name: "",
    timeout: Duration::from_millis(100),
    retry: Retry::doubling(Duration::from_millis(10)),
    faults: Faults::BAD,
    share: 0,
    like: line::Line::QUICK,
    callers: 2,
    course: 5_000,
    run: peers::<Cobs>,
};

/// A call of 250 bytes takes 22 ms at 115 200 baud.
const SERIAL: Line = Line {
    timeout: Duration::from_millis(1_000),
    retry: Retry::doubling(Duration::from_millis(100)),
    like: line::Line::SERIAL,
    ..QUICK
};

/// There are 65 536 xids in the short form; in a soak of a million calls each comes again.
const SHORT: Line = Line { course: 150_000, ..QUICK };

/// Nothing is lost, and some of it comes after the time-out.
const CONNECTION: Line = Line { faults: Faults { delay: 20, late: 150_000, ..Faults::NONE }, ..QUICK };

/// All of them.
pub static LINES: [Line; 10] = [
    Line { name: "COBS, both call", share: 15, ..QUICK },
    Line { name: "COBS, client and server", share: 15, callers: 1, run: client_and_server::<Cobs>, ..QUICK },
    Line { name: "short headers, both call", share: 20, run: peers::<Serial>, ..SHORT },
    Line { name: "short headers, client and server", share: 15, callers: 1, run: client_and_server::<Serial>, ..SHORT },
    Line { name: "short headers, both restart", share: 5, callers: 1, run: with_lives, ..QUICK },
    Line { name: "short headers at 115 200 baud, both call", share: 10, run: peers::<Serial>, ..SERIAL },
    Line { name: "datagrams, both call", share: 10, run: peers::<Datagram>, ..QUICK },
    Line { name: "datagrams, client and server", share: 10, callers: 1, run: client_and_server::<Datagram>, ..QUICK },
    Line { name: "records, both call", share: 5, run: peers::<Record>, ..CONNECTION },
    Line { name: "records read ahead, both call", share: 5, run: peers::<RecordAhead>, ..CONNECTION },
];

impl Line {
    /// Whether things get lost on it.
    pub fn is_bad(&self) -> bool {
        self.faults.drop > 0
    }
}

/// Some of the calls on a line, with faults of their own. Its ends begin anew.
pub struct Course {
    pub line: &'static Line,
    pub seed: u64,
    /// Of each end that calls.
    pub calls: u32,
}

impl Course {
    /// One with at least so many calls, of all ends together.
    pub fn of(line: &'static Line, seed: u64, calls: u64) -> Self {
        // More than some thousand calls are never asked for.
        let calls = u32::try_from(calls).unwrap_or(u32::MAX).div_ceil(line.callers);
        Self { line, seed, calls }
    }

    /// The calls of all ends together.
    pub fn all_calls(&self) -> u64 {
        u64::from(self.calls) * u64::from(self.line.callers)
    }

    pub fn run(&self) -> Figures {
        let [a, b] = (self.line.run)(self, line::Line { seed: self.seed, ..self.line.like });
        Figures::of(&a, &b)
    }
}

/// Ends that both call.
fn peers<F: Soaked>(course: &Course, line: line::Line) -> [Report; 2] {
    let ([a, b], seed) = (line.ends::<F>(), 2 * course.seed);
    let run = |end, seed| ends::endpoint::<F>(end, seed, course, Cache::new());
    both(a, b, |end| run(end, seed), |end| run(end, seed + 1)).into()
}

fn client_and_server<F: Soaked>(course: &Course, line: line::Line) -> [Report; 2] {
    let ([a, b], seed) = (line.ends::<F>(), 2 * course.seed);
    let client = |end| ends::client::<F>(end, seed, course);
    both(a, b, client, |end| ends::server::<F>(end, seed + 1, course, Cache::new())).into()
}

/// A client and a server that restart.
fn with_lives(course: &Course, line: line::Line) -> [Report; 2] {
    let ([a, b], seed) = (line.ends::<Serial>(), 2 * course.seed);
    let client = |end| lives::client(end, seed, course);
    both(a, b, client, |end| lives::server(end, seed + 1, course)).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::RESTARTED;

    /// Ends that remember no replies.
    fn forgetful(course: &Course, line: line::Line) -> [Report; 2] {
        let [a, b] = line.ends::<Cobs>();
        both(a, b, |end| ends::endpoint(end, 1, course, ()), |end| ends::endpoint(end, 2, course, ())).into()
    }

    #[test]
    fn ends_that_remember_nothing_are_found_out() {
        static LINE: Line = Line { run: forgetful, ..QUICK };
        let figures = Course::of(&LINE, 1, 1_000).run();
        assert!(figures.executed_twice > 10, "{figures:?}");
        assert_eq!(figures.problems().len(), 1, "{figures:?}");
    }

    #[test]
    fn ends_that_can_speak_the_short_form() {
        static LINE: Line = SHORT;
        let course = Course::of(&LINE, 1, 100);
        let short = |[a, b]: [Report; 2]| [a.short, b.short];
        assert_eq!(short(peers::<Serial>(&course, LINE.like)), [true; 2]);
        assert_eq!(short(client_and_server::<Serial>(&course, LINE.like)), [true; 2]);
        assert_eq!(short(peers::<Cobs>(&course, LINE.like)), [false; 2]);
    }

    #[test]
    fn restarts_are_told_and_nothing_is_executed_twice() {
        static LINE: Line = Line { run: with_lives, callers: 1, ..QUICK };
        for seed in 0..20 {
            let figures = Course::of(&LINE, seed, 2_000).run();
            assert_eq!(figures.problems(), [""; 0], "{figures:?}");
            assert!(figures.restarts > 50 && figures.errors[RESTARTED] > 10, "{figures:?}");
        }
    }

    #[test]
    fn every_call_is_made_somewhere() {
        assert_eq!(LINES.iter().filter(|line| line.is_bad()).map(|line| line.share).sum::<u32>(), 100);
    }
}
