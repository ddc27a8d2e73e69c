//! When a client connects again, and what it may send again.

use std::time::Duration;

/// How a client connects again after its connection was lost, and which calls it may send again.
///
/// Pass it to [`Connector::reconnect`](crate::Connector::reconnect).
///
/// ```
/// use std::time::Duration;
/// use oncilla_host::Reconnect;
///
/// let policy = Reconnect::within(Duration::from_secs(60))
///     .pauses(Duration::from_millis(50), Duration::from_secs(1))
///     .server_remembers();
/// # let _ = policy;
/// ```
///
/// **Attempts** are made only during calls; there is no thread. The first follows at once when a working connection is
/// lost. Before each further attempt the client pauses. The pause doubles from the first to the largest, and each is
/// shortened by a random part of at most half, so that many clients do not connect to a restarted server at the same
/// moment. The pauses begin again at the first one when a call was answered, not when a connection was accepted: a
/// server that accepts connections and closes them causes no loop without pauses.
///
/// **Limits.** A call waits for the connection until its own time-out. After the connection has been lost for the limit
/// of [`within`](Self::within), calls do not wait any longer: each makes one attempt if the pause is over, and ends.
#[derive(Clone, Debug)]
pub struct Reconnect {
    pub(crate) limit: Duration,
    pub(crate) first: Duration,
    pub(crate) largest: Duration,
    pub(crate) remembered: bool,
    pub(crate) later: bool,
}

/// The longest pause: a day.
const PAUSE_MAX: Duration = Duration::from_secs(86_400);

impl Reconnect {
    /// The shortest pause: 1 ms.
    pub const PAUSE_MIN: Duration = Duration::from_millis(1);

    /// Calls wait for a lost connection until it has been lost for `limit`.
    ///
    /// Pauses are 100 ms, doubling up to two seconds.
    #[must_use]
    pub const fn within(limit: Duration) -> Self {
        Self {
            limit,
            first: Duration::from_millis(100),
            largest: Duration::from_secs(2),
            remembered: false,
            later: false,
        }
    }

    /// Calls wait for a lost connection until their own time-out, however long it has been lost.
    #[must_use]
    pub const fn for_ever() -> Self {
        Self::within(Duration::MAX)
    }

    /// Sets the pause after the first failed attempt, and the largest pause.
    ///
    /// Both are raised to [`PAUSE_MIN`](Self::PAUSE_MIN) or lowered to a day where they are beyond it.
    #[must_use]
    pub fn pauses(self, first: Duration, largest: Duration) -> Self {
        let first = first.clamp(Self::PAUSE_MIN, PAUSE_MAX);
        Self { first, largest: largest.clamp(first, PAUSE_MAX), ..self }
    }

    /// States that the server answers a call that it receives again over another connection without executing it
    /// again.
    ///
    /// Then a call that may have been executed is sent once more, with the same xid. Such a server keeps its replies
    /// apart from its connections, as a [`Server`](crate::Server) does with
    /// [`connection_replay_memory`](crate::Server::connection_replay_memory). Do not set this for other servers: they
    /// may execute a call twice. The memory ends with the server's process: a call executed just before its end,
    /// without a reply, is executed again by the next process. This setting concerns TCP and Unix sockets. On a serial
    /// line the boot number of the device shows whether it still has its replies.
    #[must_use]
    pub const fn server_remembers(self) -> Self {
        Self { remembered: true, ..self }
    }

    /// Connects during the first call and not before, so the server may start later than the client.
    ///
    /// Making the client then fails only for reasons that do not pass with time, such as
    /// [`Error::Size`](crate::Error::Size).
    #[must_use]
    pub const fn later(self) -> Self {
        Self { later: true, ..self }
    }
}

/// The pauses between attempts.
#[derive(Debug)]
pub(crate) struct BackOff {
    first: Duration,
    largest: Duration,
    /// The pause before the next attempt; zero after a call was answered.
    next: Duration,
}

impl BackOff {
    pub(crate) const fn new(policy: &Reconnect) -> Self {
        Self { first: policy.first, largest: policy.largest, next: Duration::ZERO }
    }

    /// Returns the pause that must pass before the attempt that follows this one.
    ///
    /// `random` is a random number. It removes up to half of the pause.
    pub(crate) fn attempt(&mut self, random: u32) -> Duration {
        let pause = self.next.max(self.first).min(self.largest);
        self.next = pause.saturating_mul(2).min(self.largest);
        let shortened = ((pause / 2).as_nanos() * u128::from(random)) >> u32::BITS;
        pause - Duration::from_nanos(u64::try_from(shortened).unwrap_or(0))
    }

    /// Begins again: a call was answered.
    pub(crate) const fn reset(&mut self) {
        self.next = Duration::ZERO;
    }

    /// Returns whether an attempt was made since the last call was answered.
    pub(crate) const fn is_used(&self) -> bool {
        !self.next.is_zero()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn millis(pause: u64) -> Duration {
        Duration::from_millis(pause)
    }

    #[test]
    fn pauses_double_up_to_the_largest_and_begin_again() {
        let mut pauses = BackOff::new(&Reconnect::for_ever().pauses(millis(10), millis(35)));
        assert_eq!([0; 4].map(|random| pauses.attempt(random)), [10, 20, 35, 35].map(millis));
        pauses.reset();
        assert_eq!(pauses.attempt(0), millis(10));
    }

    #[test]
    fn a_random_part_of_at_most_half_is_removed() {
        let mut pauses = BackOff::new(&Reconnect::for_ever().pauses(millis(10), millis(10)));
        for random in [0, 1, 1 << 16, u32::MAX / 2, u32::MAX] {
            let pause = pauses.attempt(random);
            assert!(pause > millis(5) - Duration::from_nanos(1) && pause <= millis(10), "{pause:?}");
        }
        assert!(pauses.attempt(u32::MAX) < millis(6));
    }

    #[test]
    fn pauses_are_never_zero_and_the_largest_is_not_below_the_first() {
        let mut pauses = BackOff::new(&Reconnect::for_ever().pauses(Duration::ZERO, Duration::ZERO));
        assert_eq!([0; 3].map(|random| pauses.attempt(random)), [Reconnect::PAUSE_MIN; 3]);
        let mut endless = BackOff::new(&Reconnect::for_ever().pauses(millis(1), Duration::MAX));
        for _ in 0..200 {
            endless.attempt(u32::MAX);
        }
    }
}
