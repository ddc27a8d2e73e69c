//! UART0 of the lm3s6965evb as a blocking stream of bytes.
//!
//! For another board: delete this file where a HAL implements `Read` and `Write` of embedded-io 0.7, else change it.

use core::convert::Infallible;

use cortex_m::interrupt::{self, InterruptNumber};
use cortex_m::{asm, peripheral::NVIC};
use embedded_io::{ErrorType, Read, Write};

/// The registers of UART0, from the manual of the chip.
const DATA: *mut u32 = 0x4000_C000 as *mut u32;
const FLAGS: *const u32 = 0x4000_C018 as *const u32;
const LINE_CONTROL: *mut u32 = 0x4000_C02C as *mut u32;
const INTERRUPT_MASK: *mut u32 = 0x4000_C038 as *mut u32;

const BUSY: u32 = 1 << 3;
const RECEIVE_EMPTY: u32 = 1 << 4;
const TRANSMIT_FULL: u32 = 1 << 5;
const EIGHT_BITS_AND_FIFOS: u32 = 0b111 << 4;
const RECEIVED: u32 = 1 << 4 | 1 << 6;

/// The interrupt of UART0. The peripheral access crate of a chip has a list of all.
#[derive(Clone, Copy)]
struct Uart0;

// SAFETY: the manual of the chip gives UART0 the number 5.
unsafe impl InterruptNumber for Uart0 {
    fn number(self) -> u16 {
        5
    }
}

/// UART0. Its FIFO holds 16 received bytes while the program is busy.
pub struct Uart(());

impl Uart {
    /// Starts UART0. QEMU ignores clocks, pins and the baud rate; real hardware needs them set here.
    pub fn start() -> Self {
        // SAFETY: both are registers of UART0, which only this file uses.
        unsafe {
            LINE_CONTROL.write_volatile(EIGHT_BITS_AND_FIFOS);
            INTERRUPT_MASK.write_volatile(RECEIVED);
        }
        Self(())
    }

    fn has_flag(&self, flag: u32) -> bool {
        // SAFETY: reading this register changes nothing.
        unsafe { FLAGS.read_volatile() & flag != 0 }
    }

    /// Sleeps until the UART raises its interrupt. A masked interrupt ends `wfi`, too, so no handler is needed.
    fn sleep(&self) {
        interrupt::free(|_| {
            NVIC::unpend(Uart0);
            // SAFETY: the interrupt is masked again before `free` enables interrupts.
            unsafe { NVIC::unmask(Uart0) };
            if self.has_flag(RECEIVE_EMPTY) {
                asm::wfi();
            }
            NVIC::mask(Uart0);
        });
    }
}

impl ErrorType for Uart {
    type Error = Infallible;
}

impl Read for Uart {
    /// Waits for the first byte, and returns it with those that have arrived already.
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        let mut count = 0;
        for place in into {
            while count == 0 && self.has_flag(RECEIVE_EMPTY) {
                self.sleep();
            }
            if self.has_flag(RECEIVE_EMPTY) {
                break;
            }
            // SAFETY: reading this register takes the oldest received byte.
            *place = unsafe { DATA.read_volatile() } as u8;
            count += 1;
        }
        Ok(count)
    }
}

impl Write for Uart {
    /// Waits until there is room for a byte, and sends the first of `bytes`.
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let Some(&byte) = bytes.first() else { return Ok(0) };
        while self.has_flag(TRANSMIT_FULL) {}
        // SAFETY: writing this register sends a byte.
        unsafe { DATA.write_volatile(byte.into()) };
        Ok(1)
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        while self.has_flag(BUSY) {}
        Ok(())
    }
}
