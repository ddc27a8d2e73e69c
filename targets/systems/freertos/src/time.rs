//! Time by the kernel's tick.

use core::time::Duration;

use oncilla::{Clock, Time};

use crate::kernel::{kernel_delay, kernel_ticks};
use crate::sizes::TICK_MICROS;

/// The kernel's value for a wait that never ends.
const FOR_EVER: u32 = u32::MAX;

/// Returns the present instant since the scheduler started, to the tick. It never decreases or wraps.
#[must_use]
pub fn now() -> Time {
    Time::from_micros(kernel_ticks().wrapping_mul(TICK_MICROS.into()))
}

/// Lets other tasks run for this time, for 49 days at most.
///
/// The time is rounded up to whole ticks, and can be up to one tick shorter than that.
pub fn delay(time: Duration) {
    kernel_delay(ticks(time));
}

/// Converts a time to ticks, rounded up. More than 49 days is for ever.
#[must_use]
pub(crate) fn ticks(time: Duration) -> u32 {
    let micros = time.as_secs().saturating_mul(1_000_000).saturating_add(time.subsec_micros().into());
    u32::try_from(micros.div_ceil(TICK_MICROS.into())).unwrap_or(FOR_EVER)
}

/// Returns the ticks until `deadline`, rounded up.
#[must_use]
pub(crate) fn ticks_until(deadline: Time) -> u32 {
    if deadline == Time::NEVER { FOR_EVER } else { ticks(deadline.since(now())) }
}

/// The kernel's tick as the clock of a [`Stream`](oncilla::Stream), for streams other than [`Serial`](crate::Serial).
///
/// It checks for bytes once a tick, because it does not know what the stream waits for. [`Line`](crate::Line) sleeps
/// until bytes arrive.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ticks;

impl Clock for Ticks {
    fn now(&mut self) -> Time {
        now()
    }

    /// Lets other tasks run until the next tick.
    fn idle(&mut self, _: Time) {
        kernel_delay(1);
    }
}
