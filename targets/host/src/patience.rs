//! A clock, and time-outs that need few system calls.

use std::time::{Duration, Instant};

use oncilla::Time;

/// A clock that starts at zero when it is made.
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

    /// Returns how long a system call may wait until `deadline`.
    pub(crate) fn patience(&self, deadline: Time) -> Patience {
        if deadline == Time::NEVER { Patience::Endless } else { Patience::within(deadline.since(self.now())) }
    }
}

/// How long one system call may wait.
///
/// The time that is left until a deadline differs for every call, and setting a time-out is a system call. Therefore
/// the time-out is the time left, rounded down to three binary digits. Calls with the same limit, such as five seconds,
/// share one time-out. When the rounded time is over, another system call waits for the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Do not wait.
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

    /// Returns the time-out to set on a socket whose time-out is `current`.
    ///
    /// `None` means that no change is needed: the socket has this time-out, or the call does not wait.
    #[cfg(any(unix, test))]
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
