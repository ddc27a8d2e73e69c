//! Until when a call may be executed.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Trouble;

/// Returns the present time in ms of Unix time.
#[must_use]
pub fn unix_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

/// What a caller says about the time of its call: the user properties `timeout-ms` and `sent-ms`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deadline {
    /// How long the caller waits.
    pub timeout: Option<Duration>,
    /// When the call was sent, in ms of Unix time.
    pub sent: Option<u64>,
}

impl Deadline {
    /// Returns the time that is left for the device, at most `most`.
    ///
    /// `now` is the gateway's time in ms of Unix time. The clocks of caller and gateway may differ by `tolerance`, by
    /// which a call is therefore executed later than its deadline at most. `waited` is how long the call has been in the
    /// gateway; it counts when the call does not state when it was sent.
    ///
    /// # Errors
    /// [`Trouble::Expired`] or [`Trouble::Clock`], and a text with both times. The call must not be executed.
    pub fn left(
        &self,
        now: u64,
        waited: Duration,
        tolerance: Duration,
        most: Duration,
    ) -> Result<Duration, (Trouble, String)> {
        let timeout = self.timeout.unwrap_or(most);
        let tolerance_ms = u64::try_from(tolerance.as_millis()).unwrap_or(u64::MAX);
        let passed = match self.sent {
            Some(sent) if sent > now.saturating_add(tolerance_ms) => {
                let what = format!(
                    "the call was sent at {sent} ms, which is {} ms after the gateway's time {now} ms; set the clocks",
                    sent - now
                );
                return Err((Trouble::Clock, what));
            }
            // A caller whose clock is late seems to have sent earlier, and one whose clock is early, later.
            Some(sent) => Duration::from_millis(now.saturating_sub(sent)).max(waited),
            None => waited,
        };
        if passed >= timeout.saturating_add(if self.sent.is_some() { tolerance } else { Duration::ZERO }) {
            let sent = self.sent.map(|sent| format!(", sent at {sent} ms,")).unwrap_or_default();
            let what = format!(
                "the call{sent} had {} ms, and {} ms have passed at {now} ms",
                timeout.as_millis(),
                passed.as_millis()
            );
            return Err((Trouble::Expired, what));
        }
        // Within the tolerance the device has a moment, so that a caller with a late clock is served at all.
        Ok(timeout.saturating_sub(passed).max(Duration::from_millis(1)).min(most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: Duration = Duration::from_secs(1);
    const MOST: Duration = Duration::from_secs(60);

    fn left(timeout: u64, sent: Option<u64>, now: u64, waited: u64) -> Result<u128, Trouble> {
        let deadline = Deadline { timeout: Some(Duration::from_millis(timeout)), sent };
        let left = deadline.left(now, Duration::from_millis(waited), S, MOST);
        left.map(|left| left.as_millis()).map_err(|(trouble, _)| trouble)
    }

    #[test]
    fn the_time_left_shrinks_and_ends() {
        assert_eq!(left(5_000, Some(100_000), 100_000, 0), Ok(5_000));
        assert_eq!(left(5_000, Some(100_000), 102_000, 0), Ok(3_000));
        assert_eq!(left(5_000, Some(100_000), 105_999, 0), Ok(1));
        assert_eq!(left(5_000, Some(100_000), 106_000, 0), Err(Trouble::Expired));
        assert_eq!(left(5_000, None, 0, 2_000), Ok(3_000));
        assert_eq!(left(5_000, None, 0, 5_000), Err(Trouble::Expired));
        assert_eq!(left(600_000, None, 0, 0), Ok(60_000));
        assert_eq!(left(0, None, 0, 0), Err(Trouble::Expired));
    }

    #[test]
    fn a_call_from_the_future_is_refused_beyond_the_tolerance() {
        assert_eq!(left(5_000, Some(101_000), 100_000, 0), Ok(5_000));
        assert_eq!(left(5_000, Some(101_001), 100_000, 0), Err(Trouble::Clock));
        assert_eq!(left(u64::MAX, Some(u64::MAX), 0, 0), Err(Trouble::Clock));
        // What it waited here counts, whatever its clock says.
        assert_eq!(left(5_000, Some(101_000), 100_000, 6_000), Err(Trouble::Expired));
    }
}
