//! A clock on a counter that always runs.

use oncilla::Time;

/// A counter that always runs, and an alarm that ends the processor's sleep.
///
/// It starts with the board or earlier, and must not wrap during the lifetime of the board.
pub trait Counter {
    /// So many counts take [`MICROS`](Self::MICROS) microseconds.
    ///
    /// The fraction must be in its lowest terms, so that counts of years can be converted in 64 bits.
    const COUNTS: u64;

    /// The microseconds of [`COUNTS`](Self::COUNTS) counts.
    const MICROS: u64;

    /// Returns the counter.
    fn count(&self) -> u64;

    /// Sleeps until the counter reaches `count`, or until something may have arrived.
    ///
    /// It may return early. It must not sleep if something has arrived already.
    fn sleep_until(&mut self, count: u64);
}

/// Time since the counter started, to the microsecond. Deadlines are equally exact.
#[derive(Debug)]
pub struct Clock<C>(pub C);

impl<C: Counter> oncilla::Clock for Clock<C> {
    fn now(&mut self) -> Time {
        Time::from_micros(self.0.count().wrapping_mul(C::MICROS) / C::COUNTS)
    }

    fn idle(&mut self, until: Time) {
        // Rounded up, because a sleep that ends slightly early would be followed by many short ones.
        let count = until.as_micros().saturating_mul(C::COUNTS).div_ceil(C::MICROS);
        self.0.sleep_until(count);
    }
}
