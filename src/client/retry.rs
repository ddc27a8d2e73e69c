//! When a call is retransmitted.

use core::time::Duration;

/// When a call is retransmitted, on a carrier that can lose messages.
///
/// The call's total time-out ends the retransmissions; see [`Client::set_timeout`](crate::Client::set_timeout).
///
/// ```
/// use core::time::Duration;
/// use oncilla::Retry;
///
/// let retry = Retry::doubling(Duration::from_millis(100)); // after 100 ms, 300 ms, 700 ms …
/// assert_eq!(retry, Retry { pause: Duration::from_millis(100), doubling: true });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// The wait for a reply before the first retransmission; at least [`PAUSE_MIN`](Self::PAUSE_MIN).
    pub pause: Duration,
    /// Whether each further pause is twice as long as the one before.
    pub doubling: bool,
}

impl Retry {
    /// 500 ms, doubling.
    pub const DEFAULT: Self = Self::doubling(Duration::from_millis(500));

    /// Retransmits after every `pause`.
    #[must_use]
    pub const fn every(pause: Duration) -> Self {
        Self { pause, doubling: false }
    }

    /// Retransmits after `pause`, then after twice that, and so on (exponential back-off).
    #[must_use]
    pub const fn doubling(pause: Duration) -> Self {
        Self { pause, doubling: true }
    }

    /// The shortest pause: 1 ms.
    ///
    /// A shorter one, such as zero, is raised to this, so that retransmissions do not flood the carrier.
    pub const PAUSE_MIN: Duration = Duration::from_millis(1);

    /// Never retransmits: a lost call ends with its time-out.
    pub const NEVER: Self = Self::every(Duration::MAX);
}
