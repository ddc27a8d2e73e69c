//! UART1, the link that carries calls.

use core::convert::Infallible;

use cortex_m::{asm, interrupt::free, peripheral::NVIC};
use embedded_io::{ErrorType, Read, ReadReady, Write};
use lm3s6965::{Interrupt, interrupt};

use crate::{register::Register, ring::Ring};

const DATA: Register<0x4000_D000> = Register;
const FLAGS: Register<0x4000_D018> = Register;
const LINE_CONTROL: Register<0x4000_D02C> = Register;
const INTERRUPT_MASK: Register<0x4000_D038> = Register;

const RECEIVE_EMPTY: u32 = 1 << 4;
const TRANSMIT_FULL: u32 = 1 << 5;
const BUSY: u32 = 1 << 3;
const EIGHT_BITS_AND_FIFOS: u32 = 0b111 << 4;
/// Interrupts for "the buffer is filling" and "the buffer is not empty and the line has gone quiet".
const RECEIVE: u32 = 1 << 4 | 1 << 6;

static RECEIVED: Ring = Ring::new();

/// UART1: blocking reads and writes, receiving by interrupt, asleep while there is nothing to read.
///
/// What arrives while the program is busy waits in a small ring, then in the UART's own 16 bytes. When both
/// are full QEMU holds the sender back; a real line would lose bytes, which a framing with a checksum survives.
///
/// Reading: waits for at least one byte and never ends. An empty buffer returns 0 at once.
/// Writing: takes every byte, waiting while the UART's buffer is full.
#[derive(Debug)]
pub struct Uart(());

impl Uart {
    /// Begins to receive. Start it once: two readers would each get some of the bytes.
    #[must_use]
    pub fn start() -> Self {
        LINE_CONTROL.write(EIGHT_BITS_AND_FIFOS);
        INTERRUPT_MASK.write(RECEIVE);
        #[expect(unsafe_code, reason = "unmasking could break a critical section made by masking")]
        // SAFETY: no code masks this one interrupt to make a critical section.
        unsafe {
            NVIC::unmask(Interrupt::UART1);
        }
        Self(())
    }
}

/// Sleeps until there is something to read or any interrupt has been served, a clock's tick for one.
///
/// What a loop calls between two looks at the ring. A byte that arrives between the look and the sleep is not slept
/// over: an interrupt ends the sleep even while it is masked, and is served when `free` unmasks it.
pub fn doze() {
    free(|_| {
        if RECEIVED.is_empty() {
            asm::wfi();
        }
    });
}

impl ErrorType for Uart {
    type Error = Infallible;
}

impl ReadReady for Uart {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(!RECEIVED.is_empty())
    }
}

impl Read for Uart {
    fn read(&mut self, into: &mut [u8]) -> Result<usize, Infallible> {
        if into.is_empty() {
            return Ok(0);
        }
        while RECEIVED.is_empty() {
            doze();
        }
        let mut count: usize = 0;
        for (place, byte) in into.iter_mut().zip(core::iter::from_fn(|| RECEIVED.pop())) {
            *place = byte;
            count = usize::wrapping_add(count, 1);
        }
        // There is room again: the handler stops the interrupt when there is none.
        INTERRUPT_MASK.write(RECEIVE);
        Ok(count)
    }
}

impl Write for Uart {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        for &byte in bytes {
            while FLAGS.read() & TRANSMIT_FULL != 0 {}
            DATA.write(byte.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        while FLAGS.read() & BUSY != 0 {}
        Ok(())
    }
}

/// Moves what has arrived into the ring.
#[interrupt]
fn UART1() {
    while FLAGS.read() & RECEIVE_EMPTY == 0 {
        if RECEIVED.is_full() {
            // The line stays raised while bytes wait: without this the handler would run for ever.
            INTERRUPT_MASK.write(0);
            return;
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "bits above the eighth are error flags, for a checksum to catch"
        )]
        RECEIVED.push(DATA.read() as u8);
    }
}
