//! Instants of the transport's clock.

use core::time::Duration;

/// Divides by 1000 with a multiplication: an AVR, which has no division, would need 1.3 kB of flash.
const fn thousandth(number: u32) -> u64 {
    // 2 to the 38th over 1000, rounded up: exact for numbers of 32 bits.
    (number as u64).wrapping_mul(274_877_907) >> 38
}

/// An instant: microseconds since a moment that the transport's clock defines, such as power-on.
///
/// # Example
/// ```
/// use core::time::Duration;
/// use oncilla::Time;
///
/// let now = Time::from_micros(5_000);
/// let deadline = now.after(Duration::from_millis(2));
/// assert_eq!(deadline.as_micros(), 7_000);
/// assert_eq!(deadline.since(now), Duration::from_millis(2));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

impl Time {
    /// The latest instant. A deadline of `NEVER` waits for ever.
    pub const NEVER: Self = Self(u64::MAX);

    /// The first instant. A deadline of `ZERO` does not wait.
    pub const ZERO: Self = Self(0);

    /// Returns the instant `micros` microseconds after the zero of the clock.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Returns the microseconds since the zero of the clock.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Returns the instant `duration` later, or [`NEVER`](Self::NEVER) if that is too large.
    #[must_use]
    pub const fn after(self, duration: Duration) -> Self {
        let seconds = duration.as_secs().saturating_mul(1_000_000);
        Self(self.0.saturating_add(seconds).saturating_add(thousandth(duration.subsec_nanos())))
    }

    /// Returns the instant `micros` microseconds later, or [`NEVER`](Self::NEVER) if that is too large.
    pub(crate) const fn later(self, micros: u64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// Returns the time from `earlier` until this instant, or zero if `earlier` is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}
