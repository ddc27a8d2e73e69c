//! The figures of the soak.

use std::{fmt, time::Duration};

use anyhow::{Result, ensure};

use super::caller::{Kind, Outcome};
use oncilla_firmware_tests::soak::Own;

/// The longest time that a call may take beyond its time-out, on any machine.
const GRACE: Duration = Duration::from_secs(10);

#[derive(Default)]
pub struct Figures {
    calls: u32,
    timed_out: u32,
    /// Calls during which the firmware was reset.
    restarted: u32,
    /// Resets that were noticed.
    pub restarts: u32,
    /// Calls that ended with an error and were executed.
    executed: u32,
    /// One-way calls that never arrived.
    lost: u32,
    /// The longest time that a call took beyond its time-out.
    late: Duration,
    /// The firmware's calls, and how often each was executed here.
    own: Own,
    ran: u32,
    /// Errors.
    problems: Vec<String>,
}

impl Figures {
    /// Adds a call that was executed this number of times.
    pub fn add(&mut self, number: usize, (kind, outcome): &(Kind, Outcome), times: u8) {
        let right = match (kind, outcome) {
            (Kind::Once, Outcome::Right) => times == 1,
            (Kind::Often, Outcome::Right) => times >= 1,
            (Kind::Push, Outcome::Right) | (Kind::Once, Outcome::TimedOut | Outcome::Restarted) => times <= 1,
            (Kind::Often, Outcome::TimedOut | Outcome::Restarted) => true,
            _ => false,
        };
        if !right {
            self.problems.push(format!("call {number} ({kind:?}) ended as {outcome:?} and was executed {times} times"));
        }
        let right = matches!(outcome, Outcome::Right);
        self.calls += 1;
        self.timed_out += u32::from(matches!(outcome, Outcome::TimedOut));
        self.restarted += u32::from(matches!(outcome, Outcome::Restarted));
        self.executed += u32::from(!right && times > 0);
        self.lost += u32::from(*kind == Kind::Push && times == 0);
    }

    /// Adds the time of a call.
    pub fn add_time(&mut self, took: Duration, timeout: Duration) {
        self.late = self.late.max(took.saturating_sub(timeout));
    }

    /// Adds the firmware's calls, and how often each was executed here.
    pub fn add_own(&mut self, own: &Own, ran: &[u8]) {
        self.own = *own;
        self.ran = ran.iter().map(|times| u32::from(*times)).sum();
        let twice = ran.iter().filter(|times| **times > 1).count();
        if twice > 0 {
            self.problems.push(format!("{twice} calls of the firmware were executed more than once"));
        }
    }

    /// Returns an error unless all results were right.
    pub fn check(&self, resets: u32) -> Result<()> {
        ensure!(self.problems.is_empty(), "{}; {self}", self.problems.join("; "));
        ensure!(self.restarts == resets, "{} of {resets} resets were seen; {self}", self.restarts);
        ensure!(self.late < GRACE, "a call took {:?} longer than its time-out; {self}", self.late);
        let Own { begun, right, timed_out, wrong, .. } = self.own;
        ensure!(wrong == 0, "{wrong} calls of the firmware went wrong; {self}");
        let ended = right + timed_out;
        ensure!((ended..=ended + resets).contains(&begun), "{begun} calls of the firmware, of which {ended} ended");
        ensure!((right..=begun).contains(&self.ran), "{} calls of the firmware were executed; {self}", self.ran);
        ensure!(right > self.calls / 10, "the firmware hardly called; {self}");
        Ok(())
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, timed_out, restarted, restarts, executed, lost, late, own, ran, .. } = self;
        let Own { begun, right, timed_out: own_timed_out, .. } = own;
        write!(
            formatter,
            "{calls} calls, all right but {timed_out} time-outs, {restarted} cut by {restarts} resets ({executed} of \
             these were executed), {lost} one-way calls lost; at most {} ms beyond a time-out;\n    {begun} calls of \
             the firmware: {right} right, {own_timed_out} time-outs, {} cut by resets; {ran} executed; none twice",
            late.as_millis(),
            begun.saturating_sub(right + own_timed_out),
        )
    }
}
