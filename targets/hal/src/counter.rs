//! A clock of a hardware counter.

use oncilla::{Clock, Time};

/// A clock of a free-running counter of 32 bits, such as a timer or a cycle counter.
///
/// It extends the counter to 64 bits. Between two uses of the clock the counter must wrap once at most: at 1 MHz that is 71
/// minutes. A server that waits uses its clock all the time.
///
/// # Example
/// A timer that counts at 1 MHz, and a processor that sleeps until the next interrupt. An interrupt must come soon enough
/// for the deadline, such as a tick of 1 ms:
///
/// ```
/// use oncilla::{Clock, Time};
/// use oncilla_hal::Counter;
///
/// # let timer = || 5; fn wfi() {}
/// let mut clock = Counter::new(1_000_000, timer).idle(|_| wfi());
/// assert_eq!(clock.now(), Time::from_micros(5));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Counter<R, I = fn(Time)> {
    hz: u32,
    read: R,
    idle: I,
    /// The counter when it was read last.
    last: u32,
    micros: u64,
    /// Counts since the microsecond, in millionths of `hz`.
    rest: u64,
}

impl<R: FnMut() -> u32> Counter<R> {
    /// Creates a clock of a function that reads a counter, which counts up `hz` times a second.
    ///
    /// While nothing arrives, it polls.
    pub const fn new(hz: u32, read: R) -> Self {
        Self { hz, read, idle: |_| {}, last: 0, micros: 0, rest: 0 }
    }
}

impl<R: FnMut() -> u32, I> Counter<R, I> {
    /// Sets the function that sleeps, as [`Clock::idle`] specifies it.
    pub fn idle<J: FnMut(Time)>(self, idle: J) -> Counter<R, J> {
        let Self { hz, read, last, micros, rest, .. } = self;
        Counter { hz, read, idle, last, micros, rest }
    }
}

impl<R: FnMut() -> u32, I: FnMut(Time)> Clock for Counter<R, I> {
    fn now(&mut self) -> Time {
        let count = (self.read)();
        let passed = count.wrapping_sub(self.last);
        self.last = count;
        // At most 2^32 * 10^6 and a rest below 2^32: it does not overflow.
        let millionths = u64::from(passed).wrapping_mul(1_000_000).wrapping_add(self.rest);
        let hz = u64::from(self.hz).max(1);
        // The divisor is not zero, and the compiler knows.
        self.micros = self.micros.wrapping_add(millionths.checked_div(hz).unwrap_or(0));
        self.rest = millionths.checked_rem(hz).unwrap_or(0);
        Time::from_micros(self.micros)
    }

    fn idle(&mut self, until: Time) {
        (self.idle)(until);
    }
}
