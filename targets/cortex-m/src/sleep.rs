//! Sleep until something comes.

use cortex_m::{asm, interrupt::free};

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
