//! The parts of the portable test suite that fit the chip, on the serial port.
#![no_std]
#![no_main]

use oncilla::{Forever, Stream};
use oncilla_suite::{Memory, serve};
use oncilla_uno::{Usart, boot_number};
use panic_never as _;
use static_cell::ConstStaticCell;

#[expect(unsafe_code, reason = "avr-libc's start-up code calls it by this name")]
// SAFETY: nothing else has this name, and it has the signature that the code expects.
#[unsafe(no_mangle)]
extern "C" fn main() -> u16 {
    static MEMORY: ConstStaticCell<Memory> = ConstStaticCell::new(Memory::new());

    // `None` is returned only the second time, and this is the first.
    let Some(memory) = MEMORY.try_take() else { return 1 };
    serve(Stream::new(Usart::start(), Forever), boot_number(), memory)
}
