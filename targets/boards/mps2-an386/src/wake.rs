//! The interrupts that end the sleep.

use cortex_m::interrupt::InterruptNumber;

/// The interrupts, with their numbers in the image's application note.
#[derive(Clone, Copy, Debug)]
#[repr(u16)]
pub enum Wake {
    Uart1Received = 2,
    Ethernet = 13,
}

#[expect(unsafe_code, reason = "only the author of a port knows the interrupts' numbers")]
// SAFETY: the numbers are constant, and the controller has them.
unsafe impl InterruptNumber for Wake {
    fn number(self) -> u16 {
        self as u16
    }
}
