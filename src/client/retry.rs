//! When a call is sent again.

use core::time::Duration;

/// When a call is sent again, on a carrier that can lose messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// How long to wait for a reply before the call is sent a second time; at least [`PAUSE_MIN`](Self::PAUSE_MIN).
    pub pause: Duration,
    /// Whether every further pause is twice as long as the one before.
    pub doubling: bool,
}

impl Retry {
    /// Half a second, doubling.
    pub const DEFAULT: Self = Self::doubling(Duration::from_millis(500));

    /// Again after every `pause`.
    #[must_use]
    pub const fn every(pause: Duration) -> Self {
        Self { pause, doubling: false }
    }

    /// After `pause`, then after twice that, and so on (exponential back-off).
    #[must_use]
    pub const fn doubling(pause: Duration) -> Self {
        Self { pause, doubling: true }
    }

    /// The shortest pause: 1 ms. A shorter one, such as zero, is taken as this, so that repetitions do not flood the
    /// carrier.
    pub const PAUSE_MIN: Duration = Duration::from_millis(1);

    /// Never: a call that is lost ends in its time-out.
    pub const NEVER: Self = Self::every(Duration::MAX);
}
