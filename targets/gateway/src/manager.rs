//! The gateway as a service of systemd: readiness, watchdog, state.

use std::time::{Duration, Instant};

#[cfg(all(feature = "systemd", target_os = "linux"))]
use sd_notify::{NotifyState, notify};

/// The service manager that started this process, if there is one.
#[derive(Debug, Default)]
pub struct Manager {
    /// The interval of the reports to the watchdog, and the time of the next one.
    watchdog: Option<(Duration, Instant)>,
}

#[cfg(all(feature = "systemd", target_os = "linux"))]
impl Manager {
    pub fn new() -> Self {
        Self { watchdog: sd_notify::watchdog_enabled().map(|limit| (limit / 2, Instant::now())) }
    }

    /// Reports that the gateway is ready, with a line for people.
    pub fn ready(&self, state: &str) {
        report(&[NotifyState::Ready, NotifyState::Status(state)]);
    }

    /// Reports a line for people.
    pub fn state(&self, state: &str) {
        report(&[NotifyState::Status(state)]);
    }

    /// Reports that the gateway stops.
    pub fn stopping(&self) {
        report(&[NotifyState::Stopping]);
    }

    /// Reports to the watchdog that the gateway works, if that is due. Returns how long to wait at most until the next time.
    pub fn keep_alive(&mut self) -> Option<Duration> {
        let (interval, next) = self.watchdog.as_mut()?;
        let now = Instant::now();
        if *next <= now {
            report(&[NotifyState::Watchdog]);
            *next = now + *interval;
        }
        Some(next.saturating_duration_since(now))
    }
}

/// Reports a state. A gateway works without a manager, too, so a failure is no error.
#[cfg(all(feature = "systemd", target_os = "linux"))]
fn report(states: &[NotifyState<'_>]) {
    let _ = notify(states);
}

#[cfg(not(all(feature = "systemd", target_os = "linux")))]
impl Manager {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn ready(&self, _: &str) {}

    pub fn state(&self, _: &str) {}

    pub fn stopping(&self) {}

    pub fn keep_alive(&mut self) -> Option<Duration> {
        let _ = self.watchdog;
        None
    }
}
