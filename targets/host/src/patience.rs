//! A clock, and waits that cost no system call to set up.

use std::time::{Duration, Instant};

use oncilla::Time;

/// Counts from when it was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Instant,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now() }
    }

    pub(crate) fn now(&self) -> Time {
        Time::ZERO.after(self.start.elapsed())
    }

    /// How long to wait for a deadline.
    pub(crate) fn patience(&self, deadline: Time) -> Patience {
        if deadline == Time::NEVER { Patience::Endless } else { Patience::within(deadline.since(self.now())) }
    }
}

/// How long one system call may wait.
///
/// What is left until a deadline is different every time, and setting a time-out is a system call. So
/// the time-out is what is left, rounded down to three binary digits: calls that all have five
/// seconds share one time-out, and the rest is waited for when the rounded time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Only to look.
    None,
    Limited(Duration),
    Endless,
}

impl Patience {
    fn within(left: Duration) -> Self {
        match u64::try_from(left.as_micros()).unwrap_or(u64::MAX) {
            0 => Self::None,
            micros => {
                let shift = micros.ilog2().saturating_sub(2);
                Self::Limited(Duration::from_micros(micros >> shift << shift))
            }
        }
    }

    /// The time-out to set on a socket, which has `current`; `None` when it has this one already, or
    /// is only looked at, for which there is no time-out.
    pub(crate) fn change(self, current: &mut Option<Self>) -> Option<Option<Duration>> {
        if self == Self::None || current.replace(self) == Some(self) {
            return None;
        }
        Some(match self {
            Self::Limited(limit) => Some(limit),
            Self::None | Self::Endless => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(micros: u64) -> u128 {
        match Patience::within(Duration::from_micros(micros)) {
            Patience::Limited(limit) => limit.as_micros(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn calls_that_have_the_same_time_share_a_time_out() {
        assert_eq!(limit(4_999_990), limit(4_999_300));
        assert_ne!(limit(5_000_000), limit(1_000_000));
    }

    #[test]
    fn a_time_out_is_never_longer_than_what_is_left_nor_zero() {
        for micros in [1, 2, 3, 7, 8, 9, 1_000, 4_999_999, u64::MAX] {
            let limit = limit(micros);
            assert!(limit > 0 && limit <= u128::from(micros), "{micros} {limit}");
        }
    }

    #[test]
    fn a_time_out_is_set_only_when_it_changes() {
        // A power of two is not rounded.
        let second = Duration::from_micros(1 << 20);
        let mut current = None;
        assert_eq!(Patience::within(second).change(&mut current), Some(Some(second)));
        assert_eq!(Patience::within(second).change(&mut current), None);
        assert_eq!(Patience::None.change(&mut current), None);
        assert_eq!(Patience::within(second).change(&mut current), None);
        assert_eq!(Patience::Endless.change(&mut current), Some(None));
    }
}
