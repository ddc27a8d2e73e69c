//! Time since start.

use oncilla_cortex_m::Sleep;

use crate::{CLOCK_HZ, uart};

/// Time since start, to the microsecond.
pub type Clock = oncilla_cortex_m::Clock<CLOCK_HZ, UntilByte>;

/// Sleeps until a byte arrives on UART1.
pub struct UntilByte;

impl Sleep for UntilByte {
    fn sleep() {
        uart::doze();
    }
}
