//! What a soak came to.

use core::ops::AddAssign;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::calls::{ECHOED, Kind, Outcome, RESTARTED, TIMED_OUT};
use crate::ends::Report;
use crate::faults::Counts;

/// Of one line, or of all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Calls that were made.
    pub calls: u64,
    /// Those that gave what they should, and one-way calls that were sent.
    pub right: u64,
    /// Those that gave an error, by its kind.
    pub errors: BTreeMap<String, u64>,
    /// Calls sent another time.
    pub retransmissions: u64,
    /// Executions.
    pub executed: u64,
    /// Calls that timed out and were executed all the same.
    pub executed_timed_out: u64,
    /// One-way calls that were never executed.
    pub pushes_lost: u64,
    /// Calls that were executed more often than once and should not have been. None should.
    pub executed_twice: u64,
    /// Wrong results, results of what was not executed, and executions of what nobody called. None should be.
    pub wrong: u64,
    /// Calls that took longer than their total time-out. None should.
    pub late: u64,
    /// Frames whose check value or length was wrong.
    pub refused: u64,
    /// Times that an end began anew.
    pub restarts: u64,
    /// What happened to what was sent.
    #[serde(flatten)]
    pub faults: Counts,
    /// Milliseconds of the line's clock.
    pub line_ms: u64,
}

impl Figures {
    /// What the two ends of a line have seen.
    pub fn of(a: &Report, b: &Report) -> Self {
        let mut figures = Self { line_ms: a.time.max(b.time) / 1_000, ..Self::default() };
        figures.add_calls(a, b);
        figures.add_calls(b, a);
        figures
    }

    /// Adds the calls of one end, and holds against them what the other executed.
    fn add_calls(&mut self, caller: &Report, server: &Report) {
        for ((kind, outcome), times) in caller.calls.iter().zip(&server.ledger.executed) {
            self.add_call(*kind, *outcome, u64::from(*times));
        }
        self.wrong += server.ledger.strange;
        self.retransmissions += caller.sent_again;
        self.late += caller.late;
        self.restarts += caller.restarts;
        self.refused += u64::from(caller.refused);
        self.faults += caller.faults;
    }

    fn add_call(&mut self, kind: Kind, outcome: Outcome, times: u64) {
        self.calls += 1;
        self.executed += times;
        self.executed_twice += u64::from(kind != Kind::Often && times > 1);
        match outcome {
            Outcome::Right if kind == Kind::Push => {
                self.right += 1;
                self.pushes_lost += u64::from(times == 0);
            }
            Outcome::Right if times > 0 => self.right += 1,
            Outcome::Right | Outcome::Wrong => self.wrong += 1,
            Outcome::Failed(error) => {
                *self.errors.entry(error.to_owned()).or_default() += 1;
                self.executed_timed_out += u64::from(error == TIMED_OUT && times > 0);
            }
        }
    }

    /// What must not be, in words.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let mut none = |count: u64, what: &str| {
            if count > 0 {
                problems.push(format!("{count} {what}"));
            }
        };
        none(self.executed_twice, "calls were executed more than once");
        none(self.wrong, "calls gave wrong results, or were executed and not made, or the other way round");
        none(self.late, "calls took longer than their total time-out");
        for (error, count) in &self.errors {
            let of_restarts = self.restarts > 0 && [RESTARTED, ECHOED].contains(&error.as_str());
            if error != TIMED_OUT && !of_restarts {
                none(*count, &format!("calls failed ({error}), for which a bad line is no reason"));
            }
        }
        problems
    }

    /// Whether a line that should lose a tenth, repeat a twentieth and damage a twentieth was too good to prove
    /// anything.
    pub fn was_good(&self) -> Option<String> {
        let Counts { frames, dropped, repeated, flipped, cut, .. } = self.faults;
        // Some less by chance, and more of few.
        let least = |share: u64| frames / share * 9 / 10;
        let good = dropped < least(10) || repeated < least(25) || flipped + cut < least(25);
        (frames > 20_000 && good).then(|| {
            format!("of {frames} frames only {dropped} were dropped, {repeated} repeated, {} damaged", flipped + cut)
        })
    }
}

impl AddAssign<&Self> for Figures {
    fn add_assign(&mut self, other: &Self) {
        self.calls += other.calls;
        self.right += other.right;
        for (error, count) in &other.errors {
            *self.errors.entry(error.clone()).or_default() += count;
        }
        self.retransmissions += other.retransmissions;
        self.executed += other.executed;
        self.executed_timed_out += other.executed_timed_out;
        self.pushes_lost += other.pushes_lost;
        self.executed_twice += other.executed_twice;
        self.wrong += other.wrong;
        self.late += other.late;
        self.restarts += other.restarts;
        self.refused += other.refused;
        self.faults += other.faults;
        self.line_ms += other.line_ms;
    }
}

#[cfg(test)]
mod tests {
    use super::Figures;
    use crate::calls::{Kind, Outcome, TIMED_OUT};
    use crate::ends::Report;
    use crate::faults::Counts;
    use crate::service::Ledger;

    /// Of one call that was executed so many times.
    fn figures(kind: Kind, outcome: Outcome, times: u8) -> Figures {
        let caller = Report { calls: vec![(kind, outcome)], ..Report::default() };
        let ledger = Ledger { executed: vec![times], strange: 0 };
        Figures::of(&caller, &Report { ledger, ..Report::default() })
    }

    #[test]
    fn what_may_be_is_no_problem() {
        use {Kind::*, Outcome::*};
        for (kind, outcome, times) in [
            (Once, Right, 1),
            (Often, Right, 1),
            (Often, Right, 3),
            (Push, Right, 0),
            (Push, Right, 1),
            (Once, Failed(TIMED_OUT), 0),
            (Once, Failed(TIMED_OUT), 1),
            (Often, Failed(TIMED_OUT), 2),
        ] {
            let figures = figures(kind, outcome, times);
            assert_eq!(figures.problems(), [""; 0], "{kind:?} {outcome:?} {times}");
            assert_eq!((figures.calls, figures.executed), (1, times.into()));
        }
    }

    #[test]
    fn what_must_not_be_is_a_problem() {
        use {Kind::*, Outcome::*};
        for (kind, outcome, times) in [
            (Once, Right, 0),
            (Once, Right, 2),
            (Often, Right, 0),
            (Push, Right, 2),
            (Once, Wrong, 1),
            (Often, Wrong, 1),
            (Once, Failed(TIMED_OUT), 2),
            (Once, Failed("refused"), 1),
        ] {
            assert_eq!(figures(kind, outcome, times).problems().len(), 1, "{kind:?} {outcome:?} {times}");
        }
        let late = Report { late: 1, ..Report::default() };
        assert_eq!(Figures::of(&late, &Report::default()).problems().len(), 1);
        let strange = Report { ledger: Ledger { executed: vec![], strange: 1 }, ..Report::default() };
        assert_eq!(Figures::of(&Report::default(), &strange).problems().len(), 1);
    }

    #[test]
    fn a_line_that_is_too_good_is_told() {
        let bad = Counts {
            frames: 100_000,
            dropped: 10_000,
            repeated: 4_500,
            flipped: 2_600,
            cut: 1_800,
            ..Counts::default()
        };
        let good = |faults| Figures { faults, ..Figures::default() }.was_good();
        assert_eq!(good(bad), None);
        for faults in
            [Counts { dropped: 8_900, ..bad }, Counts { repeated: 3_500, ..bad }, Counts { flipped: 1_600, ..bad }]
        {
            assert!(good(faults).is_some());
        }
    }
}
