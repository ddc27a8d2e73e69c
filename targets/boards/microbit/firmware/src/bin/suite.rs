//! The portable test suite on the serial port.
#![no_std]
#![no_main]

use oncilla_microbit::{Clock, Uart, boot_number};
use oncilla_suite::{Memory, serve_line};
use panic_never as _;

#[cortex_m_rt::entry]
fn main() -> ! {
    static mut MEMORY: Memory = Memory::new();

    serve_line(Uart::start(), Clock::start(), boot_number(), MEMORY)
}
