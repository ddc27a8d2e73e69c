//! How many instructions a piece of code takes.

use cortex_m::peripheral::{SYST, syst::SystClkSource};

use crate::CLOCK_HZ;

/// Under `-icount shift=0` QEMU's time is one nanosecond an instruction.
const INSTRUCTIONS_PER_TICK: u32 = 1_000_000_000 / CLOCK_HZ;
const MAX: u32 = 0x00FF_FFFF;

/// Counts instructions. Only QEMU with `-icount shift=0` makes the figure true.
pub struct InstructionCounter(SYST);

impl InstructionCounter {
    /// Takes the system timer to count with.
    #[must_use]
    pub fn new(mut systick: SYST) -> Self {
        systick.set_clock_source(SystClkSource::Core);
        systick.set_reload(MAX);
        systick.clear_current();
        systick.enable_counter();
        Self(systick)
    }

    /// Instructions per run of `code`, from a thousand runs of it, the loop around it included.
    ///
    /// The timer ticks every 80 instructions, so the thousand make the figure exact; they may take 1.3
    /// thousand million instructions together.
    pub fn per_run(&mut self, mut code: impl FnMut()) -> u32 {
        const RUNS: u32 = 1_000;
        let before = SYST::get_current();
        for _ in 0..RUNS {
            code();
        }
        let ticks = before.wrapping_sub(SYST::get_current()) & MAX;
        #[expect(clippy::cast_possible_truncation, reason = "24 bits of ticks times 80, over 1000, fit 32 bits")]
        {
            (u64::from(ticks).wrapping_mul(INSTRUCTIONS_PER_TICK.into()) / u64::from(RUNS)) as u32
        }
    }
}
