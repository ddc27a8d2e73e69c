//! The portable test suite on the serial port: the parts of it for which there is room.
#![no_std]
#![no_main]

use oncilla::{Forever, Stream};
use oncilla_suite::{Memory, serve};
use oncilla_uno::{Usart, boot_number};
use panic_never as _;
use static_cell::ConstStaticCell;

#[expect(unsafe_code, reason = "avr-libc's start-up code finds it by its name")]
// SAFETY: nothing else has this name, and it is as that code calls it.
#[unsafe(no_mangle)]
extern "C" fn main() -> u16 {
    static MEMORY: ConstStaticCell<Memory> = ConstStaticCell::new(Memory::new());

    // `None` only the second time, and this is the first.
    let Some(memory) = MEMORY.try_take() else { return 1 };
    serve(Stream::new(Usart::start(), Forever), boot_number(), memory)
}
