//! The figures of the attacks.

use core::ops::AddAssign;
use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use crate::attacker::{Attacker, Counts, Shown};
use crate::calls::{CLOSED, LINK, Outcome, RESTARTED, Sort, TIMED_OUT};
use crate::ends::Report;

/// Of one line, or of all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Attacks of each kind.
    pub attacks: Counts,
    /// Calls that the good peers made.
    pub calls: u64,
    /// Those that succeeded.
    pub right: u64,
    /// Those that returned an error, by its kind.
    pub errors: BTreeMap<&'static str, u64>,
    /// Calls during which nobody dropped or delayed a message: all of them succeed.
    pub clear: u64,
    /// Those that did not. None should.
    pub hindered: u64,
    /// Calls that were executed more than once and should not have been. None should.
    pub executed_twice: u64,
    /// Executions of what the good peer did not call. None should be.
    pub strange: u64,
    /// Wrong results, and results of what was not executed. None should be.
    pub wrong: u64,
    /// Texts and logs that arrived under the key.
    pub shown: u64,
    /// Those that the peer had not sent, or that arrived twice. None should.
    pub forged: u64,
    /// Messages that were sealed twice alike. None should be.
    pub sealed_twice: u64,
    /// Calls of the holder of another key.
    pub insiders: u64,
    pub restarts: u64,
    /// Errors that ended a link. None should.
    pub broken: Vec<String>,
}

impl Figures {
    /// What two ends and the attackers before them report.
    pub fn of([a, b]: [&Report; 2], [before_a, before_b]: &[Attacker; 2]) -> Self {
        let mut figures = Self::default();
        figures.add_end(a, b, before_a);
        figures.add_end(b, a, before_b);
        figures
    }

    /// Adds the calls of one end, and compares them with what its peer executed and wrote.
    fn add_end(&mut self, end: &Report, peer: &Report, attacker: &Attacker) {
        for (place, (sort, outcome)) in end.calls.iter().enumerate() {
            self.add_call(*sort, *outcome, peer.ledger.executed.get(place).copied().unwrap_or(0));
        }
        self.attacks += attacker.counts;
        self.clear += end.clear;
        self.hindered += end.hindered;
        self.strange += end.ledger.strange;
        self.insiders += end.ledger.insiders;
        self.restarts += end.restarts;
        self.broken.extend(end.broken.iter().cloned());
        self.sealed_twice += attacker.sealed_twice;
        self.add_shown(&attacker.shown, peer.written);
    }

    fn add_call(&mut self, sort: Sort, outcome: Outcome, times: u8) {
        self.calls += 1;
        self.executed_twice += u64::from(sort != Sort::Often && times > 1);
        match outcome {
            Outcome::Right if sort == Sort::Push || times > 0 => self.right += 1,
            Outcome::Right | Outcome::Wrong => self.wrong += 1,
            Outcome::Failed(error) => *self.errors.entry(error).or_default() += 1,
        }
    }

    /// Texts and logs have the numbers below `written`, each at most once.
    fn add_shown(&mut self, shown: &[Shown], written: u32) {
        let mut seen = HashSet::new();
        for shown in shown {
            let number = match shown {
                Shown::Text(text) => {
                    std::str::from_utf8(text).ok().and_then(|text| text.strip_prefix("text ")?.parse().ok())
                }
                Shown::Log(log) => log.as_slice().try_into().ok().map(u32::from_be_bytes),
            };
            let good = number.is_some_and(|number| number < written && seen.insert(number));
            self.shown += 1;
            self.forged += u64::from(!good);
        }
    }

    /// Returns the number of messages that were accepted and should not have been.
    pub const fn accepted(&self) -> u64 {
        self.executed_twice + self.strange + self.wrong + self.forged
    }

    /// Describes the effects that attacks had, and must not have.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = self.broken.clone();
        let mut none = |count: u64, what: &str| {
            if count > 0 {
                problems.push(format!("{count} {what}"));
            }
        };
        none(self.executed_twice, "calls were executed more than once");
        none(self.strange, "executions of what the peer did not call");
        none(self.wrong, "calls returned wrong results, or results of what was not executed");
        none(self.forged, "texts or logs that the peer did not send once");
        none(self.sealed_twice, "messages were sealed twice alike");
        none(self.hindered, "calls failed although nobody dropped or delayed a message");
        for (error, count) in &self.errors {
            if ![TIMED_OUT, RESTARTED, CLOSED, LINK].contains(error) {
                none(*count, &format!("calls failed ({error}), which no attack explains"));
            }
        }
        let restarted = self.errors.get(RESTARTED).copied().unwrap_or(0);
        none(restarted.saturating_sub(self.restarts), "calls ended by a restart that was none");
        problems
    }
}

impl AddAssign<&Self> for Figures {
    fn add_assign(&mut self, other: &Self) {
        self.attacks += other.attacks;
        self.calls += other.calls;
        self.right += other.right;
        for (error, count) in &other.errors {
            *self.errors.entry(error).or_default() += count;
        }
        self.clear += other.clear;
        self.hindered += other.hindered;
        self.executed_twice += other.executed_twice;
        self.strange += other.strange;
        self.wrong += other.wrong;
        self.shown += other.shown;
        self.forged += other.forged;
        self.sealed_twice += other.sealed_twice;
        self.insiders += other.insiders;
        self.restarts += other.restarts;
        self.broken.extend(other.broken.iter().cloned());
    }
}
