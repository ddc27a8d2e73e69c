//! Time since start.

use core::cell::Cell;
use core::marker::PhantomData;

use cortex_m::{
    interrupt::{self, Mutex},
    peripheral::{SCB, SYST, syst::SystClkSource},
};

use oncilla::Time;

use crate::Sleep;

/// Ticks per second.
const TICKS: u32 = 1_000;
const TICK_MICROS: u32 = 1_000_000 / TICKS;

static PASSED: Mutex<Cell<u64>> = Mutex::new(Cell::new(0));

/// Time since start, to the microsecond, on a processor that runs at `HZ`.
///
/// It ticks every millisecond, which is the precision of deadlines. It sleeps as `S` does.
pub struct Clock<const HZ: u32, S>(PhantomData<S>);

impl<const HZ: u32, S> Clock<HZ, S> {
    const RELOAD: u32 = HZ / TICKS - 1;
    /// Microseconds and counts of the same time, as a fraction in its lowest terms: some cores divide slowly.
    const MICROS: (u32, u32) = {
        let (mut high, mut low) = (TICK_MICROS, HZ / TICKS);
        while low != 0 {
            (high, low) = (low, high % low);
        }
        (TICK_MICROS / high, HZ / TICKS / high)
    };

    /// Starts the clock.
    #[must_use]
    pub fn start(mut systick: SYST) -> Self {
        systick.set_clock_source(SystClkSource::Core);
        systick.set_reload(Self::RELOAD);
        systick.clear_current();
        systick.enable_interrupt();
        systick.enable_counter();
        // A cleared counter reads zero until its first count. Zero would be the end of a tick.
        while SYST::get_current() == 0 {}
        Self(PhantomData)
    }
}

impl<const HZ: u32, S: Sleep> oncilla::Clock for Clock<HZ, S> {
    /// The time never decreases.
    fn now(&mut self) -> Time {
        let (ticks, left) = interrupt::free(|section| {
            let ticks = PASSED.borrow(section).get();
            let left = SYST::get_current();
            if SCB::is_pendst_pending() {
                // The counter has restarted and its interrupt has not been handled yet. The first reading may be from
                // before the restart, so the counter is read again.
                (ticks.wrapping_add(1), SYST::get_current())
            } else {
                (ticks, left)
            }
        });
        let passed = Self::RELOAD.saturating_sub(left);
        let micros = passed.wrapping_mul(Self::MICROS.0) / Self::MICROS.1;
        Time::from_micros(ticks.wrapping_mul(TICK_MICROS.into()).wrapping_add(micros.into()))
    }

    /// Sleeps until something may have arrived or the clock ticks, which is exact enough for any deadline.
    fn idle(&mut self, _: Time) {
        S::sleep();
    }
}

#[cortex_m_rt::exception]
fn SysTick() {
    interrupt::free(|section| {
        let ticks = PASSED.borrow(section);
        ticks.set(ticks.get().wrapping_add(1));
    });
}
