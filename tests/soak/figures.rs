//! What a soak came to.

use core::fmt;

use oncilla::framing::{Cobs, Datagram};

use crate::caller::{Kind, Outcome, Report};
use crate::faults::{Carried, Counts};

/// A framing that may count what it refuses.
pub trait Refuses: Carried {
    /// Frames whose check value or length was wrong.
    fn refused(&self) -> u32;
}

impl Refuses for Cobs {
    fn refused(&self) -> u32 {
        self.dropped()
    }
}

impl Refuses for Datagram {
    /// The system refuses them.
    fn refused(&self) -> u32 {
        0
    }
}

#[derive(Default)]
pub struct Figures {
    calls: u64,
    timed_out: u64,
    /// Of those, how many were executed all the same.
    executed: u64,
    pushed: u64,
    /// Of those, how many never arrived.
    lost: u64,
    faults: Counts,
    /// Microseconds of the line's clock.
    time: u64,
    refused: u64,
}

impl Figures {
    /// Adds the calls of one end, and holds against them what the other executed.
    ///
    /// # Panics
    /// When a call gave a wrong result, failed, came late, or was executed too often or not at all.
    pub fn check(&mut self, caller: &Report, server: &Report) {
        assert_eq!(server.state.wrong, 0, "calls that nobody made were executed");
        assert_eq!(caller.late, 0, "calls took longer than their time-out");
        for (serial, ((kind, outcome), times)) in caller.calls.iter().zip(&server.state.executed).enumerate() {
            let times = u64::from(*times);
            let right = match (kind, outcome) {
                (Kind::Once, Outcome::Right) => times == 1,
                (Kind::Often, Outcome::Right) => times >= 1,
                (Kind::Push, Outcome::Right) | (Kind::Once, Outcome::TimedOut) => times <= 1,
                (Kind::Often, Outcome::TimedOut) => true,
                _ => false,
            };
            assert!(right, "call {serial} ({kind:?}) ended as {outcome:?} and was executed {times} times");
            self.calls += 1;
            self.timed_out += u64::from(*outcome == Outcome::TimedOut);
            self.executed += u64::from(*outcome == Outcome::TimedOut && times > 0);
            self.pushed += u64::from(*kind == Kind::Push);
            self.lost += u64::from(*kind == Kind::Push && times == 0);
        }
        self.time = self.time.max(caller.time);
        self.refused += u64::from(caller.refused);
        self.add(caller.faults);
    }

    fn add(&mut self, counts: Counts) {
        let faults = &mut self.faults;
        faults.frames += counts.frames;
        faults.dropped += counts.dropped;
        faults.repeated += counts.repeated;
        faults.flipped += counts.flipped;
        faults.cut += counts.cut;
        faults.garbage += counts.garbage;
        faults.reordered += counts.reordered;
        faults.delayed += counts.delayed;
    }

    /// Whether the line was as bad as it should have been.
    ///
    /// # Panics
    /// When it was not: the soak proves nothing then.
    pub fn check_faults(&self) {
        let Counts { frames, dropped, repeated, flipped, cut, .. } = self.faults;
        // Of few frames it may be less by chance.
        if frames > 1_000 {
            assert!(dropped >= frames / 12, "only {dropped} of {frames} frames were dropped");
            assert!(repeated >= frames / 25, "only {repeated} of {frames} frames were repeated");
            assert!(flipped + cut >= frames / 25, "only {} of {frames} frames were damaged", flipped + cut);
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, timed_out, executed, pushed, lost, time, refused, .. } = self;
        let Counts { frames, dropped, repeated, flipped, cut, garbage, reordered, delayed } = self.faults;
        let seconds = time / 1_000_000;
        writeln!(formatter, "{calls} calls in {seconds} s of the line's time, all right but")?;
        writeln!(formatter, "  {timed_out} time-outs, {executed} of them of calls that were executed")?;
        writeln!(formatter, "  {lost} of {pushed} one-way calls, which were lost")?;
        writeln!(formatter, "  {frames} frames: {dropped} dropped, {repeated} repeated, {flipped} with bits flipped,")?;
        writeln!(formatter, "  {cut} cut, {reordered} overtaken, {delayed} delayed, garbage before {garbage};")?;
        write!(formatter, "  {refused} frames refused for their check value or length")
    }
}
