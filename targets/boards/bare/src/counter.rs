//! Time by a counter that always runs.

use oncilla::Time;

/// A counter that begins when the board does, or before, and wraps in no lifetime; with an alarm that ends the processor's sleep.
pub trait Counter {
    /// So many counts take [`MICROS`](Self::MICROS) microseconds: a fraction in its lowest terms, so that counts of years
    /// can be converted in 64 bits.
    const COUNTS: u64;

    /// See [`COUNTS`](Self::COUNTS).
    const MICROS: u64;

    /// The counter.
    fn count(&self) -> u64;

    /// Sleeps until the counter is at `count`, or until something may have come. It may return early, and must not sleep
    /// while something waits.
    fn sleep_until(&mut self, count: u64);
}

/// Time since the counter began, to its microsecond; deadlines are kept as exactly.
#[derive(Debug)]
pub struct Clock<C>(pub C);

impl<C: Counter> oncilla::Clock for Clock<C> {
    fn now(&mut self) -> Time {
        Time::from_micros(self.0.count().wrapping_mul(C::MICROS) / C::COUNTS)
    }

    fn idle(&mut self, until: Time) {
        // Rounded up: a sleep that ends a moment before its time would be followed by many short ones.
        let count = until.as_micros().saturating_mul(C::COUNTS).div_ceil(C::MICROS);
        self.0.sleep_until(count);
    }
}
