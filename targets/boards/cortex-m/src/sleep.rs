//! Sleep until something arrives.

use cortex_m::interrupt::{InterruptNumber, free};
use cortex_m::{asm, peripheral::NVIC};

/// How a board sleeps while it waits.
pub trait Sleep {
    /// Sleeps until something may have arrived, or until any interrupt was handled.
    ///
    /// The tick of a clock is such an interrupt. It does not sleep if something has arrived already.
    fn sleep();
}

/// Sleeps until the next interrupt, unless `waits` returns that there is something to do.
///
/// Nothing that arrives between the check and the sleep is missed: an interrupt ends the sleep even while it is
/// masked, and is handled when `free` unmasks it.
pub fn sleep_unless(waits: impl FnOnce() -> bool) {
    free(|_| {
        if !waits() {
            asm::wfi();
        }
    });
}

/// Sleeps until `interrupt`, which has no handler, unless `waits` returns that there is something to do.
///
/// The interrupt is unmasked during the sleep only, which it ends; it is never handled. If the interrupt must be
/// cleared, `waits` clears it before its check.
pub fn sleep_until(interrupt: impl InterruptNumber, waits: impl FnOnce() -> bool) {
    free(|_| {
        NVIC::unpend(interrupt);
        #[expect(unsafe_code, reason = "unmasking could break a critical section made by masking")]
        // SAFETY: it is masked again before any interrupt can be handled.
        unsafe {
            NVIC::unmask(interrupt);
        }
        if !waits() {
            asm::wfi();
        }
        NVIC::mask(interrupt);
    });
}
