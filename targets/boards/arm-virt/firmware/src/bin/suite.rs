//! The portable test suite over the UART.
#![no_std]
#![no_main]

use oncilla_arm_virt::{Bytes, Clock, GenericTimer, Uart0, boot_number, entry};
use oncilla_suite::{Memory, serve_line};
use panic_never as _;
use static_cell::ConstStaticCell;

static MEMORY: ConstStaticCell<Memory> = ConstStaticCell::new(Memory::new());

entry!(main);

fn main() -> ! {
    match MEMORY.try_take() {
        Some(memory) => serve_line(Bytes(Uart0::start()), Clock(GenericTimer::start()), boot_number(), memory),
        // Not reached: the memory is taken only here.
        None => loop {
            core::hint::spin_loop();
        },
    }
}
