//! Sleep until something comes.

use cortex_m::interrupt::{InterruptNumber, free};
use cortex_m::{asm, peripheral::NVIC};

/// How a board sleeps while it waits.
pub trait Sleep {
    /// Sleeps until something may have come or any interrupt has been served, a clock's tick for one. It does not
    /// sleep while something waits.
    fn sleep();
}

/// Sleeps until the next interrupt, unless `waits` says that there is something to do.
///
/// What comes between the look and the sleep is not slept over: an interrupt ends the sleep even while it is masked, and is
/// served when `free` unmasks it.
pub fn sleep_unless(waits: impl FnOnce() -> bool) {
    free(|_| {
        if !waits() {
            asm::wfi();
        }
    });
}

/// The same for an interrupt without a handler: it is let through only during the sleep, which it ends, and is not served.
///
/// `waits` lowers the interrupt where that has to be done, before it looks.
pub fn sleep_until(interrupt: impl InterruptNumber, waits: impl FnOnce() -> bool) {
    free(|_| {
        NVIC::unpend(interrupt);
        #[expect(unsafe_code, reason = "unmasking could break a critical section made by masking")]
        // SAFETY: it is masked again before any interrupt can be served.
        unsafe {
            NVIC::unmask(interrupt);
        }
        if !waits() {
            asm::wfi();
        }
        NVIC::mask(interrupt);
    });
}
