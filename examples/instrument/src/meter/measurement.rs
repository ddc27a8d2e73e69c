//! A measurement in progress.

use core::time::Duration;

use oncilla::Time;

use super::{Input, settings::Settings};
use crate::scpi::Error;

/// One measurement: the mean of several conversions, each of which takes time.
#[derive(Debug, Default)]
pub struct Measurement {
    state: State,
    reading: Option<i32>,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Idle,
    Armed,
    Running {
        /// When the present conversion ends.
        next: Time,
        left: u16,
        sum: i64,
    },
}

impl Measurement {
    /// Waits for a trigger.
    pub fn arm(&mut self) {
        self.state = State::Armed;
        self.reading = None;
    }

    /// Begins the first conversion.
    pub fn start(&mut self, now: Time, settings: &Settings) {
        self.reading = None;
        self.state = State::Running { next: now.after(settings.aperture()), left: settings.count, sum: 0 };
    }

    pub fn abort(&mut self) {
        self.state = State::Idle;
    }

    pub const fn is_armed(&self) -> bool {
        matches!(self.state, State::Armed)
    }

    pub const fn is_pending(&self) -> bool {
        !matches!(self.state, State::Idle)
    }

    pub const fn deadline(&self) -> Time {
        match self.state {
            State::Running { next, .. } => next,
            State::Idle | State::Armed => Time::NEVER,
        }
    }

    /// Ends the conversions that are due. Returns whether that ends the measurement.
    pub fn tick(&mut self, now: Time, input: &mut impl Input, settings: &Settings) -> bool {
        let aperture = settings.aperture().max(Duration::from_micros(1));
        while let State::Running { next, left, sum } = &mut self.state {
            if *next > now {
                return false;
            }
            *sum = sum.saturating_add(input.microvolts().into());
            *next = next.after(aperture);
            *left = left.saturating_sub(1);
            if *left == 0 {
                let mean = *sum / i64::from(settings.count.max(1));
                self.reading = i32::try_from(mean).ok();
                self.state = State::Idle;
                return true;
            }
        }
        false
    }

    /// Returns the last reading.
    ///
    /// # Errors
    /// -230, if there is none.
    pub fn reading(&self) -> Result<i32, Error> {
        self.reading.ok_or(Error::STALE)
    }
}
