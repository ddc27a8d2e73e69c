//! Counts the instructions of a piece of code.

use cortex_m::peripheral::{SYST, syst::SystClkSource};

use crate::CLOCK_HZ;

/// Under `-icount shift=0`, QEMU's time is one nanosecond per instruction.
const INSTRUCTIONS_PER_TICK: u32 = 1_000_000_000 / CLOCK_HZ;
const MAX: u32 = 0x00FF_FFFF;

/// Counts instructions. The figures are right only in QEMU with `-icount shift=0`.
pub struct InstructionCounter(SYST);

impl InstructionCounter {
    /// Takes the system timer for counting.
    #[must_use]
    pub fn new(mut systick: SYST) -> Self {
        systick.set_clock_source(SystClkSource::Core);
        systick.set_reload(MAX);
        systick.clear_current();
        systick.enable_counter();
        Self(systick)
    }

    /// Returns the instructions that `code` takes, to the nearest 80.
    ///
    /// So count many runs of it. The limit is 1.3 thousand million instructions.
    pub fn count(&mut self, code: impl FnOnce()) -> u32 {
        let before = SYST::get_current();
        code();
        let ticks = before.wrapping_sub(SYST::get_current()) & MAX;
        ticks.wrapping_mul(INSTRUCTIONS_PER_TICK)
    }
}
