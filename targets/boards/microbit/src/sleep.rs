//! Sleep until something arrives.

use cortex_m::interrupt::InterruptNumber;
use oncilla_cortex_m::sleep_until;

/// The interrupts that end the sleep, with their numbers in the chip's manual.
#[derive(Clone, Copy)]
#[repr(u16)]
enum Wake {
    Uart0 = 2,
    Timer0 = 8,
}

#[expect(unsafe_code, reason = "only the author of a port knows the interrupts' numbers")]
// SAFETY: the numbers are constant, and the controller has them.
unsafe impl InterruptNumber for Wake {
    fn number(self) -> u16 {
        self as u16
    }
}

/// Sleeps until the UART or the timer raises its interrupt.
///
/// It does not sleep if `waits` returns that there is something to do.
pub fn doze(waits: impl FnOnce() -> bool) {
    sleep_until(Wake::Timer0, || {
        sleep_until(Wake::Uart0, waits);
        // The inner function has slept.
        true
    });
}
