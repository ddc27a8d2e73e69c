//! Time since start.

use core::cell::Cell;

use cortex_m::{
    interrupt::{self, Mutex},
    peripheral::{SCB, SYST, syst::SystClkSource},
};

use oncilla::Time;

use crate::{CLOCK_HZ, uart};

const TICK_MICROS: u32 = 1_000;
const RELOAD: u32 = CLOCK_HZ / (1_000_000 / TICK_MICROS) - 1;

static TICKS: Mutex<Cell<u64>> = Mutex::new(Cell::new(0));

/// Time since start, to the microsecond. It ticks every millisecond, which is how exact a deadline is kept.
pub struct Clock(SYST);

impl Clock {
    /// Starts the clock.
    #[must_use]
    pub fn start(mut systick: SYST) -> Self {
        systick.set_clock_source(SystClkSource::Core);
        systick.set_reload(RELOAD);
        systick.clear_current();
        systick.enable_interrupt();
        systick.enable_counter();
        // Cleared, it reads zero until its first count, which would be the end of a tick.
        while SYST::get_current() == 0 {}
        Self(systick)
    }
}

impl oncilla::Clock for Clock {
    /// Never goes back.
    fn now(&mut self) -> Time {
        let (ticks, left) = interrupt::free(|section| {
            let ticks = TICKS.borrow(section).get();
            let left = SYST::get_current();
            if SCB::is_pendst_pending() {
                // The counter began again and its tick has not been served yet. Read the counter a second time:
                // the first reading may be of before.
                (ticks.wrapping_add(1), SYST::get_current())
            } else {
                (ticks, left)
            }
        });
        let passed = RELOAD.saturating_sub(left);
        // 12.5 counts a microsecond.
        let micros = passed.wrapping_mul(2) / 25;
        Time::from_micros(ticks.wrapping_mul(TICK_MICROS.into()).wrapping_add(micros.into()))
    }

    /// Sleeps until a byte comes or the clock ticks, which is soon enough for any deadline.
    fn idle(&mut self, _: Time) {
        uart::doze();
    }
}

#[cortex_m_rt::exception]
fn SysTick() {
    interrupt::free(|section| {
        let ticks = TICKS.borrow(section);
        ticks.set(ticks.get().wrapping_add(1));
    });
}
