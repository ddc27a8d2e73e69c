//! The portable test suite on UART1.
#![no_std]
#![no_main]

use oncilla_lm3s6965evb::semihosting::exit;
use oncilla_lm3s6965evb::{Clock, Uart, boot_number};
use oncilla_suite::{Memory, serve_line};
use panic_never as _;

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut MEMORY: Memory = Memory::new();

    // `None` is returned only the second time, and this is the first.
    let Some(peripherals) = cortex_m::Peripherals::take() else { exit(false) };
    serve_line(Uart::start(), Clock::start(peripherals.SYST), boot_number(), MEMORY)
}
