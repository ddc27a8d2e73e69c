//! The portable test suite over the UART.
#![no_std]
#![no_main]

use oncilla_riscv32_virt::{Bytes, Clock, Mtime, Ns16550, boot_number};
use oncilla_suite::{Memory, serve_line};
use panic_never as _;
use static_cell::ConstStaticCell;

static MEMORY: ConstStaticCell<Memory> = ConstStaticCell::new(Memory::new());

#[riscv_rt::entry]
fn main() -> ! {
    match MEMORY.try_take() {
        Some(memory) => serve_line(Bytes(Ns16550::start()), Clock(Mtime::start()), boot_number(), memory),
        // Not reached: the memory is taken only here.
        None => loop {
            core::hint::spin_loop();
        },
    }
}
