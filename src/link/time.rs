//! Instants of a clock that only the transport knows.

use core::time::Duration;

/// A thousandth, by a multiplication: a processor that cannot divide, such as an AVR, needs 1.3 kB of flash to do so.
const fn thousandth(number: u32) -> u64 {
    // 2 to the 38th over 1000, rounded up, which is exact for numbers of 32 bits.
    (number as u64).wrapping_mul(274_877_907) >> 38
}

/// An instant: microseconds since some moment that the transport's clock chose, such as power-on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

impl Time {
    /// Later than every other: waiting until then is waiting for ever.
    pub const NEVER: Self = Self(u64::MAX);

    /// The moment the clock counts from: waiting until then is not waiting.
    pub const ZERO: Self = Self(0);

    /// `micros` microseconds after the clock's beginning.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Microseconds since the clock's beginning.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// The instant `duration` later, or [`NEVER`](Self::NEVER).
    #[must_use]
    pub const fn after(self, duration: Duration) -> Self {
        let seconds = duration.as_secs().saturating_mul(1_000_000);
        Self(self.0.saturating_add(seconds).saturating_add(thousandth(duration.subsec_nanos())))
    }

    /// How long it is from `earlier` until this instant; zero when it has passed.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}
